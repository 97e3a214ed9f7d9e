"""Renode as a simulator: executions in processes of their own, their traces turned into what the embedded core yields."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path as FilePath
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.assessing import Platform
from jobs.errors import SimulatorLost
from jobs.target import Target
from renode.code import Code
from renode.counting import count
from renode.driver.boards import BOARDS, placed, platform_of
from renode.driver.confine import Confines, touches_of
from renode.driver.memory import blocks
from renode.driver.script import Setup
from renode.driver.session import Call, Limits, Session
from renode.elf import Firmware, read_firmware
from renode.execution_trace.execution import Execution, Replay, to_batch
from renode.execution_trace.model import DEFAULT_LIMIT, ExecutionTrace
from renode.execution_trace.reader import read_trace
from renode.listing import Listing
from renode.lockstep.start import Start
from renode.target import Binding, bind
from renode.trace import OF_EACH, Batch, Dependences, Footprint, Instruction, Levels, Outcomes, Path, Stop, Traits

ROWS_OF_A_MACHINE = 8
"""Executions for which another process is worth its start."""
TALLIED_ROWS = 256
"""Executions whose activity is at hand at once while levels are counted."""
_VECTORS = range(2, 16)
"""NMI, the faults, and the other exceptions of the core itself (Armv7-M ARM, B1.5.2)."""


class RenodeCore:
    """Calls one target of one firmware on a platform of Renode.

    Every call starts processes of its own, and ends them, however it goes. Executions start from what the embedded core
    starts from, except that peripherals are there, as they are after a reset. `target.setup` runs before every execution.
    """

    def __init__(
        self,
        firmware_path: FilePath,
        target: Target,
        platform: Platform | None,
        *,
        program: str,
        version: str,
        machines: int,
        seed: int = 1,
        limits: Limits | None = None,
    ) -> None:
        """Bind `target` on `platform`; raise InvalidFirmware or InvalidInput. Nothing is started yet.

        `program` is Renode of `version`; up to `machines` of it run at once. `seed` is of Renode's own chance.
        """
        self._platform = platform_of(target, platform)
        self._target = placed(target, self._platform)
        self._elf = firmware_path
        self._firmware: Firmware = read_firmware(firmware_path)
        self._binding: Binding = bind(self._firmware, self._target)
        self._code = Code(self._firmware, target.core)
        self._listing = Listing(self._firmware, self._code)
        self._program = program
        self._machines = machines
        self._limits = limits or Limits()
        self._setup = Setup(firmware_path, self._platform, self._binding, seed)
        self._call = Call(self._start(), self._binding.entry, self._binding.setup, target.max_cycles)
        self._replay = Replay(self._call.start, self._code, handlers=_handlers(self._firmware, self._binding))
        self._replaying = Lock()
        self._confines = Confines(self._binding, has_peripherals=not BOARDS[self._platform].is_bare)
        self.engine: Mapping[str, str] = {
            "name": "renode",
            "version": version,
            "core": target.core.value,
            "platform": self._platform.value,
            "registers": "replayed",
            "why": "the campaign asks for Renode",
        }
        self.firmware: Mapping[str, int | str | bool] = self._firmware.summary

    def path(self, inputs: npt.NDArray[np.uint8]) -> Path:
        """Execute once with `inputs` [input bytes] and record where it goes."""
        path, _ = self.executions(inputs[np.newaxis, :])[0]
        return path

    def run(self, inputs: npt.NDArray[np.uint8], reference: Path) -> Batch:
        """Execute once per row of `inputs` [N, input bytes]; raise SimulatorLost, SimulatorRefused or EngineMismatch."""
        executions, output = self._execute(self._rows(inputs))
        return to_batch(executions, output, reference)

    def executions(self, inputs: npt.NDArray[np.uint8]) -> list[tuple[Path, npt.NDArray[np.uint64]]]:
        """Execute once per row of `inputs` [N, input bytes]; return each way with its activity words."""
        found, output = self._execute(self._rows(inputs))
        return [(each.path(read.tobytes()), each.activity) for each, read in zip(found, output, strict=True)]

    def tally(
        self,
        inputs: npt.NDArray[np.uint8],
        groups: npt.NDArray[np.uint8],
        reference: Path,
        levels: Levels,
        counts: npt.NDArray[np.int64],
    ) -> Outcomes:
        """Execute like `run`, but count the levels of each execution's group instead of keeping activity."""
        done: list[Batch] = []
        for first in range(0, len(inputs), TALLIED_ROWS):
            part = slice(first, first + TALLIED_ROWS)
            batch = self.run(inputs[part], reference)
            lengths = np.where(batch.stop == Stop.DONE, batch.agreed, np.int32(0))
            count(batch.activity, lengths, groups[part], levels, counts)
            done.append(batch)
        joined: dict[str, Any] = {name: np.concatenate([getattr(batch, name) for batch in done]) for name in OF_EACH}
        return Outcomes(**joined)

    def dependences(self, inputs: npt.NDArray[np.uint8], reference: Path) -> Dependences:  # noqa: ARG002
        """Say that a trace has values, not where they come from."""
        return Dependences(
            (), absent="Renode executed the campaign: its traces have values, and not where they come from"
        )

    def footprint(self, inputs: npt.NDArray[np.uint8]) -> Footprint:
        """Execute once with `inputs` [input bytes], in a process of its own, and say where it went and what it touched."""
        kept: dict[int, ExecutionTrace] = {}
        (found,), output = self._execute(self._rows(inputs[np.newaxis, :]), keep=kept.__setitem__)
        return Footprint(
            pcs=found.pcs,
            touches=touches_of(kept[0], found, self._code, entry=self._call.entry),
            stop=found.stop,
            stop_pc=found.stop_pc,
            cycles=found.cycles,
            output=output[0].tobytes(),
        )

    def observed(
        self, inputs: npt.NDArray[np.uint8]
    ) -> list[tuple[Path, npt.NDArray[np.uint64], npt.NDArray[np.void]]]:
        """Execute once per row of `inputs` [N, input bytes]; return each way, its activity words, what it touched."""
        kept: dict[int, ExecutionTrace] = {}
        found, output = self._execute(self._rows(inputs), keep=kept.__setitem__)
        return [
            (
                each.path(output[row].tobytes()),
                each.activity,
                touches_of(kept.pop(row), each, self._code, entry=self._call.entry),
            )
            for row, each in enumerate(found)
        ]

    def traits(self, address: int) -> Traits:
        """Describe the instruction at `address`."""
        decoded = self._code.at(address)
        return Traits(decoded.size, decoded.kind, decoded.refill > 0)

    def instruction(self, address: int) -> Instruction:
        """Describe the instruction at `address`; a conditional branch costs what it costs when it is taken."""
        return self._listing.instruction(address)

    def extent(self, place: str, *, field: str) -> tuple[int, int]:
        """Return [start, end) of a symbol, or of the instruction at an `0x` address."""
        return self._listing.extent(place, field=field)

    def _start(self) -> Start:
        binding = self._binding
        writable, readable = blocks(self._firmware, binding)
        arguments = (*binding.arguments, 0, 0, 0, 0)[:4]
        return Start(
            core=self._target.core,
            registers=(*arguments, *(0,) * 9, binding.stack & ~3, binding.stop | 1),
            status=0,
            stop=binding.stop,
            writable=writable,
            readable=readable,
            inputs=binding.inputs,
            output=binding.output,
            output_length=binding.output_length,
        )

    def _rows(self, inputs: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        expected = self._binding.input_bytes
        if inputs.dtype != np.uint8 or inputs.ndim != 2 or inputs.shape[1] != expected:
            raise ValueError(f"inputs must be uint8 with {expected} bytes a row, not {inputs.dtype} {inputs.shape}")
        return inputs

    def _execute(
        self, rows: npt.NDArray[np.uint8], keep: Callable[[int, ExecutionTrace], None] = lambda _row, _trace: None
    ) -> tuple[list[Execution], npt.NDArray[np.uint8]]:
        """Execute `rows` in as many processes as are worth it, each of them some rows that follow each other.

        `keep` is given each row's trace.
        """
        machines = max(1, min(self._machines, -(-len(rows) // ROWS_OF_A_MACHINE)))
        executions: list[Execution | None] = [None] * len(rows)
        output = np.zeros((len(rows), self._binding.output_length), np.uint8)
        running = _Running()

        def work(which: npt.NDArray[np.int64]) -> None:
            session = Session(self._program, self._setup, self._call, self._limits)
            running.add(session)
            try:
                session.begin()
                for row in which:
                    trace, read = session.execute(rows[row].tobytes())
                    executions[row], spoilt = self._understood(trace, partial(keep, int(row)))
                    if spoilt:
                        session.restore()
                    output[row] = np.frombuffer(read, np.uint8)
            finally:
                session.end()

        with ThreadPoolExecutor(machines, thread_name_prefix="renode") as threads:
            parts = [threads.submit(work, which) for which in np.array_split(np.arange(len(rows)), machines)]
            try:
                for part in parts:
                    part.result()
            finally:
                running.end()  # nobody waits for the others of one that failed, or of a job that was cancelled
        return [found for found in executions if found is not None], output

    def _understood(self, trace: FilePath, keep: Callable[[ExecutionTrace], None]) -> tuple[Execution, bool]:
        """Return the execution of a trace, which is removed, and whether it has changed what is not writable."""
        try:
            read = read_trace(trace, limit_bytes=DEFAULT_LIMIT)
        finally:
            trace.unlink(missing_ok=True)
        keep(read)
        entry, max_cycles = self._call.entry, self._call.max_cycles
        with self._replaying:  # it keeps what it works out of an instruction
            execution = self._replay.execution(read, entry=entry, max_cycles=max_cycles)
        return self._confines.applied(execution, read, entry=entry)


class _Running:
    """The sessions of one call, so that all of them can be ended at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ended = False
        self._sessions: list[Session] = []

    def add(self, session: Session) -> None:
        with self._lock:
            if self._ended:
                raise SimulatorLost("the call that this machine was for has ended")
            self._sessions.append(session)

    def end(self) -> None:
        with self._lock:
            self._ended = True
            sessions = list(self._sessions)
        for session in sessions:
            session.end()


def _handlers(firmware: Firmware, binding: Binding) -> frozenset[int]:
    """Return where the core goes when an instruction faults, by the vector table at the start of the code."""
    segment = next((segment for segment in firmware.segments if segment.executable), None)
    if segment is None:
        return frozenset()
    found = set()
    for vector in _VECTORS:
        address = int.from_bytes(segment.data[4 * vector : 4 * vector + 4], "little")
        if address == 0:
            continue
        if not address & 1 or not firmware.is_code(address & ~1):
            break  # the table is shorter, and code begins
        found.add(address & ~1)
    return frozenset(found - {binding.entry})
