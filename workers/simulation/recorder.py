"""The recorder: calls of a program in, sums over the segments of a timeline out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.assessing import DataCache
from renode.observing import Calls, Observer
from workers.simulation.power_model import PowerModel
from workers.simulation.recorder_kernels import NOW, SEGMENT, WEAKLY_NOT, run_calls
from workers.simulation.timeline import Timeline

_FIRST_CODES = 256


@dataclass(frozen=True, slots=True)
class Sums:
    """What happened in each segment of a timeline."""

    active: npt.NDArray[np.int64]
    """[segments] cycles in which code ran."""
    units: npt.NDArray[np.float64]
    """[segments] power times cycles in the model's unit, without noise."""
    counts: npt.NDArray[np.int64]
    """[segments, 3] instructions, misses of the data cache, mispredicted branches."""
    dominant: npt.NDArray[np.int64]
    """[periods] the pc at which most cycles were spent; -1 where no code ran."""


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
        self._timeline = timeline
        self._rest = rest_cycles
        self._line_bits = cache.line_bytes.bit_length() - 1
        self._stall = cache.miss_cycles if stalls else 0
        self._tags = np.full((cache.sets, cache.ways), -1, np.int64)
        self._ages = np.zeros((cache.sets, cache.ways), np.int64)
        self._counters = np.full(predictor_entries, WEAKLY_NOT, np.uint8)
        self._clock = np.zeros(5, np.int64)
        segments = len(timeline.ends)
        self._sums = Sums(
            np.zeros(segments, np.int64),
            np.zeros(segments, np.float64),
            np.zeros((segments, 3), np.int64),
            np.full(timeline.periods, -1, np.int64),
        )
        self._number: dict[int, int] = {}
        self._codes = np.zeros(_FIRST_CODES, np.uint32)
        self._spent = np.zeros(_FIRST_CODES, np.int64)
        self._touched = np.zeros(_FIRST_CODES, np.int32)

    @property
    def full(self) -> bool:
        """Return whether the timeline has come to its end."""
        return bool(self._clock[SEGMENT] == len(self._timeline.ends))

    @property
    def elapsed(self) -> int:
        """Return the cycles that have passed."""
        return int(self._clock[NOW])

    @property
    def sums(self) -> Sums:
        """Return what happened so far."""
        return self._sums

    def add(self, calls: Calls) -> int:
        """Put calls behind what there is; return how many of them began before the timeline's end."""
        path = calls.path
        unique, inverse = np.unique(path.pcs, return_inverse=True)
        traits = [self._observer.traits(int(pc)) for pc in unique]
        numbers = np.array([self._numbered(int(pc)) for pc in unique], np.int32)[inverse]
        kinds = np.array([one.kind for one in traits], np.intp)[inverse]
        following = path.pcs + np.array([one.size for one in traits], np.uint32)[inverse]
        went = np.ones(len(path.pcs), np.uint8)
        # The last one leaves to where nothing of the path is.
        went[:-1] += path.pcs[1:] != following[:-1]
        went[-1:] += 1
        conditional = np.array([one.conditional for one in traits], np.bool_)[inverse]
        return int(
            run_calls(
                calls.activity,
                np.diff(path.begins, append=path.cycles),
                numbers,
                self._base[kinds],
                np.ascontiguousarray(self._table[:, kinds]),
                np.where(conditional, went, np.uint8(0)),
                calls.accesses.places,
                calls.accesses.addresses,
                calls.accesses.sizes,
                self._rest,
                self._line_bits,
                self._stall,
                self._tags,
                self._ages,
                self._counters,
                self._clock,
                self._timeline.ends,
                self._timeline.closes,
                self._sums.active,
                self._sums.units,
                self._sums.counts,
                self._spent,
                self._touched,
                self._codes,
                self._sums.dominant,
            )
        )

    def _numbered(self, pc: int) -> int:
        """Return the number of an instruction, which it keeps."""
        number = self._number.setdefault(pc, len(self._number))
        if number == len(self._codes):
            self._codes = np.concatenate([self._codes, np.zeros_like(self._codes)])
            self._spent = np.concatenate([self._spent, np.zeros_like(self._spent)])
            self._touched = np.concatenate([self._touched, np.zeros_like(self._touched)])
        self._codes[number] = pc
        return number
