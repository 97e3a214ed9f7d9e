"""Where the time of a campaign in lanes goes: operations, ones counted and bytes of a trace beside what took how long."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable

import numpy as np

from bench.campaign import Unwatched
from bench.rows import emit, median_s
from renode.lockstep.program import NOTHING, NUMBER, PURE_BASE, SAMPLED_BASE, Kernel, Program
from workers.simulation.inputs import GROUPS, groups, input_rows
from workers.simulation.run import Runner
from workers.simulation.settle import Settler, sum_bytes

BENCH = "lockstep"
TRACES = 200_000
BATCH = 65_536
SAMPLED = (Kernel.EXTRACT_SAMPLED, Kernel.TABLE_SAMPLED, Kernel.GATHER_SAMPLED, Kernel.REGISTER)
PERF_S = 2


def settling(name: str, lanes: Runner) -> None:
    """Time the law of the noise: what the merge draws, once, however many traces there were."""
    settler = _settler(lanes)
    part = lanes.run(0, TRACES, Unwatched())
    emit(
        BENCH,
        f"{name}: noise by law",
        settle_s=round(median_s(lambda: settler.settled(part)), 3),
        settle_two_threads_s=round(median_s(lambda: settler.settled(part, threads=2)), 3),
        samples=lanes.samples.samples,
        levels=settler.scale.levels.bins,
        tally_mb=round(sum_bytes(settler, lanes.samples) / 1e6, 2),
        traces=TRACES,
    )


def _settler(lanes: Runner) -> Settler:
    if lanes.settler is None:
        raise RuntimeError(f"each trace has a noise of its own: {lanes.plan.noise.reason}")
    return lanes.settler


def roof(name: str, lanes: Runner, program: Program) -> None:
    """Count what a trace takes, and time what a campaign's traces go through."""
    plan, simulator, levels = lanes.plan, lanes.simulator, _settler(lanes).scale.levels
    lanes.run(0, TRACES, Unwatched())
    rows, labels = input_rows(plan.request, 0, BATCH), groups(plan.request, 0, BATCH)
    counts = np.zeros((GROUPS, levels.bins), np.int64)
    drawing_s = median_s(lambda: (input_rows(plan.request, 0, BATCH), groups(plan.request, 0, BATCH)))
    lanes_s = median_s(lambda: simulator.tally(rows, labels, plan.path, levels, counts))
    whole_s = median_s(lambda: lanes.run(0, TRACES, Unwatched())) * BATCH / TRACES
    of_trace = counted(program)
    rate = BATCH / lanes_s
    emit(
        BENCH,
        f"{name}: where the time goes",
        share_of_drawing_inputs=round(drawing_s / whole_s, 3),
        share_of_lanes=round(lanes_s / whole_s, 3),
        instructions=len(program.constant),
        varying_instructions=int(program.varies.sum()),
        per_trace=of_trace,
        lanes_traces_per_s=round(rate),
        giga_operations_per_s=round(rate * of_trace["operations"] / 1e9, 2),
        giga_words_whose_ones_are_counted_per_s=round(rate * of_trace["words_whose_ones_are_counted"] / 1e9, 2),
        giga_bytes_of_rows_per_s=round(rate * of_trace["bytes_of_rows"] / 1e9, 1),
        clock_mhz=_clock_mhz(),
        perf=_perf(lambda: lanes.run(0, TRACES, Unwatched())),
    )


def counted(program: Program) -> dict[str, int]:
    """Return what one lane takes: operations by kind, words whose ones are counted, bytes of rows read and written."""
    operations = program.operations
    kernels = operations["kernel"]
    sampled = (kernels >= SAMPLED_BASE) | np.isin(kernels, SAMPLED)
    ends = kernels == Kernel.END
    rows = (operations["spaces"] != NOTHING) & (operations["spaces"] != NUMBER)
    return {
        "operations": len(operations),
        "pure": int((kernels >= PURE_BASE).sum()),
        "of_tables": int(np.isin(kernels, (Kernel.TABLE, Kernel.TABLE_SAMPLED)).sum()),
        "gathers_and_scatters": int(np.isin(kernels, (Kernel.GATHER, Kernel.GATHER_SAMPLED, Kernel.SCATTER)).sum()),
        "checks": int((kernels == Kernel.CHECK).sum()),
        "levels_counted": int(ends.sum()),
        "words_whose_ones_are_counted": 2 * int(sampled.sum() + (kernels == Kernel.BUS).sum()),
        "bytes_of_rows": 4 * int(rows[~ends].sum()),
    }


def _clock_mhz() -> float | None:
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:  # noqa: PTH123 - a pseudo file
        clocks = [float(line.split(":", 1)[1]) for line in info if line.startswith("cpu MHz")]
    return clocks[0] if clocks else None


def _perf(work: Callable[[], object]) -> dict[str, float] | str:
    """Return cycles and instructions of `work` for some seconds, as `perf` counts them, or why not."""
    perf = shutil.which("perf")
    if perf is None:
        return "not installed"
    command = [perf, "stat", "-x", ",", "-e", "cycles,instructions", "-p", str(os.getpid()), "sleep", str(PERF_S)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        until = time.monotonic() + PERF_S
        while time.monotonic() < until:
            work()
        _, told = child.communicate()
    values = {cells[2]: float(cells[0]) for line in told.splitlines() if (cells := line.split(","))[0].isdigit()}
    if {"cycles", "instructions"} - set(values):
        return "does not count here"
    return {"instructions_per_cycle": round(values["instructions"] / values["cycles"], 2)}
