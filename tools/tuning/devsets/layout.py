"""A development set in BEIR layout: corpus.jsonl, queries.jsonl, qrels/dev.tsv."""
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SEED = 20261125


@dataclass(frozen=True)
class Pair:
    """A question and the one document that answers it."""

    query: str
    text: str
    title: str = ""


def write(folder: Path, name: str, pairs: list[Pair], documents: int, queries: int, others: list[Pair] | None = None) -> None:
    """
    `documents` of the pairs and of `others` (documents without a question), `queries` of the pairs. Questions that
    stand more than once, and texts that do, are left out: nobody could say which document is meant.
    """
    draw = random.Random(f"{SEED} {name}")
    asked = unique(pairs, lambda pair: normal(pair.query))
    asked = [pair for pair in unique(asked, lambda pair: normal(pair.text)) if pair.query and len(pair.text) > 20]
    draw.shuffle(asked)
    rest = [Pair("", pair.text, pair.title) for pair in asked[queries:]]
    for extra in others or []:
        rest.append(Pair("", extra.text, extra.title))
    chosen = asked[:queries]
    seen = {normal(pair.text) for pair in chosen}
    rest = [pair for pair in unique(rest, lambda pair: normal(pair.text)) if normal(pair.text) not in seen]
    draw.shuffle(rest)
    corpus = chosen + rest[: max(0, documents - len(chosen))]
    target = folder / name
    (target / "qrels").mkdir(parents=True, exist_ok=True)
    order = list(range(len(corpus)))
    draw.shuffle(order)
    with (target / "corpus.jsonl").open("w") as out:
        for index in order:
            pair = corpus[index]
            record = {"_id": f"d{index}", "title": pair.title, "text": pair.text}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    write_questions(target, [(pair.query, f"d{index}") for index, pair in enumerate(chosen)])
    print(f"{name}: {len(corpus)} documents, {len(chosen)} queries of {len(asked)} pairs")


def ask_of(folder: Path, name: str, of: str, questions: list[tuple[str, str]], limit: int) -> None:
    """Other questions, each with its document's id, about the corpus of the set `of`."""
    counts = Counter(normal(query) for query, _ in questions)
    chosen = [question for question in questions if counts[normal(question[0])] == 1]
    random.Random(f"{SEED} {name}").shuffle(chosen)
    target = folder / name
    (target / "qrels").mkdir(parents=True, exist_ok=True)
    (target / "corpus.jsonl").unlink(missing_ok=True)
    (target / "corpus.jsonl").symlink_to(f"../{of}/corpus.jsonl")
    write_questions(target, chosen[:limit])
    print(f"{name}: {len(chosen[:limit])} queries of {len(chosen)} about {of}")


def documents_of(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / name / "corpus.jsonl").read_text().splitlines()]


def as_questions(folder: Path, name: str, opening: str) -> list[tuple[str, str]]:
    """The set's own queries asked in a sentence."""
    queries = [json.loads(line) for line in (folder / name / "queries.jsonl").read_text().splitlines()]
    relevant = dict(line.split("\t")[:2] for line in (folder / name / "qrels" / "dev.tsv").read_text().splitlines()[1:])
    lowered = [(query["_id"], query["text"][0].lower() + query["text"][1:]) for query in queries]
    return [(f"{opening} {text}?", relevant[id]) for id, text in lowered]


def write_questions(target: Path, questions: list[tuple[str, str]]) -> None:
    with (target / "queries.jsonl").open("w") as out, (target / "qrels" / "dev.tsv").open("w") as judged:
        judged.write("query-id\tcorpus-id\tscore\n")
        for index, (query, document) in enumerate(questions):
            out.write(json.dumps({"_id": f"q{index}", "text": query}, ensure_ascii=False) + "\n")
            judged.write(f"q{index}\t{document}\t1\n")


def unique(pairs: list[Pair], key) -> list[Pair]:
    counts = Counter(key(pair) for pair in pairs)
    return [pair for pair in pairs if counts[key(pair)] == 1]


def normal(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]{2,}", text)


def first_sentence(text: str) -> str:
    paragraph = re.split(r"\n\s*\n", text.strip())[0]
    sentence = re.split(r"(?<=[.!?])\s", " ".join(paragraph.split()))[0]
    return sentence.rstrip(".")
