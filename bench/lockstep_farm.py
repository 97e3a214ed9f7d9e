"""Campaigns of a million traces through a whole farm: from the call over HTTP to the report in hand, and the memory."""

import os
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from bench.campaign import CAMPAIGNS, FIRMWARE
from bench.farm import embedded
from bench.rows import emit
from dasein import Client, State
from dasein.campaign_file import merged, read_campaign
from deploy.daemon import Daemon
from deploy.programs import own_ports

BENCH = "lockstep"
WORKERS = 2
MILLION = 1_000_000
HUNDRED_MILLION = 100_000_000
PATIENCE_S = 1200.0
TARGET_S, TARGET_MB = 10, 1000


def through_the_farm(*, million: int, hundred_million: bool) -> None:
    """Measure the first campaign of a farm, then others, and what the largest worker has held at most."""
    with farm() as (url, folder), Client(url) as client:
        first_s, report = campaign(client, million, seed=1)
        again_s = [campaign(client, million, seed=seed)[0] for seed in (2, 3, 4)]
        took_s = statistics.median(again_s)
        emit(
            BENCH,
            f"aes128_m4: t orders 1 and 2, {million:,} traces, HTTP to report",
            seconds=round(took_s, 2),
            slowest_s=round(max(again_s), 2),
            first_s=round(first_s, 2),
            target_s=TARGET_S if million == MILLION else None,
            workers=WORKERS,
            largest_worker_peak_mb=round(max(peaks(folder).values())),
            target_mb=TARGET_MB,
            peaks_mb={name: round(peak) for name, peak in sorted(peaks(folder).items())},
            **_told(report),
        )
        small_s = statistics.median(campaign(client, million // 10, seed=seed)[0] for seed in (5, 6, 7))
        per_trace_s = (took_s - small_s) / (million - million // 10)
        if not hundred_million:
            emit(
                BENCH,
                f"aes128_m4: t orders 1 and 2, {HUNDRED_MILLION:,} traces, HTTP to report",
                extrapolated=True,
                seconds=round(small_s + per_trace_s * (HUNDRED_MILLION - million // 10)),
                by=f"the line through {million // 10:,} and {million:,} traces of this run",
                overhead_s=round(small_s - per_trace_s * (million // 10), 2),
            )
            return
        seconds, report = campaign(client, HUNDRED_MILLION, seed=8)
        emit(
            BENCH,
            f"aes128_m4: t orders 1 and 2, {HUNDRED_MILLION:,} traces, HTTP to report",
            extrapolated=False,
            seconds=round(seconds, 1),
            largest_worker_peak_mb=round(max(peaks(folder).values())),
            **_told(report),
        )


def campaign(client: Client, traces: int, *, seed: int) -> tuple[float, dict[str, Any]]:
    """Submit a TVLA of AES on an M4 and return how long it took until its report was read, and the report."""
    asked = merged(read_campaign(CAMPAIGNS / "aes128_m4.json"), {"traces": traces, "seed": seed, "cpa": None})
    began = time.perf_counter()
    job = client.submit_campaign(FIRMWARE / "aes128_m4.elf", asked)
    ended = client.wait(job.id, timeout_s=PATIENCE_S)
    if ended.state is not State.SUCCEEDED:
        raise RuntimeError(f"the campaign ended {ended.state}: {ended.error}")
    report = client.report(job.id)
    return time.perf_counter() - began, report


def _told(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what says whether lanes ran: a figure of another engine is none of theirs."""
    return {
        "engine": report["engine"],
        "execution": report["execution"],
        "noise": report["power"]["noise"],
        "verdict": report["verdict"],
        "max_abs_t1": report["tvla"]["max_abs_t1"],
        "shards_execute_s": round(report["timings"]["execute_s"], 2),
        "shards_statistics_s": round(report["timings"]["statistics_s"], 2),
        "merge_s": round(report["timings"]["merge_s"], 2),
    }


@contextmanager
def farm() -> Iterator[tuple[str, Path]]:
    """Start a farm of two simulation workers in a folder and on ports of its own; yield its URL and the folder."""
    with TemporaryDirectory() as folder:
        ports = own_ports()
        before = dict(os.environ)
        for name in [name for name in os.environ if name.startswith("DASEIN_") and name.endswith("_URL")]:
            del os.environ[name]
        os.environ |= ports | {
            "DASEIN_DATA_DIR": folder,
            "DASEIN_HOST": "127.0.0.1",
            "DASEIN_SIMULATION_WORKERS": str(WORKERS),
            "DASEIN_FORGE_WORKERS": "0",
            "DASEIN_LOG_LEVEL": "WARNING",
            "DASEIN_DRAIN_S": "1",
        }
        try:
            embedded("up")
            yield f"http://127.0.0.1:{ports['DASEIN_PORT']}", Path(folder)
        finally:
            embedded("down")
            os.environ.clear()
            os.environ |= before


def peaks(folder: Path) -> dict[str, float]:
    """Return the most memory, in MB, that each process of a simulation worker has held so far."""
    found = {}
    for note in (folder / "run").glob("simulation*.json"):
        parent = Daemon(note.stem, folder).process()
        for process in [parent, *parent.children(recursive=True)] if parent is not None else []:
            held = _peak_mb(process)
            if held is not None:
                found[f"{note.stem}:{process.pid}"] = held
    if not found:
        raise RuntimeError("no simulation worker runs")
    return found


def _peak_mb(process: psutil.Process) -> float | None:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    held = next((line for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return int(held.split()[1]) / 1000 if held else None
