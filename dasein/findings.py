"""What a report (`report/1`) says that the gate and its outputs need."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from dasein.errors import BadAnswer

SCHEMA = "report/1"
FAULTS = frozenset({"fault", "budget"})
SECOND_ORDER = frozenset({"tvla-2", "bivariate"})
SAMPLES = "samples "
"""How the place of measured traces begins whose code is not known."""
VERDICTS = frozenset({"leaks", "clean", "insufficient", "fault"})


class Severity(StrEnum):
    """From worst to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Return 0 for the worst."""
        return list(Severity).index(self)

    def reaches(self, threshold: "Severity") -> bool:
        """Say whether this is as bad as `threshold`, or worse."""
        return self.rank <= threshold.rank


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong at one instruction."""

    kind: str
    severity: Severity
    title: str
    address: int
    instruction: str
    function: str | None
    file: str | None
    line: int | None
    secret: str | None
    statistic: str
    value: float | None
    """None: infinite, a deterministic difference."""
    traces: int
    sufficient: bool
    parting: tuple[Mapping[str, Any], ...] = ()
    """Inputs of two executions that went different ways: name, offset, one, other."""
    partner: "Finding | None" = None
    """Of a pair of samples: the other instruction, as a finding that has no partner."""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Read a finding of a report."""
        place, other = said["place"], said.get("partner")
        return cls(
            kind=str(said["kind"]),
            severity=Severity(said["severity"]),
            title=str(said["title"]),
            address=int(place["address"]),
            instruction=f"{place['mnemonic']} {place['operands']}".strip(),
            function=place["function"],
            file=place["file"],
            line=place["line"],
            secret=said["secret"],
            statistic=str(said["statistic"]),
            value=said["value"],
            traces=int(said["traces"]),
            sufficient=bool(said["sufficient"]),
            parting=tuple(said.get("parting", ())),
            partner=cls.read({**said, "place": other, "partner": None}) if other else None,
        )

    @property
    def sampled(self) -> bool:
        """Return whether the place is some samples of measured traces, whose instruction is not known."""
        return self.instruction.startswith(SAMPLES)

    @property
    def where(self) -> str:
        """Return `file:line`, else the function, else the address or the sample: what is known of the place."""
        if self.file and self.line:
            return f"{self.file}:{self.line}"
        if self.sampled:
            return f"sample {self.address}"
        return self.file or self.function or f"{self.address:#010x}"

    @property
    def strength(self) -> str:
        """Return the worst statistic, such as `|t| 53.20`."""
        if self.statistic == "executions":
            return "" if self.value is None else f"{self.value:.1%} of runs"
        name = {"t": "|t|", "rho": "|rho|"}.get(self.statistic, self.statistic)
        return f"{name} {'infinite' if self.value is None else format(abs(self.value), '.2f')}"

    def document(self) -> dict[str, Any]:
        """Return the finding for a program."""
        return {
            "kind": self.kind,
            "severity": self.severity.value,
            "title": self.title,
            "address": self.address,
            "instruction": self.instruction,
            "function": self.function,
            "file": self.file,
            "line": self.line,
            "secret": self.secret,
            "statistic": self.statistic,
            "value": self.value,
            "traces": self.traces,
            "sufficient": self.sufficient,
            "parting": [dict(part) for part in self.parting],
            "partner": self.partner
            and {
                name: self.partner.document()[name] for name in ("address", "instruction", "function", "file", "line")
            },
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """The verdict of a report, and what it rests on."""

    campaign: str
    verdict: str
    headline: str
    firmware: str | None
    """sha256, hex."""
    findings: tuple[Finding, ...]
    """Worst first."""
    sufficient: bool
    why: str
    """Of the sufficiency."""
    assess_order: int

    @classmethod
    def read(cls, report: Mapping[str, Any]) -> Self:
        """Read a report; raise BadAnswer for one that this client does not know."""
        if report.get("schema_version") != SCHEMA:
            raise BadAnswer(f"This client reads {SCHEMA}; the farm sent {report.get('schema_version')!r}.")
        try:
            facts = cls(
                campaign=str(report["campaign"]),
                verdict=str(report["verdict"]),
                headline=str(report["headline"]),
                firmware=None if report["firmware"] is None else str(report["firmware"]["sha256"]),
                findings=tuple(Finding.read(said) for said in report["findings"]),
                sufficient=bool(report["sufficiency"]["sufficient"]),
                why=str(report["sufficiency"]["why"]),
                assess_order=int(report["request"]["assess_order"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(f"The farm's report is not {SCHEMA} as this client knows it: {error!r}") from error
        if facts.verdict not in VERDICTS:
            raise BadAnswer(f"This client knows no verdict {facts.verdict!r}.")
        return facts

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """Return the findings that are leaks of an order that the campaign assesses."""
        ignored = FAULTS if self.assess_order > 1 else FAULTS | SECOND_ORDER
        return tuple(finding for finding in self.findings if finding.kind not in ignored)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Return the executions that did not end well."""
        return tuple(finding for finding in self.findings if finding.kind in FAULTS)
