"""Noise by law: nobody could tell from the sums that the noises were not drawn one by one."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from jobs.payloads import Sampling
from renode.counting import count
from renode.trace import Class
from workers.simulation.levels import Scale, scale_of
from workers.simulation.moments import Group, PowerSums
from workers.simulation.noise_law import law_of, settle
from workers.simulation.power import LIMIT, SamplePlan, plan_samples, sample
from workers.simulation.power_model import load_model
from workers.simulation.tallies import Tally
from workers.simulation.ttest import welch

MODELS = Path(__file__).parents[3] / "config" / "power_models"
GROUPS = 4
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Executions:
    """Activity of executions of a path, and what is made of it either way."""

    samples: SamplePlan
    scale: Scale
    activity: Words
    agreed: npt.NDArray[np.int32]
    groups: npt.NDArray[np.uint8]

    def tally(self) -> Tally:
        """Count all of them."""
        out = Tally(GROUPS, self.scale.levels.bins)
        out.counts += np.bincount(self.groups, minlength=GROUPS)
        count(self.activity, self.agreed, self.groups, self.scale.levels, out.levels)
        return out

    def by_law(self, seed: int = 1, *, sigma: float = 1.0, threads: int = 1) -> tuple[PowerSums, int]:
        """Settle the tally; `sigma` is a factor that makes the law wrong."""
        wrong = replace(self.samples, noise_sigma=self.samples.noise_sigma * sigma)
        law = law_of(wrong, self.scale)
        return settle([self.tally()], wrong, self.scale, law, seed=seed, threads=threads)

    def one_by_one(self, seed: int = 1) -> tuple[PowerSums, int]:
        """Give each trace a noise of its own."""
        traces, clipped = sample(self.activity, self.agreed, self.samples, seed=seed, first_index=0)
        power = PowerSums(GROUPS, self.samples.samples)
        power.update(traces, self.groups)
        return power, clipped


def executions(
    activity: Words,
    groups: npt.NDArray[np.uint8],
    *,
    model: str = "hw",
    sigma: float = 1.0,
    registers: int = 1,
    sampling: Sampling = Sampling.INSTRUCTION,
    cycles: int = 1,
) -> Executions:
    """Return executions of a path of equal loads; the first of them is the reference."""
    length = activity.shape[1]
    samples = plan_samples(
        load_model(MODELS / f"{model}.toml"),
        np.full(length, Class.LOAD, np.uint8),
        np.full(length, cycles, np.int64),
        activity[0],
        sampling=sampling,
        window=(0, length),
        noise_sigma=sigma,
    )
    scale = scale_of(samples, np.full(length, registers, np.uint8), np.ones(length, np.uint8))
    return Executions(samples, scale, activity, np.full(len(activity), length, np.int32), groups)


def unequal(copies: int, traces: int) -> tuple[Words, npt.NDArray[np.uint8]]:
    """Return activity [traces, copies], the same in all columns: each sample is the experiment once more.

    Levels have many traces, few, and one; the second group is a little heavier.
    """
    rng = np.random.default_rng(5)
    groups = (np.arange(traces) % 2).astype(np.uint8)
    weights = np.minimum(rng.geometric(0.45, traces) + 12 + (groups & (np.arange(traces) % 5 == 0)), 30)
    return np.repeat(weights.astype(np.uint64)[:, None], copies, axis=1), groups


def of_group(power: PowerSums, group: int) -> Group:
    return Group(int(power.counts[group]), power.sums[group])


def statistics(power: PowerSums) -> dict[str, npt.NDArray[np.float64]]:
    """Return what a report is made of, [samples] each."""
    found = {
        f"S{order + 1} of group {group}": power.sums[group, order].astype(np.float64)
        for group in (0, 1)
        for order in range(4)
    }
    compared = welch(of_group(power, 0), of_group(power, 1))
    return found | {"t1": compared.t1, "t2": compared.t2}


BOUND = 1e-4
# sigma in steps of the quantiser: 1; 4; 0.2, of which little is left; 50, with levels between two steps.
CASES = [("hw", 0.25, 400, 3000), ("hw", 1.0, 1200, 3000), ("hw", 0.05, 300, 3000), ("hw", 100.0, 9000, 500)]


@pytest.mark.parametrize(("model", "sigma", "traces", "copies"), CASES)
def test_sums_and_t_tests_have_the_distribution_of_noise_per_trace(
    model: str, sigma: float, traces: int, copies: int
) -> None:
    made = executions(*unequal(copies, traces), model=model, sigma=sigma)

    law, each = made.by_law()[0], made.one_by_one()[0]

    np.testing.assert_array_equal(law.counts, each.counts)
    expected = statistics(each)
    for name, found in statistics(law).items():
        assert stats.ks_2samp(found, expected[name]).pvalue > BOUND, name


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_the_same_bound_finds_a_sigma_that_is_wrong_by_two_percent(factor: float) -> None:
    made = executions(*unequal(3000, 1200), sigma=1.0)

    wrong, each = made.by_law(sigma=factor)[0], made.one_by_one()[0]

    found, expected = statistics(wrong), statistics(each)
    for name in ("S2 of group 0", "S2 of group 1"):
        assert stats.ks_2samp(found[name], expected[name]).pvalue < BOUND / 100


@pytest.mark.parametrize("model", ["identity", "hw", "elmo-like-linear"])
@pytest.mark.parametrize("sigma", [0.3, 3.0, 400.0])
def test_values_have_the_probabilities_of_the_rounded_normal_law(model: str, sigma: float) -> None:
    activity, groups = unequal(2, 50)
    made = executions(activity, groups, model=model, sigma=sigma)

    law = law_of(made.samples, made.scale)

    parts = len(law.value)
    assert law.sigma == sigma / made.samples.step
    left = np.cumprod(np.concatenate([np.ones((parts, 1)), 1 - law.share], axis=1), axis=1)
    for part in range(0, parts, max(1, parts // 7)):
        noise = stats.norm(part / parts, law.sigma)
        found = left[part, :-1] * law.share[part]
        x = law.value[part]
        side = np.where(
            x > part / parts, noise.sf(x - 0.5) - noise.sf(x + 0.5), noise.cdf(x + 0.5) - noise.cdf(x - 0.5)
        )
        np.testing.assert_allclose(found, side, rtol=1e-9, atol=1e-19)
        assert found.sum() == pytest.approx(1, abs=1e-15)


def random_activity(traces: int, length: int, most: int) -> Words:
    """Draw register and bus weights up to `most`, and low bytes."""
    rng = np.random.default_rng(11)
    out = np.zeros((traces, length), np.uint64)
    for position, bound in ((0, most), (12, most), (24, 33), (36, 33), (48, 256)):
        out |= rng.integers(0, bound, out.shape).astype(np.uint64) << np.uint64(position)
    return out


@pytest.mark.parametrize("sampling", list(Sampling))
@pytest.mark.parametrize("model", ["identity", "hw", "hd", "hw+hd", "elmo-like-linear"])
def test_without_noise_the_sums_are_bit_for_bit_those_of_the_traces(model: str, sampling: Sampling) -> None:
    groups = np.random.default_rng(3).integers(0, GROUPS, 90).astype(np.uint8)
    made = executions(
        random_activity(90, 40, 450), groups, model=model, sigma=0.0, registers=15, sampling=sampling, cycles=2
    )
    made = replace(made, agreed=np.random.default_rng(4).integers(0, 41, 90).astype(np.int32))

    law, each = made.by_law(), made.one_by_one()

    np.testing.assert_array_equal(law[0].sums, each[0].sums)
    np.testing.assert_array_equal(law[0].counts, each[0].counts)
    assert law[1] == each[1]
    assert each[1] > 0 or model == "identity"


def test_clipped_samples_are_as_many_as_with_noise_per_trace() -> None:
    activity, groups = random_activity(400, 300, 300), np.zeros(400, np.uint8)
    made = executions(activity, groups, sigma=5.0, registers=15)

    law, each = made.by_law(), made.one_by_one()

    assert each[1] > 10_000
    assert abs(law[1] - each[1]) < 5 * np.sqrt(each[1])
    assert law[0].sums[0, 1].max() <= 400 * LIMIT**2


def test_the_cycles_before_the_last_have_noise_alone_of_as_many_traces_as_came_so_far() -> None:
    activity, groups = unequal(1200, 300)
    made = executions(activity, groups, sampling=Sampling.CYCLE, cycles=3)
    made = replace(made, agreed=np.where(np.arange(300) % 3 == 0, 600, 1200).astype(np.int32))

    law, each = made.by_law()[0], made.one_by_one()[0]

    for part in (slice(0, 1800), slice(1800, 3600)):
        alone = np.arange(3600)[part][np.arange(part.stop - part.start) % 3 != 2]
        for order in (0, 1, 3):
            pair = law.sums[1, order, alone], each.sums[1, order, alone]
            assert stats.ks_2samp(*pair).pvalue > BOUND


def test_threads_and_the_order_of_merges_change_nothing_and_samples_differ() -> None:
    activity, groups = unequal(50, 400)
    made = executions(activity, groups)
    halves = [
        replace(made, activity=activity[cut], agreed=made.agreed[cut], groups=groups[cut]).tally()
        for cut in (slice(250, 400), slice(0, 250))
    ]
    law = law_of(made.samples, made.scale)

    whole, parts = made.by_law(threads=3)[0], settle(halves, made.samples, made.scale, law, seed=1)[0]

    np.testing.assert_array_equal(whole.sums, parts.sums)
    np.testing.assert_array_equal(whole.counts, parts.counts)
    assert len(np.unique(whole.sums[0, 1])) == 50
    assert (made.by_law(seed=2)[0].sums != whole.sums).any()


def test_values_are_frozen_because_campaigns_are_reproducible() -> None:
    power, _ = executions(*unequal(2, 400)).by_law()

    assert power.sums[1].tolist() == [[-491, -384], [17405, 15082], [112117, 62304], [7534853, 4377970]]


@pytest.mark.parametrize("cuts", [[0, 1, 50, 100, 149, 150], [0, 75, 150]])
def test_samples_in_pieces_get_what_they_get_together(cuts: list[int]) -> None:
    """With three samples an instruction, so that pieces end within one."""
    activity, groups = unequal(50, 400)
    made = executions(activity, groups, sampling=Sampling.CYCLE, cycles=3)
    whole, clipped = made.by_law()
    law = law_of(made.samples, made.scale)

    pieces = [
        settle([made.tally()], made.samples, made.scale, law, seed=1, span=slice(*cut), threads=2)
        for cut in pairwise(cuts)
    ]

    np.testing.assert_array_equal(np.concatenate([power.sums for power, _ in pieces], axis=2), whole.sums)
    assert sum(out for _, out in pieces) == clipped
    assert all((power.counts == whole.counts).all() for power, _ in pieces)
