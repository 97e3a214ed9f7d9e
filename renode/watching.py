"""Where executions load and store: a memory hook, compiled by numba, beside the one that traces."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba import types
from numba.np.numpy_support import carray

from renode.layout import i64, inlined, require, state_at
from renode.machine import Machine
from renode.native import address_of, plain, pointer_to, store32, store64

require("ed81e53642df32ae")

WATCH = np.dtype(
    [
        ("state", "i8"),  # the engine's STATE
        ("base", "i8"),  # where the activity words of the executions begin; 0 where they have none
        ("capacity", "i8"),
        ("count", "i8"),  # accesses seen, those beyond the capacity too
        ("places", "i8"),
        ("addresses", "i8"),
        ("sizes", "i8"),
    ],
    align=True,
)
"""The memory hook's user data."""
WRITE = 0x100
"""Bit of `sizes` that says that it was a store."""
_STORE = 17
"""UC_MEM_WRITE."""
_FIRST_CAPACITY = 2**18
_SIGNATURE = (types.int64, types.int32, types.int64, types.int32, types.int64, types.voidptr)


@inlined
def _watch_at(address: int) -> Any:
    """View the WATCH at an address."""
    return carray(pointer_to(address), (1,), WATCH)[0]


def _access(_engine: int, kind: int, address: int, size: int, _value: int, data: Any) -> None:
    w = _watch_at(address_of(data))
    n = w.count
    w.count = n + 1
    if n >= w.capacity:
        return
    s = state_at(w.state)
    if w.base == 0:
        place = s.begun - 1
    elif s.off_path:
        place = i64(-1)
    else:
        place = (s.out - w.base) >> 3
    store64(w.places + 8 * n, place)
    store32(w.addresses + 4 * n, address)
    store32(w.sizes + 4 * n, i64(size) | (i64(256) if kind == _STORE else i64(0)))


_entry_access = plain(_access, *_SIGNATURE)


@numba.njit(cache=True, error_model="numpy")
def _entry() -> int:
    return _entry_access()


class Watch:
    """Sees the accesses of one engine's executions since they were last begun."""

    def __init__(self) -> None:
        """Make room for some accesses; nothing is watched before `attach`."""
        self._memory = np.zeros(1, WATCH)
        self._grow(_FIRST_CAPACITY)

    def attach(self, machine: Machine) -> None:
        """Watch the executions of `machine`, which has not run yet."""
        self._memory["state"] = machine.address
        machine.engine.hook_memory(_entry(), self._memory.ctypes.data)

    def begin(self, activity: npt.NDArray[np.uint64]) -> None:
        """Forget what was seen: executions begin whose words will be `activity` [N, M]."""
        self._memory["count"] = 0
        self._memory["base"] = activity.ctypes.data if activity.shape[1] else 0

    def overflowed(self) -> bool:
        """Return whether there was no room for all accesses; there is now, for executions that are done again."""
        seen = int(self._memory["count"][0])
        if seen <= len(self._places):
            return False
        self._grow(2 * seen)
        return True

    def seen(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """Return places, addresses and sizes [accesses], in order; a store's size has WRITE in it.

        A place is the position of the instruction in `activity`, row * M + instruction; where that has no columns, in
        the one execution; -1 off the reference path.
        """
        count = int(self._memory["count"][0])
        return self._places[:count].copy(), self._addresses[:count].copy(), self._sizes[:count].copy()

    def _grow(self, capacity: int) -> None:
        self._places = np.empty(capacity, np.int64)
        self._addresses = np.empty(capacity, np.uint32)
        self._sizes = np.empty(capacity, np.uint32)
        self._memory["capacity"] = capacity
        for name, array in (("places", self._places), ("addresses", self._addresses), ("sizes", self._sizes)):
            self._memory[name] = array.ctypes.data
