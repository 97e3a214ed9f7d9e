"""How looks, corrections and pairs were computed, in words: steps of the report's method."""

from jobs.report_bivariate import BivariateReport
from jobs.report_multiplicity import Multiplicity
from jobs.report_sequential import SequentialReport
from workers.simulation.report_facts import Fact
from workers.simulation.report_step import Step
from workers.simulation.report_words import magnitude, whole
from workers.simulation.report_words_tests import (
    METHODS,
    bivariate_sentence,
    multiplicity_sentence,
    sequential_facts,
    sequential_sentence,
)


def sequential(found: SequentialReport) -> Step:
    """Return the step of a campaign that was looked at while it ran."""
    return Step(
        "Looking early, without peeking",
        "At each look all traces so far are tested, and each sample's p-value is compared with that of a boundary. The "
        "boundaries spend the stated error rate over the looks as O'Brien and Fleming's do, hardly any of it early, and "
        "each test has its share of it by Sidak's rule: the chance that a target that does not leak ever goes over one is at "
        "most that rate, however samples depend on each other. To stop because nothing was seen spends nothing. The "
        "decision depends on the first traces alone, so it is the same for any number of workers. The attack has no "
        f"boundary of its own; it is made once, of the traces at the decision. {sequential_sentence(found)}",
        sequential_facts(found),
        "Lan and DeMets 1983; Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000; Sidak 1967; Royen 2014",
    )


def multiplicity(found: Multiplicity) -> Step:
    """Return the step of the corrections beside the 4.5 line."""
    return Step(
        "Many tests at once",
        "The line of 4.5 is for one test. Beside it stand corrections for all tests of the campaign as one family, from "
        f"the same p-values; they change no verdict. {multiplicity_sentence(found)}",
        tuple(
            Fact(METHODS[one.method], f"{whole(one.leaking_samples_1)} and {whole(one.leaking_samples_2)} samples")
            for one in found.corrections
        ),
        "Holm 1979; Benjamini and Hochberg 1995; Benjamini and Yekutieli 2001; Mather et al. 2013; Whitnall and Oswald 2019",
    )


def bivariate(found: BivariateReport) -> Step:
    """Return the step of the pairs."""
    return Step(
        "Pairs of samples",
        "For every two samples of the window, the product of their deviations from the mean of their set is compared "
        "between the sets by Welch's t. This is where a first-order masked implementation shows: no sample depends on the "
        "secret, but two that handle one share each do together. The sums of products are exact integers. "
        f"{bivariate_sentence(found)}",
        (
            Fact("Pairs", whole(found.pairs)),
            Fact("Over 4.5", whole(found.over_threshold)),
            Fact("Corrected threshold", f"{found.corrected_threshold:.2f}"),
            Fact("Over it", whole(found.over_corrected)),
            Fact("Confirmed", whole(found.confirmed)),
            Fact("Largest |t|", magnitude(found.max_abs_t) if found.pairs else "\u2014"),
        ),
        "Chari, Jutla, Rao and Rohatgi 1999; Messerges 2000; Schneider and Moradi 2015; Ding et al. 2017",
    )
