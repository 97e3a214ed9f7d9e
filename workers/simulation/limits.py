"""From where on a t-test tells, and from where on it tells by itself."""

from dataclasses import dataclass

from jobs.report import Tvla
from jobs.report_sequential import SequentialReport


@dataclass(frozen=True, slots=True)
class Limits:
    """What the t-tests of one campaign are held to."""

    threshold: float
    """Of |t|."""
    corrected: float
    """Of |t|, for all samples together."""
    p_log10: float | None = None
    """In a sequential campaign, of p at the last look: it takes the place of `corrected`."""
    decided: bool = True
    """Whether halves may confirm a sample: not in a sequential campaign that no look called leaking."""


def limits_of(tvla: Tvla, sequential: SequentialReport | None) -> Limits:
    """Return the limits of a campaign's t-tests."""
    if sequential is None:
        return Limits(tvla.threshold, tvla.corrected_threshold)
    nominal = sequential.looks[-1].nominal_p_log10
    return Limits(tvla.threshold, tvla.corrected_threshold, nominal, decided=sequential.decided == "leaks")
