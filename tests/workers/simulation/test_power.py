"""Power: models as files, the plan of samples, and samples against a plain NumPy evaluation of the formula."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from jobs.errors import InvalidInput
from jobs.payloads import Sampling
from renode.trace import Class
from workers.simulation.draws import normals
from workers.simulation.power import (
    LIMIT,
    NOISE_PURPOSE,
    SamplePlan,
    dequantise,
    plan_samples,
    sample,
)
from workers.simulation.power_model import Coefficient, PowerModel, load_model

MODELS = Path(__file__).parents[3] / "config" / "power_models"
NAMES = ("identity", "hw", "hd", "hw+hd", "elmo-like-linear")
Words = npt.NDArray[np.uint64]


def words(rng: np.random.Generator, shape: int | tuple[int, int]) -> Words:
    """Draw activity words as one register write and one bus word cause them."""
    out = np.zeros(shape, np.uint64)
    for position, bound in ((0, 33), (12, 33), (24, 33), (36, 33), (48, 256)):
        out |= rng.integers(0, bound, shape).astype(np.uint64) << np.uint64(position)
    return out


def fields(activity: Words) -> npt.NDArray[np.int64]:
    """Unpack: [5, ...]."""
    cuts = ((0, 0xFFF), (12, 0xFFF), (24, 0xFFF), (36, 0xFFF), (48, 0xFF))
    return np.stack([(activity >> np.uint64(low)).astype(np.int64) & mask for low, mask in cuts])


def path(rng: np.random.Generator, length: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], Words]:
    """Draw the classes, cycles and reference activity of a path."""
    kinds = rng.integers(0, len(Class), length).astype(np.uint8)
    return kinds, rng.integers(1, 5, length), words(rng, length)


def expected_power(
    model: PowerModel, kinds: npt.NDArray[np.uint8], activity: Words
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return base and data-dependent power of each instruction, by the formula."""
    names = [Class(kind).name.lower() for kind in kinds]
    terms = (model.register_hw, model.register_hd, model.bus_hw, model.bus_hd, model.low_byte)
    base, *weights = (np.array([_of_class(term, name) for name in names]) for term in (model.base, *terms))
    unpacked = fields(activity)
    return base, np.sum([weights[k] * unpacked[k] for k in range(5)], axis=0)


def _of_class(term: Coefficient, name: str) -> float:
    return next((value for kind, value in term.by_class.items() if kind == name), term.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_model_says_where_its_numbers_come_from(name: str) -> None:
    model = load_model(MODELS / f"{name}.toml")

    assert model.name == name
    assert model.calibration == "uncalibrated"
    for term in ("base", "register_hw", "register_hd", "bus_hw", "bus_hd", "low_byte"):
        assert getattr(model, term).unit
        assert getattr(model, term).source


def test_only_the_identity_model_knows_the_byte_itself() -> None:
    knowing = [name for name in NAMES if load_model(MODELS / f"{name}.toml").low_byte.row().any()]

    assert knowing == ["identity"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("", "\n[base"), "cannot be read"),
        (('calibration = "uncalibrated"', 'calibration = "calibrated"'), "calibration"),
        (('unit = "arbitrary per bit"', "unit = 3"), "register_hw.unit"),
        (("value = 1.0", "value = inf"), "register_hw.value"),
        (("value = 1.0", 'value = "1"'), "register_hw.value"),
        (("[bus_hd]", "[bus_hx]"), "bus_hd"),
        (("[register_hd]\n", "[register_hd]\nby_class = { jump = 1.0 }\n"), "register_hd.by_class"),
    ],
)
def test_a_bad_model_file_is_refused_with_the_place(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    good = (MODELS / "hw.toml").read_text()
    file = tmp_path / "bad.toml"
    file.write_text(good.replace(*change, 1) if change[0] else good + change[1])

    with pytest.raises(InvalidInput, match="'bad'") as refused:
        load_model(file)

    assert complaint in refused.value.message
    assert refused.value.field == "power.model"


def test_a_model_that_does_not_exist_is_refused_without_naming_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no power model 'none'") as refused:
        load_model(tmp_path / "none.toml")

    assert str(tmp_path) not in refused.value.message


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidInput, match="cannot be read"):
        load_model(tmp_path / "binary.toml")


@pytest.mark.parametrize("sampling", list(Sampling))
@pytest.mark.parametrize("name", NAMES)
def test_samples_follow_the_formula(name: str, sampling: Sampling) -> None:
    rng = np.random.default_rng(7)
    model = load_model(MODELS / f"{name}.toml")
    kinds, cycles, reference = path(rng, 60)
    plan = plan_samples(model, kinds, cycles, reference, sampling=sampling, window=(5, 50), noise_sigma=0)
    activity = words(rng, (9, 60))

    made, clipped = sample(activity, np.full(9, 60, np.int32), plan, seed=1, first_index=0)

    base, data = expected_power(model, kinds, activity)
    wanted = []
    for position in range(5, 50):
        repeats = int(cycles[position]) if sampling is Sampling.CYCLE else 1
        wanted += [np.full(9, base[position])] * (repeats - 1) + [base[position] + data[:, position]]
    assert clipped == 0
    assert made.dtype == np.int16
    np.testing.assert_allclose(dequantise(made, plan), np.array(wanted).T, atol=plan.step / 2 + 1e-4)


@pytest.mark.parametrize("name", ["identity", "hw", "hd", "hw+hd"])
def test_integer_models_lose_nothing_to_the_quantiser(name: str) -> None:
    rng = np.random.default_rng(8)
    model = load_model(MODELS / f"{name}.toml")
    kinds, cycles, reference = path(rng, 40)
    plan = plan_samples(model, kinds, cycles, reference, sampling=Sampling.INSTRUCTION, window=(0, 40), noise_sigma=0)
    activity = words(rng, (5, 40))

    made, _ = sample(activity, np.full(5, 40, np.int32), plan, seed=1, first_index=0)

    base, data = expected_power(model, kinds, activity)
    assert np.array_equal(dequantise(made, plan), base + data)


def test_the_reference_execution_is_zero_everywhere() -> None:
    plan, reference = hw_plan(30, noise_sigma=0)

    made, clipped = sample(reference[None], np.array([30], np.int32), plan, seed=1, first_index=0)

    assert not made.any()
    assert clipped == 0


def test_an_instruction_owns_as_many_samples_as_it_takes_cycles() -> None:
    rng = np.random.default_rng(9)
    model = load_model(MODELS / "hw.toml")
    kinds, cycles, reference = path(rng, 20)

    by_cycle = plan_samples(model, kinds, cycles, reference, sampling=Sampling.CYCLE, window=(3, 17), noise_sigma=1)
    by_step = plan_samples(
        model, kinds, cycles, reference, sampling=Sampling.INSTRUCTION, window=(3, 17), noise_sigma=1
    )

    assert np.array_equal(by_cycle.owner, np.repeat(np.arange(3, 17), cycles[3:17]))
    assert by_cycle.samples == cycles[3:17].sum()
    assert np.array_equal(by_step.owner, np.arange(3, 17))


@pytest.mark.parametrize("sampling", list(Sampling))
@pytest.mark.parametrize("sigma", [0.0, 1.5])
def test_nothing_is_sampled_beyond_the_agreed_prefix(sampling: Sampling, sigma: float) -> None:
    rng = np.random.default_rng(10)
    kinds, cycles, reference = path(rng, 30)
    model = load_model(MODELS / "hw.toml")
    plan = plan_samples(model, kinds, cycles, reference, sampling=sampling, window=(4, 25), noise_sigma=sigma)
    activity, agreed = words(rng, (40, 30)), rng.integers(0, 31, 40).astype(np.int32)

    made, _ = sample(activity, agreed, plan, seed=3, first_index=0)
    whole, _ = sample(activity, np.full(40, 30, np.int32), plan, seed=3, first_index=0)

    within = plan.owner[None, :] < agreed[:, None]
    assert np.array_equal(made, np.where(within, whole, 0))


@settings(deadline=None, max_examples=30)
@given(cuts=st.lists(st.integers(0, 50), max_size=5), first=st.integers(0, 10**9), threads=st.integers(1, 4))
def test_any_split_and_any_threads_give_the_same_samples(cuts: list[int], first: int, threads: int) -> None:
    plan, _ = hw_plan(25, noise_sigma=2)
    activity = words(np.random.default_rng(11), (50, 25))
    agreed = np.full(50, 25, np.int32)
    whole, total = sample(activity, agreed, plan, seed=5, first_index=first)

    edges = [0, *sorted(cuts), 50]
    parts = [
        sample(activity[low:high], agreed[low:high], plan, seed=5, first_index=first + low, threads=threads)
        for low, high in pairwise(edges)
    ]

    assert np.array_equal(np.concatenate([part for part, _ in parts]), whole)
    assert sum(clipped for _, clipped in parts) == total


def test_noise_has_the_stated_deviation_and_the_law_of_the_draws() -> None:
    plan, reference = hw_plan(500, noise_sigma=3)
    activity = np.tile(reference, (400, 1))

    made, clipped = sample(activity, np.full(400, 500, np.int32), plan, seed=6, first_index=100)

    drawn = normals(6, 100, 400, 500, NOISE_PURPOSE) * np.float32(3 / plan.step)
    assert clipped == 0
    assert np.array_equal(made, np.rint(drawn).astype(np.int16))
    power = made * plan.step
    assert abs(power.std() - np.sqrt(9 + plan.step**2 / 12)) < 0.02
    assert (
        stats.normaltest(power.ravel() + np.random.default_rng(1).uniform(-0.5, 0.5, power.size) * plan.step).pvalue
        > 1e-3
    )


@pytest.mark.parametrize("sigma", [0.0, 0.25, 1.0, 30.0, 1000.0])
@pytest.mark.parametrize("name", NAMES)
def test_the_step_is_the_smallest_power_of_two_that_fits(name: str, sigma: float) -> None:
    rng = np.random.default_rng(12)
    model = load_model(MODELS / f"{name}.toml")
    kinds, cycles, reference = path(rng, 100)

    plan = plan_samples(model, kinds, cycles, reference, sampling=Sampling.CYCLE, window=(0, 100), noise_sigma=sigma)

    rows = [getattr(model, term).row()[np.unique(kinds)] for term in ("register_hw", "register_hd", "bus_hw", "bus_hd")]
    largest = (32 * np.abs(np.sum(np.abs(rows), axis=0)) + 255 * np.abs(model.low_byte.row()[np.unique(kinds)])).max()
    reach = largest + 6 * sigma
    assert np.log2(plan.step) == int(np.log2(plan.step))
    assert reach / plan.step <= LIMIT < reach / (plan.step / 2)


def test_samples_outside_the_range_are_clipped_and_counted() -> None:
    plan, reference = hw_plan(8, noise_sigma=0)
    activity = np.tile(reference, (3, 1))
    activity[1, 2] = np.uint64(4095)
    activity[2, 5] = np.uint64(4095) | (np.uint64(4095) << np.uint64(24))
    low = replace(plan, still=plan.still + np.float32(10_000))

    made, clipped = sample(activity, np.full(3, 8, np.int32), plan, seed=1, first_index=0)
    under, under_clipped = sample(reference[None], np.array([8], np.int32), low, seed=1, first_index=0)

    assert clipped == 2
    assert made[1, 2] == made[2, 5] == LIMIT
    assert np.count_nonzero(made) == 2
    assert (under == -LIMIT).all()
    assert under_clipped == 8


def test_a_model_that_says_nothing_is_quantised_all_the_same() -> None:
    silent = {"value": 0.0, "unit": "arbitrary", "source": "a test"}
    terms = ("base", "register_hw", "register_hd", "bus_hw", "bus_hd", "low_byte")
    model = PowerModel.model_validate(
        {"name": "nil", "description": "Nothing.", "calibration": "uncalibrated", "unit": "arbitrary"}
        | dict.fromkeys(terms, silent)
    )
    kinds, cycles, reference = path(np.random.default_rng(13), 5)
    plan = plan_samples(model, kinds, cycles, reference, sampling=Sampling.CYCLE, window=(0, 5), noise_sigma=0)

    made, clipped = sample(reference[None], np.array([5], np.int32), plan, seed=1, first_index=0)

    assert plan.step == 1
    assert not made.any()
    assert clipped == 0


def test_shapes_and_types_are_checked_at_the_door() -> None:
    plan, reference = hw_plan(10, noise_sigma=1)
    agreed = np.array([10], np.int32)

    with pytest.raises(TypeError, match="uint64 and int32"):
        sample(reference[None].astype(np.int64), agreed, plan, seed=1, first_index=0)
    with pytest.raises(ValueError, match="do not fit"):
        sample(reference[None, :9], agreed, plan, seed=1, first_index=0)
    with pytest.raises(ValueError, match="do not fit"):
        sample(reference[None], np.array([10, 10], np.int32), plan, seed=1, first_index=0)


@pytest.mark.parametrize(
    ("window", "cycles", "complaint"),
    [((0, 11), 1, "window"), ((4, 4), 1, "window"), ((-1, 4), 1, "window"), ((0, 10), 0, "at least one cycle")],
)
def test_a_plan_needs_a_window_inside_its_path(window: tuple[int, int], cycles: int, complaint: str) -> None:
    model = load_model(MODELS / "hw.toml")
    taken = np.full(10, cycles, np.int64)

    with pytest.raises(ValueError, match=complaint):
        plan_samples(
            model,
            np.zeros(10, np.uint8),
            taken,
            np.zeros(10, np.uint64),
            sampling=Sampling.CYCLE,
            window=window,
            noise_sigma=1,
        )


def hw_plan(length: int, *, noise_sigma: float) -> tuple[SamplePlan, Words]:
    """Plan a path of ALU instructions under the hw model; return the plan and the reference activity."""
    reference = words(np.random.default_rng(14), length)
    plan = plan_samples(
        load_model(MODELS / "hw.toml"),
        np.zeros(length, np.uint8),
        np.ones(length, np.int64),
        reference,
        sampling=Sampling.INSTRUCTION,
        window=(0, length),
        noise_sigma=noise_sigma,
    )
    return plan, reference
