"""Second-order bivariate t-test: whether the covariance of two samples differs between the fixed and the random set.

First-order masking splits a value into shares that are handled one after the other. No sample depends on the value, but
the product of two centred samples, one of each share, does (Chari, Jutla, Rao, Rohatgi 1999; Messerges 2000); Welch's t of
that product is the test of it (Schneider, Moradi 2015, section 4). Its mean is the covariance, its variance the mean of
(x - mean x)^2 (y - mean y)^2 less the covariance's square. With a pair for every two samples the threshold must be that of
many tests: 130,816 at most, of which one would be beyond 4.5 by chance.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.report import Finding, Kind
from jobs.report_bivariate import Bivariate, Pair
from workers.simulation.attribution import Attribution, finite
from workers.simulation.comoments import CoMoments, Products
from workers.simulation.findings import SEVERITIES, where
from workers.simulation.inputs import FIXED, RANDOM
from workers.simulation.multiplicity import holm_log10
from workers.simulation.totals import Merged
from workers.simulation.ttest import THRESHOLD, corrected_threshold, welch_of_means

TOP = 100
"""Pairs that a report lists."""
FINDINGS = 100
"""Pairs that are findings, at most."""
ALONE = frozenset({Kind.TVLA_1, Kind.TVLA_2})

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Paired:
    """The test of every pair i < j of the samples of a window, in the order of `numpy.triu_indices`."""

    t: Floats
    """[pairs] +-inf where the products are constant in both sets and differ."""
    p_log10: Floats
    """[pairs]"""
    confirmed: Flags
    """[pairs] |t| over the threshold with the same sign in both halves."""


@dataclass(frozen=True, slots=True)
class Joint:
    """What the pairs of a campaign say."""

    told: Bivariate
    tested: Paired
    attribution: Attribution

    def findings(self, others: Iterable[Finding], *, traces: int) -> list[Finding]:
        """Return the pairs that leak, without instructions that do so by themselves, as `others` say."""
        alone = (each.place.address for each in others if each.kind in ALONE and each.sufficient)
        leaking = frozenset(alone)
        first, last = self.told.window
        pairs = worst_pairs(self.tested, self.attribution, first=first, samples=last - first)
        return joint_findings(pairs, threshold=self.told.corrected_threshold, leaking=leaking, traces=traces)


def joint_of(merged: Merged, attribution: Attribution) -> Joint | None:
    """Test the pairs of a campaign's window, as far as all executions have it in common; None where nothing is left."""
    if merged.pairs is None:
        return None
    first = merged.paired_from
    samples = min(merged.pairs.samples, merged.samples - first)
    return joint(merged.pairs, attribution, first=first, samples=samples) if samples > 1 else None


def why_no_pairs(merged: Merged) -> str:
    """Say why there is no test of pairs."""
    if merged.pairs is None:
        return "the campaign asked for none"
    if (merged.whole.power.counts <= 1).any():
        return "too few executions ended well"
    return "fewer than two samples of the window are common to all executions"


def joint(sums: CoMoments, attribution: Attribution, *, first: int, samples: int) -> Joint:
    """Test all pairs of the samples [first, first + samples), which the sums begin with."""
    tested = compare_pairs(sums, samples)
    return Joint(describe(tested, attribution, first=first, samples=samples), tested, attribution)


def pairs_of(samples: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the earlier and the later sample of every pair."""
    return np.triu_indices(samples, k=1)


def compare_pairs(sums: CoMoments, samples: int) -> Paired:
    """Compare the sets over the first `samples` samples of the window."""
    chosen = pairs_of(samples)
    t, p_log10 = _welch(sums.union([FIXED, FIXED + 2], samples), sums.union([RANDOM, RANDOM + 2], samples), chosen)
    halves = [
        _welch(sums.union([FIXED + half], samples), sums.union([RANDOM + half], samples), chosen)[0] for half in (0, 2)
    ]
    both = (np.abs(halves[0]) > THRESHOLD) & (np.abs(halves[1]) > THRESHOLD)
    return Paired(t, p_log10, both & (np.sign(halves[0]) == np.sign(halves[1])))


def describe(found: Paired, attribution: Attribution, *, first: int, samples: int) -> Bivariate:
    """Describe the pairs of samples [first, first + samples) for the report."""
    counted = _counted(attribution, first, samples)
    size = np.where(counted, np.abs(found.t), 0.0)
    limit = corrected_threshold(max(int(counted.sum()), 1))
    aside = np.abs(found.t[~counted])
    return Bivariate(
        window=(first, first + samples),
        pairs=int(counted.sum()),
        threshold=THRESHOLD,
        corrected_threshold=limit,
        max_abs_t=finite(float(size.max())) if counted.any() else None,
        over_threshold=int((size > THRESHOLD).sum()),
        over_corrected=int((size > limit).sum()),
        confirmed=int(((size > limit) & found.confirmed).sum()),
        top=tuple(islice(worst_pairs(found, attribution, first=first, samples=samples), TOP)),
        excluded_pairs=len(aside),
        excluded_max_abs_t=finite(float(aside.max())) if len(aside) else None,
    )


def joint_findings(pairs: Iterable[Pair], *, threshold: float, leaking: frozenset[int], traces: int) -> list[Finding]:
    """Return the pairs of instructions that leak together, worst first as they come, beyond the corrected `threshold`.

    An instruction is named with its worst partner alone. Pairs with one that leaks by itself, at the addresses `leaking`,
    are left out: it is one leak.
    """
    made: list[Finding] = []
    named: set[int] = set()
    for pair in pairs:
        if len(made) == FINDINGS or not (pair.t is None or abs(pair.t) > threshold):
            break
        at = {pair.first.address, pair.second.address}
        if at & leaking or at <= named:
            continue
        named |= at
        size = "a difference without any noise" if pair.t is None else f"|t| {abs(pair.t):.1f}"
        made.append(
            Finding(
                kind=Kind.BIVARIATE,
                severity=SEVERITIES.of_difference(pair.p_log10, confirmed=pair.confirmed, beyond_chance=True),
                place=pair.first,
                title=f"{where(pair.first)} and {where(pair.second)} together depend on the inputs: {size}"
                + ("" if pair.confirmed else "; not confirmed in both halves"),
                secret=None,
                statistic="t",
                value=pair.t,
                p_log10=pair.p_log10,
                sample=pair.samples[0],
                samples=1,
                traces=traces,
                sufficient=pair.confirmed,
                traces_needed=None,
                partner=pair.second,
                partner_sample=pair.samples[1],
            )
        )
    return made


def worst_pairs(found: Paired, attribution: Attribution, *, first: int, samples: int) -> Iterator[Pair]:
    """Yield the worst pair of samples of each two instructions that are beyond the threshold, worst first.

    Declared-public code is left out.
    """
    counted = _counted(attribution, first, samples)
    earlier, later = pairs_of(samples)
    adjusted = np.zeros(len(found.t))
    adjusted[counted] = holm_log10(found.p_log10[counted])
    over = np.flatnonzero(counted & (np.abs(found.t) > THRESHOLD))
    seen: set[tuple[int, int]] = set()
    for pair in over[np.lexsort((over, -np.abs(found.t[over])))]:
        at = (first + int(earlier[pair]), first + int(later[pair]))
        here = (int(attribution.of_sample[at[0]]), int(attribution.of_sample[at[1]]))
        if here in seen:
            continue
        seen.add(here)
        yield Pair(
            first=attribution.places[here[0]],
            second=attribution.places[here[1]],
            samples=at,
            t=finite(float(found.t[pair])),
            p_log10=float(found.p_log10[pair]),
            p_adjusted_log10=float(adjusted[pair]),
            confirmed=bool(found.confirmed[pair]),
        )


def _counted(attribution: Attribution, first: int, samples: int) -> Flags:
    """Return [pairs]: whether both samples lie outside declared-public code."""
    secret = ~attribution.public_samples[first : first + samples]
    earlier, later = pairs_of(samples)
    return np.asarray(secret[earlier] & secret[later])


def _welch(
    a: Products, b: Products, chosen: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
) -> tuple[Floats, Floats]:
    """Return t and log10 p of the chosen pairs; 0 and 1 with fewer than 3 traces of a set."""
    (mean_a, variance_a), (mean_b, variance_b) = a.covariance(), b.covariance()
    t, p_log10 = welch_of_means(
        (mean_a[chosen], mean_b[chosen]),
        (variance_a[chosen], variance_b[chosen]),
        a.count,
        b.count,
        enough=min(a.count, b.count) >= 3,
    )
    # Both products are constant and differ: no more likely than any other way to part the traces into two such sets.
    p_log10[np.isinf(t)] = min(0.0, float(np.log10(2) + _split_log10(a.count, b.count)))
    return t, p_log10


def _split_log10(n_a: int, n_b: int) -> float:
    return float(-(special.gammaln(n_a + n_b + 1) - special.gammaln(n_a + 1) - special.gammaln(n_b + 1)) / np.log(10))
