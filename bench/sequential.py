"""Sequential campaigns: what a look takes, what looking early saves, and how often it is wrong.

python -m bench.sequential [--seeds 300] [--short]

`saved` is the share of the traces that were asked for and not run. The null rows run whole campaigns on firmware that does
not leak, one seed each, and count those that any look calls leaking, beside those that would be if each look were held to
the boundary of the last one.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from bench.rows import emit, median_s
from bench.whole_campaign import Lab
from workers.simulation.spending import boundaries, of_each


def main() -> None:
    """Print one row per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--short", action="store_true", help="few seeds, to see that it works")
    told = parser.parse_args()
    for looks in (8, 20):
        fractions = tuple(look / looks for look in range(1, looks + 1))
        limits = boundaries(fractions, of_each(0.001, 14_000))
        emit(
            "sequential",
            f"boundaries of {looks} looks, 14,000 tests",
            ms=round(1e3 * median_s(partial(boundaries.__wrapped__, fractions, of_each(0.001, 14_000))), 1),
            first=round(limits[0], 2),
            last=round(limits[-1], 3),
        )
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        for sigma in (4, 16, 64):
            _saved(lab, "aes128_m4", traces=40_000, power={"noise_sigma": sigma})
        _saved(lab, "aes128_masked_m4", traces=40_000, power={"noise_sigma": 1})
        _null(lab, 20 if told.short else told.seeds)


def _saved(lab: Lab, name: str, **changes: Any) -> None:
    asked = {"cpa": None, "sequential": {"error_rate": 0.001, "looks": 20}, **changes}
    ran = lab.run(name, **asked)
    found = ran.report.sequential
    if found is None:
        raise RuntimeError("the campaign was no sequential one")
    emit(
        "sequential",
        f"{name}, sigma {changes['power']['noise_sigma']}, 20 looks at {found.planned} traces",
        decided=found.decided,
        verdict=ran.report.verdict.value,
        traces=found.traces,
        executed=ran.executed,
        saved=round(1 - ran.executed / found.planned, 3),
        merge_s=round(ran.report.timings.merge_s, 2),
    )


def _null(lab: Lab, seeds: int) -> None:
    rate, wrong, peeked = 0.1, 0, 0
    for seed in range(1, seeds + 1):
        asked = {"cpa": None, "traces": 1600, "seed": seed, "minimum_effect": 0.01}
        found = lab.run("compare_ct_m4", **asked, sequential={"error_rate": rate, "looks": 8}).report.sequential
        if found is None:
            raise RuntimeError("the campaign was no sequential one")
        wrong += found.decided == "leaks"
        last = boundaries(tuple(look / 8 for look in range(1, 9)), of_each(rate, found.tests))[-1]
        peeked += any(max(look.max_abs_t1 or 0, look.max_abs_t2 or 0) > last for look in found.looks)
    emit(
        "sequential",
        f"compare_ct_m4: {seeds} seeds, error rate {rate:g}, 8 looks",
        called_leaking=wrong,
        rate=round(wrong / seeds, 4),
        if_every_look_had_the_last_boundary=peeked,
    )


if __name__ == "__main__":
    main()
