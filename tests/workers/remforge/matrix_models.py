"""A small image model of matrices: pictures by their mean colour, captions by their words, in one space; and a decoder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from jobs.errors import DaseinError, InvalidInput
from jobs.rem import Modality, Model
from stores.vectors import FloatArray
from tests.workers.remforge.given_records import CLIP
from workers.remforge.decoding import Decoded, View, Wanted
from workers.remforge.inference import Card, Item, Output, Refused, Role

VIEW = View(short=8, crop=8)
CONCEPTS = {"oscilloscope": 0, "screenshot": 0, "bursts": 0, "dog": 1, "retriever": 1, "sky": 2, "sea": 2}
"""Words, and the axis that each is about; what is about nothing known lies on the last one."""
COLOURS = np.array([[0, 1, 0, 0.1], [1, 0, 0, 0.1], [0, 0, 1, 0.1]], np.float32)
"""Of red, green and blue: dogs are brown, oscilloscopes draw with green, the sky is blue."""
DIM = 4


def seen(pixels: object) -> FloatArray:
    """Return the vector of a picture [h, w, 3]."""
    return _unit(np.asarray(pixels, np.float32).mean(axis=(0, 1)) / 255 @ COLOURS)


def told(caption: str) -> FloatArray:
    """Return the vector of a caption."""
    row = np.zeros(DIM, np.float32)
    for word in caption.lower().split():
        row[CONCEPTS.get(word, DIM - 1)] += 1 if word in CONCEPTS else 0.1
    return _unit(row)


@dataclass
class MatrixModels:
    """Models, of which an image model may be set up."""

    image: Model | None = CLIP
    caption: Model | None = CLIP
    trouble: DaseinError | None = None
    """What running a model ends in."""
    refusal: Refused | None = None
    ran: list[tuple[Role, int]] = field(default_factory=list)

    def card(self, role: Role) -> Card | None:
        """Return the card of the image model's two roles."""
        model = {Role.IMAGE: self.image, Role.CAPTION: self.caption}.get(role)
        return None if model is None else Card(role, model, DIM, VIEW if role is Role.IMAGE else None)

    def why_not(self, role: Role) -> str:
        """Return why there is none."""
        return f"No model is set up for {role.value}."

    def run(self, role: Role, items: Sequence[Item], *, deadline_s: float) -> list[Output | Refused]:
        """Multiply."""
        assert deadline_s > 0
        self.ran.append((role, len(items)))
        if self.trouble is not None:
            raise self.trouble
        if self.refusal is not None:
            return [self.refusal for _ in items]
        return [Output(vector=told(item) if isinstance(item, str) else seen(item)) for item in items]

    def degraded(self) -> tuple[str, ...]:
        """Return nothing: matrices run where they are."""
        return ()


class PictureDecoder:
    """Reads pictures with Pillow, and texts."""

    def decode(self, path: Path, *, name: str, media_type: str, wanted: Wanted) -> Decoded:
        """Read one file."""
        del name
        if media_type == "text/plain":
            return Decoded(Modality.TEXT, media_type, text=path.read_text())
        try:
            with Image.open(path) as picture:
                rgb = picture.convert("RGB")
        except UnidentifiedImageError as error:
            raise InvalidInput("This is no picture.", field="artifact", reason="unreadable") from error
        views = {view: np.asarray(rgb.resize((view.crop, view.crop)))[None] for view in wanted.views}
        return Decoded(Modality.IMAGE, media_type, views=views)


def _unit(row: FloatArray) -> FloatArray:
    unit: FloatArray = (row / np.linalg.norm(row)).astype(np.float32)
    return unit
