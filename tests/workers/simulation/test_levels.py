"""Levels: whole numbers that say exactly what the samples of the present way say without noise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from jobs.payloads import Sampling
from renode.counting import count
from renode.trace import Class
from workers.simulation.levels import MAX_BINS, NotWhole, scale_of
from workers.simulation.power import LIMIT, SamplePlan, plan_samples, sample
from workers.simulation.power_model import PowerModel, load_model

MODELS = Path(__file__).parents[3] / "config" / "power_models"
NAMES = ("identity", "hw", "hd", "hw+hd", "elmo-like-linear")
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


def activity_of(rng: np.random.Generator, traces: int, registers: Bytes, words: Bytes) -> Words:
    """Draw what instructions with so many registers and words can do: [traces, instructions]."""
    most = [32 * registers.astype(np.int64)] * 2 + [32 * words.astype(np.int64)] * 2
    most.append(255 * ((registers > 0) | (words > 0)).astype(np.int64))
    out = np.zeros((traces, len(registers)), np.uint64)
    for position, bound in zip((0, 12, 24, 36, 48), most, strict=True):
        drawn = rng.integers(0, bound + 1, out.shape)
        edge = rng.random(out.shape)
        drawn = np.where(edge < 0.1, 0, np.where(edge > 0.9, bound, drawn))
        out |= drawn.astype(np.uint64) << np.uint64(position)
    return out


def planned(
    model: PowerModel, *, sigma: float = 0.0, sampling: Sampling = Sampling.INSTRUCTION, length: int = 60
) -> tuple[SamplePlan, Bytes, Bytes, Words]:
    """Return the plan of a path, what its sampled instructions can do, and the activity of 40 executions."""
    rng = np.random.default_rng(7)
    kinds, cycles = rng.integers(0, len(Class), length).astype(np.uint8), rng.integers(1, 4, length)
    registers, words = rng.choice([0, 1, 1, 2, 15], length).astype(np.uint8), rng.choice([0, 0, 1, 8], length)
    activity = activity_of(rng, 41, registers, words.astype(np.uint8))
    window = (3, length - 2)
    samples = plan_samples(model, kinds, cycles, activity[0], sampling=sampling, window=window, noise_sigma=sigma)
    sampled = slice(*window)
    return samples, registers[sampled], words.astype(np.uint8)[sampled], activity[1:]


def changed(**values: object) -> PowerModel:
    """Return the model `hw` with other coefficients."""
    document = load_model(MODELS / "hw.toml").model_dump()
    for name, value in values.items():
        document[name]["value"] = value
    return PowerModel.model_validate(document)


@pytest.mark.parametrize("sampling", list(Sampling))
@pytest.mark.parametrize("sigma", [0.0, 200.0])
@pytest.mark.parametrize("name", [*NAMES, "odd"])
def test_a_level_is_the_noise_free_sample_exactly(name: str, sigma: float, sampling: Sampling) -> None:
    odd = changed(register_hw=-0.375, register_hd=1.5, bus_hd=-2.0, low_byte=0.0625)
    model = odd if name == "odd" else load_model(MODELS / f"{name}.toml")
    samples, registers, words, activity = planned(model, sigma=sigma, sampling=sampling)
    silent = replace(samples, noise_sigma=0.0)
    agreed = np.full(len(activity), activity.shape[1], np.int32)

    scale = scale_of(samples, registers, words)
    counts = np.zeros((len(activity), scale.levels.bins), np.int64)
    count(activity, agreed, np.arange(len(activity), dtype=np.uint8), scale.levels, counts)

    expected, _ = sample(activity, agreed, silent, seed=1, first_index=0)
    instruction = np.searchsorted(scale.levels.offsets, np.arange(scale.levels.bins), side="right") - 1
    level = np.arange(scale.levels.bins) - scale.levels.offsets[instruction]
    value = np.clip(np.rint(scale.grain[instruction] * level + scale.origin[instruction]), -LIMIT, LIMIT)
    assert (counts.sum(axis=1) == len(scale.grain)).all()
    np.testing.assert_array_equal(
        value[np.nonzero(counts)[1]].reshape(expected[:, samples.carrier].shape), expected[:, samples.carrier]
    )


def test_an_instruction_without_effect_has_one_level_and_a_register_33_weights() -> None:
    samples, _, words, _ = planned(load_model(MODELS / "hw.toml"))
    registers = np.arange(len(words), dtype=np.uint8) % 3

    levels = scale_of(samples, registers, np.zeros_like(words)).levels

    np.testing.assert_array_equal(np.diff(levels.offsets), 32 * registers.astype(int) + 1)
    assert (levels.first, len(levels.lowest)) == (3, 55)


def test_the_grain_is_the_coarsest_that_holds_all_coefficients_of_an_instruction() -> None:
    samples, registers, words, _ = planned(changed(register_hw=0.75, bus_hw=6.0))
    registers[:], words[:] = 1, np.arange(len(words)) % 2

    scale = scale_of(samples, registers, words)

    np.testing.assert_array_equal(scale.grain * samples.step, np.full(55, 0.25))
    np.testing.assert_array_equal(scale.levels.weights[0], np.full(55, 3))


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"register_hw": 0.1}, "no small whole numbers"), ({"register_hw": 1.0, "register_hd": 1e-5}, "whole numbers")],
)
def test_a_model_without_whole_levels_is_told(values: dict[str, float], reason: str) -> None:
    samples, registers, words, _ = planned(changed(**values))

    with pytest.raises(NotWhole, match=reason):
        scale_of(samples, registers, words)


def test_a_grain_far_below_the_step_is_told() -> None:
    samples, registers, words, _ = planned(changed(register_hw=2.0**-9, bus_hw=2.0**-9), sigma=1000.0)

    with pytest.raises(NotWhole, match="parts"):
        scale_of(samples, registers, words)


def test_more_levels_than_can_be_counted_are_told() -> None:
    samples, _, _, _ = planned(load_model(MODELS / "hw+hd.toml"), length=MAX_BINS // (4 * 15 * 32) + 10)
    most = np.full(len(samples.carrier), 15, np.uint8)

    with pytest.raises(NotWhole, match="8000000"):
        scale_of(samples, most, most)
