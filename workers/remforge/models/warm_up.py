"""One item for each bucket of a model, so that its first real batch finds kernels chosen and buffers in place."""

from collections.abc import Iterator

import numpy as np

from workers.remforge.decoding import RATE_HZ
from workers.remforge.inference import Item, Role
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.model import LoadedModel

LONGEST_WORDS = 1024
LONGEST_S = 32
TEXTS = {Role.SENTENCES, Role.CAPTION, Role.AFFECT}
PICTURES = {Role.LABELS, Role.IMAGE}


def items(model: LoadedModel) -> list[Item]:
    """Return an item for each bucket that is found, the cheapest first: texts and sounds of doubled lengths, or a grey
    picture of the size that the model looks at.
    """
    found: dict[int, Item] = {}
    for item in _candidates(model):
        bucket = attempt(lambda item=item: model.bucket(item))  # type: ignore[misc]
        if not isinstance(bucket, Raised):
            found.setdefault(bucket, item)
    return list(found.values())


def _candidates(model: LoadedModel) -> Iterator[Item]:
    card = model.card
    if card.role in TEXTS:
        for power in range(LONGEST_WORDS.bit_length()):
            yield " ".join(["word"] * 2**power)
    elif card.role in PICTURES:
        if card.view is not None:
            yield np.full((card.view.crop, card.view.crop, 3), 128, np.uint8)
    else:
        for power in range(LONGEST_S.bit_length()):
            yield np.zeros(RATE_HZ * 2**power, np.float32)
