"""What a picture looks like, measured on a small copy of it. Formulas are in docs/remforge/media.md."""

import numpy as np
from numpy.typing import NDArray

from jobs.rem import ImageQualia
from workers.remforge.decoding import Pixels
from workers.remforge.media.attention import attention
from workers.remforge.media.colours import diversity, dominant
from workers.remforge.media.shares import evenness, share

LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""ITU-R BT.709: of red, green and blue as they are stored."""
STEP = 3.0
"""Grey levels that neighbours must differ by: less is noise of the coder."""
RING = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
PATTERNS = len(RING) + 2


def _patterns() -> NDArray[np.int64]:
    """Return the pattern of each of the 256 ways in which eight neighbours may be brighter or not."""
    bits = (np.arange(256)[:, None] >> np.arange(len(RING))) & 1
    changes = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(changes <= 2, bits.sum(axis=1), PATTERNS - 1)


_PATTERN_OF = _patterns()

Floats = NDArray[np.float32]


def measure_image(small: Pixels, *, width: int, height: int) -> ImageQualia:
    """Return the measures of a picture of `width` by `height`, given as its small copy [h, w, 3]."""
    grey = luma(small)
    return ImageQualia(
        width=width,
        height=height,
        brightness=share(grey.mean() / 255),
        contrast=share(2 * grey.std() / 255),
        saturation=saturation(small),
        color_diversity=diversity(small),
        texture_complexity=texture(grey),
        dominant_colors=dominant(small),
        attention=attention(grey),
    )


def luma(pixels: Pixels) -> Floats:
    """Return [..., h, w] luma, 0 to 255, of [..., h, w, 3]."""
    return pixels.astype(np.float32) @ LUMA


def saturation(pixels: Pixels) -> float:
    """Return the mean of (max - min) / max over red, green and blue: the saturation of HSV (Smith 1978)."""
    red, green, blue = (np.ascontiguousarray(pixels[..., band]) for band in range(3))
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    return share(((most - least) / np.maximum(most, np.float32(1))).mean())


def texture(grey: Floats) -> float | None:
    """Return how varied the local patterns are: 0 for one kind everywhere, 1 for all kinds alike; None below 3 pixels.

    Entropy of the rotation-invariant uniform local binary patterns LBP(8, 1, riu2) of Ojala, Pietikäinen and Mäenpää
    (2002), over its greatest, log2 10; a neighbour counts as brighter from STEP levels on.
    """
    height, width = grey.shape
    if min(height, width) < 3:
        return None
    middle = grey[1:-1, 1:-1]
    code = np.zeros(middle.shape, dtype=np.uint8)
    for bit, (dy, dx) in enumerate(RING):
        brighter = grey[1 + dy : height - 1 + dy, 1 + dx : width - 1 + dx] - middle >= STEP
        code |= brighter.astype(np.uint8) << np.uint8(bit)
    counts = np.bincount(_PATTERN_OF[code].ravel(), minlength=PATTERNS)
    return evenness(counts)
