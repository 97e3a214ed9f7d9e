"""What goes into each execution: drawn from (seed, trace index) alone, so that shards never matter."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from jobs.payloads import CampaignRequest, Plan
from jobs.target import Input, Target, Varies
from workers.simulation.draws import coin, random_bytes

FIXED, RANDOM = 0, 1
"""The two sets of a t-test."""
GROUPS = 4
"""Two sets by two halves: group = set + 2 * half."""


class Drawn(Protocol):
    """What inputs are drawn for: a campaign, a recording."""

    @property
    def seed(self) -> int:
        """Return what all chance comes from."""

    @property
    def plan(self) -> Plan:
        """Return how inputs vary that follow the plan."""

    @property
    def target(self) -> Target:
        """Return what is called."""


_CLASS_PURPOSE = 16
_VALUE_PURPOSE = 32  # + index of the input: its constant or fixed value
_ROW_PURPOSE = 64  # + index of the input: its random values


def groups(request: Drawn, first: int, count: int) -> npt.NDArray[np.uint8]:
    """Return the group of each trace [count]: its set, plus 2 in the second half.

    Traces 2k and 2k+1 are one of each set in an order tossed by a coin, so the sets are interleaved at random (as
    ISO/IEC 17825 asks) and of equal size; pairs alternate between the halves.
    """
    index = np.arange(first, first + count, dtype=np.int64)
    half = ((index >> 1) & 1).astype(np.uint8)
    if request.plan is Plan.FIXED:
        return 2 * half
    if request.plan is Plan.RANDOM:
        return 2 * half + np.uint8(RANDOM)
    first_pair = first >> 1
    tossed = coin(request.seed, first_pair, ((first + count + 1) >> 1) - first_pair, _CLASS_PURPOSE)
    return (tossed[(index >> 1) - first_pair] ^ (index & 1).astype(np.uint8)) + 2 * half


def sets_of(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the set of each group: FIXED or RANDOM."""
    return np.bitwise_and(labels, np.uint8(1), dtype=np.uint8)


def input_rows(request: Drawn, first: int, count: int) -> npt.NDArray[np.uint8]:
    """Return the inputs of traces [first, first + count): [count, bytes], inputs concatenated in order."""
    return rows_of(request, first, sets_of(groups(request, first, count)))


def reference_row(request: CampaignRequest) -> npt.NDArray[np.uint8]:
    """Return the inputs of the reference execution: fixed values where the plan knows fixed ones, else trace 0's."""
    chosen = RANDOM if request.plan is Plan.RANDOM else FIXED
    return np.asarray(rows_of(request, 0, np.array([chosen], np.uint8))[0])


def columns(request: CampaignRequest, name: str) -> slice:
    """Return where the input `name` lies in a row."""
    start = 0
    for item in request.target.inputs:
        if item.name == name:
            return slice(start, start + item.length)
        start += item.length
    raise KeyError(name)


def constant(request: Drawn, position: int) -> npt.NDArray[np.uint8]:
    """Return the constant or fixed value of the input at `position`: as given, or drawn from the seed."""
    item = request.target.inputs[position]
    if item.value is not None:
        return np.frombuffer(bytes.fromhex(item.value), np.uint8)
    return np.asarray(random_bytes(request.seed, 0, 1, item.length, _VALUE_PURPOSE + position)[0])


def rows_of(request: Drawn, first: int, sets: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the inputs of traces [first, first + count) whose sets are `sets` [count]: [count, bytes]."""
    parts = [_values(request, position, item, first, sets) for position, item in enumerate(request.target.inputs)]
    return np.ascontiguousarray(np.concatenate(parts, axis=1))


def _values(
    request: Drawn, position: int, item: Input, first: int, sets: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    fixed = np.broadcast_to(constant(request, position), (len(sets), item.length))
    if item.variation is Varies.CONSTANT:
        return fixed
    drawn = random_bytes(request.seed, first, len(sets), item.length, _ROW_PURPOSE + position)
    if item.variation is Varies.RANDOM:
        return drawn
    return np.where(sets[:, None] == RANDOM, drawn, fixed)
