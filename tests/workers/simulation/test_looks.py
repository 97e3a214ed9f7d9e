"""Looks at traces of many samples: block by block, the same as at all samples at once, in memory that they do not fill."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from jobs.report_sequential import SequentialReport
from stores.artifacts import JobFiles
from tests.workers.simulation.long_paths import LOOKS, ROOT, SHARDS, part_of, plan_of, powers
from workers.simulation import part as parts
from workers.simulation.assessment import difference
from workers.simulation.blocks import BLOCK
from workers.simulation.inputs import FIXED, GROUPS, RANDOM
from workers.simulation.looks import Design, design_of
from workers.simulation.moments import Group, PowerSums
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, sample_plan
from workers.simulation.prefix import advance, gather
from workers.simulation.settle import settler_of
from workers.simulation.tallies import Tally
from workers.simulation.ttest import Welch, welch

SAMPLES = BLOCK + 1234
MANY = 800_000
SUMS_MB = MANY * 8 * 4 * GROUPS / 2**20
"""Of one part, or one look."""


def made_up(plan: CampaignPlan) -> list[Part]:
    """Return the parts of all shards: levels where noise comes by law."""
    rng = np.random.default_rng(7)
    settler = settler_of(plan, sample_plan(plan))
    made = []
    for first, last in SHARDS:
        if settler is None:
            made.append(part_of(first, last, powers(rng, first, last, SAMPLES)))
            continue
        counted = settler.empty()
        each, offsets = (last - first) // GROUPS, settler.scale.levels.offsets
        chosen = offsets[:-1] + rng.integers(0, np.diff(offsets), (GROUPS, len(offsets) - 1))
        np.put_along_axis(counted.levels, chosen, each, axis=1)
        made.append(part_of(first, last, counted))
    return made


def at_once(plan: CampaignPlan, made: Sequence[Part]) -> list[PowerSums]:
    """Return the sums at each look, of whole arrays."""
    settler, total = settler_of(plan, sample_plan(plan)), PowerSums(GROUPS, SAMPLES)
    found = []
    for segment in range(len(LOOKS)):
        one, other = made[2 * segment : 2 * segment + 2]
        both = Part.empty(one.first, other.last, one.sums.blank())
        both.merge(one)
        both.merge(other)
        total.merge(both.power if settler is None else settler.settled(both, segment=segment).power)
        copy = total.blank()
        copy.merge(total)
        found.append(copy)
    return found


def compared(power: PowerSums) -> Welch:
    """Compare the sets over all samples at once."""
    fixed, varied = (
        Group(int(power.counts[[one, one + 2]].sum()), power.sums[one] + power.sums[one + 2]) for one in (FIXED, RANDOM)
    )
    return welch(fixed, varied)


def assert_seen(seen: SequentialReport, design: Design, expected: Sequence[PowerSums]) -> None:
    assert len(seen.looks) == len(expected)
    for look, power in zip(seen.looks, expected, strict=True):
        found, secret = compared(power), design.secret
        assert look.traces == power.counts.sum()
        assert look.max_abs_t1 == np.abs(found.t1[secret]).max()
        assert look.max_abs_t2 == np.abs(found.t2[secret]).max()
        assert look.p_log10 == min(found.p_log10_1[secret].min(), found.p_log10_2[secret].min())
        assert look.crossed == sum(
            int((p[secret] < look.nominal_p_log10).sum()) for p in (found.p_log10_1, found.p_log10_2)
        )


@pytest.mark.parametrize("way", ["trace", "law"])
def test_looks_in_blocks_see_what_is_seen_of_all_samples_at_once(tmp_path: Path, way: str) -> None:
    plan = plan_of(SAMPLES, way=way)
    sampled, files, made = sample_plan(plan), JobFiles(tmp_path, "campaigns"), made_up(plan)
    for part in made:
        parts.save(part, files, "c")
    design = design_of(plan, sampled)
    assert design is not None

    seen = advance("c", plan, sampled, files, design, threads=2)
    gathered = gather("c", plan, sampled, files)

    expected = at_once(plan, made)
    assert isinstance(made[0].sums, Tally if way == "law" else PowerSums)
    assert seen is not None
    assert_seen(seen, design, expected[: len(seen.looks)])
    assert len(seen.looks) == len(LOOKS) or seen.decided == "leaks"
    assert gathered.sequential == seen
    np.testing.assert_array_equal(gathered.part.power.sums, expected[len(seen.looks) - 1].sums)
    np.testing.assert_array_equal(gathered.part.power.counts, expected[len(seen.looks) - 1].counts)


def test_the_statistics_of_blocks_are_those_of_all_samples_at_once() -> None:
    power = at_once(plan_of(SAMPLES), made_up(plan_of(SAMPLES)))[-1]

    found = difference(power, SAMPLES - 5)

    whole = compared(power)
    for name in ("t1", "t2", "p_log10_1", "p_log10_2", "deterministic"):
        np.testing.assert_array_equal(getattr(found.whole, name), getattr(whole, name)[: SAMPLES - 5])
    assert len(found.effect) == len(found.confirmed_1) == len(found.confirmed_2) == SAMPLES - 5


def test_a_look_takes_no_more_memory_for_more_samples(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.workers.simulation.long_paths", str(tmp_path), str(MANY)]
    # What is freed goes back to the kernel, so that a peak is one of what is used.
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    told = json.loads(done.stdout)
    assert told["tests"] > MANY
    assert told["looks"] == len(LOOKS)
    assert told["grown_mb"] < SUMS_MB / 2
