"""Shell commands: what a command does → the command line."""
import re
import subprocess
from pathlib import Path

from layout import Pair, words


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
