"""The main job, shown: `python -m deploy.demo` (`make demo`).

Builds the firmware, starts a farm of its own beside whatever runs already (free ports, a folder of its own), measures
the unprotected and the masked AES-128, prints the verdicts, leaves the reports in `<data>/reports`, asks the farm what it
has learnt, and stops it.
The last line on standard output is one JSON object about the unprotected AES; its numbers are those of the report.
"""

import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from rich.console import Console
from rich.table import Table

from dasein import Client, DaseinError, State
from dasein.campaign_file import merged, read_campaign
from dasein.following import follow
from dasein.progress import watch
from deploy.programs import PATIENCE_S, Failed, own_ports, running

ROOT = Path(__file__).resolve().parents[1]
ELVES = ROOT / "build" / "firmware"
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"


@dataclass(frozen=True, slots=True)
class Subject:
    """A firmware to be measured, with changes to its campaign."""

    name: str
    title: str
    changes: Mapping[str, Any]

    @property
    def elf(self) -> Path:
        """Return where it is built."""
        return ELVES / f"{self.name}_m4.elf"

    @property
    def campaign(self) -> dict[str, Any]:
        """Return how it is measured."""
        return merged(read_campaign(CAMPAIGNS / f"{self.name}_m4.json"), self.changes)


UNPROTECTED = Subject("aes128", "Unprotected AES", {"name": "aes128 build 1"})
# First-order masking promises nothing about the second order, which the report shows all the same.
MASKED = Subject("aes128_masked", "Masked AES", {"name": "aes128 build 2", "assess_order": 1})
QUESTIONS = (
    "Which instructions of sub_bytes leak the key in aes128 build 1, and did build 2 help?",
    "¿Cuántas instrucciones filtran la clave en aes128 build 1?",
)
EVIDENCE = 3
"""Pieces of evidence that are shown of each answer."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a subject."""

    subject: Subject
    report: Mapping[str, Any]
    page: Path


def main() -> int:
    """Run the demonstration; return 0, 1 when something failed, 130 or 143 when it was stopped."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _stopped)
    words = Console(highlight=False, markup=False, emoji=False)
    data = Path(os.environ.get("DASEIN_DATA_DIR", ".dasein")).absolute()
    try:
        with farm(data / f"demo-{os.getpid()}", words) as url:
            unprotected, masked = measure(url, data / "reports", words)
            answers = ask(url)
    except (Failed, DaseinError, OSError) as error:
        sys.stderr.write(f"The demonstration failed: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; everything that was started is stopped.\n")
        return 130
    words.print(verdicts((unprotected, masked)))
    for measured in (unprotected, masked):
        words.print(f"{measured.subject.title}: {measured.report['headline']}", soft_wrap=True)
        words.print(f"  {measured.page.as_uri()}", soft_wrap=True)
    for answer in answers:
        show(answer, words)
    words.file.flush()
    sys.stdout.write(json.dumps(summary(unprotected, seconds=time.monotonic() - began), allow_nan=False) + "\n")
    return 0


@contextmanager
def farm(folder: Path, words: Console) -> Iterator[str]:
    """Build the firmware, start a farm with its data in `folder`, yield its URL, stop it; raise Failed.

    The folder is removed in the end, unless something failed: then its logs may say why.
    """
    ports = own_ports()
    # Stores of others are not for a demonstration to write to.
    others = {name: value for name, value in os.environ.items() if not re.fullmatch(r"DASEIN_.*_URL", name)}
    environment = (
        others
        | ports
        | {
            "DASEIN_DATA_DIR": str(folder),
            "DASEIN_HOST": "127.0.0.1",
            # Nobody waits for what is interrupted.
            "DASEIN_DRAIN_S": "1",
            # Nothing of the demonstration is a file for REMForge.
            "DASEIN_FORGE_WORKERS": "0",
        }
    )
    folder.mkdir(parents=True)
    words.print("Building the firmware and starting a farm ...")
    failed = False
    try:
        with ExitStack() as stopping:
            stopping.push(partial(_stop, environment))
            both = [
                stopping.enter_context(running("renode.firmware.build", environment=os.environ)),
                stopping.enter_context(running("deploy.embedded", "up", environment=environment)),
            ]
            for started in both:
                started.finish()
            yield f"http://127.0.0.1:{ports['DASEIN_PORT']}"
    except (Failed, DaseinError) as error:
        failed = True
        raise Failed(f"{error}\nThe farm's logs are in {folder}") from error
    finally:
        if not failed:
            shutil.rmtree(folder, ignore_errors=True)


def measure(url: str, reports: Path, words: Console) -> list[Measured]:
    """Measure the subjects, showing the progress; leave their reports as pages and JSON; raise Failed."""
    moving = Console(stderr=True, highlight=False, markup=False, emoji=False)
    reports.mkdir(parents=True, exist_ok=True)
    found, learning = [], []
    with Client(url) as client:
        # Both at once: while one campaign is merged the workers go on with the other.
        jobs = [client.submit_campaign(subject.elf, subject.campaign) for subject in (UNPROTECTED, MASKED)]
        for subject, job in zip((UNPROTECTED, MASKED), jobs, strict=True):
            words.print(f"Measuring {subject.title} ({subject.campaign['traces']:,} traces) ...")
            ended = follow(client, job, watch(moving, subject.name), timeout_s=PATIENCE_S)
            if ended.state is not State.SUCCEEDED:
                why = ended.error.message if ended.error else ended.state.value
                raise Failed(f"{subject.title}: {why}")
            # What was measured becomes knowledge by itself, as a job that the result names.
            learning.append(str((ended.result or {})["ingestion"]))
            report = client.report(job.id)
            if report["verdict"] == "fault":
                raise Failed(f"{subject.title}: {report['headline']}")
            page = reports / f"{subject.name}.html"
            page.write_bytes(client.report(job.id, "html"))
            page.with_suffix(".json").write_text(json.dumps(report))
            found.append(Measured(subject, report, page))
        words.print("Learning from the reports ...")
        for job_id in learning:
            learnt = client.wait(job_id, timeout_s=PATIENCE_S)
            if learnt.state is not State.SUCCEEDED:
                raise Failed(f"Ingestion: {learnt.error.message if learnt.error else learnt.state.value}")
    return found


def ask(url: str) -> list[dict[str, Any]]:
    """Return the answers to the questions, without any language model."""
    with Client(url) as client:
        return [client.knowledge.ask(question, timeout_s=PATIENCE_S) for question in QUESTIONS]


def show(answer: Mapping[str, Any], words: Console) -> None:
    """Print a question, its answer and the first of its evidence."""
    words.print(f"\n{answer['question']}", style="bold", soft_wrap=True)
    for line in answer["answer"].splitlines():
        words.print(f"  {line}", soft_wrap=True)
    for item in answer["cited"][:EVIDENCE]:
        words.print(f"    [{item['id']}] {item['title']}", style="dim", soft_wrap=True)
    took_ms = 1000 * answer["processing_time_s"]
    words.print(f"    {len(answer['cited'])} pieces of evidence, {took_ms:.0f} ms", style="dim")


def verdicts(measured: Sequence[Measured]) -> Table:
    """Return the table of verdicts."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    for name in ("firmware", "verdict", "key", "max |t|", "order 2", "findings", "traces", "traces/s"):
        table.add_column(name, justify="left" if name in {"firmware", "verdict"} else "right", no_wrap=True)
    for one in measured:
        report = one.report
        table.add_row(
            one.subject.title,
            report["verdict"],
            _key_bytes(report),
            _t(report, 1),
            _t(report, 2),
            str(len(report["findings"])),
            f"{report['traces']:,}",
            f"{report['timings']['traces_per_s']:,.0f}",
        )
    return table


def summary(measured: Measured, *, seconds: float) -> dict[str, Any]:
    """Return the last line: what the report says; null where it says infinite or unknown."""
    report = measured.report
    return {
        "verdict": report["verdict"],
        "key_bytes_recovered": report["cpa"]["recovered"] if report["cpa"] else None,
        "max_abs_t": report["tvla"]["max_abs_t1"] if report["tvla"] else None,
        "findings": len(report["findings"]),
        "traces": report["traces"],
        "traces_per_s": report["timings"]["traces_per_s"],
        "report": str(measured.page),
        "seconds": round(seconds, 2),
    }


def _stop(
    environment: Mapping[str, str],
    _kind: type[BaseException] | None,
    error: BaseException | None,
    _trace: TracebackType | None,
) -> None:
    """Stop the farm, however impatient anybody gets; raise Failed, unless there is an `error` already to be told."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        with running("deploy.embedded", "down", environment=environment) as started:
            started.finish()
    except Failed as also:
        if error is None:
            raise
        sys.stderr.write(f"{also}\n")


def _stopped(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _key_bytes(report: Mapping[str, Any]) -> str:
    cpa = report["cpa"]
    if cpa is None or cpa["recovered"] is None:
        return "-"
    return f"{cpa['recovered']}/{len(cpa['bytes'])}"


def _t(report: Mapping[str, Any], order: int) -> str:
    if report["tvla"] is None:
        return "-"
    value = report["tvla"][f"max_abs_t{order}"]
    return "infinite" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    sys.exit(main())
