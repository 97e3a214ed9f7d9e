"""Where executions load and store: a memory hook, compiled by numba, beside the one that traces."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba import types
from numba.np.numpy_support import carray
from unicorn import arm_const, unicorn_const

from renode.layout import CONDITIONAL, WORD, hot_at, i64, inlined, offset_of, require, state_at
from renode.machine import Machine
from renode.native import address_of, call3, plain, pointer_to, store32
from renode.trace import TOUCH

require("ed81e53642df32ae")

OFF_PATH = WORD
"""The position of what was done off the reference path."""
_EPSR, _OUTSIDE_IT = int(arm_const.UC_ARM_REG_EPSR), offset_of("outside_it")
_WRITES = int(unicorn_const.UC_MEM_WRITE)
_WRITE = 1 << 8
"""Behind the size, in the last word of a TOUCH."""
_LIST = np.dtype([("state", "i8"), ("base", "i8"), ("next", "i8"), ("end", "i8"), ("lost", "i8")], align=True)
"""The hook's user data: the engine's STATE; where the activity words begin, 0 without any; where the next TOUCH goes."""
_HOOK = (types.int64, types.int32, types.int64, types.int32, types.int64, types.voidptr)


@inlined
def _list_at(address: int) -> Any:
    return carray(pointer_to(address), (1,), _LIST)[0]


def _touch(_engine: int, access: int, address: int, size: int, _value: int, data: Any) -> None:
    t = _list_at(address_of(data))
    s = state_at(t.state)
    if hot_at(s.last if s.off_path else s.record).flags & CONDITIONAL:
        # Unicorn leaves the IT state as it is at the access, and the next block would begin with it (`paging.py`).
        call3(s.reg_write, s.engine, _EPSR, t.state + _OUTSIDE_IT)
    place = t.next
    if place == t.end:
        t.lost += 1
        return
    if t.base == 0:
        position = s.begun - 1
    elif s.off_path:
        position = i64(OFF_PATH)
    else:
        position = (s.out - t.base) >> 3
    store32(place, position)
    store32(place + 4, address & WORD)
    store32(place + 8, i64(size) | (_WRITE if access == _WRITES else 0))
    t.next = place + 12


_entry = plain(_touch, *_HOOK)


@numba.njit(cache=True, error_model="numpy")
def _hook() -> int:
    return _entry()


class Touches:
    """The loads and stores of one machine's executions since they were last begun, in order."""

    def __init__(self, capacity: int) -> None:
        """Make room for so many; what is never touched of it takes no memory. Nothing is seen before `attach`."""
        self._list: Any = np.zeros(1, _LIST)
        self._room(capacity)

    def attach(self, machine: Machine) -> None:
        """See the executions of `machine`, which has not run yet."""
        self._list["state"] = machine.address
        machine.engine.hook_memory(_hook(), self._list.ctypes.data)

    def begin(self, activity: npt.NDArray[np.uint64]) -> None:
        """Forget what was seen: executions begin whose words will be `activity` [N, M]."""
        self._list["base"] = activity.ctypes.data if activity.shape[1] else 0
        self._list["next"], self._list["lost"] = self._touches.ctypes.data, 0

    @property
    def lost(self) -> int:
        """Return for how many there was no room."""
        return int(self._list["lost"][0])

    def seen(self) -> npt.NDArray[np.void]:
        """Return TOUCH [loads and stores], a view.

        A position is that of the instruction in `activity`, row * M + instruction, and OFF_PATH off the reference path;
        where that has no columns, the position in the one execution.
        """
        return self._touches[: int(self._list["next"][0] - self._touches.ctypes.data) // TOUCH.itemsize]

    def grow(self) -> None:
        """Make room for twice as many as there were, for executions that are done again."""
        self._room(2 * (len(self.seen()) + self.lost))

    def _room(self, capacity: int) -> None:
        self._touches = np.empty(capacity, TOUCH)
        self._list["next"] = self._touches.ctypes.data
        self._list["end"] = self._touches.ctypes.data + self._touches.nbytes
        self._list["lost"] = 0
