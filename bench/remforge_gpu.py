"""How fast the models of level full are on this machine: `python -m bench.remforge_gpu [--device cpu] [--threads 1] [--small]`.

The worker's own code runs full-size models with random weights, which are made here, so that nothing is downloaded:
CLIP ViT-B/32 and ViT-L/14 on pictures, DeBERTa-v3-base on texts of mixed lengths. Each row says how many items a second
go through one by one, in batches, through the batcher where many callers ask at once, and for pictures with decoding too;
`of_ceiling` is what the batches reach of the rate of a large matrix product, measured here too, in the same dtype.
"""

import argparse
import gc
import os
import resource
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench import random_models
from bench.remforge_pictures import decode, make_pictures
from bench.rows import emit
from workers.remforge.inference import Item, Refused, Role
from workers.remforge.models.batcher import Batcher, Tally
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import LoadedModel, Loader, Spec

BENCH = "remforge-gpu"
SEED = 7
WORDS = " ".join(random_models.CORPUS).split()


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    seconds: float
    product: int
    """Rows of the square matrices whose product is the ceiling."""
    files: int
    picture: tuple[int, int]
    texts: int
    words: int
    """Of the longest text."""
    callers: int
    chunk: int
    """Items that a caller brings at once, as a part of a job does."""


PICTURE = (1920, 1080)
FULL = Size(seconds=5.0, product=8192, files=512, picture=PICTURE, texts=2048, words=200, callers=8, chunk=32)
CPU = Size(seconds=5.0, product=2048, files=16, picture=PICTURE, texts=128, words=100, callers=2, chunk=8)
"""A processor takes seconds for a picture of the larger model."""
SMALL = Size(seconds=0.05, product=128, files=8, picture=(160, 90), texts=16, words=20, callers=8, chunk=8)


def run(device: str, size: Size, *, threads: int, small: bool) -> None:
    """Print all rows."""
    loader = make_loader(offline=True, allow_test_models=True, cache_dir=None, threads=threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = make_pictures(folder, count=size.files, size=size.picture)
        for case, spec in _models(folder, small=small):
            _measure(case, loader, spec, device=device, size=size, pictures=pictures)


def _models(folder: Path, *, small: bool) -> Iterator[tuple[str, Spec]]:
    """Make one model after the other; a tiny one in place of each where only the program is tried out."""
    b32, l14, deberta = folder / "clip-vit-b-32", folder / "clip-vit-l-14", folder / "deberta-v3-base"
    if small:
        random_models.make_clip(b32)
    else:
        random_models.make_clip_b32(b32)
    yield b32.name, Spec(Role.IMAGE, str(b32))
    yield b32.name, Spec(Role.CAPTION, str(b32))
    if small:
        random_models.make_clip(l14, patch=4)
    else:
        random_models.make_clip_l14(l14)
    yield l14.name, Spec(Role.IMAGE, str(l14))
    if small:
        random_models.make_deberta(deberta, labels=random_models.CORPUS[0].split())
    else:
        random_models.make_deberta_base(deberta)
    yield deberta.name, Spec(Role.AFFECT, str(deberta))


def _measure(case: str, loader: Loader, spec: Spec, *, device: str, size: Size, pictures: Sequence[Path]) -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    model = loader.load(spec, device=device)
    loaded_s = time.perf_counter() - began
    if spec.role == Role.IMAGE:
        assert model.card.view is not None  # noqa: S101 - it looks at pictures
        view = model.card.view
        rng = np.random.default_rng(SEED)
        items: list[Item] = list(rng.integers(0, 256, (size.texts // 4, view.crop, view.crop, 3), dtype=np.uint8))
    else:
        items = _texts(size)
    batches = _batches(model, items)
    alone = _rate(model, [[item] for item in items], size.seconds)
    together = _rate(model, batches, size.seconds)
    ceiling = _ceiling(model, size.product)
    flop = _flop(model, batches[0])
    emit(
        BENCH,
        f"{case}-{spec.role}",
        device=torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu",
        dtype=model.card.model.dtype,
        threads=torch.get_num_threads(),
        load_s=round(loaded_s, 2),
        weights_mb=round(model.bytes / 1e6, 1),
        estimated_mb=round(loader.needed_bytes(spec) / 1e6, 1),
        largest_batch=max(len(batch) for batch in batches),
        one_by_one_per_s=round(alone, 2),
        batched_per_s=round(together, 2),
        batching_gains=round(together / alone, 2),
        batcher_per_s=_through_batcher(model, items, size),
        with_decoding_per_s=_with_decoding(model, pictures) if spec.role == Role.IMAGE else None,
        gflop_per_item=round(flop / 1e9, 3),
        ceiling_tflops=round(ceiling / 1e12, 3),
        of_ceiling=round(together * flop / ceiling, 4),
        peak_mb=round(_peak_bytes(device) / 1e6),
        farthest_from_one_by_one=_farthest(model, batches[0]),
    )
    model.close()


def _texts(size: Size) -> list[Item]:
    rng = np.random.default_rng(SEED)
    return [" ".join(rng.choice(WORDS, rng.integers(1, size.words))) for _ in range(size.texts)]


def _batches(model: LoadedModel, items: Sequence[Item]) -> list[list[Item]]:
    """Return items by bucket, dearest first, in batches of at most the model's budget; the largest batch first."""
    batches: list[list[Item]] = []
    for bucket in sorted({model.bucket(item) for item in items}):
        batch: list[Item] = []
        for item in sorted((item for item in items if model.bucket(item) == bucket), key=model.cost, reverse=True):
            if batch and (len(batch) + 1) * model.cost(batch[0]) > model.budget:
                batches.append(batch)
                batch = []
            batch.append(item)
        batches.append(batch)
    return sorted(batches, key=len, reverse=True)


def _rate(model: LoadedModel, batches: Sequence[Sequence[Item]], seconds: float) -> float:
    """Return items a second, over all batches at least once or `seconds` of them in a fixed random order."""
    order = np.random.default_rng(SEED).permutation(len(batches))
    for index in order[:3]:
        model.finish(model.encode(model.prepare(batches[index])))
    done, began = 0, time.perf_counter()
    while True:
        for index in order:
            done += len(model.finish(model.encode(model.prepare(batches[index]))))
            took = time.perf_counter() - began
            if took > seconds:
                return done / took


def _through_batcher(model: LoadedModel, items: Sequence[Item], size: Size) -> float:
    """Return items a second that callers get together from the worker's batcher."""
    # It closes the model that it is given, which is needed further on.
    batcher = Batcher(_Lent(model), Tally())
    chunks = [items[start : start + size.chunk] for start in range(0, len(items), size.chunk)]
    counted, lock = 0, threading.Lock()
    began = time.perf_counter()

    def ask(caller: int) -> None:
        nonlocal counted
        turn = caller
        while time.perf_counter() - began < size.seconds:
            results = batcher.submit(chunks[turn % len(chunks)], deadline=time.monotonic() + 600)
            if refused := [one for one in results if isinstance(one, Refused)]:
                raise RuntimeError(refused[0].message)
            with lock:
                counted += len(results)
            turn += size.callers

    with ThreadPoolExecutor(size.callers) as callers:
        for done in [callers.submit(ask, caller) for caller in range(size.callers)]:
            done.result()
    took = time.perf_counter() - began
    batcher.close()
    return round(counted / took, 2)


class _Lent:
    """A model that stays open when it is closed."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def close(self) -> None:
        """Leave it open."""


def _with_decoding(model: LoadedModel, pictures: Sequence[Path]) -> float:
    """Return pictures a second from files: a thread for each core decodes, while this one runs the model.

    Pillow lets other threads go on while it decodes. The worker decodes in processes, for safety.
    """
    view = model.card.view
    assert view is not None  # noqa: S101 - it looks at pictures
    view_of = partial(decode, short=view.short, crop=view.crop)
    largest = max(1, model.budget // model.cost(np.zeros((view.crop, view.crop, 3), np.uint8)))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as readers:
        began = time.perf_counter()
        batch: list[Item] = []
        for pixels in readers.map(view_of, pictures):
            batch.append(pixels)
            if len(batch) == largest:
                model.finish(model.encode(model.prepare(batch)))
                batch = []
        if batch:
            model.finish(model.encode(model.prepare(batch)))
        return round(len(pictures) / (time.perf_counter() - began), 2)


def _ceiling(model: LoadedModel, rows: int) -> float:
    """Return operations a second of a product of square matrices on the model's device and in its dtype."""
    place = {"device": model.card.model.device, "dtype": getattr(torch, model.card.model.dtype)}
    left, right = (torch.rand((rows, rows), **place) for _ in range(2))

    def product(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            result = left @ right
        float(result[0, 0])  # Waits for the device.
        return time.perf_counter() - began

    product(3)
    return max(10 * 2 * rows**3 / product(10) for _ in range(3))


def _flop(model: LoadedModel, batch: Sequence[Item]) -> float:
    """Return operations an item of a batch takes, padding included, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    prepared = model.prepare(batch)
    with counter:
        model.encode(prepared)
    return counter.get_total_flops() / len(batch)


def _farthest(model: LoadedModel, batch: Sequence[Item]) -> float:
    """Return by how much any number of a batch's results differs from that of its item alone."""

    def numbers(items: Sequence[Item]) -> list[Any]:
        outputs = model.finish(model.encode(model.prepare(items)))
        return [
            out.vector if out.vector is not None else np.array([score for _, score in sorted(out.scores)])
            for out in outputs
        ]

    some = list(batch)[:16]
    together = numbers(batch)[: len(some)]
    return float(max(abs(one - numbers([item])[0]).max() for item, one in zip(some, together, strict=True)))


def _peak_bytes(device: str) -> float:
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Read what is asked, and measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda:0" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of a model on the CPU")
    parser.add_argument("--small", action="store_true", help="tiny models: whether the program works, no figures")
    asked = parser.parse_args(arguments)
    size = SMALL if asked.small else CPU if asked.device == "cpu" else FULL
    run(asked.device, size, threads=asked.threads, small=asked.small)


if __name__ == "__main__":
    main()
