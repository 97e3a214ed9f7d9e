"""Two imports side by side, of traces whose leaks are known because they were put there."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.report import Kind, Report
from tests.workers.simulation.conftest import CAMPAIGNS, Lab
from tests.workers.simulation.measured.conftest import Bench, npz
from tests.workers.simulation.test_patch_view import FILE, line_of
from web.compared import Side
from web.comparison import Comparison, compare
from web.edits import text
from workers.simulation.aes import SBOX

TRACES, SAMPLES = 8000, 200
LEAK = 120


def traces(
    seed: int, leaks: Mapping[int, float] = {}, *, fixed: float = 0.5, samples: int = SAMPLES, count: int = TRACES
) -> bytes:
    """Return noise of one standard deviation; at each of `leaks` the fixed set is above the random one by that much.

    `fixed` is the share of the fixed set.
    """
    rng = np.random.default_rng(seed)
    group = (rng.random(count) >= fixed).astype(np.uint8)
    measured = rng.standard_normal((count, samples))
    for sample, effect in leaks.items():
        measured[:, sample] += effect * (group == 0)
    return npz({"traces": measured.astype(np.float32), "group": group})


def side(report: Report) -> Side:
    return Side.model_validate_json(report.model_dump_json())


def compared(bench: Bench, before: bytes, after: bytes, **asked: Any) -> Comparison:
    sides = [side(bench.take_in(data, name, **asked)) for name, data in (("before", before), ("after", after))]
    return compare(*sides)


def judged(found: Comparison, judgement: str) -> list[str]:
    places = ((pair.after or pair.before) for pair in found.rows if pair.judged.judgement == judgement)
    return [row.place.operands for row in places if row is not None]


def test_a_leak_that_was_added_is_new_and_worse_where_it_is_and_nowhere_else(bench: Bench) -> None:
    found = compared(bench, traces(1), traces(2, {LEAK: 0.5}))

    assert found.trend == "worse"
    assert [(pair.change, pair.after and pair.after.place.operands) for pair in found.findings] == [("new", str(LEAK))]
    assert (judged(found, "worse"), judged(found, "better")) == ([str(LEAK)], [])
    assert len(judged(found, "unchanged")) > 0.9 * SAMPLES
    evidence = next(each for pair in found.rows if pair.judged.judgement == "worse" for each in pair.judged.evidence)
    assert evidence.statistic == "t1"
    for interval, effect in ((evidence.before, 0.0), (evidence.after, 0.5)):
        assert interval.low is not None
        assert interval.high is not None
        assert interval.low <= effect <= interval.high
    assert found.lines == ()


def test_a_leak_that_went_is_gone_and_better(bench: Bench) -> None:
    found = compared(bench, traces(1, {LEAK: 0.5}), traces(2))

    assert found.trend == "better"
    assert [pair.change for pair in found.findings] == ["gone"]
    assert (judged(found, "better"), judged(found, "worse")) == ([str(LEAK)], [])


def test_the_same_bench_measured_twice_has_become_neither_better_nor_worse(bench: Bench) -> None:
    leaks = {LEAK: 0.5, LEAK + 1: 3.0}

    found = compared(bench, traces(1, leaks), traces(2, leaks))

    assert found.trend == "same"
    assert [pair.change for pair in found.findings] == ["same"] * 2
    assert judged(found, "better") + judged(found, "worse") == []


@pytest.mark.parametrize(("effects", "change"), [((0.4, 0.8), "stronger"), ((0.8, 0.4), "weaker")])
def test_a_leak_grows_and_shrinks_in_standard_deviations_whatever_the_traces_and_sets_are(
    bench: Bench, effects: tuple[float, float], change: str
) -> None:
    few, many = traces(1, {LEAK: effects[0]}, fixed=0.2, count=4000), traces(2, {LEAK: effects[1]}, count=8000)

    found = compared(bench, few, many)

    assert [pair.change for pair in found.findings] == [change]
    assert judged(found, {"stronger": "worse", "weaker": "better"}[change]) == [str(LEAK)]


def test_sets_of_other_sizes_alone_make_nothing_weaker(bench: Bench) -> None:
    uneven, even = traces(1, {LEAK: 0.8}, fixed=0.1), traces(2, {LEAK: 0.8})

    found = compared(bench, even, uneven)

    (leak,) = (pair for pair in found.findings if pair.before is not None)
    assert leak.before is not None
    assert leak.after is not None
    # By t alone, which is 36 of even sets and 22 of these, it would have shrunk.
    assert abs(leak.after.value or 0) < 0.7 * abs(leak.before.value or 0)
    assert leak.change == "same"


def test_long_traces_are_compared_by_runs_of_samples(bench: Bench) -> None:
    before, after = (traces(seed, leaks, samples=2500, count=1000) for seed, leaks in ((1, {}), (2, {LEAK: 3.0})))

    found = compared(bench, before, after)

    assert judged(found, "worse") == [f"{LEAK}-{LEAK + 1}"]
    assert len(found.rows) == 1250


def test_an_attack_that_begins_to_work_is_worse_without_any_set(bench: Bench) -> None:
    def attacked(seed: int, strength: float) -> bytes:
        rng = np.random.default_rng(seed)
        plaintext = rng.integers(0, 256, (3000, 16), np.uint8)
        key = np.arange(16, dtype=np.uint8)
        measured = rng.standard_normal((3000, 40))
        measured[:, 8:24] += strength * np.bitwise_count(SBOX[plaintext ^ key])
        return npz({"traces": measured.astype(np.float32), "plaintext": plaintext, "key": np.tile(key, (3000, 1))})

    found = compared(bench, attacked(1, 0.0), attacked(2, 0.5))

    assert found.trend == "worse"
    assert {(pair.change, pair.after and pair.after.kind) for pair in found.findings} == {("new", Kind.CPA)}
    assert sorted(map(int, judged(found, "worse"))) == list(range(8, 24))
    assert {each.statistic for pair in found.rows for each in pair.judged.evidence} == {"rho"}


def test_with_the_firmware_of_two_builds_the_line_whose_mask_a_compiler_removed_is_told_of(
    bench: Bench, lab: Lab
) -> None:
    before, after = (measured_build(bench, lab, name) for name in ("aes128_masked_m4", "aes128_masked_unsafe_m4"))

    found, back = compare(before, after), compare(after, before)

    assert before.measured is not None
    assert before.firmware != after.firmware
    (line,), (repaired,) = found.lines, back.lines
    assert (line.function, line.file, line.line) == ("sub_bytes", FILE, line_of("const uint8_t byte ="))
    assert (line.leaked, line.leaks, line.judged.judgement) == (False, True, "worse")
    changed = next(edit for edit in line.edits or () if edit.kind == "changed")
    assert changed.before is not None
    assert changed.after is not None
    assert (text(changed.before), text(changed.after)) == ("eors r6, r1", "eors r5, r1")
    assert repaired.judged.judgement == "better"
    worse = [pair.after for pair in found.rows if pair.judged.judgement == "worse"]
    assert [row.place.operands for row in worse if row] == ["r5, r1"]


CYCLES = slice(3600, 4100)
"""Of each trace: the first S-boxes begin in cycle 3682."""


def measured_build(bench: Bench, lab: Lab, name: str) -> Side:
    """Simulate a build cycle by cycle and import the traces as if they had been measured."""
    power = {"model": "hw", "sampling": "cycle", "noise_sigma": 1.0}
    request = lab.request(name, cpa=None, traces=1500, keep_traces=True, shards=1, power=power)
    lab.run(f"simulated-{name}", request)
    folder = lab.services.files.folder(f"simulated-{name}")
    kept: list[npt.NDArray[Any]] = [np.load(folder / f"{part}.npy", mmap_mode="r") for part in ("traces", "inputs")]
    values, start = {}, 0
    for item in request.target.inputs:
        values[item.name] = kept[1][:, start : start + item.length]
        start += item.length
    data = npz({"traces": kept[0][:, CYCLES], "group": np.load(folder / "groups.npy"), **values})
    body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8"))
    report = bench.take_in(
        data,
        f"measured-{name}",
        firmware=request.firmware,
        target=body["target"],
        clock={"samples_per_cycle": 1, "first_sample": -CYCLES.start},
        cpa=None,
        values={"mask": "masks"},
    )
    return side(report)
