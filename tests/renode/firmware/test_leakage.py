"""The leaks that each build is there to have or not to have, without any noise: what campaigns will find with more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from renode.firmware.build import HERE
from renode.trace import BUS_HD, BUS_HW, REGISTER_HD, REGISTER_HW, Instruction, Stop
from tests.renode.firmware.conftest import Called

Calls = Callable[[str], Called]
MODELS = {
    "hw": (REGISTER_HW, BUS_HW),
    "hd": (REGISTER_HD, BUS_HD),
    "hw+hd": (REGISTER_HW, REGISTER_HD, BUS_HW, BUS_HD),
}
THRESHOLD = 4.5
TRACES = 2000
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Leak:
    """The largest |t| of an instruction outside public code."""

    where: Instruction
    t: float


def leaks_of(program: Called) -> dict[str, list[Leak]]:
    """Test fixed against random plaintexts, noise-free, at first order; return by model every instruction over 4.5."""
    rng = np.random.default_rng(11)
    path = program.core.path(_draw(program, rng, random=False))
    sums = {model: np.zeros((2, 2, len(path.pcs))) for model in MODELS}
    count = np.zeros(2)
    for _ in range(TRACES // CHUNK):
        sets = rng.permutation(np.arange(CHUNK) % 2)
        rows = np.stack([_draw(program, rng, random=bool(chosen)) for chosen in sets])
        batch = program.core.run(rows, path)
        assert set(batch.stop.tolist()) == {Stop.DONE}
        assert set(batch.agreed.tolist()) == {len(path.pcs)}
        count += np.bincount(sets)
        for model, fields in MODELS.items():
            power = _power(batch.activity, fields)
            for chosen in (0, 1):
                sums[model][chosen] += power[sets == chosen].sum(0), (power[sets == chosen] ** 2).sum(0)
    return {model: _over(program, path.pcs, welch(sums[model], count)) for model in MODELS}


def _power(activity: npt.NDArray[np.uint64], fields: Sequence[int]) -> npt.NDArray[np.int64]:
    words = activity.view(np.int64)
    power = np.zeros(words.shape, np.int64)
    for field in fields:
        power += (words >> field) & 0xFFF
    return power


def welch(sums: npt.NDArray[np.float64], count: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return |t| per sample from sums [set, power 1 or 2, sample]; infinite for a deterministic difference."""
    mean = sums[:, 0] / count[:, None]
    variance = (sums[:, 1] / count[:, None] - mean**2) / (count[:, None] - 1)
    spread = np.sqrt(np.maximum(variance.sum(0), 0))
    difference = np.abs(mean[0] - mean[1])
    flat = np.where(difference > 1e-9, np.inf, 0.0)
    return np.where(spread > 1e-9, difference / np.where(spread > 1e-9, spread, 1), flat)


def _draw(program: Called, rng: np.random.Generator, *, random: bool) -> npt.NDArray[np.uint8]:
    given = {item.name: rng.bytes(item.length) for item in program.campaign.target.inputs if item.role == "mask"}
    if random:
        given |= {
            item.name: rng.bytes(item.length) for item in program.campaign.target.inputs if item.role == "plaintext"
        }
    return program.row(**given)


def _over(program: Called, pcs: npt.NDArray[np.uint32], t: npt.NDArray[np.float64]) -> list[Leak]:
    public = {item.symbol for item in program.campaign.target.public}
    worst: dict[int, float] = {}
    for pc, value in zip(pcs.tolist(), t.tolist(), strict=True):
        if value > THRESHOLD:
            worst[pc] = max(worst.get(pc, 0.0), value)
    found = [Leak(program.core.instruction(pc), value) for pc, value in sorted(worst.items())]
    return [leak for leak in found if leak.where.function not in public]


@pytest.mark.parametrize("name", ["aes128_masked_m4", "aes128_masked_m0"])
def test_the_masked_aes_leaks_nowhere_outside_its_public_functions(called: Calls, name: str) -> None:
    assert leaks_of(called(name)) == {"hw": [], "hd": [], "hw+hd": []}


def test_the_unsafe_build_leaks_where_the_optimiser_took_the_mask_off(called: Calls) -> None:
    leaks = leaks_of(called("aes128_masked_unsafe_m4"))["hw"]

    assert [(leak.where.function, leak.where.mnemonic) for leak in leaks] == [("sub_bytes", "eors")]
    (leak,) = leaks
    assert leak.t > 50
    assert leak.where.file is not None
    assert leak.where.line == _line_of("held(aes_masks[i] ^ table_mask)")


@pytest.mark.parametrize("name", ["aes128_m4", "aes128_m0"])
def test_the_plain_aes_leaks_in_every_step_of_a_round(called: Calls, name: str) -> None:
    leaks = leaks_of(called(name))["hw"]

    assert {"add_round_key", "sub_bytes", "shift_rows", "mix_columns"} <= {leak.where.function for leak in leaks}


@pytest.mark.parametrize("name", ["compare_ct_m4", "compare_ct_m0"])
def test_the_constant_time_compare_handles_its_bytes_in_public_functions_only(called: Calls, name: str) -> None:
    assert leaks_of(called(name))["hw"] == []


def _line_of(text: str) -> int:
    lines = (HERE / "aes128_masked.c").read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, start=1) if text in line]
    return number
