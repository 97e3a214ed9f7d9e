"""The recorder's inner loop, compiled by numba: instructions go along a timeline, and are counted where they end.

The timeline is cut into segments; a period is one or more of them. Cycles and the power that code has in any of them
are spread over the segments that an instruction lasts in, what its data adds belongs to its last cycle, and what is
counted (the instruction, its misses) to the segment of that. Everything is added in the order of time, so how calls
come in does not change a bit.

The data cache is set-associative with least-recently-used replacement, and takes a line in on loads and stores alike.
The predictor is bimodal: a table of two-bit counters by the address of the branch, which begin as weakly not taken
(Smith 1981, "A study of branch prediction strategies", strategy 7).
"""

import numpy as np
import numpy.typing as npt
from numba import njit

NOW, SEGMENT, PERIOD, TICK, TOUCHED = range(5)
"""Of a recorder's `clock`: cycles passed, the segment and the period that they are in, cache accesses, codes touched."""
INSTRUCTIONS, MISSES, MISPREDICTED = range(3)
"""Of `counts`."""
WEAKLY_NOT = 1
_TAKEN = 2  # a counter from here on predicts a branch that is taken
_FIELDS = ((0, 0xFFF), (12, 0xFFF), (24, 0xFFF), (36, 0xFFF), (48, 0xFF))


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
    return int((counter >= _TAKEN) != taken)


@njit(cache=True, nogil=True, error_model="numpy")
def _dominant(
    spent: npt.NDArray[np.int64],
    touched: npt.NDArray[np.int32],
    clock: npt.NDArray[np.int64],
    codes: npt.NDArray[np.uint32],
) -> int:
    """Return the pc that most cycles were spent at, the lowest among equals, and forget them; -1 for none."""
    best = found = -1
    for k in range(clock[TOUCHED]):
        code = touched[k]
        if spent[code] > best or (spent[code] == best and int(codes[code]) < found):
            best, found = int(spent[code]), int(codes[code])
        spent[code] = 0
    clock[TOUCHED] = 0
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def pass_time(  # noqa: PLR0917 -- numba is called by position
    cycles: int,
    code: int,
    base: float,
    clock: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    closes: npt.NDArray[np.bool_],
    active: npt.NDArray[np.int64],
    units: npt.NDArray[np.float64],
    spent: npt.NDArray[np.int64],
    touched: npt.NDArray[np.int32],
    codes: npt.NDArray[np.uint32],
    dominant: npt.NDArray[np.int64],
) -> int:
    """Let `cycles` pass at instruction number `code`, or asleep if that is -1; return the segment of the last one.

    -1 where the timeline ends before.
    """
    left = cycles
    last = -1
    while left > 0:
        segment = int(clock[SEGMENT])
        if segment == len(ends):
            return -1
        step = min(left, ends[segment] - clock[NOW])
        if code >= 0:
            active[segment] += step
            units[segment] += base * step
            if spent[code] == 0:
                touched[clock[TOUCHED]] = code
                clock[TOUCHED] += 1
            spent[code] += step
        clock[NOW] += step
        left -= step
        last = segment
        if clock[NOW] == ends[segment]:
            clock[SEGMENT] += 1
            if closes[segment]:
                dominant[clock[PERIOD]] = _dominant(spent, touched, clock, codes)
                clock[PERIOD] += 1
    return last


@njit(cache=True, nogil=True, error_model="numpy")
def run_calls(  # noqa: PLR0917 -- numba is called by position
    activity: npt.NDArray[np.uint64],
    durations: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int32],
    base: npt.NDArray[np.float64],
    coefficients: npt.NDArray[np.float64],
    branches: npt.NDArray[np.uint8],
    places: npt.NDArray[np.int64],
    addresses: npt.NDArray[np.uint32],
    sizes: npt.NDArray[np.uint8],
    rest: int,
    line_bits: int,
    stall: int,
    tags: npt.NDArray[np.int64],
    ages: npt.NDArray[np.int64],
    counters: npt.NDArray[np.uint8],
    clock: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    closes: npt.NDArray[np.bool_],
    active: npt.NDArray[np.int64],
    units: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    spent: npt.NDArray[np.int64],
    touched: npt.NDArray[np.int32],
    codes: npt.NDArray[np.uint32],
    dominant: npt.NDArray[np.int64],
) -> int:
    """Run calls [N, M] one after the other, each followed by `rest` cycles asleep; return how many began.

    Of each instruction of the path: its cycles, its number in `codes`, the power of its class and the coefficients
    [5, M] of its activity word, in the model's unit, and 0 for no branch that is to be predicted, 1 for one not taken,
    2 for one taken. Accesses are those of all calls, `places` call * M + instruction; a miss takes `stall` cycles.
    """
    access = 0
    for call in range(activity.shape[0]):
        if clock[SEGMENT] == len(ends):
            return call
        for i in range(activity.shape[1]):
            misses = 0
            while access < len(places) and places[access] == call * activity.shape[1] + i:
                first = np.int64(addresses[access]) >> line_bits
                final = (np.int64(addresses[access]) + sizes[access] - 1) >> line_bits
                for line in range(first, final + 1):
                    clock[TICK] += 1
                    misses += touch(tags, ages, line, clock[TICK])
                access += 1
            wrong = 0
            if branches[i]:
                wrong = predict(counters, int(codes[numbers[i]]), branches[i] == 2)
            word = activity[call, i]
            data = 0.0
            for k in range(5):
                shift, mask = _FIELDS[k]
                data += coefficients[k, i] * np.float64(np.int64((word >> np.uint64(shift)) & np.uint64(mask)))
            segment = pass_time(
                durations[i] + stall * misses,
                numbers[i],
                base[i],
                clock,
                ends,
                closes,
                active,
                units,
                spent,
                touched,
                codes,
                dominant,
            )
            if segment < 0:
                return call + 1
            units[segment] += data
            counts[segment, INSTRUCTIONS] += 1
            counts[segment, MISSES] += misses
            counts[segment, MISPREDICTED] += wrong
        if rest > 0:
            pass_time(rest, -1, 0.0, clock, ends, closes, active, units, spent, touched, codes, dominant)
    return activity.shape[0]
