"""Which kernel an operation needs, and its record."""

from collections.abc import Callable

from renode.lockstep.arena import Arena
from renode.lockstep.bound import Bound, Operation
from renode.lockstep.frame import A, D, M, N, X, Z
from renode.lockstep.kernels import EACH, FOLDED, NONE, ROW, Form
from renode.lockstep.program import PURE_BASE, PURE_OPS, Kernel
from renode.lockstep.sampling import Sampling
from renode.thumb.micro import WORD, Op

_TABLES = frozenset({Kernel.TABLE, Kernel.TABLE_SAMPLED})

_Key = tuple[str, str, tuple[int, ...], Sampling]
_Maker = Callable[[Operation, str, dict[int, int], Sampling], Bound]


class Forming:
    """Forms of operations on the rows of one arena."""

    def __init__(self, place: Arena, *, permutes: bool) -> None:
        """Prepare; where the CPU `permutes` bytes, tables of 256 are read so."""
        self._arena = place
        self._permutes = permutes
        self._forms: dict[_Key, Form] = {}
        self._makers: dict[Kernel, _Maker] = {
            **dict.fromkeys((Kernel.EXTRACT, Kernel.EXTRACT_SAMPLED), self._extract),
            **dict.fromkeys((*_TABLES, Kernel.GATHER, Kernel.GATHER_SAMPLED), self._loading),
            **dict.fromkeys((Kernel.BUS, Kernel.LOW), self._bus),
            Kernel.INSERT: self._insert,
            Kernel.SCATTER: self._scatter,
            Kernel.CHECK: self._check,
            Kernel.REGISTER: self._register,
        }

    def bound(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        """Return the record of an operation, its operands' kinds and fields given; weights are for the caller."""
        if it.kernel >= PURE_BASE:
            return self._pure(it, kinds, fields, sampling)
        return self._makers[Kernel(it.kernel)](it, kinds, fields, sampling)

    def form(self, work: str, kinds: str, numbers: tuple[int, ...], sampling: Sampling) -> Form:
        """Return a form, the same object for the same one."""
        key = (work, kinds, numbers, sampling)
        found = self._forms.get(key)
        if found is None:
            found = self._forms[key] = Form(work, (kinds[0], kinds[1], kinds[2], kinds[3]), numbers, sampling)
        return found

    def _writing(
        self, work: str, kinds: str, numbers: tuple[int, ...], sampling: Sampling, fields: dict[int, int]
    ) -> Bound:
        reads = _rows(kinds, fields, (D, N, M, A) if sampling.compares else (N, M, A))
        return Bound(self.form(work, kinds, numbers, sampling), fields, reads, writes=fields[D])

    def _pure(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        op = PURE_OPS[(it.kernel - PURE_BASE) % len(PURE_OPS)]
        numbers = (it.cond,) if op is Op.CONDITION else ()
        if op in FOLDED and kinds[2] == EACH:
            # The number is part of the form: an operand that there is not, for a name of its own.
            return self._writing(op.value, kinds[:2] + NONE + kinds[3], (fields.pop(M),), sampling, fields)
        return self._writing(op.value, kinds, numbers, sampling, fields)

    def _extract(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        return self._writing("extract", kinds, (it.shift, it.mask, it.flag), sampling, fields)

    def _scatter(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        reads = _rows(kinds, fields, (D, N, M))
        fields |= {A: self._arena.memory(it.table), X: it.low, Z: it.index}
        form = self.form("scatter", kinds[:3] + NONE, (it.mask, it.span), sampling)
        return Bound(form, fields, reads, self._region(it))

    def _check(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        form = self.form("check", kinds, (it.flag,), sampling)
        return Bound(form, {**fields, A: it.index + 1}, _rows(kinds, fields, (N, M)))

    def _register(self, _: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        return Bound(self.form("register", kinds, (), sampling), fields, _rows(kinds, fields, (D, N, M)))

    def _insert(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        whole = (it.mask << it.shift) & WORD == WORD
        form = self.form("insert", kinds, (it.shift, it.mask), sampling)
        return Bound(form, fields, _rows(kinds, fields, (N,) if whole else (D, N)), writes=fields[D])

    def _loading(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        table = it.kernel in _TABLES
        work = "gather" if not table else "permute" if self._permutes and it.span <= 0xFF == it.mask else "table"
        bound = self._writing(work, kinds[:2] + NONE * 2, (it.mask, it.flag, it.span), sampling, fields)
        at = self._arena.table(it.table) if table else self._arena.memory(it.table)
        fields |= {M: it.low, A: at, Z: it.index}
        bound.region = None if table else self._region(it)
        return bound

    def _bus(self, it: Operation, kinds: str, fields: dict[int, int], sampling: Sampling) -> Bound:
        numbers = (it.mask if it.kernel == Kernel.BUS else WORD,)
        if not sampling.compares and kinds[3] == NONE:  # what was before is of no interest
            kinds = kinds[:2] + NONE * 2
            fields.pop(M, None)
        if kinds[0] == ROW:
            bound = self._writing("bus", kinds, numbers, sampling, fields)
            bound.reads = _rows(kinds, fields, (N, M, A))
            return bound
        return Bound(self.form("bus", kinds, numbers, sampling), fields, _rows(kinds, fields, (N, M, A)))

    def _region(self, it: Operation) -> tuple[int, int]:
        return self._arena.memory(it.table), self._arena.memory(it.table + it.span // 4 + 1)


def _rows(kinds: str, fields: dict[int, int], which: tuple[int, ...]) -> tuple[int, ...]:
    """Return the rows that operands name."""
    return tuple([fields[field] for field in which if kinds[field - D] == ROW])
