"""A program bound to an arena: records that kernels work through, one after the other, and the kernels they need."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from renode.lockstep import arena
from renode.lockstep.arena import Arena
from renode.lockstep.counting import Counting, sampled_fields
from renode.lockstep.frame import A, D, M, N, X, Y, Z
from renode.lockstep.kernels_batch import RECORD_BYTES
from renode.lockstep.kernels_tally import BIN_BYTES
from renode.lockstep.kernels import EACH, FOLDED, NONE, ROW, Form
from renode.lockstep.program import MEMORY, NOTHING, NUMBER, PLACES, PURE_BASE, PURE_OPS, Kernel, Program
from renode.lockstep.sampling import ABSENT, ACTIVITY, ANY, LEVELS8, LEVELS16, ONE, Sampling
from renode.thumb.micro import Op

_WORD = 0xFFFFFFFF
_LOSING = frozenset({"table", "permute", "gather", "scatter", "check"})
_EXTRACTS = frozenset({Kernel.EXTRACT, Kernel.EXTRACT_SAMPLED})
_TABLES = frozenset({Kernel.TABLE, Kernel.TABLE_SAMPLED})
_GATHERS = frozenset({Kernel.GATHER, Kernel.GATHER_SAMPLED})


@dataclass(slots=True)
class Bound:
    """A record, its fields by number, and what it reads and writes, in units of the arena."""

    form: Form
    fields: dict[int, int] = field(default_factory=dict)
    reads: tuple[int, ...] = ()
    region: tuple[int, int] | None = None
    """Rows it may read or write besides, in units: [first, end)."""
    writes: int | None = None

    @property
    def needed(self) -> bool:
        """Return whether it does more than write its row."""
        return self.writes is None or self.form.sampling.mode != 0 or self.form.work in _LOSING


class Binder:
    """Binds a program; with `counting`, levels are counted, without it activity words are written."""

    def __init__(self, program: Program, place: Arena, counting: Counting | None, *, permutes: bool = False) -> None:
        """Bind all operations; where the CPU `permutes` bytes, tables of 256 are read so."""
        self._permutes = permutes
        self._program = program
        self._arena = place
        self._counting = counting
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
        for operation in program.operations:
            self._operation(operation)
        self._end()
        self.records = list(self._alive())
        self._chain()

    def _begin(self) -> None:
        self._put(Form("begin"), {N: self._program.ends})
        self._put(Form("relive"))
        for row, around, *where in self._program.input_words.tolist():
            k, more = 0, 0
            while k < 4:
                if where[k] < 0:
                    k += 1
                    continue
                count = 1
                while k + count < 4 and where[k + count] == where[k] + count:
                    count += 1
                fields = {D: self._arena.memory(row), X: where[k], Y: around & _WORD}
                self._put(Form("take", numbers=(8 * k, count, more)), fields)
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
            unit = self._unit(space, row)
            self.records.append(Bound(Form("give", numbers=(shift, count)), {N: unit, X: k}, reads=(unit,)))
            k += count
        self._put(Form("finish"))

    def _put(self, form: Form, fields: dict[int, int] | None = None) -> None:
        self.records.append(Bound(form, fields or {}))

    def _operation(self, it: np.void) -> None:
        kernel = int(it["kernel"])
        if kernel == Kernel.END:
            self._done(it)
            return
        sampling, weights = self._sampling(it)
        if kernel in {Kernel.REGISTER, Kernel.LOW} and sampling.mode == 0:
            return
        bound = self._formed(it, kernel, sampling)
        if sampling.mode in {LEVELS8, LEVELS16}:
            bound.fields |= weights
        if bound.form.work in _LOSING:
            self._strayed = True
        self.records.append(bound)

    def _formed(self, it: np.void, kernel: int, sampling: Sampling) -> Bound:
        kinds, fields, reads = self._operands(it)
        mask, shift, flag = int(it["mask"]), int(it["shift"]), int(it["flag"])
        form = Form("", kinds, (), sampling)
        if kernel >= PURE_BASE:
            op = PURE_OPS[(kernel - PURE_BASE) % len(PURE_OPS)]
            if op in FOLDED and kinds[2] == EACH:
                form = replace(form, operands=(kinds[0], kinds[1], f"{fields.pop(M):x}", kinds[3]))
            form = replace(form, work=op.value, numbers=(int(it["cond"]),) if op is Op.CONDITION else ())
            return self._writing(form, fields, reads)
        if kernel in _EXTRACTS:
            return self._writing(replace(form, work="extract", numbers=(shift, mask, flag)), fields, reads)
        if kernel == Kernel.INSERT:
            whole = (mask << shift) & _WORD == _WORD
            form = replace(form, work="insert", numbers=(shift, mask))
            return self._writing(form, fields, reads if whole else (*reads, fields[D]))
        if kernel == Kernel.CHECK:
            return Bound(replace(form, work="check", numbers=(flag,)), {**fields, A: int(it["index"]) + 1}, reads)
        if kernel in _TABLES or kernel in _GATHERS:
            return self._loading(it, form, fields, reads)
        if kernel == Kernel.SCATTER:
            reads = (*reads, fields[D]) if D in fields else reads
            low, span = int(it["low"]), int(it["high"]) - int(it["low"])
            fields |= {A: self._arena.memory(int(it["table"])), X: low, Z: int(it["index"])}
            form = replace(form, work="scatter", numbers=(mask, span), operands=(*kinds[:3], NONE))
            return Bound(form, fields, reads, self._rows(it))
        if kernel == Kernel.REGISTER:
            return Bound(replace(form, work="register"), fields, (*reads, fields[D]) if D in fields else reads)
        number = mask if kernel == Kernel.BUS else _WORD
        form = replace(form, work="bus", numbers=(number,))
        if kernel == Kernel.BUS and not sampling.compares and kinds[3] == NONE:  # what was before is of no interest
            previous = fields.pop(M, None)
            form = replace(form, operands=(kinds[0], kinds[1], NONE, NONE))
            reads = reads if kinds[2] != ROW else tuple(unit for unit in reads if unit != previous or unit == fields[N])
        return self._writing(form, fields, reads) if D in fields else Bound(form, fields, reads)

    def _loading(self, it: np.void, form: Form, fields: dict[int, int], reads: tuple[int, ...]) -> Bound:
        low, span = int(it["low"]), int(it["high"]) - int(it["low"])
        table = int(it["kernel"]) in _TABLES
        at = self._arena.table(int(it["table"])) if table else self._arena.memory(int(it["table"]))
        fields |= {M: low, A: at, Z: int(it["index"])}
        work = "gather" if not table else "permute" if self._permutes and span <= 0xFF == int(it["mask"]) else "table"
        form = replace(form, work=work, operands=(*form.operands[:2], NONE, NONE))
        bound = self._writing(replace(form, numbers=(int(it["mask"]), int(it["flag"]), span)), fields, reads)
        bound.region = None if table else self._rows(it)
        return bound

    def _rows(self, it: np.void) -> tuple[int, int]:
        first, count = int(it["table"]), (int(it["high"]) - int(it["low"])) // 4 + 1
        return self._arena.memory(first), self._arena.memory(first + count)

    def _writing(self, form: Form, fields: dict[int, int], reads: tuple[int, ...]) -> Bound:
        if form.sampling.compares and form.work != "bus":
            reads = (*reads, fields[D])
        return Bound(form, fields, reads, writes=fields[D])

    def _operands(self, it: np.void) -> tuple[tuple[str, str, str, str], dict[int, int], tuple[int, ...]]:
        kinds, fields, reads = [], {}, []
        for k, (space, row) in enumerate(zip(it["spaces"].tolist(), it["rows"].tolist(), strict=True)):
            if space == NOTHING:
                kinds.append(NONE)
            elif space == NUMBER:
                kinds.append(EACH)
                fields[D + k] = int(self._program.numbers[row])
            else:
                kinds.append(ROW)
                fields[D + k] = self._unit(space, row)
                if k > 0:
                    reads.append(fields[D + k])
        return (kinds[0], kinds[1], kinds[2], kinds[3]), fields, tuple(reads)

    def _unit(self, space: int, row: int) -> int:
        return self._arena.place(row) if space == PLACES else self._arena.memory(row)

    def _sampling(self, it: np.void) -> tuple[Sampling, dict[int, int]]:
        """Return what an operation samples and the weights in its record."""
        fields = sampled_fields(it)
        if not fields:
            return Sampling(), {}
        bus, low = 2 in fields, 4 in fields
        if self._counting is None:
            sums = {"bus"} if bus else {"register"} if 0 in fields else set()
            begun = Sampling(
                ACTIVITY,
                ONE if sums else ABSENT,
                ONE if sums else ABSENT,
                ONE if low else ABSENT,
                first=not sums <= self._sums,
                low_first=low and "low" not in self._sums,
                bus=bus,
            )
            self._sums |= sums | ({"low"} if low else set())
            return begun, {}
        plan = self._counting.counted.get(int(it["index"]))
        if plan is None or not any(plan.weights[k] for k in fields):
            return Sampling(), {}
        at = 2 if bus else 0
        weights = [plan.weights[at], plan.weights[at + 1], plan.weights[4] if low else 0]
        if 0 not in fields and not bus:
            weights[:2] = 0, 0
        kinds = [ABSENT if weight == 0 else ONE if weight == 1 else ANY for weight in weights]
        sampling = Sampling(LEVELS16 if plan.wide else LEVELS8, *kinds, first="level" not in self._sums)
        self._sums.add("level")
        half = 0xFFFF
        return sampling, {
            X: (weights[0] & half) | (weights[1] & half) << 16,
            Y: (weights[2] & half) | (plan.constant & half) << 16,
        }

    def _done(self, it: np.void) -> None:
        index = int(it["index"])
        if self._counting is None:
            self._tiles(index - index % arena.TILE)
            self._word(index, int(it["base"]), self._sums)
            self._worded.add(index)
        elif index in self._counting.counted:
            plan = self._counting.counted[index]
            if self._strayed:
                self._put(Form("relive"))
                self._strayed = False
            region = self.regions[index] = self.units
            self.units += plan.room * BIN_BYTES // arena.UNIT
            if plan.wide:
                self._put(Form("count16"), {D: region, N: 0xFF, M: 0, A: plan.bins - 1, X: 0})
            else:
                self._put(Form("count8", numbers=(plan.planes,)), {D: region, N: 0xFF, M: 0, A: plan.bins - 1})
        self._sums.clear()

    def _word(self, index: int, base: int, sums: set[str]) -> None:
        """Write the activity words of an instruction into its row of the tile."""
        row = (arena.TILE_ROWS + index % arena.TILE * 8 * self._arena.lanes) // arena.UNIT
        numbers = tuple(int(name in sums) for name in ("register", "bus", "low"))
        self._put(Form("word", numbers=numbers), {D: row, X: base & _WORD, Y: base >> 32})

    def _tiles(self, end: int) -> None:
        """Put out the tiles before `end`."""
        while self._tiled < end:
            count = min(arena.TILE, end - self._tiled)
            for index in range(self._tiled, self._tiled + count):
                if index not in self._worded:
                    self._word(index, int(self._program.constant[index]), set())
            self._put(Form("tile", numbers=(count,)), {X: self._tiled})
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


Build = Callable[[Form, int], str]
