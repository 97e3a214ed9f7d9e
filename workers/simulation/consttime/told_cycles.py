"""Whether the cycles of each trial depend on secrets, and where that begins."""

import math
from collections.abc import Sequence

from jobs.report_constant_time import CycleTest
from workers.simulation.attribution import Public, finite, place_of, reason_of
from workers.simulation.consttime.cycles import welch
from workers.simulation.consttime.seen import Seen
from workers.simulation.consttime.told import SHARE, Describing
from workers.simulation.consttime.trials import FIXED, RANDOM


def told_cycles(trials: Sequence[Seen], describing: Describing, *, cached: bool) -> tuple[CycleTest, ...]:
    """Test for each trial whether secrets change the cycles, and with a cache those with its misses as well."""
    tests = [(seen, with_misses) for seen in trials for with_misses in ([False, True] if cached else [False])]
    made = []
    for seen, with_misses in tests:
        cycles = seen.cycles + seen.waited if with_misses else seen.cycles
        sets, well = seen.trial.sets, seen.ended_well
        fixed, random = (cycles[well & (sets == one)] for one in (FIXED, RANDOM))
        if min(len(fixed), len(random)) < 2:
            continue
        found = welch(fixed, random)
        fewest, most = int(cycles[well].min()), int(cycles[well].max())
        limit = math.log10(SHARE / len(tests))
        differs = found.p_log10 < limit if seen.masked is not None else fewest != most
        cause = _cause(seen, describing.public, with_misses=with_misses) if differs else None
        made.append(
            CycleTest(
                value=seen.trial.value,
                cached=with_misses,
                fixed=len(fixed),
                random=len(random),
                mean_fixed=float(fixed.mean()),
                mean_random=float(random.mean()),
                fewest=fewest,
                most=most,
                t=finite(found.t),
                p_log10=finite(found.p_log10),
                differs=differs,
                place=place_of(describing.instruction(cause)) if cause is not None else None,
                public=reason_of(cause, describing.public) if cause is not None else None,
            )
        )
    return tuple(made)


def _cause(seen: Seen, public: Public, *, with_misses: bool) -> int | None:
    """Return the pc where cycles begin to differ, one outside of declared-public code if there is one."""
    if seen.masked is not None:
        apart = sorted((test.position, test.pc) for test in seen.masked.ways())
    else:
        apart = sorted((parted.position, parted.pc) for parted in seen.ways.partings())
    pcs = [pc for _, pc in apart]
    if with_misses:
        spread = {pc: most - least for pc, (least, most) in seen.extra.items() if most > least}
        pcs += sorted(spread, key=lambda pc: (-spread[pc], pc))
    return next((pc for pc in pcs if reason_of(pc, public) is None), pcs[0] if pcs else None)
