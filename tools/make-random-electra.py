"""Makes the ELECTRA cross-encoder that the tests run: the real head and file layout, tiny, with RANDOM weights. It ranks nothing.

    python tools/make-random-electra.py [folder, by default test/rerank/random-electra]

Its vocabulary is a part of the bundled BERT one: special tokens, single characters, and the first words. Weights are drawn wider than
ELECTRA's own, so that logits differ from pair to pair. reference.json holds what transformers and onnxruntime make of some pairs: the
token ids, cut "longest_first", and the logits of the fp32 model and of the int8 file beside it.
Made with torch 2.15, transformers 5.24, onnxruntime 1.32; other versions may write other bytes, so commit the whole folder.
"""

import json
import pathlib
import sys
import tempfile

import numpy
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import ElectraConfig, ElectraForSequenceClassification, PreTrainedTokenizerFast

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_TOKENS = 64
WORDS = 1_500
OPSET = 14
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
QUERIES = [
    "how many people live in berlin?",
    "circuit breaker reset time",
    "",
    "emoji 😀 query",
    "naïve café — ½ ΟΔΥΣΣΕΥΣ 東京",
    "[SEP] what is [MASK]",
    "who " * 80,
]
PASSAGES = [
    "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
    "New York City is famous for the Metropolitan Museum of Art.",
    "The breaker closes again after sixty seconds.\nThen it opens.",
    "",
    " ",
    "word " * 80,
    "the first of these and the other of those " * 3,
]


def small_tokenizer() -> dict:
    tokenizer = json.loads((ROOT / "models/all-MiniLM-L6-v2/tokenizer.json").read_text())
    known = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = [token for token in known if len(token.removeprefix("##")) == 1 and token.isascii()]
    taken = {*special, *characters}
    words = [token for token in known if token.isascii() and token not in taken and "unused" not in token]
    vocabulary = {token: i for i, token in enumerate([*special, *characters, *words[:WORDS]])}
    tokenizer["model"]["vocab"] = vocabulary
    tokenizer["truncation"] = tokenizer["padding"] = None
    tokenizer["added_tokens"] = [{**token, "id": vocabulary[token["content"]]} for token in tokenizer["added_tokens"]]
    for token in tokenizer["post_processor"]["special_tokens"].values():
        token["ids"] = [vocabulary[token["id"]]]
    return tokenizer


def export(model: torch.nn.Module, target: pathlib.Path) -> None:
    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits

    axes = {name: {0: "batch", 1: "length"} for name in INPUTS}
    torch.onnx.export(
        Logits().eval(),
        tuple(torch.ones((1, 16), dtype=torch.long) for _ in INPUTS),
        str(target),
        input_names=INPUTS,
        output_names=["logits"],
        dynamic_axes={**axes, "logits": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )


def main() -> None:
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "test/rerank/random-electra"
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = small_tokenizer()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False) + "\n")
    config = {"do_lower_case": True, "tokenizer_class": "ElectraTokenizer", "model_max_length": MAX_TOKENS}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")

    torch.manual_seed(7)
    model = ElectraForSequenceClassification(
        ElectraConfig(
            vocab_size=len(tokenizer["model"]["vocab"]),
            embedding_size=32,
            hidden_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=96,
            max_position_embeddings=MAX_TOKENS,
            num_labels=1,
            initializer_range=0.25,
            attn_implementation="eager",
        )
    ).eval()
    weights = folder / "model_quantized.onnx"
    with tempfile.TemporaryDirectory() as temporary:
        full = pathlib.Path(temporary) / "model.onnx"
        export(model, full)
        quantize_dynamic(full, weights, weight_type=QuantType.QInt8, per_channel=True, reduce_range=False)

    python = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]"
    )
    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    items = []
    for query in QUERIES:
        for passage in PASSAGES:
            pair = python(query, passage, truncation="longest_first", max_length=MAX_TOKENS, return_token_type_ids=True)
            tensors = {name: numpy.array([pair[name]], dtype=numpy.int64) for name in INPUTS}
            with torch.no_grad():
                fp32 = model(**{name: torch.from_numpy(tensor) for name, tensor in tensors.items()}).logits
            (logits,) = session.run(["logits"], tensors)
            assert logits.shape == (1, 1)
            items.append(
                {
                    "query": query,
                    "passage": passage,
                    "input_ids": pair["input_ids"],
                    "token_type_ids": pair["token_type_ids"],
                    "logit": round(float(logits[0, 0]), 6),
                    "logit_fp32": round(float(fp32[0, 0]), 6),
                }
            )
    what = "random weights, they rank nothing; pairs cut longest_first at 64 tokens by transformers, logits of the int8 file beside this"
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items)
    (folder / "reference.json").write_text(f'{{"what":{json.dumps(what)},"items":[\n{lines}\n]}}\n')
    int8, full_precision = ([item[key] for item in items] for key in ("logit", "logit_fp32"))
    print(f"logits {min(int8):.3f} to {max(int8):.3f}, off fp32 by at most {max(abs(a - b) for a, b in zip(int8, full_precision)):.3f}")


if __name__ == "__main__":
    main()
