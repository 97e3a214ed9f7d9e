"""From samples of measured traces to instructions: the firmware is executed with the inputs that the file tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.measuring import Clock, ImportRequest
from jobs.report import SAMPLES
from jobs.report_measured import Mapped
from jobs.target import Input, InputRole, Target, Varies
from renode.trace import Class, Instruction, Path, Simulator, Stop
from workers.simulation.measured.names import our_name
from workers.simulation.measured.reading import Layout

EXECUTED = 256
"""Of the first traces, to see whether they go one way and give the output that was measured."""
BEFORE, BEHIND = 0xFFFF_FFF0, 0xFFFF_FFF8
"""Places of samples outside the execution: no code lies there on a Cortex-M."""
BLOCKS = 2000
"""Places, at most, where the code is not known."""


@dataclass(frozen=True, slots=True)
class Places:
    """Which place each sample belongs to, and what that is."""

    pcs: npt.NDArray[np.uint32]
    """[samples]"""
    describe: Callable[[int], Instruction]
    mapped: Mapped | None


def by_number(samples: int, first_sample: int) -> Places:
    """Give samples to runs of samples, by their number in the file's trace."""
    block = 1
    while -(-samples // block) > BLOCKS:
        block *= 2
    numbers = np.arange(samples, dtype=np.uint32)
    starts = numbers // block * block + first_sample
    last = first_sample + samples - 1

    def describe(address: int) -> Instruction:
        end = min(address + block - 1, last)
        return _samples(address, str(address) if end == address else f"{address}-{end}")

    return Places(starts.astype(np.uint32), describe, None)


def by_code(
    request: ImportRequest, layout: Layout, inputs: npt.NDArray[np.uint8], simulator: Simulator, *, samples: int
) -> Places:
    """Give samples to instructions by the clock; raise InvalidInput where the firmware did not make these traces."""
    if request.target is None or request.clock is None:
        raise ValueError("an import without code")
    rows = rows_of(request, request.target, layout, inputs[:EXECUTED])
    path, common, agrees = executed(request, layout, inputs[:EXECUTED], rows, simulator)
    owner = owners(path, request.clock, layout.first_sample, samples=samples, common=common)
    pcs = np.where(owner < 0, np.uint32(BEFORE), np.uint32(BEHIND)).astype(np.uint32)
    inside = (owner >= 0) & (owner < common)
    pcs[inside] = path.pcs[owner[inside]]
    if not inside.any():
        raise InvalidInput("The clock puts no sample into the execution.", field="clock", reason="no-samples")

    def describe(address: int) -> Instruction:
        if address in OUTSIDE:
            return _samples(address, OUTSIDE[address])
        return simulator.instruction(address)

    mapped = Mapped(
        samples_per_cycle=request.clock.samples_per_cycle,
        first_sample=request.clock.first_sample,
        executions=len(rows),
        path_instructions=len(path.pcs),
        common_instructions=common,
        before=int((owner < 0).sum()),
        after=int((owner >= common).sum()),
        output_agrees=agrees,
    )
    return Places(pcs, describe, mapped)


def owners(path: Path, clock: Clock, first_sample: int, *, samples: int, common: int) -> npt.NDArray[np.int64]:
    """Return the position in the path of the instruction that each sample belongs to [samples].

    -1 before the execution, `common` behind what the executions have in common.
    """
    cycles = np.floor((np.arange(samples) + first_sample - clock.first_sample) / clock.samples_per_cycle)
    ends = path.begins[common] if common < len(path.pcs) else path.cycles
    owner = np.searchsorted(path.begins[:common], cycles, side="right") - 1
    owner[cycles < 0] = -1
    owner[cycles >= ends] = common
    return np.asarray(owner, np.int64)


def rows_of(
    request: ImportRequest, target: Target, layout: Layout, inputs: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return what the firmware gets for each of the rows of `inputs`: [n, input bytes], in the target's order.

    Raise InvalidInput for an input that the traces do not tell and that has no value.
    """
    parts = []
    for position, item in enumerate(target.inputs):
        name = _called(item, layout)
        given = request.key if item.role is InputRole.KEY and request.key is not None else None
        constant = given or (item.value if item.variation is Varies.CONSTANT or name is None else None)
        if name is not None and given is None:
            columns = layout.columns(name)
            if columns.stop - columns.start != item.length:
                raise InvalidInput(
                    f"{name} has {columns.stop - columns.start} bytes in the traces, the target's {item.name} "
                    f"{item.length}.",
                    field=f"target.inputs.{position}.length",
                    reason="other-length",
                )
            parts.append(inputs[:, columns])
        elif constant is not None and len(constant) == 2 * item.length:
            value = np.frombuffer(bytes.fromhex(constant), np.uint8)
            parts.append(np.broadcast_to(value, (len(inputs), item.length)))
        else:
            raise InvalidInput(
                f"The traces do not tell what {item.name} was: give it a value.",
                field=f"target.inputs.{position}",
                reason="unknown-input",
            )
    return np.ascontiguousarray(np.concatenate(parts, axis=1))


def goes_in(request: ImportRequest, layout: Layout) -> frozenset[str]:
    """Return which of an import's values its firmware takes."""
    inputs = () if request.target is None else request.target.inputs
    of_file = {_called(item, layout) for item in inputs}
    if request.key is not None and any(item.role is InputRole.KEY for item in inputs):
        of_file.add((request.cpa.key if request.cpa else None) or InputRole.KEY.value)
    return frozenset(name for name in of_file if name is not None)


def _called(item: Input, layout: Layout) -> str | None:
    """Return what an input is called in the file; None where the file does not tell it."""
    return next((name for name in (item.name, item.role.value) if name in layout.values), None)


def executed(
    request: ImportRequest,
    layout: Layout,
    inputs: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.uint8],
    simulator: Simulator,
) -> tuple[Path, int, bool | None]:
    """Execute the first traces; return the first one's path, how much of it all share, and whether outputs agree.

    Raise InvalidInput where an execution does not end well, or gives another output than was measured.
    """
    path = simulator.path(rows[0])
    if path.stop is not Stop.DONE:
        raise InvalidInput(
            f"The execution of the first trace does not end well: {path.stop.name.lower()} at 0x{path.stop_pc:08x}.",
            field="target.entry",
            reason="faults",
        )
    batch = simulator.run(rows, path)
    ended = batch.stop == Stop.DONE
    if not ended.all():
        raise InvalidInput(
            f"The execution of trace {int(np.argmin(ended))} does not end well.", field="target.entry", reason="faults"
        )
    return path, int(batch.agreed.min()), _outputs(request, layout, inputs, batch.output)


def _outputs(
    request: ImportRequest, layout: Layout, inputs: npt.NDArray[np.uint8], output: npt.NDArray[np.uint8]
) -> bool | None:
    asked = "ciphertext" if request.cpa is None else request.cpa.ciphertext
    name = our_name(asked, layout.values, request.values)
    if request.target is None or request.target.output is None or name not in layout.values:
        return None
    measured = inputs[:, layout.columns(name)]
    if measured.shape != output.shape:
        return None
    differs = (measured != output).any(axis=1)
    if differs.any():
        trace = int(differs.argmax())
        raise InvalidInput(
            f"Trace {trace} has the ciphertext {measured[trace].tobytes().hex()}, the firmware gives "
            f"{output[trace].tobytes().hex()}: these are not its traces.",
            field="firmware",
            reason="other-output",
        )
    return True


def _samples(address: int, told: str) -> Instruction:
    return Instruction(address=address, size=0, mnemonic=SAMPLES, operands=told, kind=Class.OTHER, cycles=0)


OUTSIDE: Mapping[int, str] = {BEFORE: "before the execution", BEHIND: "behind the execution"}
