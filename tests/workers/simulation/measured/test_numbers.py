"""Sets, scales, clocks and regressions on numbers whose answer is known."""

import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.measuring import Clock
from renode.trace import Path, Stop
from workers.simulation.measured.agreement import level, p_agrees, rho_agrees
from workers.simulation.measured.mapping import by_number, owners
from workers.simulation.measured.quantise import scale_of
from workers.simulation.measured.regression import FoldSums, fitted, validated
from workers.simulation.measured.sets import sets_of_traces

RANDOM_PLAIN = np.random.default_rng(7).integers(0, 256, (100, 16), dtype=np.uint8)


def test_a_plaintext_that_returns_makes_the_fixed_set() -> None:
    plain = RANDOM_PLAIN.copy()
    plain[::2] = plain[0]

    sets = sets_of_traces("auto", None, plain, traces=100)

    assert sets.how == "derived"
    np.testing.assert_array_equal(sets.labels & 1, np.arange(100) % 2)
    np.testing.assert_array_equal(np.bincount(sets.labels), [25, 25, 25, 25])


@pytest.mark.parametrize("returning", [[], [0], list(range(95))])
def test_no_set_is_made_of_few_traces(returning: list[int]) -> None:
    plain = RANDOM_PLAIN.copy()
    plain[returning] = 0

    sets = sets_of_traces("auto", None, plain, traces=100)

    assert sets.how == "none"
    assert set(sets.labels.tolist()) == {1, 3}


def test_two_plaintexts_that_return_are_no_fixed_against_random() -> None:
    plain = RANDOM_PLAIN.copy()
    plain[:40], plain[40:80] = 1, 2

    assert sets_of_traces("auto", None, plain, traces=100).how == "none"
    with pytest.raises(InvalidInput, match="No plaintext returns"):
        sets_of_traces("derived", None, plain, traces=100)


def test_sets_of_the_file_are_taken_with_what_they_leave_out() -> None:
    group = np.array([0, 1] * 10 + [255], np.uint8)

    sets = sets_of_traces("auto", group, None, traces=21)

    assert sets.how == "given"
    assert sets.labels[-1] == 255
    np.testing.assert_array_equal(np.bincount(sets.labels[:20]), [5, 5, 5, 5])


def test_a_set_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput, match="there are \\[0, 7\\]"):
        sets_of_traces("auto", np.array([0, 7], np.uint8), None, traces=2)


@pytest.mark.parametrize("told", [[1, 2], [0, 3], [2, 3], [0, 1, 2]])
def test_a_half_without_traces_of_a_set_is_refused(told: list[int]) -> None:
    group = np.resize(np.array(told, np.uint8), 24)

    with pytest.raises(InvalidInput, match=f"each half needs traces of both; there are \\{told}") as refused:
        sets_of_traces("auto", group, None, traces=24)

    assert (refused.value.field, refused.value.reason) == ("values.group", "bad-groups")


def test_integers_of_a_converter_are_not_rounded() -> None:
    traces = np.random.default_rng(7).integers(100, 1100, (50, 20)).astype(np.float32)

    scale = scale_of(traces)

    assert scale.lossless
    np.testing.assert_array_equal(scale.integers(traces) * scale.step + scale.offset, traces)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 3e7])
def test_numbers_are_rounded_by_half_a_step_and_never_clipped(unit: float) -> None:
    traces = (np.random.default_rng(7).normal(5, 1, (200, 30)) * unit).astype(np.float32)

    scale = scale_of(traces)
    integers = scale.integers(traces)

    assert np.abs(integers).max() <= 511
    assert (np.abs(integers).max(axis=0) > 250).all()
    rounded = np.abs(integers * scale.step + scale.offset - traces)
    assert (rounded <= scale.step * 0.5 + unit * 1e-6).all()


def test_a_sample_that_is_missing_somewhere_ends_what_is_compared() -> None:
    traces = np.ones((5, 10), np.float32)
    traces[3, 7] = np.nan

    assert len(scale_of(traces).offset) == 7
    traces[3, 0] = np.nan
    with pytest.raises(InvalidInput, match="first sample"):
        scale_of(traces)


def test_the_clock_gives_samples_to_instructions() -> None:
    begins = np.array([0, 1, 3])  # one cycle, two, one
    path = Path(np.array([10, 20, 30], np.uint32), Stop.DONE, 30, 4, b"", begins)
    clock = Clock(samples_per_cycle=2, first_sample=3)

    owner = owners(path, clock, 0, samples=13, common=3)

    assert owner.tolist() == [-1, -1, -1, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3]
    assert owners(path, clock, 5, samples=4, common=2).tolist() == [1, 1, 1, 1]
    assert owners(path, clock, 9, samples=2, common=2).tolist() == [2, 2]


def test_without_code_samples_go_by_their_numbers() -> None:
    few, many = by_number(1000, 50), by_number(10_000, 0)

    assert few.pcs[:3].tolist() == [50, 51, 52]
    assert few.describe(50).operands == "50"
    assert len(np.unique(many.pcs)) <= 2000
    assert many.describe(int(many.pcs[-1])).operands.endswith("-9999")


def sums_of(x: np.ndarray, y: np.ndarray, folds: int = 5) -> FoldSums:
    """Return the sums of traces x [n, instructions, 5] and y [n, instructions]."""
    sums = FoldSums.empty(folds, y[0])
    for fold in range(folds):
        sums.add(fold, x[fold::folds], y[fold::folds])
    return sums


def test_coefficients_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(7)
    x = rng.integers(0, 33, (400, 6, 5)).astype(float)
    x[..., 4] = 3.0
    means = rng.normal(size=6) * 100
    y = x @ [0.5, -0.25, 0.0, 1.0, 9.0] + means + rng.normal(size=(400, 6))

    found = fitted(sums_of(x, y).without(None), np.ones(6, bool))

    assert found is not None
    centred, target = (x - x.mean(axis=0)).reshape(-1, 5)[:, :4], (y - y.mean(axis=0)).ravel()
    expected = np.linalg.lstsq(centred, target, rcond=None)[0]
    np.testing.assert_allclose(found.values[:4], expected, rtol=1e-9)
    np.testing.assert_allclose(found.values[:4], [0.5, -0.25, 0.0, 1.0], atol=0.01)
    assert (found.varied.tolist(), found.values[4]) == ([True] * 4 + [False], 0.0)


def test_a_coefficient_that_cannot_be_told_from_another_has_no_error() -> None:
    rng = np.random.default_rng(7)
    x = np.zeros((300, 2, 5))
    x[..., 0] = x[..., 2] = rng.integers(0, 33, (300, 2))
    y = x[..., 0] * 2 + rng.normal(size=(300, 2))

    found = fitted(sums_of(x, y).without(None), np.ones(2, bool))

    assert found is not None
    assert np.isnan(found.errors[[0, 2]]).all()
    np.testing.assert_allclose(found.values[0] + found.values[2], 2, atol=0.02)


def test_held_out_folds_are_predicted_as_well_as_the_signal_allows() -> None:
    rng = np.random.default_rng(7)
    x = rng.integers(0, 33, (2000, 4, 5)).astype(float)
    signal = x @ [0.1, 0, 0, 0, 0]
    y = signal + rng.normal(size=(2000, 4)) * signal.std()

    r2 = validated(sums_of(x, y), np.zeros(4, np.int64)).r2(np.ones(4, bool))

    assert r2 == pytest.approx(0.5, abs=0.02)


def test_noise_alone_is_almost_never_called_a_model() -> None:
    """A fold is predicted worse than by its mean half of the time or more: five of them better, 1 in 32 at most."""
    rng = np.random.default_rng(7)
    called = 0
    for _ in range(400):
        x = rng.integers(0, 33, (60, 3, 5)).astype(float)
        y = rng.normal(size=(60, 3))
        called += bool((validated(sums_of(x, y), np.zeros(3, np.int64)).by_fold() > 0).all())

    assert called <= 4


@pytest.mark.parametrize(
    ("second", "traces", "agrees"), [(0.55, 100, True), (0.2, 100, None), (0.2, 10_000, False), (-0.5, 100, False)]
)
def test_correlations_differ_only_by_more_than_chance_explains(second: float, traces: int, agrees: bool | None) -> None:
    assert rho_agrees(0.5, second, limit=0.1, traces=traces) is agrees


def test_p_values_that_are_both_no_finding_agree() -> None:
    clear = level(1000)

    assert p_agrees(0.9, 0.1, limit=0.05, clear=clear)
    assert not p_agrees(clear / 2, 0.9, limit=0.05, clear=clear)
    assert p_agrees(1e-30, 1e-12, limit=0.05, clear=clear)
    assert clear == pytest.approx(6.8e-9, rel=0.01)
