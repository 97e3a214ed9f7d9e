"""Which precision a model is run in: half where its numbers stay within range, another where they do not."""

from collections.abc import Callable, Sequence

import numpy as np

from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.inference import Card, Item, Role
from workers.remforge.models.model import LoadedModel, ModelUnavailable
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.torch_device import Place

TONE_HZ = 440
Kind = Callable[[Card, ModelFolder, Place], LoadedModel]


def load_within_range(kind: Kind, card: Card, folder: ModelFolder, places: Sequence[Place]) -> LoadedModel:
    """Return the model on the first place where what it makes of a simple item is finite; raise ModelUnavailable."""
    for place in places:
        model = kind(card, folder, place)
        if _finite(model):
            return model
        model.close()
    message = f"{folder.name} makes numbers that are not finite; its weights are damaged."
    raise ModelUnavailable(message)


def _finite(model: LoadedModel) -> bool:
    """Say whether a simple item has a finite result; of a text that was written down nobody can say."""
    for output in model.finish(model.encode(model.prepare([_simple(model.card)]))):
        if output.vector is not None and not np.isfinite(output.vector).all():
            return False
        if not all(np.isfinite(score) for _, score in output.scores):
            return False
    return True


def _simple(card: Card) -> Item:
    """Return a picture that is half black and half white, a text, or a tone of a second."""
    if card.view is not None:
        picture = np.zeros((card.view.crop, card.view.crop, 3), np.uint8)
        picture[card.view.crop // 2 :] = 255
        return picture
    if card.role in (Role.CAPTION, Role.AFFECT):
        return "This is a text."
    tone: Samples = (0.1 * np.sin(2 * np.pi * TONE_HZ / RATE_HZ * np.arange(RATE_HZ))).astype(np.float32)
    return tone
