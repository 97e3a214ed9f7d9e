"""What `dasein record --device` does: captures of a recorder in a worker's kernel."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dasein.answers import Job, understood
from dasein.commands.session import Session
from dasein.recording import SUFFIXES
from dasein.shown import grid

_USUAL = ("binary", "parquet")


def captured(here: Session, description: Mapping[str, Any], out: Path | None, *, timeout_s: float | None) -> None:
    """Submit a capture, follow it to its end, save its records to `out` and show what became of it."""
    asked = dict(description)
    if out is not None and "forms" not in asked:
        # A CSV of very many records is refused: it is written where it is wanted alone.
        asked["forms"] = sorted({*_USUAL, SUFFIXES[out.suffix]})
    job = here.follow(here.client.recordings.capture(asked), timeout_s=timeout_s)
    recorded(here, job, out, summary=summary)


def recorded(
    here: Session, job: Job, out: Path | None, *, summary: Callable[[Mapping[str, Any]], dict[str, str]]
) -> None:
    """Save the records of a recording or a capture that has ended to `out`, if it is given, and show its `summary`."""
    if job.result is None:
        here.ended(job)
        return
    with understood("recording"):
        rows = summary(job.result)
    if out is not None:
        saved = here.client.recordings.save(job.id, out)
        rows["saved"] = f"{saved}: {saved.stat().st_size:,} bytes"
    here.answer(dict(job.result), grid(rows))


def summary(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what is to be shown of a capture."""
    records = result["records"]
    never = [name for name, count in result["available"].items() if not count]
    partly = [f"{name} in {count:,}" for name, count in result["available"].items() if 0 < count < records]
    ends = {"timeout": "the time was up", "stopped": "somebody stopped the recorder"}
    short = (
        f" of {result['wanted']:,}: {ends.get(result['ended'], result['ended'])}" if records < result["wanted"] else ""
    )
    rows = {
        "records": f"{records:,}{short}",
        **_real_time(result),
        "covers": f"{(result['last_ns'] - result['first_ns']) / 1e6 + result['period_ns'] / 1e6:,.3f} ms",
        "without a record": f"{result['dropped']:,} periods: {result['missed']:,} missed by the timer, "
        f"{result['lost']:,} overwritten before they were read",
        "sensor": f"{result['sensor_reads']:,} read, {result['sensor_errors']:,} failed, "
        f"{result['sensor_overflows']:,} out of range",
        "not there": ", ".join(never) or "nothing",
        **({"not always there": "; ".join(partly)} if partly else {}),
        "digest": result["digest"],
    }
    return rows | ({"knowledge": result["ingestion"]} if "ingestion" in result else {})


def _real_time(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what is to be shown of when it was, and of pulses meanwhile."""
    clocks = result["clocks"]
    start, end = clocks["start"], clocks["end"]
    first_ns = int(start["realtime"].replace(".", "")) + result["first_ns"] - start["monotonic_ns"]
    seconds, rest = divmod(first_ns, 10**9)
    day = datetime.fromtimestamp(seconds, UTC)
    rows = {
        "first at": f"{day:%Y-%m-%d %H:%M:%S}.{rest:09d} UTC, as its clock was read within {start['bracket_ns']:,} ns"
    }
    if clocks["stepped"]:
        rows["real time"] = f"moved by {clocks['changed_ns'] / 1e9:+,.9f} s meanwhile: it was set, or the machine slept"
    before, last = ({pulse["source"]: pulse for pulse in at["pps"] or ()} for at in (start, end))
    pulses = [_pulses(before.get(source), last.get(source), source) for source in before | last]
    return rows | {"pulses": "; ".join(pulses) or f"none: {end['pps_absent']}"}


def _pulses(before: Mapping[str, Any] | None, last: Mapping[str, Any] | None, source: str) -> str:
    if last is None:
        return f"{source}: gone at the end"
    named = f"{source} ({last['name']})" if last["name"] else source
    if last["at"] is None:
        return f"{named}: {last['absent']}"
    since = "" if before is None or before["sequence"] is None else f"{before['sequence']:,} to "
    return f"{named}: number {since}{last['sequence']:,}, the last one at {last['at']}"
