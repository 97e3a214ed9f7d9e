"""Items one by one against items in batches: CLIP of the size of ViT-B/32 and DeBERTa-v3-base, with one thread and with all.

One by one is a loop around the loaded model, without a queue; in batches, a client gives many items to a model host, whose
batcher puts together what costs about the same. Both run the worker's code. Every item is new to the cache.
"""

import os
import statistics
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench import random_models
from bench.remforge_world import kept, model_host, tell
from stores.vectors import FloatArray
from workers.remforge.inference import Item, Output, Role
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import LoadedModel, Spec

BENCH = "remforge-batching"
SEED = 7
ROUNDS = 3
ITEMS = 48
"""Of a round."""
SINGLE = 12
"""Items of a round that a client brings one at a time."""
WARM = 16
WORDS = " ".join(random_models.CORPUS).split()
FEWEST, MOST = 3, 32
"""Words of a text, each of about four tokens of this small vocabulary: as many short ones as long ones, by their logarithm."""
TARGETS = {Role.IMAGE: 1.5, Role.CAPTION: 1.5, Role.AFFECT: 2.0}


def run() -> None:
    """Print items a second, both ways, for each model."""
    clip = kept("clip-vit-b-32", random_models.make_clip_b32)
    deberta = kept("deberta-v3-base", random_models.make_deberta_base)
    for threads in dict.fromkeys((1, len(os.sched_getaffinity(0)))):
        for role, folder in ((Role.IMAGE, clip), (Role.CAPTION, clip), (Role.AFFECT, deberta)):
            compare(role, folder, threads=threads)


def compare(role: Role, folder: Path, *, threads: int) -> None:
    """Print the row of one model; both ways take turns, so that what else the machine does meets both."""
    rng = np.random.default_rng(SEED)
    spec = Spec(role, str(folder))
    loader = make_loader(offline=True, allow_test_models=True, cache_dir=None, threads=threads)
    model = loader.load(spec, device="cpu")
    rates: dict[str, list[float]] = {"one_by_one": [], "batched": [], "client_one_by_one": []}
    farthest = 0.0
    neighbours: list[float] = []
    tokens: list[int] = []
    with model_host(spec, threads=threads) as host:
        host.run(role, items(role, WARM, rng))
        loop(model, items(role, WARM, rng))
        host.settle()
        for _ in range(ROUNDS):
            some = items(role, ITEMS, rng)
            began = time.perf_counter()
            alone = loop(model, some)
            looped = time.perf_counter()
            together = host.run(role, some)
            asked = time.perf_counter()
            for item in items(role, SINGLE, rng):
                host.run(role, [item])
            ended = time.perf_counter()
            rates["one_by_one"].append(ITEMS / (looped - began))
            rates["batched"].append(ITEMS / (asked - looped))
            rates["client_one_by_one"].append(SINGLE / (ended - asked))
            if role is not Role.IMAGE:
                tokens += [model.prepare([item])["input_ids"].shape[1] for item in some]
            farthest = max(farthest, *(apart(*pair) for pair in zip(alone, together, strict=True)))
            neighbours += [apart(*pair) for pair in pairwise(alone)]
        hits = host.models.counts.hits
    gains = [many / one for many, one in zip(rates["batched"], rates["one_by_one"], strict=True)]
    tell(
        BENCH,
        f"{folder.name}-{role}-{threads}-threads",
        **{f"{way}_per_s": round(statistics.median(found), 2) for way, found in rates.items()},
        batching_gains=round(statistics.median(gains), 2),
        target=TARGETS[role],
        farthest_apart=farthest,
        target_apart=1e-4,
        # What the figure before is to be held against: random weights tell little apart.
        neighbours_apart=round(statistics.median(neighbours), 5),
        items=ROUNDS * ITEMS,
        mean_tokens=None if role is Role.IMAGE else round(statistics.mean(tokens), 1),
        cache_hits=hits,
    )
    model.close()


def items(role: Role, count: int, rng: np.random.Generator) -> list[Item]:
    """Return pictures, or texts of mixed lengths."""
    if role is Role.IMAGE:
        return list(rng.integers(0, 256, (count, 224, 224, 3), dtype=np.uint8))
    lengths = np.exp(rng.uniform(np.log(FEWEST), np.log(MOST), count)).astype(int)
    return [" ".join(rng.choice(WORDS, length)) for length in lengths]


def loop(model: LoadedModel, some: Sequence[Item]) -> list[Output]:
    """Run items one by one."""
    return [model.finish(model.encode(model.prepare([item])))[0] for item in some]


def apart(one: Output, other: Output) -> float:
    """Return by how much two results for an item differ at most."""
    return float(np.abs(numbers(one) - numbers(other)).max())


def numbers(output: Output) -> FloatArray:
    """Return a vector, or scores in the order of their names."""
    if output.vector is not None:
        return output.vector
    return np.array([score for _, score in sorted(output.scores)], np.float32)
