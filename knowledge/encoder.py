"""Text to vectors, by the small model in `knowledge/model/`: an ONNX file of 8-bit weights, and its tokenizer.

Nothing here knows about policies. Nothing is fetched and nothing is unpickled: the files are read
once, checked against the hashes in `model.json`, and the checked bytes are what runs. A school can
do without the model; then `Encoder.load` says why in words.
"""

import hashlib
import importlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
"""(n, d), each row of unit length: a dot product is the cosine."""

FOLDER = Path(__file__).with_name("model")
KEPT_QUESTIONS = 256
"""Questions whose vector is kept in memory: buttons and follow-ups ask the same one again."""
GRAPH, TOKENIZER, CARD = "encoder.onnx", "tokenizer.json", "model.json"


class ModelUnavailable(Exception):
    """The model cannot be used; `reason` is for the person who runs `policyclerk check`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelCard(BaseModel):
    """What `model.json` says about the files beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    recipe: str
    """The version of the training recipe, see `knowledge/training/README.md`."""
    base: str
    licence: str
    dimensions: int = Field(gt=0)
    max_tokens: int = Field(gt=2)
    """Longer texts are cut here; a clause of ordinary length is a quarter of it."""
    files: dict[str, str]
    """File name to sha256, in hexadecimal."""

    @property
    def digest(self) -> str:
        """Changes with any of the files: what vectors on disk are named after."""
        content = "\n".join(f"{name} {sha}" for name, sha in sorted(self.files.items()))
        return hashlib.sha256(content.encode()).hexdigest()[:16]


class Encodes(Protocol):
    """Whatever turns texts into vectors."""

    card: ModelCard

    def encode(self, texts: Sequence[str], *, keep: bool = True) -> Vectors:
        """One unit-length row for each text. Without `keep`, nothing of them stays in memory."""


class Encoder:
    """A loaded model. Safe to use from several threads; each call runs on one core."""

    def __init__(self, card: ModelCard, tokenizer: "Tokenizer", session: Any) -> None:
        """Use `Encoder.load`; this only holds what it opened."""
        self.card = card
        self._tokenizer = tokenizer
        self._session = session
        self._kept: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def load(cls, folder: Path | None = None) -> "Encoder":
        """The model in `folder`, by default the one in the package. ModelUnavailable says why not."""
        folder = folder or FOLDER
        card = read_card(folder)
        graph, words = (checked(folder, name, card) for name in (GRAPH, TOKENIZER))
        os.environ["ORT_DISABLE_TELEMETRY"] = (
            "1"  # from 1.31 on it reports its use to Microsoft unless told not to
        )
        try:
            runtime = importlib.import_module("onnxruntime")
            tokenizers = importlib.import_module("tokenizers")
        except ImportError as missing:
            raise ModelUnavailable(f"the Python package {missing.name} is not installed") from missing
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1  # many people ask at once: one core each, not all for one
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
            tokenizer = tokenizers.Tokenizer.from_buffer(words)
        except Exception as damage:  # each library raises kinds of its own; the cure is the same
            raise ModelUnavailable(f"this machine cannot run the model in {folder}: {damage}") from damage
        tokenizer.enable_truncation(card.max_tokens)
        tokenizer.no_padding()
        return cls(card, tokenizer, session)

    def encode(self, texts: Sequence[str], *, keep: bool = True) -> Vectors:
        """One unit-length row for each text; (0, d) for none. Some 8 ms a text of 20 words.

        Each text is run by itself: in a batch padding costs what batching gains, and a text's
        vector would differ in its last digits with its neighbours. Without `keep`, nothing of them stays
        in memory (what staff type is read and dropped).
        """
        if not texts:
            return np.zeros((0, self.card.dimensions), dtype=np.float32)
        if keep and len(texts) == 1:
            return self._remembered(texts[0]).copy()
        return np.stack([self._run(text) for text in texts])

    def _remembered(self, text: str) -> Vectors:
        key = hashlib.sha256(text.encode()).digest()  # what staff typed is not kept
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        vector = self._run(text)[np.newaxis]
        with self._lock:
            self._kept[key] = vector
            if len(self._kept) > KEPT_QUESTIONS:
                self._kept.popitem(last=False)
        return vector

    def _run(self, text: str) -> Vectors:
        """(d,), unit length: pooling and normalising are part of the graph."""
        tokens = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        (pooled,) = self._session.run(None, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        vector: Vectors = np.asarray(pooled[0], dtype=np.float32)
        return vector


def read_card(folder: Path) -> ModelCard:
    """What a folder says of its files. ModelUnavailable when it does not say, or not in this form."""
    try:
        return ModelCard.model_validate_json((folder / CARD).read_bytes())
    except OSError as missing:
        raise ModelUnavailable(f"there is no readable {CARD} in {folder}") from missing
    except ValidationError as wrong:
        raise ModelUnavailable(f"{folder / CARD} is not a model's description: {wrong}") from wrong


def checked(folder: Path, name: str, card: ModelCard) -> bytes:
    """The file's bytes, after its hash has been compared: what is checked is what is loaded."""
    try:
        content = (folder / name).read_bytes()
    except OSError as missing:
        raise ModelUnavailable(f"there is no readable {name} in {folder}") from missing
    if hashlib.sha256(content).hexdigest() != card.files.get(name):
        raise ModelUnavailable(f"{folder / name} is not the file that {CARD} describes: its sha256 differs")
    return content
