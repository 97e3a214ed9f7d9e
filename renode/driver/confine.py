"""What an execution touched, and where it left its memory.

Renode lets that pass: it reads zero where nothing is, and flash can be written.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from renode.code import Code
from renode.driver.boards import PERIPHERALS
from renode.execution_trace.execution import Execution
from renode.execution_trace.model import Access, ExecutionTrace
from renode.target import Binding
from renode.trace import TOUCH, Stop

_WRITES = (Access.WRITE, Access.IO_WRITE)
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Confines:
    """What an execution may read and write."""

    binding: Binding
    has_peripherals: bool

    def applied(self, execution: Execution, trace: ExecutionTrace, *, entry: int) -> tuple[Execution, bool]:
        """Return the execution up to its first access outside of its memory, as the embedded core would end it there.

        Also return whether memory was written that no later execution may find changed, be it after that.
        """
        first = int(np.flatnonzero(trace.pcs == entry)[0])
        accesses = trace.accesses
        kept = (accesses.index >= first) & (accesses.kind != Access.FETCH)
        index, address = accesses.index[kept] - first, accesses.address[kept].astype(np.int64)
        writes = np.isin(accesses.kind[kept], _WRITES)
        writable, readable = self._within(address, writable=True), self._within(address, writable=False)
        outside = np.where(writes, ~writable, ~(writable | readable))
        spoilt = bool((writes & readable).any())
        if not outside.any():
            return execution, spoilt
        at = int(np.argmax(outside))
        count = int(index[at])
        if count >= len(execution.pcs):  # after its end
            return execution, spoilt
        ended = replace(
            execution,
            pcs=execution.pcs[:count],
            begins=execution.begins[:count],
            cycles=int(execution.begins[count]),
            activity=execution.activity[:count],
            stop=Stop.WRITE if writes[at] else Stop.READ,
            stop_pc=int(execution.pcs[count]),
        )
        return ended, spoilt

    def _within(self, address: npt.NDArray[np.int64], *, writable: bool) -> Mask:
        inside = np.zeros(len(address), bool)
        spans = self.binding.writable if writable else [one for one in self.binding.regions if not one.writable]
        for span in spans:
            inside |= (span.start <= address) & (address < span.end)
        if writable and self.has_peripherals:
            for start, end in PERIPHERALS:
                inside |= (start <= address) & (address < end)
        return inside


def touches_of(trace: ExecutionTrace, execution: Execution, code: Code, *, entry: int) -> npt.NDArray[np.void]:
    """Return [loads and stores] TOUCH of an execution; a trace does not say how many bytes, so the instruction does."""
    first = int(np.flatnonzero(trace.pcs == entry)[0])
    accesses = trace.accesses
    position = accesses.index - first
    kept = (position >= 0) & (position < len(execution.pcs)) & (accesses.kind != Access.FETCH)
    widths = {int(pc): code.at(int(pc)).effects.width for pc in np.unique(execution.pcs)}
    touches = np.zeros(int(kept.sum()), TOUCH)
    touches["position"] = position[kept]
    touches["address"] = accesses.address[kept]
    touches["size"] = [widths[int(execution.pcs[at])] for at in position[kept]]
    touches["write"] = np.isin(accesses.kind[kept], _WRITES)
    return touches
