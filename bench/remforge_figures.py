"""Figures of a loaded model that do not depend on how items come to it."""

import resource
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from workers.remforge.inference import Item
from workers.remforge.models.model import LoadedModel


def ceiling(model: LoadedModel, rows: int) -> float:
    """Return operations a second of a product of square matrices on the model's device and in its dtype."""
    place = {"device": model.card.model.device, "dtype": getattr(torch, model.card.model.dtype)}
    rows = rows if torch.cuda.is_available() and place["device"] != "cpu" else min(rows, 2048)
    left, right = (torch.rand((rows, rows), **place) for _ in range(2))

    def product(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            result = left @ right
        float(result[0, 0])  # Waits for the device.
        return time.perf_counter() - began

    product(3)
    return max(10 * 2 * rows**3 / product(10) for _ in range(3))


def flop(model: LoadedModel, batch: Sequence[Item]) -> float:
    """Return operations an item of a batch takes, padding included, as torch counts them."""
    counter = FlopCounterMode(display=False)
    prepared = model.prepare(batch)
    with counter:
        model.encode(prepared)
    return counter.get_total_flops() / len(batch)


def farthest(model: LoadedModel, batch: Sequence[Item]) -> float:
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


def peak_bytes(device: str) -> float:
    """Return the most memory that was in use: on a GPU since it was last forgotten, on the CPU by the process ever."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
