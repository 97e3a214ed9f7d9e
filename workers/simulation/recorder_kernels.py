"""The recorder's inner loop, compiled by numba: instructions go along a timeline, and are counted where they end.

The timeline is cut into segments; a period is one or more of them. Cycles and the power that code has in any of them
are spread over the segments that an instruction lasts in, what its data adds belongs to its last cycle, and what is
counted (the instruction, its misses) to the segment of that. Everything is added in the order of time, so how calls
come in does not change a bit.

The data cache is set-associative with least-recently-used replacement, and takes a line in on loads and stores alike.
The predictor is bimodal: a table of two-bit counters by the address of the branch, which begin as weakly not taken
(Smith 1981, "A study of branch prediction strategies", strategy 7).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

NOW, SEGMENT, PERIOD, TICK, TOUCHED = range(5)
"""Of a recorder's `clock`: cycles passed, the segment and the period that they are in, cache accesses, codes touched."""
INSTRUCTIONS, MISSES, MISPREDICTED = range(3)
"""Of `counts`."""
NOT_TAKEN, TAKEN = 1, 2
"""Of `branches`; 0 for what is no branch that is to be predicted."""
WEAKLY_NOT = 1
_LIKELY = 2  # a counter from here on predicts a branch that is taken
_FIELDS = ((0, 0xFFF), (12, 0xFFF), (24, 0xFFF), (36, 0xFFF), (48, 0xFF))


class Line(NamedTuple):
    """A timeline, where on it we are, and what is summed up on it."""

    clock: npt.NDArray[np.int64]
    """NOW and its like."""
    ends: npt.NDArray[np.int64]
    """[segments] the cycle after each."""
    closes: npt.NDArray[np.bool_]
    """[segments] whether a period ends with it."""
    active: npt.NDArray[np.int64]
    """[segments] cycles in which code ran."""
    units: npt.NDArray[np.float64]
    """[segments] power times cycles, in the model's unit."""
    counts: npt.NDArray[np.int64]
    """[segments, 3] INSTRUCTIONS and its like."""
    dominant: npt.NDArray[np.int64]
    """[periods] the pc at which most cycles were spent; -1 for none."""


class Codes(NamedTuple):
    """The instructions met so far, by number, and the cycles spent at each in this period."""

    pcs: npt.NDArray[np.uint32]
    spent: npt.NDArray[np.int64]
    touched: npt.NDArray[np.int32]
    """The numbers of those at which any were, as many as `clock` says."""


class Core(NamedTuple):
    """What the core keeps from instruction to instruction."""

    tags: npt.NDArray[np.int64]
    """[sets, ways] the line in each; -1 for none."""
    ages: npt.NDArray[np.int64]
    """[sets, ways] when it was touched last."""
    counters: npt.NDArray[np.uint8]
    """[entries] two bits each."""
    line_bits: int
    stall: int
    """Cycles that a miss takes."""


class Steps(NamedTuple):
    """The instructions of a path."""

    numbers: npt.NDArray[np.int32]
    """[M] in `Codes`."""
    cycles: npt.NDArray[np.int64]
    """[M]"""
    base: npt.NDArray[np.float64]
    """[M] power in each of these cycles, in the model's unit."""
    coefficients: npt.NDArray[np.float64]
    """[5, M] of the fields of an activity word."""
    branches: npt.NDArray[np.uint8]
    """[M] NOT_TAKEN, TAKEN or 0."""


@njit(cache=True, nogil=True, error_model="numpy")
def touch(tags: npt.NDArray[np.int64], ages: npt.NDArray[np.int64], line: int, tick: int) -> int:
    """Access a line of the cache [sets, ways] at time `tick`; return 1 for a miss, which brings it in, else 0."""
    row = line % tags.shape[0]
    oldest = 0
    for way in range(tags.shape[1]):
        if tags[row, way] == line:
            ages[row, way] = tick
            return 0
        if ages[row, way] < ages[row, oldest]:
            oldest = way
    tags[row, oldest] = line
    ages[row, oldest] = tick
    return 1


@njit(cache=True, nogil=True, error_model="numpy")
def predict(counters: npt.NDArray[np.uint8], pc: int, taken: bool) -> int:
    """Let a branch at `pc` go as it went; return 1 if that was not predicted, else 0."""
    slot = (pc >> 1) % len(counters)
    counter = counters[slot]
    if taken and counter < 3:
        counters[slot] = counter + 1
    elif not taken and counter > 0:
        counters[slot] = counter - 1
    return int((counter >= _LIKELY) != taken)


@njit(cache=True, nogil=True, error_model="numpy")
def _dominant(line: Line, codes: Codes) -> int:
    """Return the pc that most cycles were spent at, the lowest among equals, and forget them; -1 for none."""
    best = found = -1
    for k in range(line.clock[TOUCHED]):
        number = codes.touched[k]
        spent, pc = int(codes.spent[number]), int(codes.pcs[number])
        if spent > best or (spent == best and pc < found):
            best, found = spent, pc
        codes.spent[number] = 0
    line.clock[TOUCHED] = 0
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def pass_time(line: Line, codes: Codes, cycles: int, number: int, base: float) -> int:
    """Let `cycles` pass at instruction `number`, or asleep if that is -1; return the segment of the last one.

    -1 where the timeline ends before.
    """
    left = cycles
    last = -1
    while left > 0:
        segment = int(line.clock[SEGMENT])
        if segment == len(line.ends):
            return -1
        step = min(left, line.ends[segment] - line.clock[NOW])
        if number >= 0:
            line.active[segment] += step
            line.units[segment] += base * step
            if codes.spent[number] == 0:
                codes.touched[line.clock[TOUCHED]] = number
                line.clock[TOUCHED] += 1
            codes.spent[number] += step
        line.clock[NOW] += step
        left -= step
        last = segment
        if line.clock[NOW] == line.ends[segment]:
            line.clock[SEGMENT] += 1
            if line.closes[segment]:
                line.dominant[line.clock[PERIOD]] = _dominant(line, codes)
                line.clock[PERIOD] += 1
    return last


@njit(cache=True, nogil=True, error_model="numpy")
def run_calls(  # noqa: PLR0917 -- numba is called by position
    line: Line,
    codes: Codes,
    core: Core,
    steps: Steps,
    activity: npt.NDArray[np.uint64],
    places: npt.NDArray[np.int64],
    addresses: npt.NDArray[np.uint32],
    sizes: npt.NDArray[np.uint8],
    rest: int,
) -> int:
    """Run calls, of which `activity` [N, M] has the words, each followed by `rest` cycles asleep; return how many began.

    Accesses are those of all calls, `places` call * M + instruction.
    """
    access = 0
    for call in range(activity.shape[0]):
        if line.clock[SEGMENT] == len(line.ends):
            return call
        for i in range(activity.shape[1]):
            misses = 0
            while access < len(places) and places[access] == call * activity.shape[1] + i:
                first = np.int64(addresses[access]) >> core.line_bits
                final = (np.int64(addresses[access]) + sizes[access] - 1) >> core.line_bits
                for touched in range(first, final + 1):
                    line.clock[TICK] += 1
                    misses += touch(core.tags, core.ages, touched, line.clock[TICK])
                access += 1
            wrong = 0
            if steps.branches[i]:
                pc = int(codes.pcs[steps.numbers[i]])
                wrong = predict(core.counters, pc, steps.branches[i] == TAKEN)
            data = 0.0
            for k in range(5):
                shift, mask = _FIELDS[k]
                field = (activity[call, i] >> np.uint64(shift)) & np.uint64(mask)
                data += steps.coefficients[k, i] * np.float64(np.int64(field))
            lasts = steps.cycles[i] + core.stall * misses
            segment = pass_time(line, codes, lasts, steps.numbers[i], steps.base[i])
            if segment < 0:
                return call + 1
            line.units[segment] += data
            line.counts[segment, INSTRUCTIONS] += 1
            line.counts[segment, MISSES] += misses
            line.counts[segment, MISPREDICTED] += wrong
        if rest > 0:
            pass_time(line, codes, rest, -1, 0.0)
    return activity.shape[0]
