"""The recorder: calls of a program in, sums over the segments of a timeline out."""

import numpy as np

from jobs.assessing import DataCache
from renode.observing import Calls, Observer
from workers.simulation.power_model import PowerModel
from workers.simulation.recorder_kernels import (
    NOT_TAKEN,
    NOW,
    SEGMENT,
    TAKEN,
    WEAKLY_NOT,
    Codes,
    Core,
    Line,
    Steps,
    run_calls,
)
from workers.simulation.timeline import Timeline

_FIRST_CODES = 256


class Recorder:
    """Puts calls on a timeline, one after the other, until it is full. Cache and predictor keep their state."""

    def __init__(
        self,
        observer: Observer,
        model: PowerModel,
        timeline: Timeline,
        *,
        cache: DataCache,
        stalls: bool,
        predictor_entries: int,
        rest_cycles: int,
    ) -> None:
        """Begin at 0, with nothing in the cache and branches weakly predicted as not taken."""
        self._observer = observer
        self._base = model.base.row().astype(np.float64)
        self._table = model.table().astype(np.float64)
        self._rest = rest_cycles
        segments = len(timeline.ends)
        self._line = Line(
            clock=np.zeros(5, np.int64),
            ends=timeline.ends,
            closes=timeline.closes,
            active=np.zeros(segments, np.int64),
            units=np.zeros(segments, np.float64),
            counts=np.zeros((segments, 3), np.int64),
            dominant=np.full(timeline.periods, -1, np.int64),
        )
        self._core = Core(
            tags=np.full((cache.sets, cache.ways), -1, np.int64),
            ages=np.zeros((cache.sets, cache.ways), np.int64),
            counters=np.full(predictor_entries, WEAKLY_NOT, np.uint8),
            line_bits=cache.line_bytes.bit_length() - 1,
            stall=cache.miss_cycles if stalls else 0,
        )
        self._codes = Codes(
            np.zeros(_FIRST_CODES, np.uint32), np.zeros(_FIRST_CODES, np.int64), np.zeros(_FIRST_CODES, np.int32)
        )
        self._number: dict[int, int] = {}

    @property
    def full(self) -> bool:
        """Return whether the timeline has come to its end."""
        return bool(self._line.clock[SEGMENT] == len(self._line.ends))

    @property
    def elapsed(self) -> int:
        """Return the cycles that have passed."""
        return int(self._line.clock[NOW])

    @property
    def sums(self) -> Line:
        """Return what happened so far."""
        return self._line

    def add(self, calls: Calls) -> int:
        """Put calls behind what there is; return how many of them began before the timeline's end."""
        seen = calls.accesses
        steps = self._steps(calls)
        return int(
            run_calls(
                self._line,
                self._codes,
                self._core,
                steps,
                calls.activity,
                seen.places,
                seen.addresses,
                seen.sizes,
                self._rest,
            )
        )

    def _steps(self, calls: Calls) -> Steps:
        path = calls.path
        unique, inverse = np.unique(path.pcs, return_inverse=True)
        traits = [self._observer.traits(int(pc)) for pc in unique]
        kinds = np.array([one.kind for one in traits], np.intp)[inverse]
        conditional = np.array([one.conditional for one in traits], np.bool_)[inverse]
        following = path.pcs + np.array([one.size for one in traits], np.uint32)[inverse]
        # The last one leaves to where nothing of the path is.
        taken = np.append(path.pcs[1:] != following[:-1], [True])
        return Steps(
            numbers=np.array([self._numbered(int(pc)) for pc in unique], np.int32)[inverse],
            cycles=np.diff(path.begins, append=path.cycles),
            base=self._base[kinds],
            coefficients=np.ascontiguousarray(self._table[:, kinds]),
            branches=np.where(conditional, np.where(taken, TAKEN, NOT_TAKEN), 0).astype(np.uint8),
        )

    def _numbered(self, pc: int) -> int:
        """Return the number of an instruction, which it keeps."""
        number = self._number.setdefault(pc, len(self._number))
        if number == len(self._codes.pcs):
            self._codes = Codes(*(np.concatenate([array, np.zeros_like(array)]) for array in self._codes))
        self._codes.pcs[number] = pc
        return number
