"""The loop over executions, compiled by numba: everything between one row of inputs and how it ended."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from renode.layout import (
    BROKEN,
    DONE,
    EXCEPTION,
    FETCH,
    PC,
    READ,
    RUNNING,
    UNDEFINED,
    WORD,
    WRITE,
    cost_of,
    hot_at,
    i64,
    inlined,
    offset_of,
    refresh,
    require,
    state_at,
)
from renode.native import call2, call3, call5, load64

require("ed81e53642df32ae")

_OUTCOME = np.full(24, BROKEN, np.int64)
"""Unicorn's error -> how the execution ended."""
_OUTCOME[[0, 10, 21]] = DONE, UNDEFINED, EXCEPTION
_OUTCOME[[6, 13]], _OUTCOME[[7, 12]], _OUTCOME[[8, 14]], _OUTCOME[[17, 18, 19]] = READ, WRITE, FETCH, EXCEPTION

_SCRATCH = offset_of("scratch")


@inlined
def _begin(s: Any) -> None:
    """Set the machine and the trace to the state that every execution starts from."""
    call3(s.memcpy, s.arena, s.image, s.arena_bytes)
    call2(s.context_restore, s.engine, s.context)
    for register in range(15):
        s.shadow[register] = s.initial[register]
        s.copy[register] = s.initial[register]
    s.record, s.cursor = s.hot, s.reference
    s.bus = s.off_path = s.begun = s.agreed = s.left_to = s.cycles = 0
    s.last = s.hot


@inlined
def _register(address: int, number: int) -> int:
    s = state_at(address)
    call3(s.reg_read, s.engine, s.ids[number], address + _SCRATCH)
    return i64(s.scratch)


@inlined
def _end(address: int, error: int, row: Any) -> None:
    """Settle how an execution ended: what it completed, where it stopped."""
    s = state_at(address)
    pc = _register(address, PC)
    outcome = i64(BROKEN)
    if s.reason != RUNNING:
        outcome = s.reason
    elif error < len(_OUTCOME):
        outcome = _OUTCOME[error]
    if outcome == DONE and pc != s.until:  # asleep until an interrupt that never comes
        outcome = i64(EXCEPTION)
    begun = s.begun if s.off_path else (s.cursor - s.reference) >> 2
    last = s.last if s.off_path else s.record
    row.executed = begun
    if s.reason != RUNNING:  # the hook has settled the instruction before
        row.stop_pc = s.stop_pc
        cycles = s.cycles
    else:
        row.stop_pc = hot_at(last).pc
        cycles = s.cycles
        if not s.off_path:
            cycles = load64(s.elapsed + 8 * (begun - 1)) if begun else 0
        if outcome in (DONE, FETCH):
            cycles += cost_of(last, pc)
            if s.api:
                refresh(s)
            call2(s.finish, address, pc)
        else:
            row.executed = begun - 1
    row.cycles = cycles
    row.agreed = min(s.agreed, row.executed) if s.off_path else row.executed
    row.left_to = s.left_to if row.executed > row.agreed else 0
    row.r0 = _register(address, 0)
    row.stop = outcome
    row.error = error


@numba.njit(nogil=True, cache=True, error_model="numpy")
def execute(  # noqa: PLR0917 -- numba is called by position
    address: int,
    inputs: npt.NDArray[np.uint8],
    places: npt.NDArray[np.int64],
    output: npt.NDArray[np.uint8],
    source: int,
    activity: npt.NDArray[np.uint64],
    rows: npt.NDArray[Any],
) -> int:
    """Run all rows; return their number, or that of the row at which the engine failed.

    `inputs` [N, bytes] are copied by `places` [inputs, 3] (offset in the row, host address, bytes); `output` [N, bytes]
    is copied from host address `source`, or is r0 where that is 0; `activity` [N, M] and `rows` [N] are filled in.
    """
    s = state_at(address)
    for row in range(len(inputs)):
        _begin(s)
        s.out = i64(activity.ctypes.data) + 8 * row * activity.shape[1]
        for k in range(len(places)):
            start = i64(inputs.ctypes.data) + row * inputs.shape[1] + places[k, 0]
            call3(s.memcpy, places[k, 1], start, places[k, 2])
        s.reason = RUNNING
        error = call5(s.emu_start, s.engine, s.entry | 1, s.until, 0, 0) & WORD
        _end(address, error, rows[row])
        if rows[row].stop == BROKEN:
            return row
        for k in range(rows[row].agreed, activity.shape[1]):
            activity[row, k] = 0
        if source:
            call3(s.memcpy, i64(output.ctypes.data) + row * output.shape[1], source, output.shape[1])
        else:
            for k in range(output.shape[1]):
                output[row, k] = (rows[row].r0 >> (8 * k)) & 0xFF
    return len(inputs)
