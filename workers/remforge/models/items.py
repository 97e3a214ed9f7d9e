"""What models accept: each function returns its item, or raises InvalidInput with a `reason`."""

from collections.abc import Sequence

import numpy as np

from jobs.errors import InvalidInput
from workers.remforge.decoding import Pixels, Samples
from workers.remforge.inference import Item

MAX_CHARACTERS = 100_000
"""Of a text; models cut it much earlier."""


def text_of(item: Item) -> str:
    """Return a text without lone surrogates, which have no UTF-8."""
    if not isinstance(item, str):
        raise InvalidInput("This model reads texts.", reason="not-a-text")
    return item[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def samples_of(item: Item) -> Samples:
    """Return samples [n], all of them finite, n at least 1."""
    if not isinstance(item, np.ndarray) or item.dtype != np.float32 or item.ndim != 1:
        raise InvalidInput("This model hears samples.", reason="not-samples")
    if not len(item):
        raise InvalidInput("There is not a single sample.", reason="empty")
    if not np.isfinite(item).all():
        raise InvalidInput("Some samples are not finite.", reason="not-finite")
    return np.asarray(item, np.float32)


def pictures_of(items: Sequence[Item], *, crop: int) -> Pixels:
    """Return pictures of the view's size as one array [n, crop, crop, 3]."""
    for item in items:
        if not isinstance(item, np.ndarray) or item.dtype != np.uint8 or item.shape != (crop, crop, 3):
            message = f"This model looks at pictures of {crop} by {crop} RGB pixels."
            raise InvalidInput(message, reason="not-a-picture")
    return np.stack([np.asarray(item, np.uint8) for item in items])
