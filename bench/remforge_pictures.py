"""Pictures for benchmarks of models, and a decoder for them that is as quick as the worker's, without its sandbox."""

from pathlib import Path

import numpy as np
from PIL import Image

from workers.remforge.decoding import Pixels

SEED = 7
DIFFERENT = 16
"""Files are read again and again: from memory, so that decoding is measured and no disk."""
LUMA, CHROMA = 18.0, 8.0
"""Grey levels by which each octave varies: equally, as amplitudes of photographs fall as 1 / frequency (Field, 1987)."""
SHARP = 3
"""Pixels between which lenses tell light from shade; between eight times as many, colours."""
GRAIN = 4.0
"""Of single pixels, as sensors have it."""
QUALITY = 90


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
    """Make JPEGs; of more than DIFFERENT some are the same file."""
    paths = [photo(folder / f"{number}.jpg", size=size, seed=number) for number in range(min(count, DIFFERENT))]
    return [paths[number % len(paths)] for number in range(count)]


def photo(path: Path, *, size: tuple[int, int], seed: int) -> Path:
    """Make a JPEG with as much in it as photographs have; one of 12 megapixels has 3.7 MB, as those of telephones do."""
    rng = np.random.default_rng([SEED, seed])
    luma = _noise(rng, size, LUMA, finest=max(size) // SHARP) + rng.standard_normal(size[::-1], np.float32) * GRAIN
    bands = [luma, *(_noise(rng, size, CHROMA, finest=max(size) // (8 * SHARP)) for _ in range(2))]
    levels = [Image.fromarray(np.clip(band + 128, 0, 255).astype(np.uint8)) for band in bands]
    Image.merge("YCbCr", levels).save(path, quality=QUALITY)
    return path


def _noise(rng: np.random.Generator, size: tuple[int, int], amplitude: float, *, finest: int) -> np.ndarray:
    """Return [h, w] noise of all sizes, from a quarter of the width to a `finest`th."""
    total = np.zeros(size[::-1], np.float32)
    cells = 4
    while cells < finest:
        noise = Image.fromarray(rng.standard_normal((cells * size[1] // size[0] or 1, cells), np.float32) * amplitude)
        total += np.asarray(noise.resize(size, Image.Resampling.BICUBIC))
        cells *= 2
    return total
