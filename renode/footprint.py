"""What of one execution can be seen by who shares the core with it: its way, its addresses, its time.

A machine of its own runs it, with a native hook on every load and store beside the one that records pcs: slower than
tracing, and no power is computed.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba import types
from numba.np.numpy_support import carray
from unicorn import arm_const, unicorn_const

from jobs.errors import InvalidInput
from jobs.target import Core
from renode import layout, loop
from renode.code import Code
from renode.elf import Firmware
from renode.layout import CONDITIONAL, WORD, hot_at, i64, inlined, offset_of, require, state_at
from renode.machine import Machine
from renode.native import address_of, call3, plain, pointer_to, store32
from renode.target import Binding
from renode.trace import TOUCH, Footprint, Stop

require("ed81e53642df32ae")

MOST_TOUCHES = 2**24
"""Loads and stores of one execution; memory for more than there are is never touched."""
_EPSR, _OUTSIDE_IT = int(arm_const.UC_ARM_REG_EPSR), offset_of("outside_it")
_WRITES = int(unicorn_const.UC_MEM_WRITE)
_WRITE = 1 << 8
"""Behind the size, in the last word of a TOUCH."""
_LIST = np.dtype([("state", "i8"), ("next", "i8"), ("end", "i8"), ("lost", "i8")])
"""What the hook is given: the engine's STATE, where the next TOUCH goes, and how many found no room."""
_HOOK = (types.int64, types.int32, types.int64, types.int32, types.int64, types.voidptr)


@inlined
def _list_at(address: int) -> Any:
    return carray(pointer_to(address), (1,), _LIST)[0]


def _touch(_engine: int, access: int, address: int, size: int, _value: int, data: Any) -> None:
    t = _list_at(address_of(data))
    s = state_at(t.state)
    if hot_at(s.last).flags & CONDITIONAL:
        # Unicorn leaves the IT state as it is at the access, and the next block would begin with it (`paging.py`).
        call3(s.reg_write, s.engine, _EPSR, t.state + _OUTSIDE_IT)
    if t.next == t.end:
        t.lost += 1
        return
    place = t.next
    store32(place, s.begun - 1)
    store32(place + 4, address & WORD)
    store32(place + 8, i64(size) | (_WRITE if access == _WRITES else 0))
    t.next = place + 12


_entry = plain(_touch, *_HOOK)


@numba.njit(cache=True, error_model="numpy")
def _hook() -> int:
    return _entry()


class Footprints:
    """Records executions that begin with the memory `image`, as those of the core that it belongs to."""

    def __init__(
        self, firmware: Firmware, binding: Binding, code: Code, image: npt.NDArray[np.uint8], *, core: Core, budget: int
    ) -> None:
        """Load a machine; `budget` is in cycles."""
        self._binding, self._code = binding, code
        self._machine = Machine(firmware, binding, core, hook="trace", direct=False)
        self._machine.image[:] = image
        code.attach(self._machine.state)
        self._machine.state["budget"] = budget
        self._machine.aim(binding.entry, binding.arguments)
        self._machine.follow_nothing()
        self._places = np.array(
            [(place.offset, self._machine.host(place.address), place.length) for place in binding.inputs], np.int64
        )
        # Every instruction takes a cycle at least, so the budget bounds their number; untouched pages cost nothing.
        self._pcs = np.empty(budget + 1, np.uint32)
        self._touches = np.empty(MOST_TOUCHES, TOUCH)
        self._list: Any = np.zeros(1, _LIST)
        self._list["state"] = self._machine.address
        self._list["end"] = self._touches.ctypes.data + self._touches.nbytes
        self._machine.state["pcs"] = self._pcs.ctypes.data
        self._machine.engine.hook_memory(_hook(), self._list.ctypes.data)

    def of(self, inputs: npt.NDArray[np.uint8]) -> Footprint:
        """Execute once with `inputs` [input bytes]; raise InvalidInput where there are too many loads and stores."""
        binding, machine = self._binding, self._machine
        self._list["next"], self._list["lost"] = self._touches.ctypes.data, 0
        output = np.zeros((1, binding.output_length), np.uint8)
        rows = np.zeros(1, layout.ROW)
        source = machine.host(binding.output.address) if binding.output is not None else 0
        nothing = np.empty((1, 0), np.uint64)
        done = loop.execute(machine.address, inputs[np.newaxis, :], self._places, output, source, nothing, rows)
        self._code.check()
        if not done:
            raise machine.broken(int(rows["error"][0]))
        if self._list["lost"][0]:
            raise InvalidInput(
                f"an execution loads and stores more than {MOST_TOUCHES} times",
                field="constant_time",
                reason="too-many-accesses",
            )
        begun = int(rows["executed"][0])
        used = int(self._list["next"][0] - self._touches.ctypes.data) // TOUCH.itemsize
        touches = self._touches[:used]
        # What an instruction did that did not come to its end is no part of what was executed.
        return Footprint(
            pcs=self._pcs[:begun].copy(),
            touches=touches[touches["position"] < begun],  # a copy, as a mask makes one
            stop=Stop(int(rows["stop"][0])),
            stop_pc=int(rows["stop_pc"][0]),
            cycles=int(rows["cycles"][0]),
            output=output.tobytes(),
        )
