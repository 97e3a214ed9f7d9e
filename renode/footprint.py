"""What of one execution can be seen by who shares the core with it: its way, its addresses, its time.

A machine of its own runs it, with a native hook on every load and store beside the one that records pcs: slower than
tracing, and no power is computed.
"""

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.target import Core
from renode import layout, loop
from renode.code import Code
from renode.elf import Firmware
from renode.machine import Machine
from renode.target import Binding
from renode.touching import Touches
from renode.trace import Footprint, Stop

MOST_TOUCHES = 2**24
"""Loads and stores of one execution; memory for more than there are is never touched."""
_NOTHING = np.empty((1, 0), np.uint64)


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
        self._machine.state["pcs"] = self._pcs.ctypes.data
        self._touches = Touches(MOST_TOUCHES)
        self._touches.attach(self._machine)

    def of(self, inputs: npt.NDArray[np.uint8]) -> Footprint:
        """Execute once with `inputs` [input bytes]; raise InvalidInput where there are too many loads and stores."""
        binding, machine = self._binding, self._machine
        self._touches.begin(_NOTHING)
        output = np.zeros((1, binding.output_length), np.uint8)
        rows = np.zeros(1, layout.ROW)
        source = machine.host(binding.output.address) if binding.output is not None else 0
        done = loop.execute(machine.address, inputs[np.newaxis, :], self._places, output, source, _NOTHING, rows)
        self._code.check()
        if not done:
            raise machine.broken(int(rows["error"][0]))
        if self._touches.lost:
            raise InvalidInput(
                f"an execution loads and stores more than {MOST_TOUCHES} times",
                field="constant_time",
                reason="too-many-accesses",
            )
        begun = int(rows["executed"][0])
        touches = self._touches.seen()
        # What an instruction did that did not come to its end is no part of what was executed.
        return Footprint(
            pcs=self._pcs[:begun].copy(),
            touches=touches[touches["position"] < begun],  # a copy, as a mask makes one
            stop=Stop(int(rows["stop"][0])),
            stop_pc=int(rows["stop_pc"][0]),
            cycles=int(rows["cycles"][0]),
            output=output.tobytes(),
        )
