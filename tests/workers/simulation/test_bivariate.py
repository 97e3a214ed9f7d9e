"""Pairs of samples: exact sums, the test against a naive one, and shares of a mask found in firmware."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from jobs.errors import InvalidInput
from jobs.report import Kind, Verdict
from tests.workers.simulation.conftest import Lab
from workers.simulation.bivariate import compare_pairs, pairs_of
from workers.simulation.comoments import CoMoments
from workers.simulation.moments import PowerSums
from workers.simulation.plan import sample_plan
from workers.simulation.plan_file import plan_of
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


@pytest.mark.parametrize("shift", [0, 380])
def test_t_and_p_are_those_of_welch_on_centred_products(shift: int) -> None:
    rng = np.random.default_rng(8)
    traces, groups = drawn(rng, 800, 6, 15) + np.int16(shift), of_groups(rng, 800)
    traces[:, 3] += (traces[:, 1] - shift) // 2
    traces[groups % 2 == 1, 5] += traces[groups % 2 == 1, 0] - np.int16(shift)

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

    with pytest.raises(ValueError, match=r"within|group"):
        sums.update(traces + 600 if bad == "traces" else traces, groups + 9 if bad == "groups" else groups)

    assert not sums.counts.any()


def test_the_masked_aes_shows_the_shares_of_its_first_substitution(lab: Lab) -> None:
    """Window: the first `sub_bytes`. Line 114 loads the mask of the table's output, line 117 that output and the byte's mask."""
    request = lab.request("aes128_masked_m4", traces=3000, cpa=None, bivariate={"window": [2428, 2634]}, shards=3)
    report = lab.run("c", request)

    found = report.bivariate
    assert found is not None
    assert found.confirmed > 50
    joint = [finding for finding in report.findings if finding.kind is Kind.BIVARIATE]
    assert report.verdict is Verdict.LEAKS
    assert {finding.kind for finding in report.findings if finding.sufficient} == {Kind.BIVARIATE}
    places = [(f.place, f.partner) for f in joint if f.partner is not None]
    assert len(places) == len(joint)
    assert {place.function for pair in places for place in pair} == {"sub_bytes"}
    assert (114, 117) in {(first.line, second.line) for first, second in places}
    assert any("ldrb" in first.mnemonic and second.mnemonic == "eors" for first, second in places)
    assert lab.run("again", request.model_copy(update={"shards": 1})).digest == report.digest


def test_pairs_that_never_see_the_plaintext_are_silent(lab: Lab) -> None:
    """Window: `prepare_table`, which handles two masks in each of its 256 turns, and nothing else."""
    report = lab.run("c", lab.request("aes128_masked_m4", traces=1500, cpa=None, bivariate={"window": [1200, 1600]}))

    assert report.bivariate is not None
    assert (report.bivariate.pairs, report.bivariate.over_corrected) == (79_800, 0)
    assert report.bivariate.over_threshold < 5  # 0.5 on average
    assert [finding for finding in report.findings if finding.kind is Kind.BIVARIATE] == []


@pytest.mark.parametrize("left", [0, 1])
def test_a_window_with_no_pair_of_the_trace_is_refused_by_its_name(lab: Lab, left: int) -> None:
    lab.plan("c", lab.request("compare_ct_m4", traces=64))
    samples = sample_plan(plan_of(lab.services.files, "c")).samples
    with pytest.raises(InvalidInput) as refused:
        lab.plan("d", lab.request("compare_ct_m4", traces=64, bivariate={"window": [samples - left, samples + 100]}))

    assert (refused.value.field, refused.value.reason) == ("bivariate.window", "out-of-range")
