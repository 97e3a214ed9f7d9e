"""What a run of chaos came to: for people, and for programs."""

import json
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.acts import Act
from tests.chaos.audit import Books
from tests.chaos.journal import Journal

EVENT = re.compile(r'"event": ?"([^"]{1,80})')
SHOWN = 25


@dataclass(frozen=True, slots=True)
class Report:
    """One run."""

    seed: int
    seconds: float
    faults: Sequence[str]
    """Promises that were broken; none is what is hoped for."""
    acts: Sequence[Act]
    starts: Mapping[str, int]
    """How often each process was started."""
    submitted: int
    """Jobs that clients have asked for."""
    ended: Mapping[str, int]
    """Of those, how many in which state."""
    reasons: Mapping[str, int]
    """Why jobs failed, parts and followers too."""
    kinds: Mapping[str, int]
    parts: int
    attempts: Mapping[int, int]
    """Jobs by how often they were started."""
    campaigns: int
    """Whose digest was compared with that of an undisturbed run."""
    given_up: Sequence[str]
    """Calls whose answer clients have not waited for, and why."""
    rest_s: float
    """From the end of the faults until everything had ended."""
    submit_ms: Mapping[str, float]
    logged: Mapping[str, int] = field(default_factory=dict)
    """Warnings and errors in the logs."""
    without: Sequence[str] = ()
    """Faults that could not be had here, and why."""

    def as_json(self) -> str:
        """Return it for a program."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    def as_markdown(self) -> str:
        """Return it for a person."""
        acts = Counter(act.fault.value for act in self.acts)
        lines = [
            f"# Chaos, seed {self.seed}, {self.seconds:g} s",
            "",
            "No promise was broken." if not self.faults else f"**{len(self.faults)} promises were broken.**",
            "",
            *(f"- {fault}" for fault in self.faults[:SHOWN]),
            "",
            f"Submitted: {self.submitted} = " + " + ".join(f"{number} {state}" for state, number in self.ended.items()),
            "",
            f"Failed, with their reason (parts too): {_listed(self.reasons)}",
            "",
            f"By kind: {_listed(self.kinds)}; parts: {self.parts}. Starts of a job: {_listed(self.attempts)}.",
            "",
            f"Campaigns whose digest equals that of an undisturbed run: {self.campaigns}.",
            "",
            f"Answers to a submission: {_listed(self.submit_ms)} ms; calls given up: {len(self.given_up)}.",
            "",
            f"At rest {self.rest_s:.0f} s after the last fault.",
            "",
            f"Acts: {len(self.acts)} ({_listed(acts)}). Starts of processes: {_listed(self.starts)}.",
            "",
            f"Logged: {_listed(self.logged)}",
            *(f"\nLeft out: {reason}" for reason in self.without),
            "",
            "| at, s | fault | target | lasts, s | by, s |",
            "|---|---|---|---|---|",
            *(
                f"| {act.at_s:.1f} | {act.fault} | {act.target} | {act.lasts_s:.1f} | {act.amount or ''} |"
                for act in self.acts
            ),
        ]
        return "\n".join(lines) + "\n"


def outcome(books: Books, journal: Journal) -> dict[str, Any]:
    """Return the parts of a report that come from the books."""
    asked = [
        books.jobs[one.job_id] for one in journal.submissions if one.job_id is not None and one.job_id in books.jobs
    ]
    took = sorted(1000 * one.answered_s for one in journal.submissions if one.answered_s is not None)
    cuts = statistics.quantiles(took, n=20) if len(took) > 1 else [0.0] * 19
    return {
        "submitted": len(journal.submissions),
        "ended": dict(Counter(job.state.value for job in asked)),
        "reasons": dict(Counter(job.error.code for job in books.jobs.values() if job.error is not None)),
        "kinds": dict(Counter(job.kind for job in books.jobs.values() if job.parent is None)),
        "parts": sum(job.parent is not None for job in books.jobs.values()),
        "attempts": dict(sorted(Counter(job.attempts for job in books.jobs.values()).items())),
        "campaigns": len(books.reports),
        "given_up": list(journal.given_up),
        "submit_ms": {
            "p50": round(cuts[9], 1),
            "p95": round(cuts[18], 1),
            "longest": round(took[-1] if took else 0, 1),
        },
    }


def logged(logs: Sequence[Path]) -> dict[str, int]:
    """Count the warnings and errors in logs of one JSON object a line, and tracebacks."""
    found: Counter[str] = Counter()
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            if '"level": "warning"' in line or '"level": "error"' in line or '"level": "critical"' in line:
                event = EVENT.search(line)
                found[event.group(1) if event else line[:80]] += 1
                found["tracebacks"] += "Traceback (most" in line
    return dict(found.most_common())


def _listed(numbers: Mapping[Any, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items()) or "none"
