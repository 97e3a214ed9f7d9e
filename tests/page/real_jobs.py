"""Small real jobs whose reports have every part that the page shows, and the documents that its tests read.

    python -m tests.page.real_jobs [--stay]

starts a farm of its own (Redis, web, one worker of the simulation pool), runs the jobs, and writes what they found to
`web/ui/tests/documents`. With `--stay` it then says where the page is, and waits for Ctrl-C.
"""

import argparse
import io
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from renode.firmware.build import build_all
from renode.records import from_bytes
from tests.page.building import UI
from tests.page.running import CAMPAIGNS, LONGEST_WAITS, ROOT, RealJobs
from tests.servers import RedisServer
from tests.web.server import WebServer

DOCUMENTS = UI / "tests" / "documents"
OTHER_KEY = "00112233445566778899aabbccddeeff"
ROUND = {"start": "sub_bytes", "stop": "mix_columns"}
ENDING = {signal.SIGINT, signal.SIGTERM}
ROWS_KEPT = 40
RECORDS_KEPT = 3


def tests_and_pairs(jobs: RealJobs) -> dict[str, Any]:
    """Run a campaign that takes several looks to decide, and one whose pairs of samples leak; with corrections."""
    noisy = {"traces": 40_000, "cpa": None, "power": {"noise_sigma": 64.0}}
    looks = jobs.campaign("looks", "aes128_m4", sequential={"error_rate": 0.001, "looks": 20}, **noisy)
    pairs = jobs.campaign("pairs", "aes128_masked_m4", traces=3000, cpa=None, bivariate={"window": [2428, 2634]})
    return {**{name: looks[name] for name in ("sequential", "multiplicity")}, "bivariate": pairs["bivariate"]}


def secrets(jobs: RealJobs) -> dict[str, Any]:
    """Check a compare that leaks its way, tables that leak addresses and time, masks, and code that is proven."""
    alone = {"plan": "fixed", "traces": 8, "cpa": None}
    small = {"line_bytes": 32, "sets": 4, "ways": 1, "miss_cycles": 10}
    made = {
        "compare": jobs.campaign("compare", "compare_leaky_m0", constant_time={}, **alone),
        "table": jobs.campaign("table", "aes128_m4", constant_time={"cache": small, "executions": 200}, **alone),
        "masked": jobs.campaign(
            "masked", "aes128_masked_m4", constant_time={"cache": small, "executions": 200}, **alone
        ),
        "proven": jobs.campaign("proven", "compare_ct_m0", constant_time={}, **alone),
    }
    return {name: report["secrets"] for name, report in made.items()}


def attacks(jobs: RealJobs) -> dict[str, Any]:
    """Attack the words of ChaCha20, a last round, and a masked S-box whose masks are known."""
    masked = {"intermediate": "aes128-masked-sbox-output", "mask": "masks[0:16]", "window": "auto"}
    made = {
        "chacha": jobs.campaign("chacha", "chacha20_m4", traces=4000),
        "last": jobs.campaign("last", "aes128_m4", traces=1000, cpa={"intermediate": "aes128-last-round"}),
        "masked": jobs.campaign("known masks", "aes128_masked_m4", traces=400, cpa=masked),
    }
    return {name: {"cpa": report["cpa"], "max_snr": report["max_snr"]} for name, report in made.items()}


def profile(jobs: RealJobs) -> dict[str, Any]:
    """Learn a device with a key for each trace, and attack another one."""
    kept = {"plan": "random", "cpa": None, "keep_traces": True, "trigger": ROUND, "power": {"noise_sigma": 4.0}}
    jobs.campaign("learnt from", "aes128_m4", key="varies", traces=2000, **kept)
    jobs.campaign("victim", "aes128_m4", key=OTHER_KEY, traces=2000, seed=2, **kept)
    asked = {"campaign": jobs.ids["learnt from"], "attack": jobs.ids["victim"]}
    job = jobs.run("profile", "simulation.profile", asked)
    return jobs.document(f"/profiles/{job['id']}/report")


def sweep(jobs: RealJobs) -> list[dict[str, Any]]:
    """Run one campaign at three levels of noise, as `dasein sweep` would; return what was asked and found at each."""
    body = json.loads((CAMPAIGNS / "aes128_m4.json").read_text(encoding="utf-8")) | {"name": "sweep", "traces": 1000}
    body["firmware"] = jobs.artifact(jobs.elfs["aes128_m4"].read_bytes())
    powers = [body["power"] | {"noise_sigma": sigma} for sigma in (1.0, 8.0, 64.0)]
    wanted = [{"kind": "campaign", "params": body | {"power": power}} for power in powers]
    batch = jobs.client.post("/api/v2/batches", json={"jobs": wanted}).raise_for_status().json()
    for _ in range(LONGEST_WAITS):
        if batch["state"] == "ended":
            break
        batch = jobs.client.get(f"/api/v2/batches/{batch['id']}", params={"wait": 60}).raise_for_status().json()
    jobs.ids["sweep"] = batch["jobs"][1]
    levels = [jobs.document(f"/jobs/{level}") for level in batch["jobs"]]
    return [{name: level[name] for name in ("params", "result")} for level in levels]


def bench(jobs: RealJobs) -> tuple[str, dict[str, Any]]:
    """Return traces of a known model as if a bench had measured them, an artifact, and which code they are of."""
    power = {"model": "elmo-like-linear", "sampling": "cycle", "noise_sigma": 2.0}
    if "bench" not in jobs.ids:
        jobs.campaign("bench", "aes128_m4", traces=512, cpa=None, keep_traces=True, power=power)
    path = f"/api/v2/campaigns/{jobs.ids['bench']}/traces"
    traces, inputs, groups = (
        np.load(io.BytesIO(jobs.client.get(path, params={"part": part}).raise_for_status().content))
        for part in ("traces", "inputs", "groups")
    )
    file = io.BytesIO()
    np.savez(file, traces=traces, key=inputs[:, :16], plaintext=inputs[:, 16:], group=groups)
    target = json.loads((CAMPAIGNS / "aes128_m4.json").read_text(encoding="utf-8"))["target"]
    code = {"firmware": jobs.artifact(jobs.elfs["aes128_m4"].read_bytes()), "target": target}
    return jobs.artifact(file.getvalue()), {"clock": {"samples_per_cycle": 1}, **code}


def imports(jobs: RealJobs) -> dict[str, Any]:
    """Take the same traces in with and without their code; keep what was asked and found, and the beginning of each list."""
    artifact, code = bench(jobs)
    cut = {"samples": [1100, 1500], "unit": "mV", "sampled_hz": 29.5e6, "name": "unknown code"}
    made = {}
    for what, asked in {"code": code, "samples": cut}.items():
        job = jobs.run(what, "simulation.import", {"artifact": artifact} | asked)
        report = jobs.document(f"/campaigns/{job['id']}/report")
        series = {
            name: values[:ROWS_KEPT] if isinstance(values, list) else values
            for name, values in report["series"].items()
        }
        lists = {name: report[name][:ROWS_KEPT] for name in ("rows", "findings")}
        made[what] = {"params": job["params"], "result": job["result"], "report": report | lists | {"series": series}}
    return made


def calibration(jobs: RealJobs) -> dict[str, Any]:
    """Fit a power model to traces of a known one, as if a bench had measured them; keep some instructions of each verdict."""
    artifact, code = bench(jobs)
    jobs.run("import", "simulation.import", {"artifact": artifact} | code)
    job = jobs.run("calibration", "simulation.calibrate", {"campaign": jobs.ids["import"], "name": "bench-m4"})
    found = jobs.document(f"/calibrations/{job['id']}")
    kept = [row for verdict in (True, False, None) for row in found["rows"] if row["agrees"] is verdict]
    return found | {"rows": kept[:ROWS_KEPT] + kept[ROWS_KEPT:][-ROWS_KEPT // 4 :]}


def recording(jobs: RealJobs) -> dict[str, Any]:
    """Record a run through an INA219, with a collector that is late at times; keep the first records as bytes and numbers."""
    target = json.loads((CAMPAIGNS / "aes128_m4.json").read_text(encoding="utf-8"))["target"]
    target = {name: value for name, value in target.items() if name not in {"public", "trigger"}}
    asked = {"firmware": jobs.artifact(jobs.elfs["aes128_m4"].read_bytes()), "target": target, "samples": 2500}
    late = {"probe": {"kind": "ina219"}, "collector": {"jitter_ns": 12_000}}
    job = jobs.run("recording", "simulation.record", asked | late)
    data = jobs.client.get(job["result"]["url"], params={"form": "binary"}).raise_for_status().content
    rows = from_bytes(data).rows[:RECORDS_KEPT]
    numbers = {
        name: np.where(np.isnan(rows[name]), np.array(None), rows[name]).tolist()
        for name in ("dim", "ideal_uj", "age_us")
    }
    told = numbers | {name: rows[name].tolist() for name in ("timestamp_ns", "period", "pc", "flags")}
    return {"result": job["result"], "hex": rows.tobytes().hex(), "rows": told}


MAKERS = {
    "tests": tests_and_pairs,
    "secrets": secrets,
    "attacks": attacks,
    "profile": profile,
    "sweep": sweep,
    "imports": imports,
    "calibration": calibration,
    "recording": recording,
}


@contextmanager
def farm(folder: Path) -> Iterator[WebServer]:
    """Run a farm with one worker of the simulation pool."""
    (folder / "redis").mkdir()
    redis = RedisServer(folder / "redis")
    redis.start()
    try:
        with WebServer(folder, redis.url) as server, server.worker():
            yield server
    finally:
        redis.kill()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the jobs and write their documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--only", choices=tuple(MAKERS), action="append")
    asked = parser.parse_args()
    elfs = {path.stem: path for path in build_all(ROOT / "build" / "firmware")}
    DOCUMENTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, farm(Path(folder)) as server, server.client(timeout_s=90) as client:
        jobs = RealJobs(client, elfs)
        for name in asked.only or MAKERS:
            made = MAKERS[name](jobs)
            text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
            (DOCUMENTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
            _say(f"{name}: {len(text):,} bytes")
        if asked.stay:
            if "sweep" not in jobs.ids:
                sweep(jobs)
            _say(f"{server.url}/app/ {json.dumps(jobs.ids)}")
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # whoever was started before ends as ever
            signal.sigwait(ENDING)


if __name__ == "__main__":
    main()
