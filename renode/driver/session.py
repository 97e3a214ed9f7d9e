"""A machine in a Renode process: loaded once, then executed again and again from the same state.

Renode's memory outlives a reset of the machine, so a reset sets the core and the peripherals back, and the writable
memory is loaded anew. A hook that pauses at the return address would have no effect while `RunFor` runs (it pauses only
what was started), so the core sleeps there until the time that it was given is over; sleeping costs next to nothing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import InvalidInput, SimulatorLost
from renode.driver.memory import WAIT
from renode.driver.monitor import Monitor
from renode.driver.process import Process
from renode.driver.script import MIPS, Setup, path, write
from renode.lockstep.start import Start

SLACK = 64
"""Instructions that a budget of cycles leaves over, so that a trace shows that it ran out."""
_PIECE = 1024
"""Bytes of an output that are read at once."""
_BYTE = re.compile(r"0x([0-9A-Fa-f]+)\b")


@dataclass(frozen=True, slots=True)
class Call:
    """What is called, the same for every execution."""

    start: Start
    """Registers are those of the entry."""
    entry: int
    setup: int | None
    """A function that is called before, from the same registers but for its arguments."""
    max_cycles: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How long Renode may take, in seconds."""

    start_s: float = 120.0
    """To open its monitor."""
    answer_s: float = 120.0
    """For any one command."""


class Session:
    """One process with the firmware loaded. Not for two threads at once, except `end`."""

    def __init__(self, program: str, setup: Setup, call: Call, limits: Limits) -> None:
        """Prepare for `call` of what `setup` names; nothing is started yet."""
        self._program = program
        self._setup = setup
        self._call = call
        self._limits = limits
        self._executions = 0
        self._ended = False
        self._process: Process | None = None
        self._monitor: Monitor | None = None
        self._images: list[tuple[Path, int]] = []

    def begin(self) -> None:
        """Start Renode and load everything that no execution changes; raise as Process and Monitor do."""
        process = self._process = Process(self._program)
        if self._ended:  # meanwhile
            self.end()
        self._folder = process.folder
        port = self._told(lambda: process.port(within_s=self._limits.start_s))
        self._monitor = self._told(lambda: Monitor(port, within_s=self._limits.answer_s))
        self._say(f"include {path(write(self._setup, self._folder))}")
        start = self._call.start
        self.restore()
        self._load("wait.bin", start.stop, WAIT)
        for number, block in enumerate(start.writable):
            image = self._folder / f"image-{number}.bin"
            image.write_bytes(block.content.tobytes())
            self._images.append((image, block.start))

    def restore(self) -> None:
        """Load code and constants, as they are before anything has written there."""
        for number, block in enumerate(self._call.start.readable):
            self._load(f"constant-{number}.bin", block.start, block.content.tobytes())

    def end(self) -> None:
        """End the process; what another thread waits for then is lost. May be called twice."""
        self._ended = True
        if self._monitor is not None:
            self._monitor.close()
        if self._process is not None:
            self._process.end()

    def execute(self, row: bytes) -> tuple[Path, bytes]:
        """Execute once with the inputs `row`; return where the trace is, which is the caller's to remove, and the output."""
        call, self._executions = self._call, self._executions + 1
        self._say("machine Reset")
        for image, start in self._images:
            self._say(f"sysbus LoadBinary {path(image)} 0x{start:08x}")
        if call.setup is not None:
            self._set_up(call.setup)
        for number, place in enumerate(call.start.inputs):
            self._load(f"input-{number}.bin", place.address, row[place.offset : place.offset + place.length])
        self._aim(call.entry, call.start.registers, call.start.status)
        trace = self._folder / f"trace-{self._executions}.bin"
        self._say(f'cpu CreateExecutionTracing "tracer" {path(trace)} PCAndOpcode true')
        self._say("tracer TrackMemoryAccesses")
        self._run()
        self._say("cpu DisableExecutionTracing")
        return trace, self._output()

    def _set_up(self, setup: int) -> None:
        start = self._call.start
        self._aim(setup, (0, 0, 0, 0, *start.registers[4:]), start.status)
        self._run()
        pc = self._number("cpu PC")
        if pc & ~3 != start.stop:
            raise InvalidInput(
                f"the setup function has not returned after {self._call.max_cycles} cycles, and was at 0x{pc:08x}",
                field="target.setup",
                reason="setup-failed",
            )

    def _aim(self, entry: int, registers: Sequence[int], status: int) -> None:
        settings = [f"cpu SetRegister {number} 0x{value:08x}" for number, value in enumerate(registers)]
        if status:  # a reset clears the flags
            settings.append(f"cpu SetRegister 25 0x{status | 1 << 24:08x}")
        self._say("; ".join([*settings, f"cpu PC 0x{entry | 1:08x}"]))

    def _run(self) -> None:
        microseconds = -(-(self._call.max_cycles + SLACK) // MIPS)
        self._say(f'emulation RunFor "{microseconds / 1e6:.6f}"')

    def _output(self) -> bytes:
        start = self._call.start
        if start.output is None:
            return (self._number("cpu GetRegister 0") if start.output_length else 0).to_bytes(4, "little")[
                : start.output_length
            ]
        read = bytearray()
        while len(read) < start.output_length:
            count = min(_PIECE, start.output_length - len(read))
            answer = self._ask(f"sysbus ReadBytes 0x{start.output.address + len(read):08x} {count}")
            values = [int(value, 16) for value in _BYTE.findall(answer)]
            if len(values) != count or max(values) > 0xFF:
                raise SimulatorLost(f"Renode read {len(values)} bytes of the output's {count}: {answer[:200]}")
            read += bytes(values)
        return bytes(read)

    def _number(self, command: str) -> int:
        answer = self._ask(command)
        found = _BYTE.fullmatch(answer)
        if found is None:
            raise SimulatorLost(f"Renode answered `{command}` with: {answer[:200]}")
        return int(found.group(1), 16)

    def _load(self, name: str, start: int, content: bytes) -> None:
        file = self._folder / name
        file.write_bytes(content)
        self._say(f"sysbus LoadBinary {path(file)} 0x{start:08x}")

    def _say(self, command: str) -> None:
        monitor = self._monitor
        if monitor is None:
            raise SimulatorLost("Renode's monitor is closed")
        self._told(lambda: monitor.tell(command, within_s=self._limits.answer_s))

    def _ask(self, command: str) -> str:
        monitor = self._monitor
        if monitor is None:
            raise SimulatorLost("Renode's monitor is closed")
        answer: str = self._told(lambda: monitor.ask(command, within_s=self._limits.answer_s))
        return answer

    def _told(self, talk: Callable[[], Any]) -> Any:
        """Return what `talk` does; where Renode is lost, say what it logged last."""
        try:
            return talk()
        except SimulatorLost as error:
            said = "" if self._process is None else self._process.said()
            raise SimulatorLost(f"{error.message}; {said}".removesuffix("; ")) from error
