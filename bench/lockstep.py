"""Campaigns in lanes beside the same campaigns on Unicorn, and what else traces firmware: `python -m bench.lockstep`.

    python -m bench.lockstep [--seconds 1.5] [--rounds 5] [--only AREA ...] [--hundred-million]

Areas: campaigns (one worker, ratio to Unicorn of the same run), attacks (the same with CPA), workers (two over one),
tracers (rainbow, ELMO, the hook alone), noise (what the law costs), farm (a million traces over HTTP, memory, a hundred
million), roof (where the time goes). Variants alternate; figures are medians of the rounds. One worker's are by its processor time, as the
machine may be shared, everything else by the clock on the wall. All but the last give up where a campaign did not run
in lanes: a figure of another engine is none of theirs.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench import lockstep_farm, lockstep_roof
from bench.campaign import FIRMWARE, Unwatched, request
from bench.lockstep_variant import TRACES, WARM, Missing, Variant, in_lanes, variant
from bench.rows import emit
from bench.tracer import rainbow, traced
from renode.unicorn_core import UnicornCore
from workers.simulation.inputs import input_rows, reference_row

BENCH = "lockstep"
CASES = (("aes128_m4", 60), ("aes128_m0", 60), ("aes128_masked_m4", 25))
"""Campaigns and how many times as fast as on Unicorn they are to be."""
TARGET_PAIR = 1.9
AREAS = ("campaigns", "attacks", "workers", "tracers", "noise", "roof", "farm")
ELMO_TRACES_PER_S = 119
ELMO_SOURCE = (
    "not of this run: an earlier measurement of ours on 2 cores; M0, its linear model, binary output, one process"
)


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
        taken = _in_turn(variants, seconds, rounds)
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


def attacks(seconds: float, rounds: int) -> None:
    """Compare a campaign with an attack, whose noise is drawn for each trace, in lanes and on Unicorn."""
    name = CASES[0][0]
    attack = request(name).model_dump(mode="json")["cpa"]
    variants = {"lanes": variant(name, "lanes", cpa=attack), "unicorn": variant(name, "unicorn", cpa=attack)}
    in_lanes(variants["lanes"].runner.run(0, WARM, Unwatched()))
    taken = _in_turn(variants, seconds, rounds)
    emit(
        BENCH,
        f"{name}: t orders 1 and 2 and an attack, one worker",
        traces_per_s=round(statistics.median(taken["lanes"])),
        times_unicorn=_ratio(taken, "lanes", "unicorn"),
        unicorn_traces_per_s=round(statistics.median(taken["unicorn"])),
    )


def _in_turn(variants: dict[str, Variant], seconds: float, rounds: int) -> dict[str, list[float]]:
    """Return the rates of variants, timed in turn, so that a machine whose speed drifts slows all."""
    counts = {kind: one.pace(seconds) for kind, one in variants.items()}
    taken: dict[str, list[float]] = {kind: [] for kind in variants}
    for _ in range(rounds):
        for kind, one in variants.items():
            taken[kind].append(counts[kind] / one.timed(counts[kind]))
    return taken


def _ratio(taken: dict[str, list[float]], one: str, other: str) -> float:
    return round(statistics.median(a / b for a, b in zip(taken[one], taken[other], strict=True)), 1)


def workers(seconds: float, rounds: int) -> None:
    """Compare two processes with one, in lanes; by processor time, too, which a machine that is shared does not change."""
    name = CASES[0][0]
    alone = variant(name, "lanes")
    in_lanes(alone.runner.run(0, WARM, Unwatched()))
    traces = alone.pace(2 * seconds)
    single, pair, single_by_processor, pair_by_processor = [], [], [], []
    for _ in range(rounds):
        began = time.process_time()
        single.append(traces / alone.timed(traces, time.perf_counter))
        single_by_processor.append(traces / (time.process_time() - began))
        took_s, each_s = two_workers(name, traces)
        pair.append(2 * traces / took_s)
        pair_by_processor.append(sum(traces / one_s for one_s in each_s))
    emit(
        BENCH,
        f"{name}: two workers over one",
        two_over_one=_over(pair, single),
        two_over_one_by_processor_time=_over(pair_by_processor, single_by_processor),
        target=TARGET_PAIR,
        traces_per_s=round(statistics.median(single)),
        two_workers_traces_per_s=round(statistics.median(pair)),
        traces_each=traces,
    )


def _over(pair: Sequence[float], single: Sequence[float]) -> float:
    return round(statistics.median(both / one for both, one in zip(pair, single, strict=True)), 2)


def two_workers(name: str, traces: int) -> tuple[float, list[float]]:
    """Let two processes run `traces` each; return the seconds that they take, without start and end, and each's own."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(3), context.Barrier(3)
    taken = context.Array("d", 2)
    both = [context.Process(target=_half, args=(name, index, traces, ready, done, taken)) for index in (0, 1)]
    for one in both:
        one.start()
    ready.wait(timeout=300)
    began = time.perf_counter()
    done.wait(timeout=300)
    took_s = time.perf_counter() - began
    for one in both:
        one.join()
    return took_s, taken[:]


def _half(name: str, index: int, traces: int, ready: Any, done: Any, taken: Any) -> None:  # noqa: PLR0917 - of a process
    mine = variant(name, "lanes")
    mine.at = index * TRACES // 2
    mine.timed(WARM)
    ready.wait()
    taken[index] = mine.timed(traces)
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
        "attacks": lambda: attacks(given.seconds, given.rounds),
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
