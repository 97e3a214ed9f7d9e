"""A program bound to an arena: records that kernels work through, one after the other, and the kernels they need."""

from collections.abc import Iterable

from renode.lockstep import arena
from renode.lockstep.arena import Arena
from renode.lockstep.bound import LOSING, Bound, Operation, read
from renode.lockstep.counting import Counting, sampled_fields
from renode.lockstep.eights import BIN_BYTES
from renode.lockstep.forming import Forming
from renode.lockstep.frame import A, D, M, N, X, Y
from renode.lockstep.kernels import EACH, NONE, ROW
from renode.lockstep.kernels_batch import RECORD_BYTES
from renode.lockstep.kernels_tally import UNKNOWN
from renode.lockstep.program import MEMORY, NOTHING, NUMBER, PLACES, Kernel, Program
from renode.lockstep.sampling import ABSENT, ACTIVITY, ANY, LEVELS8, LEVELS16, ONE, SILENT, Sampling
from renode.thumb.micro import WORD

_HALF = 0xFFFF
_SAMPLES_ALONE = frozenset({Kernel.REGISTER, Kernel.LOW})


class Binder:
    """Binds a program; with `counting`, levels are counted, without it activity words are written."""

    def __init__(self, program: Program, place: Arena, counting: Counting | None, *, permutes: bool = False) -> None:
        """Bind all operations; where the CPU `permutes` bytes, tables of 256 are read so."""
        self._program = program
        self._arena = place
        self._counting = counting
        self._numbers: list[int] = program.numbers.tolist()
        self._forming = Forming(place, permutes=permutes)
        self._sums: set[str] = set()
        """Which sums of the instruction have been begun."""
        self._tiled = 0
        """Instructions whose activity words are in the output,"""
        self._worded: set[int] = set()
        """and those that vary whose words are in the tile."""
        self._strayed = False
        self.regions: dict[int, int] = {}
        """Units of histograms by position."""
        self.units = 0
        """Of one set of histograms."""
        self.records: list[Bound] = []
        self._begin()
        for operation in read(program):
            self._operation(operation)
        self._end()
        self.records = list(self._alive())
        self._chain()

    def _begin(self) -> None:
        self._put("begin", (), {N: self._program.ends})
        self._put("relive")
        for row, around, *where in self._program.input_words.tolist():
            k, more = 0, 0
            if max(where) < 0:  # none of its bytes varies
                form = self._forming.form("insert", ROW + EACH + NONE * 2, (0, WORD), SILENT)
                self.records.append(Bound(form, {D: self._arena.memory(row), N: around & WORD}))
            while k < 4:
                if where[k] < 0:
                    k += 1
                    continue
                count = 1
                while k + count < 4 and where[k + count] == where[k] + count:
                    count += 1
                fields = {D: self._arena.memory(row), X: where[k], Y: around & WORD}
                self._put("take", (8 * k, count, more), fields)
                k, more = k + count, 1

    def _end(self) -> None:
        if self._counting is None:
            self._tiles(self._program.ends)
        rows, k = self._program.output_rows.tolist(), 0
        while k < len(rows):
            space, row, shift = rows[k]
            if space == NOTHING:
                k += 1
                continue
            count = 1
            while count < 4 and k + count < len(rows) and rows[k + count] == [space, row, shift + 8 * count]:
                count += 1
            unit = self._arena.place(row) if space == PLACES else self._arena.memory(row)
            self._put("give", (shift, count), {N: unit, X: k}, reads=(unit,))
            k += count
        self._put("finish")

    def _put(
        self,
        work: str,
        numbers: tuple[int, ...] = (),
        fields: dict[int, int] | None = None,
        reads: tuple[int, ...] = (),
    ) -> None:
        self.records.append(Bound(self._forming.form(work, NONE * 4, numbers, SILENT), fields or {}, reads))

    def _operation(self, it: Operation) -> None:
        if it.kernel == Kernel.END:
            self._done(it)
            return
        sampling, weights = self._sampling(it)
        if it.kernel in _SAMPLES_ALONE and sampling is SILENT:
            return
        bound = self._forming.bound(it, *self._operands(it), sampling)
        bound.fields.update(weights)
        self._strayed = self._strayed or bound.form.work in LOSING
        self.records.append(bound)

    def _operands(self, it: Operation) -> tuple[str, dict[int, int]]:
        """Return the kinds of d, n, m and a, and their fields."""
        kinds, fields = "", {}
        for k, (space, row) in enumerate(zip(it.spaces, it.rows, strict=True)):
            if space == PLACES:
                fields[D + k] = self._arena.place(row)
            elif space == MEMORY:
                fields[D + k] = self._arena.memory(row)
            elif space == NUMBER:
                fields[D + k] = self._numbers[row]
            kinds += "nrre"[space]
        return kinds, fields

    def _sampling(self, it: Operation) -> tuple[Sampling, dict[int, int]]:
        """Return what an operation samples and the weights in its record."""
        fields = sampled_fields(it)
        if not fields:
            return SILENT, {}
        bus, low = 2 in fields, 4 in fields
        if self._counting is None:
            return self._summed("bus" if bus else "register" if 0 in fields else "", low=low), {}
        plan = self._counting.counted.get(it.index)
        if plan is None or not any(plan.weights[k] for k in fields):
            return SILENT, {}
        at = 2 if bus else 0
        pair = plan.weights[at : at + 2] if bus or 0 in fields else (0, 0)
        weights = (*pair, plan.weights[4] if low else 0)
        weight, distance, low_byte = (ABSENT if value == 0 else ONE if value == 1 else ANY for value in weights)
        mode = LEVELS16 if plan.wide else LEVELS8
        sampling = Sampling(mode, weight, distance, low_byte, first="level" not in self._sums)
        self._sums.add("level")
        return sampling, {
            X: (weights[0] & _HALF) | (weights[1] & _HALF) << 16,
            Y: (weights[2] & _HALF) | (plan.constant & _HALF) << 16,
        }

    def _summed(self, sums: str, *, low: bool) -> Sampling:
        """Return how the fields of activity words are summed."""
        wanted = ONE if sums else ABSENT
        sampling = Sampling(
            ACTIVITY,
            wanted,
            wanted,
            ONE if low else ABSENT,
            first=bool(sums) and sums not in self._sums,
            low_first=low and "low" not in self._sums,
            bus=sums == "bus",
        )
        self._sums |= ({sums} if sums else set()) | ({"low"} if low else set())
        return sampling

    def _done(self, it: Operation) -> None:
        if self._counting is None:
            self._tiles(it.index - it.index % arena.TILE)
            self._word(it.index, it.base, self._sums)
            self._worded.add(it.index)
        elif it.index in self._counting.counted:
            plan = self._counting.counted[it.index]
            if self._strayed:
                self._put("relive")
                self._strayed = False
            region = self.regions[it.index] = self.units
            self.units += plan.room * BIN_BYTES // arena.UNIT
            fields = {D: region, N: 0xFF, M: 0, A: plan.bins - 1}
            if plan.wide:
                self._put("count16", (), fields | {X: UNKNOWN})
            else:
                self._put("count8", (plan.planes,), fields)
        self._sums.clear()

    def _word(self, index: int, base: int, sums: set[str]) -> None:
        """Write the activity words of an instruction into its row of the tile."""
        row = (arena.TILE_ROWS + index % arena.TILE * 8 * self._arena.lanes) // arena.UNIT
        numbers = tuple(int(name in sums) for name in ("register", "bus", "low"))
        self._put("word", numbers, {D: row, X: base & WORD, Y: base >> 32})

    def _tiles(self, end: int) -> None:
        """Put out the tiles before `end`."""
        while self._tiled < end:
            count = min(arena.TILE, end - self._tiled)
            for index in range(self._tiled, self._tiled + count):
                if index not in self._worded:
                    self._word(index, int(self._program.constant[index]), set())
            self._put("tile", (count,), {X: self._tiled})
            self._tiled += count

    def _chain(self) -> None:
        """Tell each record that counts how far the next one is: what it needs is asked for early."""
        following = 0
        for number, bound in reversed(list(enumerate(self.records))):
            if bound.form.work.startswith("count"):
                bound.fields[Y] = (following - number) * RECORD_BYTES if following else 0
                following = number

    def _alive(self) -> Iterable[Bound]:
        """Return the records without those that write what nobody reads."""
        live: set[int] = set()
        kept: list[Bound] = []
        size = self._arena.memory(1) - self._arena.memory(0)
        for bound in reversed(self.records):
            if not bound.needed and bound.writes not in live:
                continue
            if bound.writes is not None:
                live.discard(bound.writes)
            live.update(bound.reads)
            if bound.region is not None:
                live.update(range(*bound.region, size))
            kept.append(bound)
        return reversed(kept)
