"""Makes the bundled int8 model from the original weights.

    python tools/export-model.py <folder with config.json and model.safetensors> <output.onnx>

The folder is sentence-transformers/all-MiniLM-L6-v2 as the Hub has it. The weights are compared with the pinned checksum before, the
result with the bundled file's after; `--any-weights` leaves both out (for trying the script, or for another BERT model). Other versions
of the packages than these may write other bytes that compute the same: torch 2.6, transformers 4.49, onnxruntime 1.20. Tried with
torch 2.15, transformers 5.23, onnxruntime 1.32: other bytes, and vectors whose cosine to the bundled file's is at least 0.9999998.
"""

import argparse
import hashlib
import pathlib
import sys
import tempfile

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoConfig, AutoModel

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RESULT_SHA256 = "b6e15bdb042d2bdda62304d1a45eacd38685de035abed1fd64faef84d537e375"
OPSET = 14


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class LastHiddenState(torch.nn.Module):
    """The model with one output: its token vectors."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state


def export(folder: pathlib.Path, target: pathlib.Path) -> None:
    # Eager attention: the fused kernel has no counterpart in this opset.
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    model = LastHiddenState(AutoModel.from_pretrained(folder, config=config, attn_implementation="eager").eval())
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tuple(torch.ones((1, 16), dtype=torch.long) for _ in names)
    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        model,
        example,
        str(target),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={name: axes for name in [*names, "last_hidden_state"]},
        opset_version=OPSET,
        dynamo=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the bundled int8 model from the original weights.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--any-weights", action="store_true")
    arguments = parser.parse_args()
    found = sha256(arguments.folder / "model.safetensors")
    if not arguments.any_weights and found != WEIGHTS_SHA256:
        sys.exit(f"model.safetensors has sha256 {found}, expected {WEIGHTS_SHA256}")
    with tempfile.TemporaryDirectory() as temporary:
        full = pathlib.Path(temporary) / "model.onnx"
        export(arguments.folder, full)
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        quantize_dynamic(full, arguments.output, weight_type=QuantType.QInt8, per_channel=True, reduce_range=False)
    result = sha256(arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, sha256 {result}")
    if not arguments.any_weights and result != RESULT_SHA256:
        sys.exit(f"The bundled file has {RESULT_SHA256}: compare package versions, then compare vectors with models/…/canary.json.")


if __name__ == "__main__":
    main()
