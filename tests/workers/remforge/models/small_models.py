"""Models that are small and real: texts and pictures become vectors by fixed matrices, with costs and faults on request.

A source is `small:` and a JSON object of `Settings`. In a text, `poison` breaks `encode`, `refuse` is refused by
`prepare`, `nan` becomes a vector that is none, and `wait:<file> ` waits until that file is there. A model writes what
it does to its `journal`, a line each, from whichever process it runs in.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from jobs.errors import InvalidInput
from jobs.rem import Model
from stores.vectors import FloatArray
from workers.remforge.decoding import View
from workers.remforge.inference import Card, Item, Output, Role
from workers.remforge.models.model import ModelUnavailable, OutOfMemory, Spec

DIMENSIONS = 16
VIEW = View(8, 8)
LETTERS = np.random.default_rng(7).standard_normal((256, DIMENSIONS)).astype(np.float32)
PLACES = np.random.default_rng(8).standard_normal((8 * 8 * 3, DIMENSIONS)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Settings:
    bytes: int = 1000
    budget: int = 512
    fits: int | None = None
    """Items that fit into memory at once."""
    fits_cuda: bool = True
    missing: bool = False
    breaks_after: int | None = None
    """Batches after which nothing works any more."""
    load_breaks: bool = False
    load_waits: str | None = None
    journal: str | None = None
    dtype: str = "float32"
    runs_in: str | None = None
    """Another precision than it was set up for."""


def source(**settings: Any) -> str:
    return "small:" + json.dumps(settings)


def spec(role: Role = Role.SENTENCES, *, pinned: bool = False, **settings: Any) -> Spec:
    return Spec(role, source(**settings), pinned)


def journal(path: Path, what: str) -> list[list[str]]:
    """Return the items of each call of that kind, in order."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [items for kind, items in lines if kind == what]


def until_there(path: str | Path) -> None:
    deadline = time.monotonic() + 30
    while not Path(path).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


class SmallModel:
    """A model in memory."""

    def __init__(self, card: Card, settings: Settings) -> None:
        self.card = card
        self.settings = settings
        self.bytes = settings.bytes
        self.budget = settings.budget
        self.prepared: list[list[Item]] = []
        self.batches: list[list[str]] = []
        self.closed = False

    def bucket(self, item: Item) -> int:
        return 1 << max(0, len(item) - 1).bit_length() if isinstance(item, str) else 0

    def cost(self, item: Item) -> int:
        return len(item) if isinstance(item, str) else 8

    def prepare(self, items: Sequence[Item]) -> Any:
        self.prepared.append(list(items))
        if any(isinstance(item, str) and "refuse" in item for item in items):
            raise InvalidInput("No model takes this.", reason="unreadable")
        if not all(isinstance(item, str) for item in items):
            return [np.asarray(item, np.float32).reshape(-1) / 255 for item in items]
        texts = [str(item) for item in items]
        padded = np.zeros((len(texts), max(map(len, texts))), np.int64)
        for row, text in enumerate(texts):
            padded[row, : len(text)] = [ord(letter) % 255 + 1 for letter in text]
        return texts, padded

    def encode(self, prepared: Any) -> FloatArray:
        if self.closed:
            raise RuntimeError("the model is not in memory")
        texts = [str(text) for text in prepared[0]] if isinstance(prepared, tuple) else ["picture"] * len(prepared)
        self._note("encode", texts)
        if self.settings.breaks_after is not None and len(self.batches) >= self.settings.breaks_after:
            raise RuntimeError("the device is lost")
        self.batches.append(texts)
        if self.settings.fits is not None and len(texts) > self.settings.fits:
            raise OutOfMemory(f"{len(texts)} items do not fit")
        for text in texts:
            if "poison" in text:
                raise ValueError("poison")
            if text.startswith("wait:"):
                until_there(text.removeprefix("wait:").partition(" ")[0])
        if not isinstance(prepared, tuple):
            return np.array([pixels @ PLACES for pixels in prepared], np.float32)
        return self._mean(prepared[1], ["nan" in text for text in texts])

    def _mean(self, padded: Any, no_number: list[bool]) -> FloatArray:
        # Softmax over places, as attention has it: what is padded must weigh nothing.
        weights = np.where(padded > 0, np.exp(np.sin(padded)), 0.0).astype(np.float32)
        means: FloatArray = np.einsum("np,npd->nd", weights / weights.sum(1, keepdims=True), LETTERS[padded % 256])
        means[np.array(no_number)] = np.nan
        return means

    def finish(self, raw: FloatArray) -> list[Output]:
        return [Output(vector=row / np.linalg.norm(row)) for row in raw]

    def close(self) -> None:
        self.closed = True
        self._note("close", [])

    def _note(self, kind: str, items: list[str]) -> None:
        if self.settings.journal is not None:
            with Path(self.settings.journal).open("a") as file:
                file.write(json.dumps([kind, items]) + "\n")


class SmallLoader:
    """Loads such models, and counts."""

    def __init__(self, *, allowed: bool = True, version: str = "1") -> None:
        self.allowed = allowed
        self.version = version
        self.loaded: list[tuple[Role, str]] = []
        self.models: dict[Role, SmallModel] = {}

    def card(self, spec: Spec) -> Card:
        settings = _settings(spec)
        if settings.missing or not self.allowed:
            raise ModelUnavailable("The folder is empty." if settings.missing else "Test models are for tests.")
        digest = sha256(f"{spec.role} {spec.source}".encode()).hexdigest()
        model = Model(name=f"small-{spec.role}", version=self.version, sha256=digest, dtype=settings.dtype)
        view = VIEW if spec.role in {Role.IMAGE, Role.LABELS} else None
        return Card(spec.role, model, DIMENSIONS, view, test_only=True)

    def needed_bytes(self, spec: Spec) -> int:
        return _settings(spec).bytes

    def load(self, spec: Spec, *, device: str) -> SmallModel:
        settings, card = _settings(spec), self.card(spec)
        self.loaded.append((spec.role, device))
        if settings.load_waits is not None:
            until_there(settings.load_waits)
        if settings.load_breaks:
            raise RuntimeError(f"{spec.role} on {device}")
        if device != "cpu" and not settings.fits_cuda:
            raise OutOfMemory("the weights do not fit")
        on_device = card.model.model_copy(update={"device": device, "dtype": settings.runs_in or settings.dtype})
        model = SmallModel(Card(card.role, on_device, card.dimensions, card.view, card.test_only), settings)
        model._note("load", [device])
        self.models[spec.role] = model
        return model


def make_loader(*, offline: bool, allow_test_models: bool, cache_dir: Path | None, threads: int) -> SmallLoader:
    told = {"offline": offline, "cache_dir": None if cache_dir is None else str(cache_dir), "threads": threads}
    return SmallLoader(allowed=allow_test_models, version=json.dumps(told))


def _settings(spec: Spec) -> Settings:
    return Settings(**json.loads(spec.source.removeprefix("small:")))
