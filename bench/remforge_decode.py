"""From a file to what a model looks at: our decoders against the image processor that comes with CLIP.

The processor decodes every pixel and scales; ours decodes a JPEG at the size that will do, and measures the picture besides.
Like is compared with like in `view`: opening, decoding, scaling, cutting, and the numbers that the model takes, in this process.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.remforge_pictures import make_pictures, photo
from bench.remforge_world import decoders, tell
from workers.remforge.decoding import Decoded, Pixels, View, Wanted
from workers.remforge.media.image_measures import measure_image
from workers.remforge.media.limits import DRAFT, THUMB
from workers.remforge.media.pool import DecoderPool
from workers.remforge.media.read import read
from workers.remforge.media.rgb import to_rgb
from workers.remforge.media.views import cut, reduced, shrunk
from workers.remforge.models.pretrained import transformers

BENCH = "remforge-decode"
VIEW = View(224, 224)
WANTED = Wanted((VIEW,))
JPEG = "image/jpeg"
SIZES = {"12mp": (4000, 3000), "1080p": (1920, 1080)}
ROUNDS = 15
FILES = 128


def run() -> None:
    """Print milliseconds of one file, and files a second of one decoder and of two."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case, size in SIZES.items():
            one_file(case, photo(folder / f"{case}.jpg", size=size, seed=0))
        rates(make_pictures(folder, count=FILES, size=SIZES["1080p"]))


def one_file(case: str, path: Path) -> None:
    """Time both ways and their parts in turns, so that what else the machine does meets all of them."""
    processor: Any = transformers.CLIPImageProcessor()
    scale = torch.tensor([processor.rescale_factor / spread for spread in processor.image_std])
    offset = torch.tensor(
        [-mean / spread for mean, spread in zip(processor.image_mean, processor.image_std, strict=True)]
    )

    def numbers(view: Pixels) -> torch.Tensor:
        return (torch.from_numpy(np.stack([view])).float() * scale + offset).permute(0, 3, 1, 2)

    def theirs() -> torch.Tensor:
        with Image.open(path) as image:
            pixels: torch.Tensor = processor(images=image, return_tensors="pt")["pixel_values"]
        return pixels

    def ours() -> torch.Tensor:
        return numbers(cut(drafted(path), VIEW))

    def in_process() -> Decoded:
        with path.open("rb") as file:
            return read(file, name=path.name, media_type=JPEG, wanted=WANTED)

    with decoders(1) as pool:
        picture = drafted(path)
        ways: dict[str, Callable[[], object]] = {
            "processor": theirs,
            "view": ours,
            "measures": lambda: measured(picture),
            "view_and_measures": in_process,
            "decoder": lambda: numbers(in_decoder(pool, path).views[VIEW][0]),
        }
        took = medians_ms(ways)
    with Image.open(path) as image:
        megapixels = image.width * image.height / 1e6
    tell(
        BENCH,
        f"{case}-file",
        **{f"{way}_ms": round(ms, 2) for way, ms in took.items()},
        view_over_processor=round(took["processor"] / took["view"], 2),
        decoder_over_processor=round(took["processor"] / took["decoder"], 2),
        **({"target": 3} if case == "12mp" else {}),
        grey_levels_apart=round(float(((ours() - theirs()).abs() / scale[:, None, None]).mean()), 2),
        megapixels=round(megapixels, 1),
        megabytes=round(path.stat().st_size / 1e6, 2),
    )


def drafted(path: Path) -> Image.Image:
    """Return a picture as the worker's reader has it before it is cut and measured."""
    image = Image.open(path)
    image.draft("RGB", (round(DRAFT * VIEW.short),) * 2)
    image.load()
    return to_rgb(reduced(image, VIEW.short))[0]


def measured(picture: Image.Image) -> object:
    """Return what is measured of a picture."""
    return measure_image(np.asarray(shrunk(picture, THUMB)), width=picture.width, height=picture.height)


def in_decoder(pool: DecoderPool, path: Path) -> Decoded:
    """Decode and measure in a child, as workers do."""
    return pool.decode(path, name=path.name, media_type=JPEG, wanted=WANTED)


def medians_ms(ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median milliseconds of each."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for nth in range(ROUNDS + 1):
        for way, work in ways.items():
            began = time.perf_counter()
            work()
            if nth:
                taken[way].append(1000 * (time.perf_counter() - began))
    return {way: statistics.median(times) for way, times in taken.items()}


def rates(paths: Sequence[Path]) -> None:
    """Decode many files; a thread waits for each decoder, as in a worker."""
    for processes in (1, 2):
        with decoders(processes) as pool, ThreadPoolExecutor(processes) as threads:
            list(threads.map(lambda path: in_decoder(pool, path), paths[: 8 * processes]))
            began = time.perf_counter()
            list(threads.map(lambda path: in_decoder(pool, path), paths))
            per_s = len(paths) / (time.perf_counter() - began)
        tell(BENCH, f"1080p-{processes}-decoders", files_per_s=round(per_s, 1), files=len(paths))
