"""From a trace to an execution, in the arrays that the embedded core yields: nothing behind them knows who ran."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.code import Code
from renode.execution_trace import replaying
from renode.execution_trace.errors import InvalidTrace, TraceDisagrees
from renode.execution_trace.instructions import Instructions
from renode.execution_trace.model import Access, ExecutionTrace
from renode.execution_trace.pure import pure_address
from renode.lockstep.program import PLACE_ROWS
from renode.lockstep.start import Start
from renode.lockstep.state import flags_of_status
from renode.thumb.micro import REGISTERS
from renode.trace import Batch, Path, Stop

_NAMES = ("sp", "lr")
_PLACE_OF_NAME: Mapping[str, int] = {
    **{f"r{number}": number for number in range(REGISTERS)},
    **{name: 13 + number for number, name in enumerate(_NAMES)},
}
_ACCESS = np.dtype([("index", "i8"), ("address", "i8"), ("value", "u8"), ("kind", "u1")])
_REGISTER = np.dtype([("index", "i8"), ("value", "i8"), ("place", "u1"), ("before", "?")])
_ENDS = {
    replaying.DONE: Stop.DONE,
    replaying.BUDGET: Stop.BUDGET,
    replaying.TRAPPED: Stop.EXCEPTION,
    replaying.HANDLED: Stop.EXCEPTION,
    replaying.FETCHED: Stop.FETCH,
}
_ARM_M = "thumb"


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of M instructions."""

    pcs: npt.NDArray[np.uint32]
    """[M]"""
    begins: npt.NDArray[np.int64]
    """[M] cycles before each, by the cycle model of the embedded core."""
    cycles: int
    activity: npt.NDArray[np.uint64]
    """[M] activity words."""
    stop: Stop
    stop_pc: int
    """Where it ended: the faulting instruction, or the last one."""
    registers: tuple[int, ...]
    """r0 to r12, sp, lr at the end."""

    def path(self, output: bytes) -> Path:
        """Return it as a path."""
        return Path(self.pcs, self.stop, self.stop_pc, self.cycles, output, self.begins)


class Replay:
    """Turns traces of one firmware into executions; what it works out of an instruction is kept for the next trace."""

    def __init__(self, start: Start, code: Code, *, handlers: Iterable[int] = ()) -> None:
        """Take what every execution starts from, and the code of the same firmware.

        `handlers` are the addresses of exception handlers: an execution that comes to one where its instructions do not
        lead has trapped.
        """
        self._start = start
        self._instructions = Instructions(start, code)
        self._handlers = np.array(sorted(handlers), np.int64)

    def execution(
        self, trace: ExecutionTrace, *, entry: int, max_cycles: int, registers: tuple[int, ...] | None = None
    ) -> Execution:
        """Return the execution that begins where `trace` first is at `entry`, up to its return.

        `registers` are r0 to r12, sp and lr at that moment where they are not those of the start. Raise TraceDisagrees
        where the trace and what instructions mean are not the same; InvalidTrace where it never comes to `entry`, ends
        before the execution does, lacks instructions, or does not say what was loaded.
        """
        first = self._first(trace, entry)
        # Every instruction takes a cycle at least, so the budget bounds what is looked at.
        end = min(len(trace), first + max_cycles + 1)
        pcs, opcodes = trace.pcs[:end], trace.opcodes[: end if trace.has_opcodes else 0]
        numbers = self._instructions.along(pcs)
        accesses, told_registers = _accesses(trace, first, end), _registers(trace, first, end)
        told = replaying.Told(pcs, opcodes, numbers, self._instructions.plans, accesses, told_registers)
        file = np.zeros(PLACE_ROWS + len(self._instructions.constants), np.int64)
        flags = flags_of_status(self._start.status)
        file[:REGISTERS] = self._start.registers if registers is None else registers
        file[REGISTERS : REGISTERS + len(flags)] = flags
        file[PLACE_ROWS:] = self._instructions.constants
        count = end - first
        activity, begins = np.zeros(count, np.uint64), np.zeros(count, np.int64)
        result = np.zeros(replaying.STATES, np.int64)
        status, done, cycles = replaying.replay(
            *(pure_address(), told, self._instructions.steps, file, first, self._start.stop, max_cycles),
            *(self._handlers, replaying.Made(activity, begins), result),
        )
        last = first + done
        cut = next((at for at in trace.cuts if first < at <= min(last + 1, len(trace))), None)
        if cut is not None and status not in {replaying.DONE, replaying.BUDGET}:
            offset = int(trace.offsets[min(cut, len(trace) - 1)])
            raise InvalidTrace("instructions are missing: Renode could not decode one", reason="cut", offset=offset)
        if status not in _ENDS:
            raise self._wrong(trace, last, status, result)
        ended = status in {replaying.TRAPPED, replaying.HANDLED}
        stop_pc = int(trace.pcs[last if ended else last - 1])
        return Execution(
            pcs=trace.pcs[first:last].copy(),
            begins=begins[:done].copy(),
            cycles=cycles,
            activity=activity[:done].copy(),
            stop=_ENDS[status],
            stop_pc=stop_pc,
            registers=tuple(file[:REGISTERS].tolist()),
        )

    @staticmethod
    def _first(trace: ExecutionTrace, entry: int) -> int:
        found = np.flatnonzero(trace.pcs == entry)
        if not len(found):
            raise InvalidTrace(f"it never comes to 0x{entry:08x}", reason="no-entry", offset=0)
        first = int(found[0])
        other = next((name for name in trace.triples if not name.startswith(_ARM_M)), None)
        if other is not None and (trace.triple[first:] == trace.triples.index(other)).any():
            offset = int(trace.offsets[first])
            raise InvalidTrace(f"instructions of {other}", reason="instruction-set", offset=offset)
        return first

    def _wrong(self, trace: ExecutionTrace, index: int, status: int, result: npt.NDArray[np.int64]) -> Exception:
        """Return the error of a replay that ended at an instruction."""
        if status == replaying.UNFINISHED:
            return InvalidTrace(
                f"the trace ends before the execution does: it would go on at 0x{result[replaying.TARGET]:08x}",
                reason="unfinished",
                offset=int(trace.offsets[-1]),
            )
        offset, pc = int(trace.offsets[index]), int(trace.pcs[index])
        said, meant = int(result[replaying.SAID]) & 0xFFFFFFFF, int(result[replaying.MEANT]) & 0xFFFFFFFF
        place = f"at 0x{pc:08x}, instruction {index}"
        if status == replaying.NO_VALUE:
            return InvalidTrace(
                f"{place}: neither accesses to memory nor registers say what was loaded from 0x{meant:08x}",
                reason="no-value",
                offset=offset,
            )
        if status == replaying.NOT_TAKEN:
            return InvalidTrace(f"{place}: {self._instructions.refusal(pc)}", reason="unsupported", offset=offset)
        reason, text = _TOLD[status]
        text = text.format(said=said, meant=meant, name=_named(int(result[replaying.PLACE])), kind=_kind(said))
        return TraceDisagrees(
            f"{place}: {text}", reason=reason, offset=offset, pc=pc, index=index, trace=said, meaning=meant
        )


_TOLD = {
    replaying.WAY: ("way", "it leads to 0x{meant:08x}, the trace goes on at 0x{said:08x}"),
    replaying.OPCODE: ("opcode", "the firmware has 0x{meant:x} there, the trace 0x{said:x}"),
    replaying.ADDRESS: ("address", "it accesses 0x{meant:08x}, in the trace 0x{said:08x}"),
    replaying.ACCESS_KIND: ("access", "in the trace its access to memory is {kind}"),
    replaying.STORED: ("stored", "it stores 0x{meant:x}, in the trace 0x{said:x}"),
    replaying.NO_ACCESS: ("access", "it accesses 0x{meant:08x}, in the trace it does not"),
    replaying.MORE_ACCESSES: ("access", "in the trace it also accesses 0x{said:08x}"),
    replaying.REGISTER: ("register", "it leaves 0x{meant:08x} in {name}, in the trace 0x{said:08x}"),
    replaying.REGISTER_BEFORE: ("register", "{name} is 0x{meant:08x} before it, in the trace 0x{said:08x}"),
    replaying.IT_BLOCK: ("it-block", "it is executed as if it were in an IT block, or not in the one it is in"),
}


def to_execution(
    trace: ExecutionTrace, start: Start, code: Code, *, entry: int, max_cycles: int, handlers: Iterable[int] = ()
) -> Execution:
    """Return the execution of one trace: `Replay` where there are several."""
    return Replay(start, code, handlers=handlers).execution(trace, entry=entry, max_cycles=max_cycles)


def to_batch(executions: Iterable[Execution], outputs: npt.NDArray[np.uint8], reference: Path) -> Batch:
    """Return N executions beside a reference path; `outputs` is [N, output length]."""
    given = list(executions)
    length = len(reference.pcs)
    activity = np.zeros((len(given), length), np.uint64)
    agreed, left_to = np.zeros(len(given), np.int32), np.zeros(len(given), np.uint32)
    for row, execution in enumerate(given):
        common = min(len(execution.pcs), length)
        parted = np.flatnonzero(execution.pcs[:common] != reference.pcs[:common])
        agreed[row] = int(parted[0]) if len(parted) else common
        activity[row, : agreed[row]] = execution.activity[: agreed[row]]
        if len(execution.pcs) > agreed[row]:
            left_to[row] = execution.pcs[agreed[row]]
    return Batch(
        agreed=agreed,
        left_to=left_to,
        executed=np.array([len(execution.pcs) for execution in given], np.int64),
        cycles=np.array([execution.cycles for execution in given], np.int64),
        stop=np.array([execution.stop for execution in given], np.uint8),
        stop_pc=np.array([execution.stop_pc for execution in given], np.uint32),
        output=outputs,
        activity=activity,
    )


def _accesses(trace: ExecutionTrace, first: int, end: int) -> npt.NDArray[np.void]:
    """Return what went to and from memory in instructions [first, end); fetches of instructions are left out."""
    accesses = trace.accesses
    low, high = np.searchsorted(accesses.index, [first, end])
    kept = low + np.flatnonzero(accesses.kind[low:high] != Access.FETCH)
    found = np.zeros(len(kept), _ACCESS)
    found["index"], found["kind"] = accesses.index[kept], accesses.kind[kept]
    found["address"], found["value"] = accesses.address[kept].astype(np.int64), accesses.value[kept]
    return found


def _registers(trace: ExecutionTrace, first: int, end: int) -> npt.NDArray[np.void]:
    """Return what was written down of r0 to r12, sp and lr in instructions [first, end)."""
    registers = trace.registers
    places = np.array([_place_of(name) for name in registers.names], np.int64)
    low, high = np.searchsorted(registers.index, [first, end])
    kept = low + np.flatnonzero(places[registers.name[low:high]] >= 0)
    found = np.zeros(len(kept), _REGISTER)
    found["index"], found["before"] = registers.index[kept], registers.before[kept]
    found["place"], found["value"] = places[registers.name[kept]], registers.value[kept].astype(np.int64)
    return found


def _place_of(name: str) -> int:
    """Return which register has one of the names that Renode gives together, as `SP / R13`; -1 for another one."""
    return next((_PLACE_OF_NAME[part] for part in name.lower().split(" / ") if part in _PLACE_OF_NAME), -1)


def _named(place: int) -> str:
    return _NAMES[place - 13] if place >= 13 else f"r{place}"


def _kind(number: int) -> str:
    return Access(number).name.lower().replace("_", " ") if number <= Access.FETCH else str(number)
