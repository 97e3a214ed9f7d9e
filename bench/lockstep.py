"""Campaigns in lanes beside the same campaigns on Unicorn, and what else traces firmware: `python -m bench.lockstep`.

    python -m bench.lockstep [--seconds 1.5] [--rounds 5] [--only AREA ...] [--hundred-million]

Areas: campaigns (one worker, ratio to Unicorn of the same run), workers (two over one), tracers (rainbow, ELMO, the
hook alone), noise (what the law costs), farm (a million traces over HTTP, memory, a hundred million), roof (where the
time goes). Variants alternate; figures are medians of the rounds. One worker's are by its processor time, as the
machine may be shared, everything else by the clock on the wall. All but the last give up where a campaign did not run
in lanes: a figure of another engine is none of theirs.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench import lockstep_farm, lockstep_roof
from bench.campaign import FIRMWARE, MODELS, Unwatched, request
from bench.rows import emit
from bench.tracer import rainbow, traced
from jobs.payloads import CampaignRequest
from renode.trace import Simulator
from renode.unicorn_core import UnicornCore
from workers.simulation.inputs import input_rows, reference_row
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, make_plan, sample_plan
from workers.simulation.power_model import load_model
from workers.simulation.run import Runner

BENCH = "lockstep"
CASES = (("aes128_m4", 60), ("aes128_m0", 60), ("aes128_masked_m4", 25))
"""Campaigns and how many times as fast as on Unicorn they are to be."""
TARGET_PAIR = 1.9
TRACES = 50_000_000
"""Of the campaigns that parts are taken of; none is run whole."""
WARM = 20_000
AREAS = ("campaigns", "workers", "tracers", "noise", "roof", "farm")
ELMO_TRACES_PER_S = 119
ELMO_SOURCE = (
    "not of this run: an earlier measurement of ours on 2 cores; M0, its linear model, binary output, one process"
)


class Missing(Exception):
    """A part of the engine is not there."""


@dataclass(slots=True)
class Variant:
    """One way to run a campaign, and where in it we are."""

    runner: Runner
    at: int = 0

    def timed(self, traces: int, clock: Callable[[], float] = time.process_time) -> float:
        """Run further traces and return the seconds, of this process unless another `clock` is given."""
        began = clock()
        self.runner.run(self.at, self.at + traces, Unwatched())
        self.at += traces
        return clock() - began

    def pace(self, seconds: float) -> int:
        """Return how many traces take about that long, after a warm-up that is not counted."""
        self.timed(WARM)
        taken = self.timed(WARM)
        if taken < seconds / 10:
            taken, traces = self.timed(10 * WARM), 10 * WARM
        else:
            traces = WARM
        return max(1000, int(traces * seconds / taken))


def engines() -> dict[str, Callable[[UnicornCore], Simulator]]:
    """Return both engines; raise Missing."""
    try:
        from renode.lockstep.core import LockstepCore
        from renode.lockstep.maker import maker_of
    except ImportError as error:
        raise Missing(f"the lockstep engine is not complete: {error}") from error
    return {"lanes": lambda core: LockstepCore(core, maker_of(core), patience=0), "unicorn": lambda core: core}


def variant(name: str, engine: str, **changes: Any) -> Variant:
    """Load a firmware on an engine and plan its campaign of t-tests."""
    asked: CampaignRequest = request(name, **({"cpa": None, "traces": TRACES} | changes))
    unicorn = UnicornCore(FIRMWARE / f"{name}.elf", asked.target)
    plan = plan_of(asked, unicorn)
    return Variant(Runner(plan, sample_plan(plan), engines()[engine](unicorn)))


def plan_of(asked: CampaignRequest, unicorn: UnicornCore) -> CampaignPlan:
    """Plan a campaign on its reference execution."""
    row = reference_row(asked)
    path = unicorn.path(row)
    model = load_model(MODELS / f"{asked.power.model}.toml")
    return make_plan(asked, model, unicorn, path, unicorn.run(row[None, :], path).activity[0])


def in_lanes(part: Part) -> None:
    """Raise Missing unless nearly all executions of a part were done in lanes."""
    work, traces = part.behaviour.work, part.last - part.first
    if work.lanes < 0.99 * traces:
        raise Missing(f"{work.lanes} of {traces} executions ran in lanes: {part.engine}")


def campaigns(seconds: float, rounds: int) -> None:
    """Compare campaigns in lanes with the same ones on Unicorn, and with noise drawn for each trace."""
    for name, target in CASES:
        variants = {
            "lanes": variant(name, "lanes"),
            "unicorn": variant(name, "unicorn"),
            # With an attack noise is drawn for each trace: activity words, samples, sums, as before there were lanes.
            "per-trace": variant(name, "unicorn", keep_traces=True),
        }
        in_lanes(variants["lanes"].runner.run(0, WARM, Unwatched()))
        counts = {kind: one.pace(seconds) for kind, one in variants.items()}
        taken: dict[str, list[float]] = {kind: [] for kind in variants}
        for _ in range(rounds):  # in turn, so that a machine whose speed drifts slows all
            for kind, one in variants.items():
                taken[kind].append(counts[kind] / one.timed(counts[kind]))
        rates = {kind: statistics.median(rate) for kind, rate in taken.items()}
        plan, engine = variants["lanes"].runner.plan, variants["lanes"].runner.simulator.engine
        emit(
            BENCH,
            f"{name}: t orders 1 and 2, one worker",
            traces_per_s=round(rates["lanes"]),
            instructions=len(plan.path.pcs),
            million_instructions_per_s=round(rates["lanes"] * len(plan.path.pcs) / 1e6),
            times_unicorn=_ratio(taken, "lanes", "unicorn"),
            times_noise_per_trace=_ratio(taken, "lanes", "per-trace"),
            target_times=target,
            unicorn_traces_per_s=round(rates["unicorn"]),
            noise_per_trace_traces_per_s=round(rates["per-trace"]),
            engine=dict(engine),
        )


def _ratio(taken: dict[str, list[float]], one: str, other: str) -> float:
    return round(statistics.median(a / b for a, b in zip(taken[one], taken[other], strict=True)), 1)


def workers(seconds: float, rounds: int) -> None:
    """Compare two processes with one, in lanes."""
    name = CASES[0][0]
    alone = variant(name, "lanes")
    in_lanes(alone.runner.run(0, WARM, Unwatched()))
    traces = alone.pace(2 * seconds)
    single, pair = [], []
    for _ in range(rounds):
        single.append(traces / alone.timed(traces, time.perf_counter))
        pair.append(two_workers(name, traces))
    ratio = statistics.median(both / one for both, one in zip(pair, single, strict=True))
    emit(
        BENCH,
        f"{name}: two workers over one",
        two_over_one=round(ratio, 2),
        target=TARGET_PAIR,
        traces_per_s=round(statistics.median(single)),
        two_workers_traces_per_s=round(statistics.median(pair)),
        traces_each=traces,
    )


def two_workers(name: str, traces: int) -> float:
    """Return traces per second of two processes that run `traces` each, without their start and end."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(3), context.Barrier(3)
    both = [context.Process(target=_half, args=(name, index, traces, ready, done)) for index in (0, 1)]
    for one in both:
        one.start()
    ready.wait(timeout=300)
    began = time.perf_counter()
    done.wait(timeout=300)
    took_s = time.perf_counter() - began
    for one in both:
        one.join()
    return 2 * traces / took_s


def _half(name: str, index: int, traces: int, ready: Any, done: Any) -> None:
    mine = variant(name, "lanes")
    mine.at = index * TRACES // 2
    mine.timed(WARM)
    ready.wait()
    mine.timed(traces)
    done.wait()


def tracers(rounds: int) -> None:
    """Set the rate in lanes beside what else traces firmware: the hook without statistics, rainbow, ELMO."""
    inputs = np.random.default_rng(1).integers(0, 256, (118, 32), dtype=np.uint8)
    hook, instructions = traced("auto", inputs[0])
    lanes = variant(CASES[0][0], "lanes")
    in_lanes(lanes.runner.run(0, WARM, Unwatched()))
    lanes.timed(WARM)
    others = {"donjon-rainbow 2.0": (rainbow(instructions), 1), "the hook, no statistics": (hook, 10)}
    ours = [10 * WARM / lanes.timed(10 * WARM) for _ in range(rounds)]
    mine = statistics.median(ours)
    for name, (run, times) in others.items():
        if run is None:
            emit(BENCH, name, skipped="not installed; `make bench-simulation` installs it")
            continue
        run(inputs)
        rate = len(inputs) / statistics.median(run(inputs) for _ in range(times))
        emit(
            BENCH, name, traces_per_s=round(rate, 1), lanes_traces_per_s=round(mine), lanes_are_times=round(mine / rate)
        )
    emit(
        BENCH,
        "ELMO",
        traces_per_s=ELMO_TRACES_PER_S,
        source=ELMO_SOURCE,
        lanes_traces_per_s=round(mine),
        lanes_are_times=round(mine / ELMO_TRACES_PER_S),
    )


def noise() -> None:
    """Time what the law of the noise costs."""
    for name, _ in CASES:
        lockstep_roof.settling(name, variant(name, "lanes").runner)


def roof() -> None:
    """Say where the time goes."""
    from renode.lockstep.maker import maker_of

    for name, _ in CASES:
        runner = variant(name, "lanes").runner
        request, path = runner.plan.request, runner.plan.path
        unicorn = UnicornCore(FIRMWARE / f"{name}.elf", request.target)
        unicorn.run(reference_row(request)[None, :], path)
        rows = input_rows(request, 0, 256)
        program = maker_of(unicorn).program(path, rows, (rows != rows[0]).any(axis=0))
        lockstep_roof.roof(name, runner, program)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.5, help="that one timing takes, about")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=AREAS, nargs="+", default=AREAS)
    parser.add_argument("--million", type=int, default=lockstep_farm.MILLION, help="traces of the farm's campaign")
    parser.add_argument("--hundred-million", action="store_true", help="run them rather than extrapolate")
    given = parser.parse_args(arguments)
    areas: dict[str, Callable[[], None]] = {
        "campaigns": lambda: campaigns(given.seconds, given.rounds),
        "workers": lambda: workers(given.seconds, given.rounds),
        "tracers": lambda: tracers(given.rounds),
        "noise": noise,
        "roof": roof,
        "farm": lambda: lockstep_farm.through_the_farm(million=given.million, hundred_million=given.hundred_million),
    }
    try:
        for area in given.only:
            areas[area]()
    except (Missing, ImportError) as missing:
        raise SystemExit(f"bench.lockstep: {missing}") from missing


if __name__ == "__main__":
    main()
