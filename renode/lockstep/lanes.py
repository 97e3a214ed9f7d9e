"""Lanes: many executions at once, all on the way of the reference."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.lockstep import arena
from renode.lockstep.arena import MOST_LANES, UNIT, Arena
from renode.lockstep.binding import Binder
from renode.lockstep.bound import require_fit
from renode.lockstep.collecting import uncollected
from renode.lockstep.counting import Counting
from renode.lockstep.eights import MOST_BATCHES
from renode.lockstep.histograms import Histograms
from renode.lockstep.kernels import Form
from renode.lockstep.objects import Objects
from renode.lockstep.program import PLACE_ROWS, Program
from renode.lockstep.schedule import present, schedule
from renode.lockstep.start import Start
from renode.lockstep.way import Way, host_objects
from renode.trace import Levels


@dataclass(frozen=True, slots=True)
class Went:
    """How far lanes went, in the order of their inputs."""

    lost: npt.NDArray[np.int32]
    """[n] instructions completed in common with the reference; all of the path where the lane went through."""
    output: npt.NDArray[np.uint8]
    """[n, output bytes]; of lanes that are lost it means nothing."""


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
        """Bind the program and load its kernels; make those that no process has made before.

        Raise ValueError for memory too large even for 64 lanes, more levels than fit, or rows that there are not.
        """
        if lanes % UNIT or not 0 < lanes <= MOST_LANES:
            raise ValueError(f"lanes must be a multiple of {UNIT} up to {MOST_LANES}, not {lanes}")
        self._program = program
        words = sum(-(-len(block.content) // 4) for block in start.writable)
        require_fit(program, words)
        self._arena = Arena(lanes, words, program.tables)
        self.lanes = self._arena.lanes
        with uncollected():
            self._bind(levels, objects or host_objects())

    @property
    def size(self) -> int:
        """Return how many bytes of memory they take once they have run, without the program."""
        program, histograms = self._program, self._histograms
        rows = PLACE_ROWS + len(program.input_words) + len(program.written)
        return (
            arena.ROWS
            + rows * 4 * self.lanes
            + program.tables.nbytes
            + self._way.records.nbytes
            + (0 if histograms is None else histograms.size)
        )

    def tally(
        self,
        inputs: npt.NDArray[np.uint8],
        groups: npt.NDArray[np.integer],
        counts: npt.NDArray[np.int64],
    ) -> Went:
        """Execute a lane per row of `inputs` [n, input bytes] and count its levels.

        `counts` [groups, bins] is added to, for each instruction that a lane has completed before it was lost; `groups`
        is [n]. Raise ValueError for what does not fit, or for a level outside of its instruction's range.
        """
        if self._counting is None or self._histograms is None:
            raise ValueError("these lanes write activity")
        named = groups.astype(np.int64)
        if len(groups) != len(inputs) or (len(groups) and not 0 <= groups.min() <= groups.max() < len(counts)):
            raise ValueError(f"{len(groups)} groups do not fit {len(inputs)} rows and {len(counts)} rows of counts")
        if not counts.flags.c_contiguous or counts.dtype != np.int64:
            raise ValueError("counts must be int64 and contiguous")
        if counts.shape[1] != self._counting.bins_in_all:
            raise ValueError(f"{counts.shape[1]} bins do not fit")
        given, went = self._prepared(inputs)
        self._histograms.begin()
        for run in schedule(named, self.lanes):
            for first in range(0, len(run.order), MOST_BATCHES):
                order = run.order[first : first + MOST_BATCHES]
                self._histograms.prepare(run.groups, len(order), counts)
                self._way.go(order)
        del given  # kernels have read it until here
        self._histograms.empty(counts)
        self._count_alike(went.lost, named, counts)
        return went

    def activity(self, inputs: npt.NDArray[np.uint8], out: npt.NDArray[np.uint64]) -> Went:
        """Execute a lane per row of `inputs` and write its activity words to `out` [n, instructions].

        They are 0 from where the lane was lost. Raise ValueError for what does not fit.
        """
        if self._counting is not None:
            raise ValueError("these lanes count levels")
        length = len(self._program.constant)
        if out.shape != (len(inputs), length) or out.dtype != np.uint64 or not out.flags.c_contiguous:
            raise ValueError(f"out must be uint64 {(len(inputs), length)}, not {out.dtype} {out.shape}")
        given, went = self._prepared(inputs)
        self._arena.set(arena.WORDS_OUT, out.ctypes.data)
        self._arena.set(arena.WORDS_STRIDE, 8 * length)
        for run in schedule(np.zeros(len(inputs), np.int64), self.lanes):
            self._way.go(run.order)
        del given  # kernels have read it until here
        out[:, self._program.ends :] = 0
        for row in np.flatnonzero(went.lost < self._program.ends):
            out[row, went.lost[row] :] = 0
        return went

    def _bind(self, levels: Levels | None, objects: Objects) -> None:
        self._histograms: Histograms | None = None
        self._counting = None if levels is None else Counting(self._program, levels)
        binder = Binder(self._program, self._arena, self._counting, permutes=objects.has("avx512vbmi"))
        self._way = Way(objects, self._arena, [(bound.form, bound.fields) for bound in binder.records])
        if self._counting is not None:
            counted = self._counting.counted
            form = Form("flush")
            flush = [(form, counted[index].flush(region)) for index, region in binder.regions.items()]
            self._histograms = Histograms(self._arena, binder.units, Way(objects, self._arena, flush))

    def _prepared(self, inputs: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], Went]:
        """Tell kernels where inputs and results are; return both, which must be kept as long as they run."""
        if inputs.dtype != np.uint8 or inputs.ndim != 2 or inputs.shape[1] != len(self._program.varying):
            raise ValueError(f"inputs must be uint8 with {len(self._program.varying)} bytes a row, not {inputs.shape}")
        given = np.ascontiguousarray(inputs)
        output = np.repeat(self._program.output[np.newaxis], len(given), axis=0)
        went = Went(np.zeros(len(given), np.int32), output)
        for at, value in (
            (arena.INPUTS, given.ctypes.data),
            (arena.INPUT_STRIDE, given.shape[1]),
            (arena.OUTPUTS, output.ctypes.data),
            (arena.OUTPUT_STRIDE, output.shape[1]),
            (arena.LOST_OUT, went.lost.ctypes.data),
        ):
            self._arena.set(at, value)
        return given, went

    def _count_alike(
        self, lost: npt.NDArray[np.int32], groups: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
    ) -> None:
        """Count the instructions whose level is the same in all lanes."""
        if self._counting is None:
            return
        length = len(self._program.constant)
        for group in present(groups):
            went = np.bincount(lost[groups == group], minlength=length + 1)
            completed = np.cumsum(went[::-1])[::-1][1:]
            counts[group, self._counting.bins] += completed[self._counting.positions]
