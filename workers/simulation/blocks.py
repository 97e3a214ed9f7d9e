"""Samples in blocks: what is done with the sums of all samples goes block after block, in memory that does not grow with them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 2**16
"""Samples of a block: 8 MB of power sums."""

Array = npt.NDArray[Any]


def spans(samples: int) -> list[slice]:
    """Return the blocks that samples [0, samples) are cut into, ascending; an empty one where there are none."""
    return [slice(first, min(first + BLOCK, samples)) for first in range(0, max(samples, 1), BLOCK)]


def name_of(array: str, number: int) -> str:
    """Return what a block of an array is called in a file."""
    return f"{array}-{number:03d}"


def cut(array: str, values: Array) -> Iterator[tuple[str, Array]]:
    """Yield `values` [..., samples] of the name `array` block by block, each with the name of the block."""
    for number, span in enumerate(spans(values.shape[-1])):
        yield name_of(array, number), values[..., span]


def add(array: str, stored: Mapping[str, Array], total: Array, *, done: Callable[[], None] = lambda: None) -> None:
    """Add to `total` [..., samples] what `cut` made of an array of its shape; raise ValueError for another.

    `done` is called behind every block.
    """
    names = {name for name in stored if name.startswith(f"{array}-")}
    cuts = dict(cut(array, total))
    if names != cuts.keys():
        raise ValueError(f"{sorted(names)} are not the blocks of {array} {total.shape}")
    for name, into in cuts.items():
        block = stored[name]
        if block.shape != into.shape:
            raise ValueError(f"shapes differ: {name} {block.shape} and {into.shape}")
        np.add(into, block.astype(total.dtype, copy=False), out=into)
        done()
