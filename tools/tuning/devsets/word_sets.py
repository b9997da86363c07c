"""Things and words: a short description → the entry of another, independent author."""
import gzip
import re
import subprocess
from pathlib import Path

from layout import Pair, words


def packages(lists: Path) -> list[Pair]:
    """Debian's packages: the one-line synopsis → name and long description."""
    listed = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True).stdout
    texts = descriptions(lists)
    pairs = []
    for record in listed.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)", record, re.MULTILINE))
        name, key = fields.get("Package", ""), fields.get("Description-md5", "")
        synopsis, text = texts.get(key, ("", ""))
        text = re.sub(r"^ \.?$", "", re.sub(r"^ ", "", text, flags=re.MULTILINE), flags=re.MULTILINE).strip()
        if re.search(r"-(dev|doc|dbg|data|common|perl|java|l10n.*)$|^(lib|fonts|golang|node|ruby|r-cran|rust|task|texlive)-?|transitional", name + synopsis):
            continue
        if 3 <= len(words(synopsis)) <= 20 and len(text) > 150:
            pairs.append(Pair(synopsis, text, name))
    return pairs


def descriptions(lists: Path) -> dict[str, tuple[str, str]]:
    """Synopsis and long description by their hash: package lists keep them apart."""
    found = {}
    for file in lists.glob("*i18n_Translation-en*"):
        shown = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", str(file)], capture_output=True, text=True, check=True).stdout
        for record in shown.split("\n\n"):
            match = re.search(r"^Description-md5: (\S+)\nDescription-en: (.*)\n((?: .*\n?)*)", record, re.MULTILINE)
            if match:
                found[match.group(1)] = (match.group(2), match.group(3))
    return found


def glosses(wordnet: Path) -> dict[str, list[str]]:
    """Word → its glosses without examples, most frequent sense first as far as the files order them."""
    found: dict[str, list[str]] = {}
    for part in ("noun", "verb", "adj"):
        for line in (wordnet / f"data.{part}").read_text().splitlines():
            if line.startswith("  "):
                continue
            head, gloss = line.split(" | ", 1)
            fields = head.split(" ")
            names = [fields[4 + 2 * i].lower().replace("_", " ") for i in range(int(fields[3], 16))]
            definition = re.sub(r'^\([^)]*\)\s*', "", gloss.split('; "')[0].strip())
            for name in names:
                found.setdefault(name, []).append(definition)
    return found


def dictionary(wordnet: Path, dictd: Path, name: str) -> list[Pair]:
    """WordNet's gloss of a word with one sense → the same word's entry in an older dictionary (`name`.dict.dz)."""
    meanings = glosses(wordnet)
    text = gzip.open(dictd / f"{name}.dict.dz", "rt", errors="replace").read()
    entries = re.split(r"\n\n(?=\S)", text)
    pairs = []
    for entry in entries:
        lines = entry.split("\n")
        head = re.split(r"\s\\|\s{2,}", lines[0])[0].strip()
        body = re.sub(r"\[[^\]]{0,40}\]|[{}]", "", "\n".join(lines[1:]))
        body = re.sub(r"[ \t]+", " ", body).strip()
        if "WordNet" in entry:
            continue
        senses = meanings.get(head.lower(), [])
        if len(senses) != 1 or len(body) < 60:
            continue
        query = senses[0]
        if 4 <= len(words(query)) <= 25 and head.lower()[:5] not in query.lower():
            pairs.append(Pair(query, body[:2500], head))
    return pairs
