"""The monitor's commands, as far as we send them, with what Renode answers to each and to those it does not know."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tests.renode.peer.machine import REGISTERS, Machine, Tracer

BOARDS = {
    "platforms/cpus/stm32f4.repl": (
        "cortex-m4",
        [(0x60000000, 0x10000000), (0x20000000, 0x40000), (0x8000000, 0x200000)],
    ),
    "platforms/cpus/stm32f103.repl": (
        "cortex-m3",
        [(0x60000000, 0x10000000), (0x20000000, 0x10000000), (0, 0x20000000)],
    ),
    "platforms/cpus/stm32l072.repl": ("cortex-m0+", [(0x20000000, 0x5000), (0x8000000, 0x30000)]),
    "platforms/cpus/nrf52840.repl": ("cortex-m4", [(0, 0x100000), (0x20000000, 0x40000)]),
}
"""What Renode's own descriptions say."""
_MEMORY = re.compile(r"Memory\.MappedMemory @ sysbus (0x[0-9a-fA-F]+)\n\s+size: (0x[0-9a-fA-F]+)")


class Refused(Exception):
    """What Renode prints instead of doing it."""


class Commands:
    """One emulation with at most one machine."""

    def __init__(self) -> None:
        self.machine_name: str | None = None
        self.machine: Machine | None = None
        self.variables: dict[str, str] = {}
        self.mips = 100.0
        self.settings: list[str] = []
        self._verbs: dict[tuple[str, str], Callable[[list[str]], str | None]] = {
            ("mach", "create"): self._create,
            ("machine", "LoadPlatformDescription"): self._platform,
            ("machine", "Reset"): lambda _: self._core.reset(),
            ("sysbus", "LoadELF"): lambda given: self._core.load_elf(_path(given[0])),
            ("sysbus", "LoadBinary"): self._load,
            ("sysbus", "ReadBytes"): self._read,
            ("cpu", "PerformanceInMips"): self._speed,
            ("cpu", "SetRegister"): self._set_register,
            ("cpu", "GetRegister"): self._get_register,
            ("cpu", "PC"): self._pc,
            ("cpu", "CreateExecutionTracing"): self._trace,
            ("cpu", "DisableExecutionTracing"): lambda _: self._core.written(),
            ("tracer", "TrackMemoryAccesses"): self._track,
            ("emulation", "RunFor"): self._run,
            ("emulation", "SetSeed"): self._set,
            ("emulation", "SetGlobalQuantum"): self._set,
            ("emulation", "SetGlobalSerialExecution"): self._set,
            ("emulation", "SetGlobalAdvanceImmediately"): self._set,
        }

    def line(self, line: str) -> str:
        """Return what is answered to a line."""
        said = []
        for command in [] if line.lstrip().startswith((":", "#")) else line.split(";"):
            words = [self._expanded(word) for word in _words(command)]
            try:
                said.append(self._one(command.strip(), words) or "")
            except Refused as error:
                said.append(f"There was an error executing command '{command.strip()}': \r\n{error}\r\n")
                break
        return "".join(said)

    def _one(self, command: str, words: list[str]) -> str | None:
        if not words or words[0] in {"using", "logLevel"}:
            return None
        if assigned := re.fullmatch(r"\$(\w+)(\?)?=(.*)", command):
            name, only_new, value = assigned.groups()
            if not (only_new and name in self.variables):
                self.variables[name] = value
            return None
        if words[0] == "include":
            return "".join(self.line(line) for line in _path(words[1]).read_text().splitlines())
        verb = self._verbs.get((words[0], words[1])) if len(words) > 1 else None
        if verb is None:
            return f"No such command or device: {words[0]}\r\n"
        return verb(words[2:])

    @property
    def _core(self) -> Machine:
        if self.machine is None:
            raise Refused("There is no machine.")
        return self.machine

    def _expanded(self, word: str) -> str:
        if word.startswith("$") and "=" not in word:
            if word[1:] not in self.variables:
                raise Refused(f"No such variable: {word}")
            return self.variables[word[1:]]
        return word

    def _create(self, given: list[str]) -> None:
        self.machine_name = given[0].strip('"')

    def _platform(self, given: list[str]) -> None:
        board = _path(given[0])
        text, cpu, peripherals = board.read_text(), "", False
        memory = [(int(start, 16), int(size, 16)) for start, size in _MEMORY.findall(text)]
        for used in re.findall(r'^using "(.*)"', text, re.MULTILINE):
            inner = (board.parent / used).read_text()
            if found := re.search(r'cpuType: "(.*)"', inner):
                cpu = found.group(1)
            for name in re.findall(r'^using "(.*)"', inner, re.MULTILINE):
                if name not in BOARDS:
                    raise Refused(f"Error E10: file {name} not found")
                cpu, own = BOARDS[name]
                memory, peripherals = memory + own, True
        self.machine = Machine(cpu, memory, peripherals=peripherals)

    def _load(self, given: list[str]) -> None:
        file, start = _path(given[0]), int(given[1], 16)
        if not file.is_file():
            raise Refused(f"Could not find file {file}")
        self._core.uc.mem_write(start, file.read_bytes())
        self._core.uc.ctl_remove_cache(start, start + 4)

    def _read(self, given: list[str]) -> str:
        data = self._core.uc.mem_read(int(given[0], 16), int(given[1]))
        rows = ["".join(f"0x{byte:02X}, " for byte in data[at : at + 10]) for at in range(0, len(data), 10)]
        return "[\r\n" + "\r\n".join(rows) + "\r\n]\r\n"

    def _speed(self, given: list[str]) -> None:
        self.mips = float(given[0])

    def _set(self, given: list[str]) -> None:
        self.settings += given

    def _set_register(self, given: list[str]) -> None:
        self._core.uc.reg_write(REGISTERS[int(given[0])], int(given[1], 16))

    def _get_register(self, given: list[str]) -> str:
        return f"0x{self._core.uc.reg_read(REGISTERS[int(given[0])]):08X}\r\n"

    def _pc(self, given: list[str]) -> str | None:
        if not given:
            return f"0x{self._core.uc.reg_read(REGISTERS[15]):X}\r\n"
        self._core.uc.reg_write(REGISTERS[15], int(given[0], 16))
        return None

    def _trace(self, given: list[str]) -> None:
        file = _path(given[1])
        if file.exists():
            raise Refused(f"There was an error when preparing the execution trace output file {file}")
        if given[2:] != ["PCAndOpcode", "true"]:
            raise Refused(f"this stand-in writes no such trace: {given[2:]}")
        self._core.trace(file)

    def _track(self, _given: list[str]) -> None:
        tracer: Tracer | None = self._core.tracer
        if tracer is None:
            raise Refused("Could not find device tracer")
        tracer.memory = True

    def _run(self, given: list[str]) -> None:
        self._core.run(round(float(given[0].strip('"')) * self.mips * 1e6))


def _words(command: str) -> list[str]:
    return shlex.split(command, comments=False, posix=False)


def _path(text: str) -> Path:
    if not text.startswith("@"):
        raise Refused(f"{text} is no path")
    return Path(text[1:].replace("\\ ", " "))
