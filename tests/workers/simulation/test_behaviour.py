"""Behaviour counts merge exactly."""

from dataclasses import replace
from typing import Any

import numpy as np

from renode.trace import Batch, Stop, Work
from workers.simulation.behaviour import Behaviour

PATH = 10


def batch(agreed: list[int], stop: list[int], executed: list[int] | None = None) -> Batch:
    count = len(agreed)
    return Batch(
        activity=np.zeros((count, PATH), np.uint64),
        agreed=np.array(agreed, np.int32),
        left_to=np.array([0 if length == PATH else 0x100 + length for length in agreed], np.uint32),
        executed=np.array(executed or agreed, np.int64),
        cycles=np.arange(count, dtype=np.int64) + 20,
        stop=np.array(stop, np.uint8),
        stop_pc=np.full(count, 0x42, np.uint32),
        output=np.zeros((count, 1), np.uint8),
    )


def sets(*values: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(values, np.uint8)


def test_executions_on_the_path_are_neither_diverged_nor_faulted() -> None:
    seen = Behaviour()

    seen.update(batch([PATH, PATH], [Stop.DONE, Stop.DONE]), sets(0, 1), PATH, first=0)

    assert not seen.diverged
    assert not seen.faulted
    assert seen.common(PATH) == PATH
    assert seen.cycles == {0: (20, 20), 1: (21, 21)}


def test_the_common_prefix_is_that_of_the_earliest_divergence() -> None:
    seen = Behaviour()

    seen.update(batch([7, 4, PATH], [Stop.DONE] * 3), sets(0, 1, 1), PATH, first=0)

    assert seen.diverged == {(0, 7, 0x107): 1, (1, 4, 0x104): 1}
    assert seen.common(PATH) == 4


def test_a_path_that_goes_on_behind_the_reference_is_a_divergence_at_its_end() -> None:
    seen = Behaviour()

    seen.update(batch([PATH], [Stop.DONE], executed=[PATH + 3]), sets(1), PATH, first=0)

    assert sum(seen.diverged.values()) == 1
    assert seen.common(PATH) == PATH


def test_faulted_executions_do_not_shorten_the_common_prefix() -> None:
    seen = Behaviour()

    seen.update(batch([3, PATH], [Stop.WRITE, Stop.DONE]), sets(0, 1), PATH, first=0)

    assert seen.faulted == {(0, int(Stop.WRITE), 0x42): 1}
    assert seen.common(PATH) == PATH


def test_merging_parts_in_any_order_gives_the_same_counts_and_survives_json() -> None:
    whole, first, second = Behaviour(), Behaviour(), Behaviour()
    a = replace(batch([7, PATH], [Stop.DONE, Stop.BUDGET]), work=Work(lanes=1, again=1))
    b = replace(batch([PATH, 7], [Stop.DONE, Stop.DONE]), work=Work(lanes=2, again=0, checked=1))
    whole.update(a, sets(0, 1), PATH, first=10)
    whole.update(b, sets(0, 0), PATH, first=12)
    first.update(b, sets(0, 0), PATH, first=12)
    second.update(a, sets(0, 1), PATH, first=10)

    first.merge(second)

    assert first.to_json() == whole.to_json()
    assert first.left_first == {(7, 0x107): 10}
    assert first.faulted_first == {(int(Stop.BUDGET), 0x42): 11}
    assert whole.work == Work(lanes=3, again=1, checked=1)
    assert Behaviour.from_json(first.to_json()).to_json() == whole.to_json()


def test_which_engine_did_it_is_no_part_of_what_was_done() -> None:
    one, other = Behaviour(), Behaviour()
    seen = batch([7, PATH], [Stop.DONE, Stop.DONE])

    one.update(seen, sets(0, 1), PATH, first=0)
    other.update(replace(seen, work=Work(lanes=2, checked=1)), sets(0, 1), PATH, first=0)

    assert one.identity() == other.identity()
    assert one.to_json() != other.to_json()
