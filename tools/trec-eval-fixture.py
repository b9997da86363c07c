"""Writes test/eval/fixtures/trec-eval.json: runs, judgements, and what trec_eval makes of them.

    pip install pytrec-eval-terrier==0.5.11
    python tools/trec-eval-fixture.py

The runs have what implementations differ in: tied scores, scores that tie only as the 32-bit floats trec_eval keeps,
graded, negative and missing judgements, queries without relevant documents, without results, and without judgements.
"""

import json
import pathlib
import random
import struct

import pytrec_eval

SEED = 20261125
OUT = pathlib.Path(__file__).parent.parent / "test/eval/fixtures/trec-eval.json"
# MRR@10 is the reciprocal rank of the run cut to its ten best, by trec_eval's own order.
MEASURES = {"ndcg_cut.10", "recall.10,100", "success.5", "recip_rank"}


def cut(ranking, depth):
    """trec_eval's order: by score as a 32-bit float, then by document id, both descending."""
    single = lambda score: struct.unpack("f", struct.pack("f", score))[0]
    best = sorted(ranking, key=lambda document: (single(ranking[document]), document.encode()), reverse=True)
    return {document: ranking[document] for document in best[:depth]}


def main():
    draw = random.Random(SEED)
    judgements, run = {}, {}
    for number in range(40):
        query = f"q{number:02}"
        documents = [f"d{i}" for i in range(draw.choice([3, 12, 150]))]
        judged = draw.sample(documents, draw.randint(1, min(30, len(documents))))
        judgements[query] = {document: draw.choice([-1, 0, 0, 1, 1, 2, 3]) for document in judged}
        found = draw.sample(documents, draw.randint(1, len(documents)))
        scores = draw.choice([[0.5], [0.25, 0.5, 0.75], None])
        run[query] = {document: draw.choice(scores) if scores else round(draw.random(), 6) for document in found}
    judgements["no-relevant"] = {"d1": 0, "d2": -1}
    run["no-relevant"] = {"d1": 2.0, "d2": 1.0}
    judgements["no-result"] = {"d1": 1}
    run["no-result"] = {}
    judgements["float-tie"] = {"d1": 1}
    run["float-tie"] = {"d1": 0.1 + 4e-10, "d2": 0.1}
    judgements["id-order"] = {"d10": 1, "d9": 2, "\u00e9": 1}
    run["id-order"] = {"d10": 1.0, "d9": 1.0, "D9": 1.0, "\u00e9": 1.0}
    run["unjudged"] = {"d1": 1.0}

    full = pytrec_eval.RelevanceEvaluator(judgements, MEASURES).evaluate(run)
    short = {query: cut(ranking, 10) for query, ranking in run.items()}
    reciprocal = pytrec_eval.RelevanceEvaluator(judgements, {"recip_rank"}).evaluate(short)
    for query, values in full.items():
        whole, ten = values["recip_rank"], reciprocal[query]["recip_rank"]
        assert ten == (whole if whole >= 0.1 else 0), query
    expected = {
        query: {
            "nDCG@10": values["ndcg_cut_10"],
            "recall@10": values["recall_10"],
            "recall@100": values["recall_100"],
            "MRR@10": reciprocal[query]["recip_rank"],
            "success@5": values["success_5"],
        }
        for query, values in full.items()
    }
    fixture = {"seed": SEED, "judgements": judgements, "run": run, "expected": expected}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(fixture, indent=2, sort_keys=True) + "\n")


main()
