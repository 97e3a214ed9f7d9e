"""Ways and addresses that masks change: found where secrets change their law, silent where they do not."""

import math

import numpy as np
import numpy.typing as npt

from renode.trace import TOUCH, Footprint, Stop
from workers.simulation.consttime.masked import Masked
from workers.simulation.consttime.told import ERROR_RATE
from workers.simulation.consttime.trials import FIXED, RANDOM

Bits = npt.NDArray[np.bool_]


def footprint(*pcs: int, address: int = 0x100) -> Footprint:
    touches: npt.NDArray[np.void] = np.zeros(1, TOUCH)
    touches["address"], touches["size"] = address, 1
    return Footprint(np.array(pcs, np.uint32), touches, Stop.DONE, pcs[-1], len(pcs), b"")


ONE, OTHER = (2, 4, 8), (2, 6, 8)


def seen(ways: Bits, sets: npt.NDArray[np.int64]) -> Masked:
    masked = Masked(footprint(*ONE), None)
    for way, chosen in zip(ways, sets, strict=True):
        masked.add(footprint(*(OTHER if way else ONE)), int(chosen))
    return masked


def test_a_way_that_masks_decide_is_silent_and_one_that_the_secret_decides_is_not() -> None:
    rng = np.random.default_rng(7)
    sets = np.arange(200) % 2
    masks, secrets = rng.random(200) < 0.5, np.where(sets == RANDOM, rng.random(200) < 0.5, rng.random(200) < 0.95)

    (by_masks,), (by_secret,) = (list(seen(ways, sets).ways()) for ways in (masks, secrets))

    assert by_masks.p_log10 > -3
    assert by_secret.p_log10 < -6
    assert (by_secret.pc, by_secret.position) == (2, 0)
    assert [pc for pc, _ in by_secret.ways] == [4, 6]
    assert sum(count for _, count in by_secret.ways) == 200


def test_with_random_sets_a_way_is_found_at_no_more_than_the_stated_rate() -> None:
    rng = np.random.default_rng(7)
    ways = rng.random(160) < 0.3
    runs, level = 600, 0.02
    found = 0

    for _ in range(runs):
        sets = rng.permutation(160) % 2
        (test,) = seen(ways, sets).ways()
        found += test.p_log10 < math.log10(level)

    assert found < level * runs + 4 * math.sqrt(level * (1 - level) * runs)


def test_of_addresses_all_positions_together_keep_the_error_rate() -> None:
    rng = np.random.default_rng(7)
    runs, found = 200, 0

    for _ in range(runs):
        masked = Masked(footprint(*ONE), None)
        for chosen in np.arange(120) % 2:
            masked.add(footprint(*ONE, address=0x100 + int(rng.integers(0, 256))), int(chosen))
        found += sum(test.p_log10 < math.log10(ERROR_RATE) for test in masked.moved())

    assert found <= 3  # 0.2 are expected


def test_an_address_that_the_secret_decides_is_found_with_its_span() -> None:
    rng = np.random.default_rng(7)
    masked = Masked(footprint(*ONE), 16)
    for chosen in np.arange(120) % 2:
        address = 0x110 + (int(rng.integers(0, 64)) if chosen == RANDOM else 0)
        masked.add(footprint(*ONE, address=address), int(chosen))

    (test,) = masked.moved()

    assert test.p_log10 < -6
    assert (test.pc, test.store, test.least) == (2, False, 0x110)
    assert 0x110 < test.greatest < 0x150
    assert 0 < test.other_lines <= 120


def test_executions_that_load_elsewhere_for_their_conditions_are_set_aside() -> None:
    masked = Masked(footprint(*ONE), None)
    without = Footprint(np.array(ONE, np.uint32), np.zeros(0, TOUCH), Stop.DONE, 8, 3, b"")

    masked.add(without, FIXED)

    assert (masked.uneven, masked.addresses) == (1, [])
