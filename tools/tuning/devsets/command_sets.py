"""Shell commands: what a command does → the command line, and → its manual page."""
import gzip
import random
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from layout import SEED, Pair, words

MAX_PAGE = 5000


def command_lines(repository: Path) -> list[Pair]:
    """From the tldr pages: the description of each example → its command, placeholders filled with their names."""
    git = ["git", "-C", str(repository)]
    names = subprocess.run([*git, "ls-tree", "-r", "HEAD", "--name-only"], capture_output=True, text=True, check=True).stdout
    pages = [name for name in names.splitlines() if re.match(r"pages/(common|linux)/.*\.md$", name)]
    batch = subprocess.run([*git, "cat-file", "--batch"], input="".join(f"HEAD:{page}\n" for page in pages).encode(), capture_output=True, check=True)
    text = batch.stdout.decode(errors="replace")
    pairs = []
    for description, command in re.findall(r"^- (.+):\n\n`(.+)`$", text, re.MULTILINE):
        query = re.sub(r"\[(\w+)\]", r"\1", description).replace("`", "")
        command = re.sub(r"\{\{\[(?:[^\]]*\|)?([^\]|]+)\]\}\}", r"\1", command)
        command = re.sub(r"\{\{(.+?)\}\}", lambda match: match.group(1).split("|")[0], command)
        if len(words(query)) >= 4:
            pairs.append(Pair(query, command))
    return pairs


def manual_pages(root: Path, per_family: int = 40, pages: int = 900) -> list[Pair]:
    """The page's one-line description → its text without it. Of families with many pages only some are taken."""
    draw = random.Random(f"{SEED} manual")
    families: dict[str, int] = {}
    files = []
    for file in sorted(file for section in "1578" for file in (root / f"man{section}").glob("*.gz")):
        family = re.split(r"[_-]", file.name)[0]
        families[family] = families.get(family, 0) + 1
        if families[family] <= per_family and file.stat().st_size > 400:
            files.append(file)
    draw.shuffle(files)
    files = files[:pages]
    with ThreadPoolExecutor(2) as pool:
        return [pair for pair in pool.map(manual_page, files) if pair is not None]


def manual_page(file: Path) -> Pair | None:
    with gzip.open(file, "rb") as stream:
        if stream.read(4) == b".so ":
            return None
    shown = subprocess.run(["man", "-E", "utf-8", "-l", str(file)], capture_output=True, env={"MANWIDTH": "120", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "GROFF_NO_SGR": "1"})
    text = re.sub(r".\x08", "", shown.stdout.decode(errors="replace"))
    match = re.search(r"^NAME\n\s+(.+?) (?:-|–|—) (.+(?:\n +\S.*)*)\n\n", text, re.MULTILINE)
    if match is None:
        return None
    query = re.sub(r"(?<=\w)[‐-]\s+", "", " ".join(match.group(2).split()))
    body = text[match.end() :].strip()
    name = match.group(1).split(",")[0].strip()
    return Pair(query, body[:MAX_PAGE], name) if 3 <= len(words(query)) <= 25 and len(body) > 200 else None
