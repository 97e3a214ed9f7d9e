"""Lanes: many executions at once, all on the way of the reference."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from renode.lockstep import arena, kernels, kernels_access, kernels_batch, kernels_tally
from renode.lockstep.arena import MOST_LANES, UNIT, Arena, Zeros
from renode.lockstep.binding import Binder
from renode.lockstep.counting import Counting
from renode.lockstep.frame import Frame
from renode.lockstep.kernels import Form
from renode.lockstep.kernels_batch import RECORD_BYTES
from renode.lockstep.kernels_tally import MOST_BATCHES
from renode.lockstep.objects import Objects
from renode.lockstep.program import Program
from renode.lockstep.schedule import schedule
from renode.lockstep.start import Start
from renode.trace import Levels

_BUILDERS: dict[str, Callable[[Frame, Form], None]] = {
    "check": kernels_access.check,
    "table": kernels_access.table,
    "permute": kernels_access.permute,
    "gather": kernels_access.gather,
    "scatter": kernels_access.scatter,
    "begin": kernels_batch.begin,
    "finish": kernels_batch.finish,
    "take": kernels_batch.take,
    "give": kernels_batch.give,
    "word": kernels_batch.word,
    "tile": kernels_batch.tile,
    "relive": kernels_tally.relive,
    "count8": kernels_tally.count8,
    "count16": kernels_tally.count16,
    "flush": kernels_tally.flush,
}
_RUN = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, ctypes.c_int64)


@dataclass(frozen=True, slots=True)
class Went:
    """How far lanes went, in the order of their inputs."""

    lost: npt.NDArray[np.int32]
    """[n] instructions completed in common with the reference; all of the path where the lane went through."""
    output: npt.NDArray[np.uint8]
    """[n, output bytes]; of lanes that are lost it means nothing."""


@cache
def host_objects() -> Objects:
    """Return the machine code for this process's CPU."""
    return Objects()


def module_of(form: Form, lanes: int) -> str:
    """Return the module of a form."""
    if form.work not in _BUILDERS:
        return kernels.build(form, lanes).text()
    frame = Frame(named(form, lanes), lanes)
    _BUILDERS[form.work](frame, form)
    return frame.text()


def named(form: Form, lanes: int) -> str:
    """Return the name of a form's function."""
    return f"{form.name}_x{lanes}"


class Lanes:
    """A program bound to memory of its own: one thread at a time may use it.

    With `levels` lanes are counted, without them their activity is written. `lanes` is a multiple of 64, at most 512;
    programs with a lot of memory are given fewer.
    """

    def __init__(
        self,
        program: Program,
        start: Start,
        *,
        levels: Levels | None,
        lanes: int = MOST_LANES,
        objects: Objects | None = None,
    ) -> None:
        """Bind the program and load its kernels; make those that no process has made before."""
        if lanes % UNIT or not 0 < lanes <= MOST_LANES:
            raise ValueError(f"lanes must be a multiple of {UNIT} up to {MOST_LANES}, not {lanes}")
        self._program = program
        self._arena = Arena(lanes, sum(-(-len(block.content) // 4) for block in start.writable), program.tables)
        self.lanes = self._arena.lanes
        self._counting = None if levels is None else Counting(program, levels)
        objects = objects or host_objects()
        binder = Binder(program, self._arena, self._counting, permutes=objects.has("avx512vbmi"))
        self._functions, self._records = self._loaded(objects, binder)
        self._histograms: dict[tuple[int, int], Zeros] = {}
        self._spare: list[Zeros] = []
        self._filled = 0
        """Batches since histograms were empty."""
        self._units = binder.units

    def tally(
        self,
        inputs: npt.NDArray[np.uint8],
        groups: npt.NDArray[np.integer],
        counts: npt.NDArray[np.int64],
    ) -> Went:
        """Execute a lane per row of `inputs` [n, input bytes] and count its levels.

        `counts` [groups, bins] is added to, for each instruction that a lane has completed before it was lost; `groups`
        is [n]. Raise ValueError where a group has no counts.
        """
        if self._counting is None:
            raise ValueError("these lanes write activity")
        groups = groups.astype(np.int64)
        if len(groups) != len(inputs) or (len(groups) and not 0 <= groups.min() <= groups.max() < len(counts)):
            raise ValueError(f"{len(groups)} groups do not fit {len(inputs)} rows and {len(counts)} rows of counts")
        if not counts.flags.c_contiguous or counts.dtype != np.int64:
            raise ValueError("counts must be int64 and contiguous")
        if counts.shape[1] != self._counting.bins_in_all:
            raise ValueError(f"{counts.shape[1]} bins do not fit")
        went = self._went(len(inputs))
        given = self._given(inputs, went)
        self._arena.set(arena.BEYOND, 0)
        for run in schedule(groups, self.lanes):
            for first in range(0, len(run.order), MOST_BATCHES):
                part = run.order[first : first + MOST_BATCHES]
                if self._filled + len(part) > MOST_BATCHES:
                    self._empty(counts)
                self._slots(run.groups, counts)
                self._run(part)
                self._filled += len(part)
        del given
        self._empty(counts)
        self._count_alike(went.lost, groups, counts)
        return went

    def activity(self, inputs: npt.NDArray[np.uint8], out: npt.NDArray[np.uint64]) -> Went:
        """Execute a lane per row of `inputs` and write its activity words to `out` [n, instructions].

        They are 0 from where the lane was lost.
        """
        if self._counting is not None:
            raise ValueError("these lanes count levels")
        length = len(self._program.constant)
        if out.shape != (len(inputs), length) or out.dtype != np.uint64 or not out.flags.c_contiguous:
            raise ValueError(f"out must be uint64 {(len(inputs), length)}, not {out.dtype} {out.shape}")
        went = self._went(len(inputs))
        given = self._given(inputs, went)
        self._arena.set(arena.WORDS_OUT, out.ctypes.data)
        self._arena.set(arena.WORDS_STRIDE, 8 * length)
        for run in schedule(np.zeros(len(inputs), np.uint8), self.lanes):
            self._run(run.order)
        del given
        out[:, self._program.ends :] = 0
        for row in np.flatnonzero(went.lost < self._program.ends):
            out[row, went.lost[row] :] = 0
        return went

    def _loaded(self, objects: Objects, binder: Binder) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        forms = list(dict.fromkeys(bound.form for bound in binder.records))
        numbers = {form: number for number, form in enumerate(forms)}
        builders = {named(form, self.lanes): _builder(form, self.lanes) for form in [*forms, Form("flush")]}
        runner = f"run_x{self.lanes}"
        builders[runner] = lambda: kernels_batch.runner(runner, self.lanes)
        addresses = objects.addresses(builders)
        self._call = _RUN(addresses[runner])
        functions = [addresses[named(form, self.lanes)] for form in forms]
        functions.append(addresses[named(Form("flush"), self.lanes)])
        records = np.zeros((len(binder.records), RECORD_BYTES // 4), np.uint32)
        records[:, 0] = [numbers[bound.form] for bound in binder.records]
        for field in range(1, RECORD_BYTES // 4):
            records[:, field] = [bound.fields.get(field, 0) for bound in binder.records]
        counted = self._counting.counted if self._counting is not None else {}
        flushes = [(len(forms), *counted[index].flush(region)) for index, region in binder.regions.items()]
        self._flushes = np.array(flushes, np.uint32).reshape(-1, 8)
        return np.array(functions, np.uint64), records

    def _went(self, count: int) -> Went:
        output = np.repeat(self._program.output[np.newaxis], count, axis=0)
        return Went(np.zeros(count, np.int32), output)

    def _given(self, inputs: npt.NDArray[np.uint8], went: Went) -> npt.NDArray[np.uint8]:
        """Tell kernels where inputs and results are; return the inputs, which must be kept."""
        if inputs.dtype != np.uint8 or inputs.ndim != 2 or inputs.shape[1] != len(self._program.varying):
            raise ValueError(f"inputs must be uint8 with {len(self._program.varying)} bytes a row, not {inputs.shape}")
        given = np.ascontiguousarray(inputs)
        for at, value in (
            (arena.INPUTS, given.ctypes.data),
            (arena.INPUT_STRIDE, given.shape[1]),
            (arena.OUTPUTS, went.output.ctypes.data),
            (arena.OUTPUT_STRIDE, went.output.shape[1]),
            (arena.LOST_OUT, went.lost.ctypes.data),
        ):
            self._arena.set(at, value)
        return given

    def _run(self, order: npt.NDArray[np.int32]) -> None:
        self._arena.set(arena.ORDER, order.ctypes.data)
        self._execute(self._records, len(order))

    def _execute(self, records: npt.NDArray[np.uint32], batches: int) -> None:
        if len(records):
            first = records.ctypes.data
            self._call(self._arena.address, first, self._functions.ctypes.data, first + records.nbytes, batches)

    def _slots(self, groups: tuple[int, ...], counts: npt.NDArray[np.int64]) -> None:
        """Let each block be counted for its group."""
        halves = (groups[0], groups[-1])
        paired = groups == (halves[0],) * 4 + (halves[1],) * 4
        pairs = [halves] if paired else [(group, group) for group in dict.fromkeys(groups)]
        for pair in [pair for pair in self._histograms if pair not in pairs]:
            self._flush(pair, counts)
        self._arena.set(arena.SLOT_COUNT, len(pairs))
        for number, pair in enumerate(pairs):
            if pair not in self._histograms:
                self._histograms[pair] = self._spare.pop() if self._spare else Zeros(self._units * UNIT)
            at = arena.SLOTS + 128 * number
            blocks = [0xFF if paired or group == pair[0] else 0 for group in groups]
            self._arena.bytes[at : at + 64] = np.tile(np.array(blocks, np.uint8), 8)
            self._arena.set(at + 64, self._histograms[pair].address)
        for block, group in enumerate(groups):
            pair, half = (halves, block // 4) if paired else ((group, group), 0)
            self._arena.set(arena.TABLES + 8 * block, self._histograms[pair].address + 2 * half)

    def _empty(self, counts: npt.NDArray[np.int64]) -> None:
        """Add all histograms to the counts."""
        for pair in list(self._histograms):
            self._flush(pair, counts)
        self._filled = 0

    def _flush(self, pair: tuple[int, int], counts: npt.NDArray[np.int64]) -> None:
        """Add the histograms of a pair of groups to the counts."""
        table = self._histograms.pop(pair)
        for at, address in enumerate((table.address, *(counts[group].ctypes.data for group in pair))):
            self._arena.set(arena.TABLES + 8 * at, address)
        self._arena.set(arena.ORDER, 0)
        self._execute(self._flushes, 1)
        self._spare.append(table)
        if self._arena.get(arena.BEYOND):
            raise ValueError("an instruction has a level outside of its range")

    def _count_alike(
        self, lost: npt.NDArray[np.int32], groups: npt.NDArray[np.integer], counts: npt.NDArray[np.int64]
    ) -> None:
        """Count the instructions whose level is the same in all lanes."""
        if self._counting is None:
            return
        length = len(self._program.constant)
        for group in np.unique(groups).tolist():
            went = np.bincount(lost[groups == group], minlength=length + 1)
            completed = np.cumsum(went[::-1])[::-1][1:]
            counts[group, self._counting.bins] += completed[self._counting.positions]


def _builder(form: Form, lanes: int) -> Callable[[], str]:
    return lambda: module_of(form, lanes)
