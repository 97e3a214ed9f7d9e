"""Pictures for benchmarks of models, and a decoder for them that is as quick as the worker's, without its sandbox."""

from pathlib import Path

import numpy as np
from PIL import Image

from workers.remforge.decoding import Pixels

SEED = 7
DIFFERENT = 16
"""Files are read again and again: from memory, so that decoding is measured and no disk."""


def decode(path: Path, *, short: int, crop: int) -> Pixels:
    """Return the view of a JPEG, decoded at the smallest size that will do."""
    with Image.open(path) as picture:
        picture.draft("RGB", (short, short))
        scale = short / min(picture.size)
        width, height = (max(short, round(edge * scale)) for edge in picture.size)
        small = picture.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - crop) // 2, (height - crop) // 2
    return np.asarray(small.crop((left, top, left + crop, top + crop)))


def make_pictures(folder: Path, *, count: int, size: tuple[int, int]) -> list[Path]:
    """Make JPEGs with as much in them as photographs have: noise of several sizes laid over each other."""
    rng = np.random.default_rng(SEED)
    paths = []
    for number in range(min(count, DIFFERENT)):
        total = np.zeros((size[1], size[0], 3))
        for cells in (4, 16, 64):
            noise = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
            total += np.asarray(noise.resize(size, Image.Resampling.BICUBIC)) / 3
        path = folder / f"{number}.jpg"
        Image.fromarray(np.uint8(total)).save(path, quality=90)
        paths.append(path)
    return [paths[number % len(paths)] for number in range(count)]
