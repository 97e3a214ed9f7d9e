"""Pairs of samples: exact sums, the test against a naive one, and shares of a mask found in firmware."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from jobs.report import Kind, Verdict
from tests.workers.simulation.conftest import Lab
from workers.simulation.bivariate import compare_pairs, pairs_of
from workers.simulation.comoments import CoMoments
from workers.simulation.moments import PowerSums
from workers.simulation.ttest import corrected_threshold, welch

GROUPS = 4


def added(traces: npt.NDArray[np.int16], groups: npt.NDArray[np.uint8], *cuts: int) -> CoMoments:
    sums = CoMoments(GROUPS, traces.shape[1])
    for rows, labels in zip(np.split(traces, cuts), np.split(groups, cuts), strict=True):
        part = CoMoments(GROUPS, traces.shape[1])
        part.update(rows, labels)
        sums.merge(CoMoments.from_arrays(part.to_arrays()))
    return sums


def drawn(rng: np.random.Generator, traces: int, samples: int, sigma: float = 20) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(rng.normal(3, sigma, (traces, samples))), -511, 511).astype(np.int16)


def of_groups(rng: np.random.Generator, traces: int) -> npt.NDArray[np.uint8]:
    return rng.permutation(np.arange(traces) % GROUPS).astype(np.uint8)


def test_sums_are_those_of_integers_and_do_not_depend_on_the_cut() -> None:
    rng = np.random.default_rng(7)
    traces, groups = drawn(rng, 500, 9, 300), of_groups(rng, 500)

    whole, cut = added(traces, groups), added(traces, groups, 1, 77, 400)

    x = traces.astype(object)[groups == 2]
    for order, product in enumerate((x.T @ x, (x**2).T @ x, (x**2).T @ (x**2))):
        assert (whole.products[2, order] == product).all()
    assert (whole.products == cut.products).all()
    assert (whole.first == cut.first).all()


@pytest.mark.parametrize("shift", [0, 400])
def test_t_and_p_are_those_of_welch_on_centred_products(shift: int) -> None:
    rng = np.random.default_rng(8)
    traces, groups = drawn(rng, 800, 6) + np.int16(shift), of_groups(rng, 800)
    traces[:, 3] += traces[:, 1] // 2
    traces[groups % 2 == 1, 5] += traces[groups % 2 == 1, 0]

    found = compare_pairs(added(traces, groups), 6)

    x = traces.astype(np.float64)
    for at, (i, j) in enumerate(zip(*pairs_of(6), strict=True)):
        sets = [x[groups % 2 == chosen] for chosen in (0, 1)]
        a, b = ((s[:, i] - s[:, i].mean()) * (s[:, j] - s[:, j].mean()) for s in sets)
        naive = stats.ttest_ind(a, b, equal_var=False)
        assert found.t[at] == pytest.approx(naive.statistic, rel=1e-9)
        assert found.p_log10[at] == pytest.approx(np.log10(naive.pvalue), rel=1e-7)


def test_a_sample_paired_with_itself_is_the_second_order_test() -> None:
    rng = np.random.default_rng(9)
    traces, groups = drawn(rng, 600, 5), of_groups(rng, 600)
    powers = PowerSums(GROUPS, 5)
    powers.update(traces, groups)

    sums = added(traces, groups)
    of_a, of_b = sums.union([0, 2], 5).covariance(), sums.union([1, 3], 5).covariance()
    t = (of_a[0] - of_b[0]) / np.sqrt(of_a[1] / 299 + of_b[1] / 299)

    np.testing.assert_allclose(np.diagonal(t), welch(powers.union([0, 2]), powers.union([1, 3])).t2, rtol=1e-9)


def test_two_shares_of_a_value_are_found_and_no_other_pair() -> None:
    rng = np.random.default_rng(10)
    traces, groups = 4000, of_groups(rng, 4000)
    value = np.where(groups % 2 == 0, 0x0F ^ 0xFF, rng.integers(0, 256, traces))
    value[groups % 2 == 0] = 0
    mask = rng.integers(0, 256, traces)
    samples = drawn(rng, traces, 20, 2)
    samples[:, 4] += 4 * np.bitwise_count(value ^ mask).astype(np.int16)
    samples[:, 13] += 4 * np.bitwise_count(mask).astype(np.int16)

    found = compare_pairs(added(samples, groups), 20)

    beyond = np.abs(found.t) > corrected_threshold(190)
    assert list(zip(*(side[beyond] for side in pairs_of(20)), strict=True)) == [(4, 13)]
    assert found.confirmed[beyond].all()


def test_random_labels_go_over_at_the_stated_rate() -> None:
    """Samples that hang together, as shares and loops do: the p-values of pairs are uniform all the same."""
    rng = np.random.default_rng(11)
    below, tests, seeds, families = 0, 0, 60, 0
    for _ in range(seeds):
        common = rng.normal(0, 15, (1500, 1))
        traces = np.rint(common + rng.normal(0, 15, (1500, 12))).astype(np.int16)
        found = compare_pairs(added(traces, of_groups(rng, 1500)), 12)
        below += int((found.p_log10 < np.log10(0.05)).sum())
        tests += len(found.t)
        families += bool((found.p_log10 < np.log10(0.05 / len(found.t))).any())

    assert 0.03 < below / tests < 0.07
    assert families <= 9  # 3 of 60 on average; more than 9 has a chance of 1e-3


def test_products_without_noise_that_differ_are_infinite_and_constant_ones_are_nothing() -> None:
    groups = (np.arange(64) % GROUPS).astype(np.uint8)
    signs = np.where((np.arange(64) // GROUPS) % 2 == 0, 5, -5).astype(np.int16)
    traces = np.zeros((64, 3), np.int16)
    traces[:, 0] = signs
    traces[:, 1] = np.where(groups % 2 == 0, signs, -signs)

    found = compare_pairs(added(traces, groups), 3)

    assert np.isinf(found.t[0])
    assert found.p_log10[0] < -15
    assert (found.t[1:] == 0).all()


@pytest.mark.parametrize("bad", ["traces", "groups"])
def test_what_is_no_trace_is_refused_and_adds_nothing(bad: str) -> None:
    sums = CoMoments(GROUPS, 3)
    traces, groups = np.zeros((2, 3), np.int16), np.zeros(2, np.uint8)

    with pytest.raises(ValueError, match="within|group"):
        sums.update(traces + 600 if bad == "traces" else traces, groups + 9 if bad == "groups" else groups)

    assert not sums.counts.any()


def test_the_masked_aes_shows_its_shares_in_pairs_and_only_there(lab: Lab) -> None:
    changes = {"traces": 3000, "cpa": None, "power": {"model": "hw", "noise_sigma": 1.0}}
    report = lab.run("c", lab.request("aes128_masked_m4", **changes, bivariate={"window": [1500, 2000]}))
    print(report.bivariate and report.bivariate.model_dump_json(indent=1)[:6000])
    print([f.title for f in report.findings])
    assert 0
