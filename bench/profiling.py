"""Profiled attacks: traces that find a key at several levels of noise, beside CPA; and fitting templates beside scalib.

python -m bench.profiling [--traces 12000] [--sigma 0.5,1,2,4,8]

In process, without the queue. Each level runs three campaigns on `aes128_m4`: one with a key for each trace to learn
from, one with another key whose traces are attacked, and one for CPA with that key. scalib comes with the `bench`
extra; `max_abs_difference` is between the probabilities of the classes.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from bench.campaign import CAMPAIGNS, FIRMWARE, MODELS, Unwatched
from bench.rows import emit
from bench.statistics import present, version
from jobs.model import Job, NewJob, State
from jobs.payloads import CampaignRequest
from jobs.profiling import ProfileRequest
from jobs.report import Report
from jobs.target import Target
from renode.elf import read_firmware
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.observing import EmbeddedObserver
from renode.offer import offer_of
from renode.trace import Simulator
from renode.unicorn_core import UnicornCore
from stores.artifacts import FileArtifacts, JobFiles
from workers.simulation.campaign import merge_campaign, plan_campaign
from workers.simulation.profile import profile
from workers.simulation.profiled import templates
from workers.simulation.services import SimulationServices
from workers.simulation.shard import run_shard

NAME = "aes128_m4"
ARTIFACT = "sha256:" + "0" * 64
NOW = datetime(2026, 11, 29, tzinfo=UTC)
OTHER_KEY = "00112233445566778899aabbccddeeff"
FIT_TRACES, FIT_POINTS, FIT_BYTES, FIT_DIMENSIONS = 20_000, 32, 16, 8


def services(folder: Path) -> SimulationServices:
    """Return what campaigns work with, on the one firmware there is."""
    elf = FIRMWARE / f"{NAME}.elf"

    @cache
    def simulator(_tenant: str, _firmware: str, target: Target) -> Simulator:
        core = UnicornCore(elf, target)
        return LockstepCore(core, maker_of(core))

    return SimulationServices(
        JobFiles(folder, "campaigns"),
        simulator,
        lambda *_: offer_of(read_firmware(elf)),
        MODELS,
        2**34,
        lambda _tenant, _firmware, target: EmbeddedObserver(elf, target),
        FileArtifacts(folder),
    )


def campaign(name: str, there: SimulationServices, *, key: str | None, **changes: Any) -> Report:
    """Run a campaign with random plaintexts, with a key for each trace where `key` is None."""
    body = json.loads((CAMPAIGNS / f"{NAME}.json").read_text(encoding="utf-8"))
    given = {"varies": "random", "value": None} if key is None else {"value": key}
    inputs = [{**item, **given} if item["role"] == "key" else item for item in body["target"]["inputs"]]
    asked = {**body, "firmware": ARTIFACT, "plan": "random", "target": {**body["target"], "inputs": inputs}, **changes}
    request = CampaignRequest.model_validate(asked)
    split = plan_campaign(_job(NewJob(name, "campaign", request.model_dump(mode="json"))), Unwatched(), there)
    for shard in split.children:
        run_shard(_job(shard), Unwatched(), there)
    merge_campaign(_job(split.then), Unwatched(), there, now=NOW)
    return Report.model_validate_json(there.files.path(name, "report.json").read_bytes())


def level(sigma: float, traces: int, there: SimulationServices) -> None:
    """Print how many traces each way of attacking takes at one level of noise."""
    power = {"model": "hw", "noise_sigma": sigma}
    learn, victim, cpa = (f"{what}-{sigma:g}" for what in ("learn", "victim", "cpa"))
    campaign(learn, there, key=None, traces=traces, power=power, cpa=None, keep_traces=True)
    campaign(victim, there, key=OTHER_KEY, traces=traces, power=power, cpa=None, keep_traces=True, seed=2)
    attacked = campaign(cpa, there, key=OTHER_KEY, traces=traces, power=power, seed=2).cpa
    needed = [byte.traces_to_recover for byte in attacked.bytes] if attacked else [None]
    took_s: list[float] = []
    for _ in range(2):  # the first one compiles, or loads, what is compiled
        began = time.perf_counter()
        report = profile("bench", ProfileRequest(campaign=learn, attack=victim), there.files, Unwatched(), now=NOW)
        took_s.append(time.perf_counter() - began)
    found: Mapping[str, Any] = {
        f"{one.method.value}_{what}": value
        for one in report.methods
        for what, value in (
            ("traces_to_success", one.traces_to_success),
            ("information_bits", round(statistics.mean(b.information.value for b in one.bytes if b.information), 4)),
        )
    }
    emit(
        "profiling",
        "traces that find all 16 bytes of AES-128 in nine of ten attacks",
        sigma=sigma,
        profiling_traces=report.traces_profiling,
        attack_traces=report.traces_attack,
        samples=report.samples,
        seconds=round(took_s[-1], 2),
        **found,
        cpa_traces_to_recover=max(value for value in needed if value) if all(needed) else None,
    )
    for name in (learn, victim, cpa):
        there.files.remove(name)


def fits() -> None:
    """Print how long templates of all bytes take to fit, ours and scalib's."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 256, (FIT_TRACES, FIT_BYTES), dtype=np.uint8)
    weights = rng.normal(0, 3, (FIT_BYTES, FIT_POINTS))
    x = np.stack(
        [
            np.rint(
                np.bitwise_count(labels[:, byte])[:, None] * weights[byte] + rng.normal(0, 20, (FIT_TRACES, FIT_POINTS))
            )
            for byte in range(FIT_BYTES)
        ]
    ).astype(np.int16)
    values = np.arange(256, dtype=np.uint8)
    floats = x.astype(np.float64)

    def ours() -> Any:
        return [
            templates(floats[byte], labels[:, byte], values, dimensions=FIT_DIMENSIONS) for byte in range(FIT_BYTES)
        ]

    scores = ours()[0].scores(floats[0][:200])
    likely = np.exp(scores - special.logsumexp(scores, axis=1, keepdims=True))
    _fit("dasein", ours, None)
    if not present("scalib"):
        emit("profiling", "fit templates", tool="scalib", absent="not installed: the bench extra has it")
        return
    from scalib.modeling import Lda, LdaAcc

    beside = np.ascontiguousarray(np.concatenate(list(x), axis=1))
    points = [list(range(FIT_POINTS * byte, FIT_POINTS * (byte + 1))) for byte in range(FIT_BYTES)]

    def theirs() -> Any:
        sums = LdaAcc(nc=256, pois=points)
        sums.fit_u(beside, labels.astype(np.uint16))
        return Lda(sums, p=FIT_DIMENSIONS)

    difference = float(np.abs(np.asarray(theirs().predict_proba(beside[:200]))[0] - likely).max())
    _fit("scalib", theirs, difference)


def _fit(tool: str, work: Callable[[], Any], difference: float | None) -> None:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    emit(
        "profiling",
        "fit templates",
        tool=tool,
        version=version(tool) if tool != "dasein" else None,
        seconds=round(statistics.median(taken), 3),
        traces=FIT_TRACES,
        bytes=FIT_BYTES,
        points=FIT_POINTS,
        dimensions=FIT_DIMENSIONS,
        max_abs_difference=difference,
    )


def _job(new: NewJob) -> Job:
    return Job(new.id, new.kind, State.RUNNING, new.params, new.tenant, new.priority, NOW)


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=12_000, help="of each campaign")
    parser.add_argument("--sigma", default="0.5,1,2,4,8", help="levels of noise, commas between them")
    asked = parser.parse_args()
    fits()
    with tempfile.TemporaryDirectory() as name:
        there = services(Path(name))
        for sigma in map(float, asked.sigma.split(",")):
            level(sigma, asked.traces, there)


if __name__ == "__main__":
    main()
