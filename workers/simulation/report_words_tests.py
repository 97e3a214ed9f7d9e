"""How looks, corrections and pairs of samples read to a person."""

import math

from jobs.report_bivariate import BivariateReport
from jobs.report_multiplicity import Multiplicity
from jobs.report_sequential import Look, SequentialReport
from workers.simulation.report_facts import Fact
from workers.simulation.report_words import count, magnitude, whole

PAIRS_SHOWN = 50
METHODS = {
    "holm": "Holm",
    "benjamini-hochberg": "Benjamini and Hochberg",
    "benjamini-yekutieli": "Benjamini and Yekutieli",
}


def power_of_ten(log10: float) -> str:
    """Write a number whose logarithm is known, however small it is."""
    if log10 > -3:
        return f"{10**log10:.2g}"
    exponent = math.floor(log10 + 0.0022)  # 9.95 is shown as 10.0
    return f"{10 ** (log10 - exponent):.1f}e{exponent}".replace("-", "\u2212")


def sequential_sentence(found: SequentialReport) -> str:
    """Say when the campaign was decided, and by what."""
    after = f"after {whole(found.traces)} of at most {count(found.planned, 'trace')}"
    at = f"at look {len(found.looks)} of {found.planned_looks}"
    return {
        "leaks": f"Decided {after}, {at}: {count(found.looks[-1].crossed, 'test')} went over the boundary.",
        "control-flow": f"Decided {after}, {at}: executions took different ways, which no number of traces takes back.",
        "clean": f"Decided {after}, {at}: no test went over a boundary, and the difference that the campaign asks for would "
        "have, with 95\u2009% power.",
        "not-decided": f"Not decided {after}: no test went over a boundary, but the difference that the campaign asks for "
        "might not have either.",
    }[found.decided]


def sequential_facts(found: SequentialReport) -> tuple[Fact, ...]:
    """Return what the looks were held to."""
    return (
        Fact("Error rate", f"{found.error_rate:g}"),
        Fact("Tests that share it", whole(found.tests)),
        Fact("Looks taken", f"{len(found.looks)} of {found.planned_looks}"),
        Fact("Traces", f"{whole(found.traces)} of at most {whole(found.planned)}"),
    )


def boundary_text(look: Look) -> str:
    """Write a boundary and the p-value on it."""
    return f"{look.boundary:.2f} (p {power_of_ten(look.nominal_p_log10)})"


def effect_text(look: Look) -> str:
    """Write the difference that a look would have seen."""
    return "none" if look.minimum_effect is None else f"{look.minimum_effect:.3f}"


def multiplicity_sentence(found: Multiplicity) -> str:
    """Say how many tests there are and what that means for the 4.5 line."""
    orders = "orders 1 and 2" if found.orders > 1 else "order 1"
    return (
        f"{count(found.tests, 'test')} of {orders} outside declared-public code; {whole(found.uncorrected)} are over 4.5, "
        f"{found.by_chance:.2g} would be on average if nothing leaked. Each row keeps {found.level:g} for all of them together."
    )


def bivariate_sentence(found: BivariateReport) -> str:
    """Say what pairs were tested and what they show."""
    first, last = found.window
    shown = f"largest |t| {magnitude(found.max_abs_t, digits=1)}" if found.pairs else "none of them counts"
    aside = (
        f" {count(found.excluded_pairs, 'pair')} with declared-public code are not counted."
        if found.excluded_pairs
        else ""
    )
    return (
        f"{count(found.pairs, 'pair')} of the samples {whole(first)} to {whole(last)}: {shown}; "
        f"{whole(found.over_corrected)} over {found.corrected_threshold:.2f}, which is corrected for so many, "
        f"{whole(found.confirmed)} of them confirmed in both halves.{aside}"
    )
