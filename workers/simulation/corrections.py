"""The t-tests of a campaign, corrected for how many they are, beside the 4.5 line."""

import math
from collections.abc import Callable

import numpy as np

from jobs.report_multiplicity import Correction, Multiplicity
from workers.simulation.assessment import Assessment, Flags, Floats
from workers.simulation.multiplicity import benjamini_hochberg_log10, benjamini_yekutieli_log10, holm_log10
from workers.simulation.ttest import ALPHA, THRESHOLD

LEVEL = 0.001
"""Of all tests of a campaign together."""
FAMILY = "the chance of any false alarm, however the tests depend on each other (Holm 1979)"
SHARE = (
    "the expected share of false alarms among those raised, for positively dependent tests (Benjamini, Hochberg 1995)"
)
ANY_SHARE = "the same share for tests that depend in any way (Benjamini, Yekutieli 2001)"
METHODS: tuple[tuple[str, str, Callable[[Floats], Floats]], ...] = (
    ("holm", FAMILY, holm_log10),
    ("benjamini-hochberg", SHARE, benjamini_hochberg_log10),
    ("benjamini-yekutieli", ANY_SHARE, benjamini_yekutieli_log10),
)


def corrections(found: Assessment, public: Flags, *, orders: int) -> Multiplicity:
    """Correct the tests of the orders up to `orders` of all samples that are not `public`, as one family."""
    p_log10 = np.concatenate([p[~public] for p in (found.p_log10_1, found.p_log10_2)[:orders]])
    samples = int((~public).sum())
    made = []
    for method, controls, adjust in METHODS:
        adjusted = adjust(p_log10)
        leaking = adjusted <= math.log10(LEVEL)
        made.append(
            Correction(
                method=method,
                controls=controls,
                leaking_samples_1=int(leaking[:samples].sum()),
                leaking_samples_2=int(leaking[samples:].sum()),
                smallest_p_log10=float(adjusted.min(initial=0.0)),
            )
        )
    return Multiplicity(
        level=LEVEL,
        tests=len(p_log10),
        orders=orders,
        uncorrected=sum(int((np.abs(t[~public]) > THRESHOLD).sum()) for t in (found.t1, found.t2)[:orders]),
        by_chance=ALPHA * len(p_log10),
        corrections=tuple(made),
    )
