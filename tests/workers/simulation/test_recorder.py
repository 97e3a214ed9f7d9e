"""The recorder's parts, each against something slower or a closed form: cache, predictor, timeline, heat, collector, probe."""

import math
from collections import OrderedDict
from itertools import pairwise

import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.recording import Collector, Probe, Thermal
from workers.simulation.collecting import collect
from workers.simulation.probing import cuts_of, held, ideal
from workers.simulation.recorder_kernels import WEAKLY_NOT, Codes, Line, pass_time, predict, touch
from workers.simulation.thermal import temperatures
from workers.simulation.timeline import Timeline, timeline

MHZ = 10**6


@pytest.mark.parametrize(("sets", "ways"), [(1, 1), (1, 4), (4, 2), (64, 4)])
def test_the_cache_misses_where_one_of_ordered_dictionaries_does(sets: int, ways: int) -> None:
    rng = np.random.default_rng(7)
    tags, ages = np.full((sets, ways), -1, np.int64), np.zeros((sets, ways), np.int64)
    slow: list[OrderedDict[int, None]] = [OrderedDict() for _ in range(sets)]
    lines = np.concatenate([rng.integers(0, 3 * sets * ways, 3000), np.arange(500), rng.integers(0, 2**27, 500)])

    for tick, line in enumerate(lines.tolist(), 1):
        found = slow[line % sets]
        expected = line not in found
        found[line] = None
        found.move_to_end(line)
        if len(found) > ways:
            found.popitem(last=False)

        assert touch(tags, ages, line, tick) == expected


def test_a_loop_is_mispredicted_twice_at_first_and_then_once_each_time() -> None:
    counters = np.full(16, WEAKLY_NOT, np.uint8)

    missed = [[predict(counters, 0x08000100, again < 9) for again in range(10)] for _ in range(3)]

    assert missed == [[1] + [0] * 8 + [1], [0] * 9 + [1], [0] * 9 + [1]]


def test_an_alternating_branch_defeats_the_predictor_and_others_are_apart() -> None:
    counters = np.full(16, WEAKLY_NOT, np.uint8)

    missed = [predict(counters, 0x100, taken) for taken in [True, False] * 8]
    other = [predict(counters, 0x102, False) for _ in range(4)]  # noqa: FBT003 -- numba is called by position

    assert missed == [1] * 16
    assert other == [0] * 4


def slow_time(line: Timeline, steps: list[tuple[int, int, float]]) -> tuple[list[int], list[float], list[int]]:
    """Return active cycles, units and dominant codes, cycle by cycle."""
    total = int(line.ends[-1])
    codes = [code for cycles, code, _ in steps for _ in range(cycles)][:total]
    powers = [base for cycles, _, base in steps for _ in range(cycles)][:total]
    bounds = [0, *line.ends.tolist()]
    active = [sum(code >= 0 for code in codes[a:b]) for a, b in pairwise(bounds)]
    units = [math.fsum(powers[a:b]) for a, b in pairwise(bounds)]
    dominant, start = [], 0
    for end in line.ends[line.closes].tolist():
        within = [code for code in codes[start:end] if code >= 0]
        dominant.append(min(set(within), key=lambda code: (-within.count(code), code)) if within else -1)
        start = end
    return active, units, dominant


def test_time_goes_where_a_loop_over_cycles_puts_it() -> None:
    rng = np.random.default_rng(8)
    line = timeline(periods=20, period_ns=1_700, clock_hz=33 * MHZ, cuts_ns=np.arange(0, 40_000, 777))
    steps = [
        (int(cycles), int(code), 0.25 * code if code >= 0 else 0.0)
        for cycles, code in zip(rng.integers(1, 40, 400), rng.integers(-1, 6, 400), strict=True)
    ]
    segments = len(line.ends)
    here = Line(
        np.zeros(5, np.int64),
        line.ends,
        line.closes,
        np.zeros(segments, np.int64),
        np.zeros(segments),
        np.zeros((segments, 3), np.int64),
        np.full(20, -1, np.int64),
    )
    codes = Codes(np.arange(6, dtype=np.uint32), np.zeros(6, np.int64), np.zeros(6, np.int32))

    last = [pass_time(here, codes, cycles, code, base) for cycles, code, base in steps]

    slow_active, slow_units, slow_dominant = slow_time(line, steps)
    assert here.active.tolist() == slow_active
    np.testing.assert_allclose(here.units, slow_units)
    assert here.dominant.tolist() == slow_dominant
    assert last[-1] == -1  # the timeline was over
    assert here.clock[0] == line.ends[-1]


@pytest.mark.parametrize("clock_hz", [32_768, 1_000_003, 64 * MHZ, 168 * MHZ])
def test_periods_do_not_drift(clock_hz: int) -> None:
    line = timeline(periods=1000, period_ns=1_000_050, clock_hz=clock_hz, cuts_ns=np.zeros(0, np.int64))

    ends_ns = line.ends * 1e9 / clock_hz

    assert line.closes.all()
    assert np.abs(ends_ns - np.arange(1, 1001) * 1_000_050).max() <= 1e9 / clock_hz


def test_heat_is_that_of_small_steps() -> None:
    model = Thermal(resistance_k_per_w=40, capacity_j_per_k=0.001, ambient_c=20)
    power = np.repeat([0.5, 0.1, 2.0], 20)
    small, at, step = [], 20.0, 1e-5

    for watts in power:
        for _ in range(100):
            at += step * (watts - (at - 20) / 40) / 0.001
        small.append(at)

    np.testing.assert_allclose(temperatures(power, 1e-3, model), small, rtol=2e-4)


def test_heat_settles_where_the_resistance_says_and_begins_with_ambient() -> None:
    model = Thermal(resistance_k_per_w=46, capacity_j_per_k=0.3, ambient_c=25)

    settled = temperatures(np.full(20, 0.1), 20.0, model)

    assert settled[-1] == pytest.approx(25 + 4.6)
    assert settled[0] == pytest.approx(25 + 4.6 * (1 - math.exp(-20 / 13.8)))
    assert temperatures(np.zeros(3), 1.0, model).tolist() == [25.0] * 3


def test_a_collector_that_is_quick_drops_nothing() -> None:
    found = collect(Collector(work_ns=50_000), samples=100, period_ns=50_000, seed=1, limit=1000)

    assert found.periods.tolist() == list(range(100))
    assert found.latency_ns.tolist() == [50_000] * 100
    assert found.dropped == 0


@pytest.mark.parametrize(("work_ns", "one_of"), [(50_001, 2), (100_000, 2), (100_001, 3), (520_000, 11)])
def test_a_collector_that_is_slow_keeps_one_period_of_so_many(work_ns: int, one_of: int) -> None:
    found = collect(Collector(work_ns=work_ns), samples=50, period_ns=50_000, seed=1, limit=1000)

    assert np.diff(found.periods).tolist() == [one_of] * 49
    assert found.dropped == 49 * (one_of - 1)


def test_drops_by_jitter_come_at_the_rate_of_its_law() -> None:
    collector, period = Collector(work_ns=10_000, jitter_ns=20_000), 50_000

    rates = [
        collect(collector, samples=5000, period_ns=period, seed=seed, limit=10**6).dropped / 5000 for seed in range(20)
    ]

    # Periods that end while a record is worked on: sum over k of P(work + jitter > k periods).
    expected = sum(math.exp(-(k * period - 10_000) / 20_000) for k in range(1, 20))
    error = math.sqrt(expected * (1 + 2 * expected) / (20 * 5000))
    assert abs(np.mean(rates) - expected) < 4 * error
    assert len(set(rates)) > 1


def test_latencies_have_the_mean_of_their_law() -> None:
    found = collect(Collector(work_ns=5_000, jitter_ns=8_000), samples=20_000, period_ns=10**6, seed=3, limit=10**6)

    extra = found.latency_ns - 5_000
    assert extra.min() >= 0
    assert abs(extra.mean() - 8_000) < 4 * 8_000 / math.sqrt(20_000)
    assert abs(np.mean(extra > 8_000) - math.exp(-1)) < 0.014


def test_a_collector_that_never_gets_there_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        collect(Collector(work_ns=10**9), samples=50, period_ns=1_000, seed=1, limit=10_000)

    assert (refused.value.field, refused.value.reason) == ("collector", "too-slow")


def measured(power_uw: np.ndarray, probe: Probe, *, periods: int = 400) -> tuple[np.ndarray, np.ndarray, int]:
    """Return what an INA219 says of a power [periods], its ages, and how many readings were full scale."""
    line = timeline(periods=periods, period_ns=50_000, clock_hz=64 * MHZ, cuts_ns=cuts_of(probe, periods * 50_000))
    of_segment = power_uw[np.searchsorted(np.arange(1, periods + 1) * 3200, line.ends)]
    running = line.since_start(of_segment * line.lengths / (64 * MHZ))
    found = held(running, probe, periods=periods, period_ns=50_000)
    return found.energy_uj, found.age_us, found.overflows


@pytest.mark.parametrize("settings", [{}, {"bits": 12}, {"averaging": 4}, {"shunt_ohm": 1.0, "full_scale_mv": 320}])
def test_an_ina219_says_a_constant_power_within_its_steps(settings: dict[str, object]) -> None:
    probe = Probe.model_validate({"kind": "ina219", **settings})
    power = 60_000.0

    energy, _, overflows = measured(np.full(400, power), probe)

    known = energy[~np.isnan(energy)]
    step = 1 << (12 - probe.resolution)
    current = power * 1e-6 / 3.3
    error_w = 3.3 * 0.5 * step * 10e-6 / probe.shunt_ohm + current * (0.5 * step * 4e-3 + 0.02)
    assert len(set(known.tolist())) == 1
    assert abs(known[-1] - power * 50e-6) < error_w * 50
    assert known[-1] != power * 50e-6
    assert overflows == 0


def test_an_ina219_holds_its_value_and_publishes_its_age() -> None:
    probe = Probe(kind="ina219", bits=9)
    power = np.where(np.arange(400) < 200, 30_000.0, 90_000.0)

    energy, age, _ = measured(power, probe)

    # It is set up in 95 us, a conversion takes 84, reading a pair 240, the shunt's half of it being latched at 72.5.
    first = int(np.flatnonzero(~np.isnan(energy))[0])
    assert np.isnan(energy[:first]).all()
    assert np.isnan(age[:first]).all()
    assert 95 + 84 + 167.5 <= (first + 1) * 50 <= 95 + 84 + 240 + 240 + 50
    assert age[first:].min() >= 167.5
    assert age[first:].max() <= 168 + 167.5 + 240
    changes = np.flatnonzero(np.diff(energy[first:]) != 0) + first + 1
    assert len(changes) <= 2  # as the power steps once, and a conversion may see both levels
    assert 200 < changes[0] <= 200 + 13
    assert energy[-1] == pytest.approx(90_000 * 50e-6, rel=0.05)


def test_an_ina219_beyond_its_range_says_the_end_of_it_and_how_often() -> None:
    probe = Probe(kind="ina219", bits=12, shunt_ohm=1.0, full_scale_mv=40)

    energy, _, overflows = measured(np.full(400, 200_000.0), probe)

    known = energy[~np.isnan(energy)]
    assert known.max() == pytest.approx(0.040 * 3.24 * 50, rel=0.01)
    assert overflows == len(known) > 300


@pytest.mark.parametrize(("supply_v", "beyond"), [(15.9, False), (24.0, True)])
def test_an_ina219_on_a_bus_beyond_its_range_says_so(supply_v: float, beyond: bool) -> None:
    probe = Probe(kind="ina219", bits=12, supply_v=supply_v, bus_range_v=16)

    energy, _, counted = measured(np.full(400, 200_000.0), probe)

    assert counted == (np.isfinite(energy).sum() if beyond else 0)
    assert energy[-1] == pytest.approx(200_000 * 50e-6 * min(16 / supply_v, 1), rel=0.02)


def test_the_ideal_probe_averages_over_the_last_periods() -> None:
    energy = np.random.default_rng(9).normal(3, 1, 50)

    found = ideal(energy, 8)

    expected = [np.mean(energy[max(0, at - 7) : at + 1]) for at in range(50)]
    np.testing.assert_allclose(found.energy_uj, expected)
    np.testing.assert_array_equal(ideal(energy, 1).energy_uj, energy)
