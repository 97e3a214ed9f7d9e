"""The embedded simulator: a Cortex-M in Unicorn, called once per row of inputs, traced natively."""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.target import Target
from renode import layout, loop
from renode.code import Code
from renode.counting import count
from renode.decode import Decoded
from renode.elf import Firmware, read_firmware
from renode.footprint import Footprints
from renode.listing import Listing
from renode.lockstep.start import Block, Start
from renode.machine import Machine
from renode.target import Binding, bind
from renode.touching import Touches
from renode.trace import Batch, Dependences, Footprint, Instruction, Levels, Outcomes, Path, Stop
from renode.unicorn_api import version

_NO_PLACES = np.zeros((0, 3), np.int64)
ACTIVITY_BYTES = 2 * 2**20
"""Activity words at hand while levels are counted: what the second-level cache holds."""


class UnicornCore:
    """Calls one target of one firmware.

    No start-up code runs: initialised data is placed at its run-time address, everything else in memory is zero. The
    stack begins at the linker's symbol or the vector table's first word, else at the top of the first rw region; r0
    to r3 hold the arguments, other registers 0. `target.setup`, if any, runs once; every execution then starts from
    the memory it left and from the same registers. Execution is confined to the firmware's executable segments, data
    to the memory map; the floating-point unit is off, as after reset; misaligned words are allowed on M3 and M4.

    In activity words a base that is written back counts as a register written, and not as a word on the bus; the pc
    is no register; a misaligned access is one word.
    """

    def __init__(
        self,
        firmware_path: FilePath,
        target: Target,
        *,
        registers: Literal["auto", "api"] = "auto",
        touches: Touches | None = None,
    ) -> None:
        """Load the firmware and run the target's setup; raise InvalidFirmware or InvalidInput.

        `registers` "api" reads them through Unicorn's public interface; "auto" where the engine keeps them, if that
        place is found and verified. `touches` see every word on the memory bus, at a third of the speed.
        """
        self._target = target
        self._touches = touches
        self._firmware: Firmware = read_firmware(firmware_path)
        self._binding: Binding = bind(self._firmware, target)
        self._code = Code(self._firmware, target.core)
        self._listing = Listing(self._firmware, self._code)
        self._machine = Machine(self._firmware, self._binding, target.core, hook="trace", direct=registers == "auto")
        if touches is not None:
            touches.attach(self._machine)
        self._places = np.array(
            [(place.offset, self._machine.host(place.address), place.length) for place in self._binding.inputs],
            np.int64,
        ).reshape(-1, 3)
        self._reference: Path | None = None
        self._footprints: Footprints | None = None
        self._code.attach(self._machine.state)
        self._machine.state["budget"] = target.max_cycles
        if self._binding.setup is not None:
            self._set_up(self._binding.setup)
        self._machine.aim(self._binding.entry, self._binding.arguments)
        self.engine: Mapping[str, str] = {
            "name": "unicorn",
            "version": version(),
            "core": target.core.value,
            "registers": "direct" if self._machine.direct else "api",
        }
        self.firmware: Mapping[str, int | str | bool] = self._firmware.summary

    @property
    def max_cycles(self) -> int:
        """Return the budget: no instruction begins when so many cycles have passed."""
        return self._target.max_cycles

    @property
    def input_bytes(self) -> int:
        """Return the length of a row of inputs."""
        return self._binding.input_bytes

    def start(self) -> Start:
        """Return what every execution starts from."""
        writable, used = [], 0
        for region in self._binding.writable:
            writable.append(Block(region.start, self._machine.image[used : used + region.size]))
            used += region.size
        return Start(
            core=self._target.core,
            registers=tuple(int(value) for value in self._machine.state["initial"][:15]),
            status=self._machine.status,
            stop=self._binding.stop,
            writable=tuple(writable),
            readable=tuple(Block(region.start, content) for region, content in self._machine.constants),
            inputs=self._binding.inputs,
            output=self._binding.output,
            output_length=self._binding.output_length,
        )

    def decoded(self, address: int) -> Decoded:
        """Return what the tracer knows of the instruction at `address`; raise KeyError where there is no code."""
        return self._code.at(address)

    def path(self, inputs: npt.NDArray[np.uint8]) -> Path:
        """Execute once with `inputs` [input bytes] and record where it goes."""
        rows, output, pcs = self._record(self._rows(inputs[np.newaxis, :]), self._places)
        return Path(
            pcs,
            Stop(int(rows["stop"][0])),
            int(rows["stop_pc"][0]),
            int(rows["cycles"][0]),
            output.tobytes(),
            self._code.elapsed(self._code.offsets(pcs)),
        )

    def run(self, inputs: npt.NDArray[np.uint8], reference: Path) -> Batch:
        """Execute once per row of `inputs` [N, input bytes]; raise ValueError for a path of another firmware.

        The result is 8 * N * M bytes and more: callers choose N.
        """
        given = self._rows(inputs)
        self._follow(reference)
        count = len(given)
        activity = np.empty((count, len(reference.pcs)), np.uint64)
        output = np.zeros((count, self._binding.output_length), np.uint8)
        rows = self._execute(given, self._places, output, activity)
        return Batch(activity=activity, **_outcomes(rows, output))

    def tally(
        self,
        inputs: npt.NDArray[np.uint8],
        groups: npt.NDArray[np.uint8],
        reference: Path,
        levels: Levels,
        counts: npt.NDArray[np.int64],
    ) -> Outcomes:
        """Execute once per row of `inputs` [N, input bytes] and count levels; raise ValueError like `run`."""
        given = self._rows(inputs)
        self._follow(reference)
        output, rows = np.zeros((len(given), self._binding.output_length), np.uint8), np.zeros(len(given), layout.ROW)
        at_once = max(1, min(len(given), ACTIVITY_BYTES // (8 * max(len(reference.pcs), 1))))
        activity = np.empty((at_once, len(reference.pcs)), np.uint64)
        for start in range(0, len(given), at_once):
            part = slice(start, min(start + at_once, len(given)))
            words = activity[: part.stop - start]
            rows[part] = self._execute(given[part], self._places, output[part], words)
            lengths = np.where(rows["stop"][part] == Stop.DONE, rows["agreed"][part], np.int32(0))
            count(words, lengths, groups[part], levels, counts)
        return Outcomes(**_outcomes(rows, output))

    def dependences(self, inputs: npt.NDArray[np.uint8], reference: Path) -> Dependences:  # noqa: ARG002
        """Say that this engine sees values, not where they come from."""
        return Dependences((), absent="Unicorn executed the campaign: it sees values, and not where they come from")

    def footprint(self, inputs: npt.NDArray[np.uint8]) -> Footprint:
        """Execute once with `inputs` [input bytes] and say where it went and what it touched; raise InvalidInput."""
        if self._footprints is None:
            self._footprints = Footprints(
                self._firmware,
                self._binding,
                self._code,
                self._machine.image,
                core=self._target.core,
                budget=self._target.max_cycles,
            )
        return self._footprints.of(self._rows(inputs[np.newaxis, :])[0])

    def instruction(self, address: int) -> Instruction:
        """Describe the instruction at `address`; a conditional branch costs what it costs when it is taken."""
        return self._listing.instruction(address)

    def extent(self, place: str, *, field: str) -> tuple[int, int]:
        """Return [start, end) of a symbol, or of the instruction at an `0x` address."""
        return self._listing.extent(place, field=field)

    def _rows(self, inputs: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        expected = self._binding.input_bytes
        if inputs.dtype != np.uint8 or inputs.ndim != 2 or inputs.shape[1] != expected:
            raise ValueError(f"inputs must be uint8 with {expected} bytes a row, not {inputs.dtype} {inputs.shape}")
        return np.ascontiguousarray(inputs)

    def _set_up(self, address: int) -> None:
        self._machine.aim(address, ())
        rows, _, _ = self._record(np.zeros((1, 0), np.uint8), _NO_PLACES)
        stop, pc = Stop(int(rows["stop"][0])), int(rows["stop_pc"][0])
        if stop is not Stop.DONE:
            raise InvalidInput(
                f"the setup function ended with {stop.name.lower()} at 0x{pc:08x}",
                field="target.setup",
                reason="setup-failed",
            )
        self._machine.keep()

    def _record(
        self, inputs: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.void], npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
        """Execute one row and return how it ended, its output and its pcs."""
        # Every instruction takes a cycle at least, so the budget bounds their number; untouched pages cost nothing.
        pcs = np.empty(self._target.max_cycles + 1, np.uint32)
        output = np.zeros((1, self._binding.output_length), np.uint8)
        self._reference = None
        self._machine.follow_nothing()
        try:
            self._machine.state["pcs"] = pcs.ctypes.data
            rows = self._execute(inputs, places, output, np.empty((1, 0), np.uint64))
        finally:
            self._machine.state["pcs"] = 0
        return rows, output, pcs[: int(rows["executed"][0])].copy()

    def _follow(self, reference: Path) -> None:
        """Prepare to compare with `reference`, unless that is what was done last."""
        if reference is self._reference:
            return
        try:
            offsets = self._code.offsets(reference.pcs)
        except KeyError as error:
            raise ValueError(f"the reference path is of another firmware: {error}") from error
        elapsed = self._code.elapsed(offsets)
        if reference.begins.flags.c_contiguous and np.array_equal(elapsed, reference.begins):
            elapsed = reference.begins  # held once: paths are long
        offsets[:-1][elapsed >= self._target.max_cycles] = 0  # no instruction begins beyond the budget
        self._reference = None  # a time limit's exception may come in between
        self._machine.follow(offsets, elapsed)
        self._reference = reference

    def _execute(
        self,
        inputs: npt.NDArray[np.uint8],
        places: npt.NDArray[np.int64],
        output: npt.NDArray[np.uint8],
        activity: npt.NDArray[np.uint64],
    ) -> npt.NDArray[np.void]:
        machine = self._machine
        rows = np.zeros(len(inputs), layout.ROW)
        if self._touches is not None:
            self._touches.begin(activity)
        source = machine.host(self._binding.output.address) if self._binding.output is not None else 0
        row = loop.execute(machine.address, inputs, places, output, source, activity, rows)
        self._code.check()
        if row < len(inputs):
            raise machine.broken(int(rows["error"][row]))
        machine.verify_registers()
        return rows


def _outcomes(rows: npt.NDArray[np.void], output: npt.NDArray[np.uint8]) -> dict[str, Any]:
    names = ("agreed", "left_to", "executed", "cycles", "stop", "stop_pc")
    return {name: rows[name].copy() for name in names} | {"output": output}
