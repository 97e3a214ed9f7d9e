"""How fast the models of level full are on this machine: `python -m bench.remforge_gpu [--device cpu] [--threads 1] [--small]`.

The worker's own code runs full-size models with random weights, which are made here, so that nothing is downloaded:
CLIP ViT-B/32 and ViT-L/14 on pictures, DeBERTa-v3-base on texts of mixed lengths. Each row says how many items a second
go through one by one, in batches, through the batcher where many callers ask at once, and for pictures with decoding too;
`of_ceiling` is what the batches reach of the rate of a large matrix product, measured here too, in the same dtype.
"""

import argparse
import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench import random_models
from bench.remforge_figures import ceiling, farthest, flop, peak_bytes
from bench.remforge_pictures import decode, make_pictures
from bench.rows import emit, end_in_order
from workers.remforge.inference import Item, Role
from workers.remforge.models.batcher import Batcher, Tally
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import LoadedModel, Loader, Spec

BENCH = "remforge-gpu"
SEED = 7
CALLERS = 8
CHUNK = 32
"""Items that a caller brings at once, as a part of a job does."""
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


FULL = Size(seconds=5.0, product=8192, files=2048, picture=(1920, 1080), texts=2048, words=200)
CPU = replace(FULL, texts=64)
"""All of them are gone through at least once."""
SMALL = Size(seconds=0.05, product=128, files=8, picture=(160, 90), texts=16, words=20)


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
    full: dict[str, Any] = {"image": 224, "vocabulary": 49_408}
    if small:
        random_models.make_clip(b32)
    else:
        vision, text = random_models.VIT_B32, random_models.TEXT_B32
        random_models.make_clip(b32, vision=vision, text=text, patch=32, width=512, **full)
    yield b32.name, Spec(Role.IMAGE, str(b32))
    yield b32.name, Spec(Role.CAPTION, str(b32))
    if small:
        random_models.make_clip(l14, patch=4)
    else:
        vision, text = random_models.VIT_L14, random_models.TEXT_L14
        random_models.make_clip(l14, vision=vision, text=text, patch=14, width=768, **full)
    yield l14.name, Spec(Role.IMAGE, str(l14))
    labels = random_models.CORPUS[0].split()
    if small:
        random_models.make_deberta(deberta, labels=labels)
    else:
        size = random_models.DEBERTA_BASE
        random_models.make_deberta(deberta, labels=labels, size=size, vocabulary=128_100, longest=512)
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
    limit = ceiling(model, size.product)
    work = flop(model, batches[0])
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
        batcher_per_s=_through_batcher(model, items, size.seconds),
        with_decoding_per_s=_with_decoding(model, pictures, size.seconds) if spec.role == Role.IMAGE else None,
        gflop_per_item=round(work / 1e9, 3),
        ceiling_tflops=round(limit / 1e12, 3),
        of_ceiling=round(together * work / limit, 4),
        peak_mb=round(peak_bytes(device) / 1e6),
        farthest_from_one_by_one=farthest(model, batches[0]),
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
    """Return items a second, over all batches as often as `seconds` allow, once at least."""
    for batch in batches[:3]:
        model.finish(model.encode(model.prepare(batch)))
    done, began = 0, time.perf_counter()
    while True:
        for batch in batches:
            done += len(model.finish(model.encode(model.prepare(batch))))
        took = time.perf_counter() - began
        if took > seconds:
            return done / took


def _through_batcher(model: LoadedModel, items: Sequence[Item], seconds: float) -> float:
    """Return items a second that CALLERS get together from the worker's batcher."""
    # It closes the model that it is given, which is needed further on.
    batcher = Batcher(_Lent(model), Tally())
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    counted, lock = 0, threading.Lock()
    began = time.perf_counter()

    def ask(caller: int) -> None:
        nonlocal counted
        turn = caller
        while time.perf_counter() - began < seconds:
            results = batcher.submit(chunks[turn % len(chunks)], deadline=time.monotonic() + 600)
            with lock:
                counted += len(results)
            turn += CALLERS

    with ThreadPoolExecutor(CALLERS) as callers:
        for done in [callers.submit(ask, caller) for caller in range(CALLERS)]:
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


def _with_decoding(model: LoadedModel, pictures: Sequence[Path], seconds: float) -> float:
    """Return pictures a second from files: a thread for each core decodes, while this one runs the model.

    Pillow lets other threads go on while it decodes. The worker decodes in processes, for safety.
    """
    view = model.card.view
    assert view is not None  # noqa: S101 - it looks at pictures
    view_of = partial(decode, short=view.short, crop=view.crop)
    largest = max(1, model.budget // model.cost(np.zeros((view.crop, view.crop, 3), np.uint8)))
    readers = ThreadPoolExecutor(len(os.sched_getaffinity(0)))
    done, began = 0, time.perf_counter()
    views = readers.map(view_of, pictures)
    while batch := list(islice(views, largest)):
        done += len(model.finish(model.encode(model.prepare(batch))))
        if time.perf_counter() - began > seconds:
            break
    took = time.perf_counter() - began
    readers.shutdown(cancel_futures=True)
    return round(done / took, 2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read what is asked, and measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda:0" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of a model on the CPU")
    parser.add_argument("--small", action="store_true", help="tiny models: whether the program works, no figures")
    asked = parser.parse_args(arguments)
    end_in_order()
    size = SMALL if asked.small else CPU if asked.device == "cpu" else FULL
    run(asked.device, size, threads=asked.threads, small=asked.small)


if __name__ == "__main__":
    main()
