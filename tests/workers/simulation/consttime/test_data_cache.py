"""The data cache against a naive one, and against cases worked out by hand."""

from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.assessing import DataCache
from renode.trace import TOUCH
from workers.simulation.consttime.data_cache import misses


def touches(*accesses: tuple[int, int]) -> npt.NDArray[np.void]:
    made = np.zeros(len(accesses), TOUCH)
    made["address"] = [address for address, _ in accesses]
    made["size"] = [size for _, size in accesses]
    return made


def naive(accesses: list[tuple[int, int]], cache: DataCache) -> list[int]:
    sets: list[OrderedDict[int, None]] = [OrderedDict() for _ in range(cache.sets)]
    found = []
    for address, size in accesses:
        missed = 0
        for line in range(address // cache.line_bytes, (address + size - 1) // cache.line_bytes + 1):
            held = sets[line % cache.sets]
            if line in held:
                held.move_to_end(line)
                continue
            missed += 1
            held[line] = None
            if len(held) > cache.ways:
                held.popitem(last=False)
        found.append(missed)
    return found


@pytest.mark.parametrize(
    "shape",
    [
        {"line_bytes": 4, "sets": 1, "ways": 1},
        {"line_bytes": 16, "sets": 4, "ways": 2},
        {"line_bytes": 32, "sets": 2, "ways": 8},
        {"line_bytes": 32, "sets": 64, "ways": 4},
    ],
)
def test_it_misses_where_a_naive_cache_does(shape: dict[str, Any]) -> None:
    rng = np.random.default_rng(7)
    cache = DataCache(**shape)
    accesses = [
        (0x20000000 + int(at), int(size))
        for at, size in zip(rng.integers(0, 2048, 4000), rng.choice([1, 2, 4], 4000), strict=True)
    ]

    found = misses(touches(*accesses), cache)

    assert found.tolist() == naive(accesses, cache)
    assert {0, 1} <= set(found.tolist())


def test_two_lines_of_one_set_drive_each_other_out_when_there_is_one_way() -> None:
    one, other = 0x100, 0x100 + 4 * 16
    accesses = touches((one, 4), (other, 4), (one, 4), (one + 12, 4))

    assert misses(accesses, DataCache(line_bytes=16, sets=4, ways=1)).tolist() == [1, 1, 1, 0]
    assert misses(accesses, DataCache(line_bytes=16, sets=4, ways=2)).tolist() == [1, 1, 0, 0]


def test_an_access_over_the_end_of_a_line_waits_for_both() -> None:
    assert misses(touches((0x10E, 4), (0x110, 1)), DataCache(line_bytes=16)).tolist() == [2, 0]


def test_nothing_touched_is_nothing_missed() -> None:
    assert misses(touches(), DataCache()).shape == (0,)
