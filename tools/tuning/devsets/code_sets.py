"""Code search: what a function's documentation says first → the function without its documentation."""
import ast
import random
import re
import sysconfig
import textwrap
from collections import Counter
from pathlib import Path

from layout import SEED, Pair, first_sentence, words

MAX_LINES = 80


def python_functions() -> list[tuple[str, ast.AST, str]]:
    """(module path, node, source) of the standard library's functions, tests left out."""
    root = Path(sysconfig.get_paths()["stdlib"])
    found = []
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root).as_posix()
        if re.search(r"(^|/)(test|tests|idlelib|site-packages|lib2to3|turtledemo|_pyrepl)(/|$)", path):
            continue
        try:
            source = file.read_text()
            tree = ast.parse(source)
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
                if 3 <= len(lines) <= MAX_LINES:
                    found.append((path, node, textwrap.dedent("\n".join(lines))))
    return found


def python_code() -> list[Pair]:
    pairs = []
    for _, node, source in python_functions():
        documentation = ast.get_docstring(node)
        query = first_sentence(documentation) if documentation else ""
        if not 4 <= len(words(query)) <= 25 or ">>>" in query:
            continue
        if isinstance(node.body[0], ast.Expr) and len(node.body) > 1:
            first = node.body[0]
            lines = source.splitlines()
            kept = lines[: first.lineno - node.lineno] + lines[first.end_lineno - node.lineno + 1 :]
            if len(kept) >= 3:
                pairs.append(Pair(query, "\n".join(kept)))
    return pairs


def go_code(root: Path) -> list[Pair]:
    """A Go comment opens with the function's name, which a question would not."""
    pairs = []
    for file in sorted(root.rglob("*.go")):
        if file.name.endswith("_test.go") or re.search(r"/(testdata|cmd|vendor)/", file.as_posix()):
            continue
        comment: list[str] = []
        body: list[str] = []
        for line in file.read_text(errors="replace").splitlines():
            if body:
                body.append(line)
                if line == "}":
                    query = re.sub(r"^\w+\s+", "", first_sentence("\n".join(comment))) if comment else ""
                    if 4 <= len(words(query)) <= 25 and 3 <= len(body) <= MAX_LINES:
                        pairs.append(Pair(query, "\n".join(body)))
                    comment, body = [], []
            elif line.startswith("//"):
                comment += [] if line.startswith("//go:") else [line[2:].strip()]
            elif line.startswith("func ") and line.endswith("{"):
                body = [line]
            else:
                comment = []
    return pairs


def javascript_code(root: Path) -> list[Pair]:
    pattern = re.compile(r"/\*\*((?:[^*]|\*(?!/))*)\*/\s*\n((?:export |async |static |default )*(?:function|const|[a-z_$]\w*\s*\().*\n)", re.M)
    pairs = []
    for file in sorted(root.rglob("*.js")):
        if not file.is_file() or ".min." in file.name or file.stat().st_size > 400_000:
            continue
        source = file.read_text(errors="replace")
        for match in pattern.finditer(source):
            comment = "\n".join(re.sub(r"^\s*\*\s?", "", line) for line in match.group(1).splitlines())
            comment = comment.split("\n@")[0].strip()
            body = balanced(source, match.start(2))
            query = first_sentence(comment) if comment and not comment.startswith("@") else ""
            if body and 4 <= len(words(query)) <= 25 and 3 <= body.count("\n") + 1 <= MAX_LINES:
                pairs.append(Pair(query, body))
    return pairs


def balanced(source: str, start: int) -> str:
    """From `start` to the brace that closes the first one opened; "" when the function does not end soon."""
    opened = source.find("{", start)
    end_of_line = source.find("\n", start)
    if opened == -1 or opened > end_of_line:
        return ""
    depth = 0
    for at in range(opened, min(len(source), opened + 6000)):
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        if depth == 0:
            return source[start : at + 1]
    return ""


def exact(documents: list[dict]) -> list[tuple[str, str]]:
    """Error messages, names of functions and quoted comments → the Python function that holds them."""
    draw = random.Random(f"{SEED} exact")
    names = Counter(re.findall(r"def (\w+)", "\n".join(document["text"] for document in documents)))
    questions = []
    for document in documents:
        source = document["text"]
        name = re.search(r"def (\w+)", source)
        errors = re.findall(r"raise (\w+(?:Error|Exception))\(f?['\"]([^'\"{}%]{20,120})['\"]", source)
        comments = [comment for comment in re.findall(r"#\s*(.+)", source) if len(words(comment)) >= 7]
        if errors:
            questions.append((f"{errors[0][0]}: {errors[0][1]}", document["_id"]))
        elif comments:
            questions.append(('"' + " ".join(draw.choice(comments).split()[1:6]) + '"', document["_id"]))
        elif name and names[name.group(1)] == 1 and len(name.group(1)) > 6 and draw.random() < 0.15:
            questions.append((name.group(1), document["_id"]))
    return questions
