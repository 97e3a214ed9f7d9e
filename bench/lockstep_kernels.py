"""Which kernels a program's time in lanes goes to: `python -m bench.lockstep_kernels [NAME] [--model hw+hd] [--fixed 16] [--cpu x86-64-v3]`.

One core, processor time. What a kernel costs is what it takes where all others do nothing; what counting costs, which
goes by the levels that there are, is what is missing when nothing is counted. `--fixed` bytes of the inputs, from the
first on, are the same in all traces: 16 is the key. `--cpu` makes code for another CPU, by LLVM's names.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bench.campaign import CAMPAIGNS, FIRMWARE
from bench.rows import emit
from jobs.payloads import CampaignRequest
from renode.lockstep.frame import Frame
from renode.lockstep.lanes import Lanes
from renode.lockstep.objects import Objects
from renode.lockstep.schedule import schedule
from renode.lockstep.walk import walk
from renode.lockstep.way import host_objects
from renode.trace import Levels, Path
from renode.unicorn_core import UnicornCore

TRACES, PROFILE, ROUNDS = 65_536, 64, 5
MODELS = {"hw": (1, 0, 1, 0), "hd": (0, 1, 0, 1), "hw+hd": (1, 1, 1, 1), "elmo": (2, 6, 4, 8)}
"""Weights of the fields of an activity word."""


def levels_of(core: UnicornCore, path: Path, weights: tuple[int, ...]) -> Levels:
    """Return levels with room for what each instruction writes and transfers."""
    effects = [core.decoded(int(pc)).effects for pc in path.pcs]
    widths = [32 * (len(it.written) * sum(weights[:2]) + len(it.transfers) * sum(weights[2:])) + 1 for it in effects]
    return Levels(
        first=0,
        weights=np.tile(np.array([*weights, 0], np.int32)[:, np.newaxis], (1, len(effects))),
        lowest=np.zeros(len(effects), np.int32),
        offsets=np.concatenate([[0], np.cumsum(widths)]).astype(np.int64),
    )


def measure(name: str, model: str, fixed: int, cpu: str | None) -> None:
    """Emit the rate of tallies, and what each kind of kernel costs."""
    body = (CAMPAIGNS / f"{name}.json").read_text()
    target = CampaignRequest.model_validate_json(body.replace("{", '{"firmware": "sha256:' + "0" * 64 + '",', 1)).target
    core = UnicornCore(FIRMWARE / f"{name}.elf", target)
    rows = np.random.default_rng(7).integers(0, 256, (TRACES, sum(one.length for one in target.inputs)), np.uint8)
    rows[:, :fixed] = rows[0, :fixed]
    path, start = core.path(rows[0]), core.start()
    program = walk(start, path, rows[:PROFILE], (rows != rows[0]).any(axis=0), decoded=core.decoded)
    levels = levels_of(core, path, MODELS[model])
    objects = host_objects() if cpu is None else Objects(cpu, "")
    lanes = Lanes(program, start, levels=levels, objects=objects)
    groups = np.arange(TRACES) % 2
    counts = np.zeros((2, levels.bins), np.int64)
    took = min(_took(lambda: lanes.tally(rows, groups, counts)) for _ in range(ROUNDS))
    emit(
        "lockstep_kernels",
        f"{name} {model}" + (f" {cpu}" if cpu else ""),
        traces_per_s=round(TRACES / took),
        instructions=len(path.pcs),
        varying=int(program.varies.sum()),
        records=len(lanes._way.records),  # noqa: SLF001 - a look inside is what this is for
        ns_per_trace=_costs(lanes, rows, groups, counts, objects),
    )


def _costs(
    lanes: Lanes,
    rows: npt.NDArray[np.uint8],
    groups: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    objects: Objects,
) -> dict[str, float]:
    way = lanes._way  # noqa: SLF001 - the same
    run = next(iter(schedule(groups, lanes.lanes)))
    kept = lanes._prepared(rows)  # noqa: SLF001
    if lanes._histograms is not None:  # noqa: SLF001
        lanes._histograms.prepare(run.groups, 1, counts)  # noqa: SLF001
    functions, records = way.functions.copy(), way.records.copy()
    nothing = objects.addresses({"nothing": Frame("nothing", lanes.lanes).text})["nothing"]
    counting = {"count8", "count16"}

    def taken(does: Callable[[str], bool]) -> float:
        way.records[:] = records  # they remember which levels there were
        way.functions[:] = [
            function if does(form.work) else nothing for form, function in zip(way.forms, functions, strict=True)
        ]
        return 1e9 * min(_took(lambda: way.go(run.order)) for _ in range(ROUNDS)) / run.order.size

    whole, idle = taken(lambda _: True), taken(lambda _: False)
    costs = {
        work: round(taken(work.__eq__) - idle, 1)
        for work in dict.fromkeys(form.work for form in way.forms)
        if work not in counting
    }
    costs["counting"] = round(whole - taken(lambda work: work not in counting), 1)
    del kept
    return {"all": round(whole, 1)} | dict(sorted(costs.items(), key=lambda cost: -cost[1])[:12])


def _took(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="aes128_m4")
    parser.add_argument("--model", choices=tuple(MODELS), default="hw+hd")
    parser.add_argument("--fixed", type=int, default=16)
    parser.add_argument("--cpu")
    given = parser.parse_args()
    measure(given.name, given.model, given.fixed, given.cpu)


if __name__ == "__main__":
    main()
