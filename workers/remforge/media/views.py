"""Pictures as models want them: the shorter side scaled, then the middle cut out."""

import math

import numpy as np
from PIL import Image

from workers.remforge.decoding import Pixels, View

MARGIN = 8
"""Pixels beyond the cut that are scaled along with it: bicubic looks at 2."""
GAP = 3.0
"""Pictures more than so many times too large are reduced first; see Pillow's `reducing_gap`."""
_BICUBIC = Image.Resampling.BICUBIC


def cut(image: Image.Image, view: View) -> Pixels:
    """Return [crop, crop, 3] of an RGB picture.

    Bicubic, as CLIPImageProcessor scales: the shorter side becomes `short`, the longer `int(long * short / shorter)`.
    Of a long picture only the middle is scaled, so that 1 by 30,000,000 pixels cost what a square does.
    """
    width, height = image.size
    if width < height:
        return np.ascontiguousarray(np.swapaxes(_cut_wide(image.transpose(Image.Transpose.TRANSPOSE), view), 0, 1))
    return _cut_wide(image, view)


def _cut_wide(image: Image.Image, view: View) -> Pixels:
    width, height = image.size
    long = int(view.short * width / height)
    left, top = (long - view.crop) // 2, (view.short - view.crop) // 2
    first, last = max(left - MARGIN, 0), min(left + view.crop + MARGIN, long)
    box = (first * width / long, 0.0, last * width / long, float(height))
    scaled = image.resize((last - first, view.short), _BICUBIC, box=box, reducing_gap=GAP)
    return np.asarray(scaled.crop((left - first, top, left - first + view.crop, top + view.crop)))


def shrunk(image: Image.Image, longest: int) -> Image.Image:
    """Return a copy whose longer side has at most `longest` pixels, each the mean of what it covers."""
    width, height = image.size
    scale = min(1.0, longest / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return image if size == image.size else image.resize(size, Image.Resampling.BOX, reducing_gap=GAP)


def reduced(image: Image.Image, shortest: int) -> Image.Image:
    """Return a picture made smaller by a whole factor, still GAP times as large as will be asked of it.

    Before it is made RGB, which takes copies of all of it. Modes of more than eight bits, and of one, stay as they are.
    """
    factor = math.floor(min(image.size) / (GAP * shortest))
    if factor < 2:
        return image
    if image.mode in {"P", "PA", "LA"}:
        image = image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")
    if image.mode in {"L", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"} and "transparency" not in image.info:
        return image.reduce(factor)
    return image
