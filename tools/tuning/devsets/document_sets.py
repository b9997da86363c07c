"""Questions and headings → the text below them, out of manuals and lists of frequently asked questions."""
import random
import re
from html.parser import HTMLParser
from pathlib import Path

from layout import SEED, Pair, words

SKIPPED = {"script", "style", "nav", "head"}
BLOCKS = {"p", "li", "pre", "tr", "dt", "dd", "div", "br", "table"}
FURNITURE = re.compile(r"toc|nav|sidebar|footer|related|header$|sphinxsidebar", re.IGNORECASE)
VOID = {"br", "img", "hr", "meta", "link", "input", "col", "wbr"}


class Sections(HTMLParser):
    """The page as (level, heading, own text) triples; tables of contents and navigation are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[list] = []
        self.open: list[tuple[str, bool]] = []
        self.level = 0

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        marks = " ".join(value or "" for key, value in attrs if key in ("class", "role"))
        hidden = tag in SKIPPED or (tag not in ("body", "html", "a", "section") and FURNITURE.search(marks) is not None)
        self.open.append((tag, hidden or (bool(self.open) and self.open[-1][1])))
        if self.hidden:
            return
        if re.fullmatch("h[1-6]", tag):
            self.level = int(tag[1])
            self.sections.append([self.level, "", ""])
        elif tag in BLOCKS and self.sections and self.level == 0:
            self.sections[-1][2] += "\n"

    def handle_endtag(self, tag):
        while self.open and any(name == tag for name, _ in self.open):
            name, _ = self.open.pop()
            if name == tag:
                break
        if re.fullmatch("h[1-6]", tag):
            self.level = 0
        elif tag == "p" and self.sections and not self.hidden:
            self.sections[-1][2] += "\n"

    def handle_data(self, data):
        if self.hidden or not self.sections:
            return
        self.sections[-1][1 if self.level else 2] += data

    @property
    def hidden(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def sections(file: Path) -> list[tuple[str, str]]:
    parser = Sections()
    parser.feed(file.read_text(errors="replace"))
    found = []
    for _, heading, text in parser.sections:
        title = re.sub(r"^(Chapter )?[A-Z]?[\d.]*\d\.?\s+", "", " ".join(heading.replace("¶", "").split()))
        body = re.sub(r"[ \t]+", " ", text.replace("¶", ""))
        body = re.sub(r" ?\n ?", "\n", body)
        found.append((title, re.sub(r"\n{3,}", "\n\n", body).strip()))
    return found


def faq(root: Path) -> tuple[list[Pair], list[Pair]]:
    """Perl's, Python's and Debian's lists; and sections of Python's tutorial and how-tos beside them."""
    asked = []
    for file in sorted((root / "usr/share/perl/5.36.0/pod").glob("perlfaq[1-9].pod")):
        for question, answer in re.findall(r"^=head2 (.+(?:\n\S.*)*)\n((?:(?!^=head).*\n)*)", file.read_text(), re.MULTILINE):
            text = re.sub(r"[A-Z]<+ ?(?:[^<>|]*\|)?(.*?) ?>+", r"\1", re.sub(r"^=\w+.*$", "", answer, flags=re.MULTILINE))
            asked.append(Pair(re.sub(r"[A-Z]<+(.*?)>+", r"\1", " ".join(question.split())), text.strip()))
    html = root / "usr/share/doc"
    files = sorted((html / "python3.11/html/faq").glob("*.html")) + sorted((html / "debian/FAQ").glob("*.en.html"))
    for file in files:
        asked += [Pair(heading, text) for heading, text in sections(file) if heading.endswith("?") and len(text) > 60]
    others = []
    for file in sorted((html / "python3.11/html").glob("[th][uo]*to*/*.html")):
        others += [Pair("", text, heading) for heading, text in sections(file) if len(text) > 120]
    return asked, others


def manuals(folders: list[Path], limit: int = 4000) -> list[Pair]:
    """Headings that say what their section is about → the section without its heading."""
    pairs = []
    for folder in folders:
        for file in sorted(folder.rglob("*.html")):
            if re.search(r"genindex|release-|/whatsnew/|search", file.as_posix()):
                continue
            for heading, text in sections(file):
                content = [word for word in words(heading) if len(word) > 3]
                if len(content) >= 3 and "Directive" not in heading and 150 < len(text):
                    pairs.append(Pair(heading, text[:limit]))
    return pairs


def removed_sentences(pairs: list[Pair], name: str) -> list[Pair]:
    """One sentence of each passage → the passage without it (the inverse cloze task)."""
    draw = random.Random(f"{SEED} {name}")
    found = []
    for pair in pairs:
        text = " ".join(pair.text.split())
        parts = [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text) if part]
        long_enough = [part for part in parts if 8 <= len(words(part)) <= 30]
        if len(parts) >= 4 and long_enough:
            sentence = draw.choice(long_enough)
            found.append(Pair(sentence, text.replace(sentence, " ")[:2500], pair.title))
    return found


def phrases(documents: list[dict]) -> list[tuple[str, str]]:
    """Quoted words out of the middle of a sentence that stand in one document only."""
    draw = random.Random(f"{SEED} phrases")
    everything = "\n".join(" ".join(document["text"].split()) for document in documents)
    questions = []
    for document in documents:
        found = [match.split() for match in re.findall(r"(?:[A-Za-z]{2,} ){8,}", " ".join(document["text"].split()))]
        if found:
            run = draw.choice(found)
            start = draw.randrange(1, len(run) - 5)
            phrase = " ".join(run[start : start + draw.choice([4, 5])])
            if everything.count(phrase) == 1:
                questions.append((f'"{phrase}"', document["_id"]))
    return questions
