"""Campaign against campaign: whether a change helped."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPMethod, HTTPStatus
from pathlib import Path
from typing import Annotated, Literal, Self

from flask import Response
from pydantic import Field, StringConstraints, ValidationError

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.forms import Request
from jobs.report import Finding, Kind, Place, Row, Severity, Verdict
from web.api_v2.answers import Shown, answered
from web.api_v2.compare_lines import EvidenceView, LineView
from web.compared import Side
from web.comparison import Change, Comparison, FindingPair, RowPair, Trend, compare
from web.judging import Judgement
from web.refusals import NoReport, NotComparable, NotReady
from web.routing import Answer, Api


class CompareQuery(Request):
    """With which campaign, and how much to show."""

    other: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,100}$")] = Field(
        alias="with", description="The campaign before the change: what this one is measured against."
    )
    limit: int = Field(
        1000, ge=1, le=10_000, description="Findings, instructions and lines to show, of each the first ones."
    )


class SideView(Shown):
    """One of the two campaigns."""

    campaign: str
    name: str
    created_at: datetime
    verdict: Verdict
    headline: str
    measured: bool = Field(description="Whether the traces were measured, and not simulated.")
    firmware: str | None = Field(description="SHA-256; null: measured traces of a program that is not known.")
    traces: int
    noise_sigma: float | None = Field(description="That was simulated; null: measured traces have that of their bench.")
    max_abs_t1: float | None = Field(description="Null: infinite, or there is no t-test.")
    findings: int
    sufficient: bool

    @classmethod
    def of(cls, side: Side) -> Self:
        """Show a report in one line."""
        return cls(
            campaign=side.campaign,
            name=side.request.name,
            created_at=side.created_at,
            verdict=side.verdict,
            headline=side.headline,
            measured=side.measured is not None,
            firmware=None if side.firmware is None else side.firmware.sha256,
            traces=side.traces,
            noise_sigma=side.noise_sigma,
            max_abs_t1=None if side.tvla is None else side.tvla.max_abs_t1,
            findings=len(side.findings),
            sufficient=side.sufficiency.sufficient,
        )


class SeenView(Shown):
    """A finding as one of the two reports has it."""

    place: Place
    severity: Severity
    title: str
    statistic: Literal["t", "rho", "executions"]
    value: float | None = Field(description="Of the worst sample; null: infinite.")
    sample: int | None
    traces: int
    sufficient: bool

    @classmethod
    def of(cls, finding: Finding | None) -> Self | None:
        """Show a finding, if there is one."""
        if finding is None:
            return None
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class ChangedFindingView(Shown):
    """What became of a finding. The same instruction is known by its function and source line where builds differ."""

    change: Change = Field(description="`same`: it differs by no more than chance explains.")
    kind: Kind
    secret: str | None
    before: SeenView | None
    after: SeenView | None

    @classmethod
    def of(cls, pair: FindingPair) -> Self:
        """Show a pair of findings."""
        shown = next(finding for finding in (pair.after, pair.before) if finding is not None)
        return cls(
            change=pair.change,
            kind=shown.kind,
            secret=shown.secret,
            before=SeenView.of(pair.before),
            after=SeenView.of(pair.after),
        )


class StatisticsView(Shown):
    """What one of the two reports says of an instruction, or of samples."""

    place: Place
    max_abs_t1: float | None = Field(description="Null: infinite when `deterministic`, else not computed.")
    max_abs_t2: float | None
    max_abs_rho: float | None
    deterministic: bool

    @classmethod
    def of(cls, row: Row | None) -> Self | None:
        """Show a row, if there is one."""
        return None if row is None else cls(**{name: getattr(row, name) for name in cls.model_fields})


class ComparedInstructionView(Shown):
    """An executed instruction in both reports, null where it did not run; or samples of measured traces."""

    before: StatisticsView | None
    after: StatisticsView | None
    judgement: Judgement = Field(
        description="From intervals of effects that all hold together with 95 % confidence. `better`, `worse`: they lie "
        "apart. `unchanged`: no change as large as `minimum_effect` of the campaigns is possible. `unknown`: else."
    )
    why: str
    evidence: tuple[EvidenceView, ...] = Field(description="By statistic; empty where nothing was compared.")

    @classmethod
    def of(cls, pair: RowPair) -> Self:
        """Show a pair of rows."""
        return cls(
            before=StatisticsView.of(pair.before),
            after=StatisticsView.of(pair.after),
            judgement=pair.judged.judgement,
            why=pair.judged.why,
            evidence=tuple(map(EvidenceView.of, pair.judged.evidence)),
        )


class CompareView(Shown):
    """What changed from `before` to `after`."""

    before: SideView = Field(description="The campaign named by `with`.")
    after: SideView = Field(description="The campaign of the path.")
    by: Literal["instruction", "samples"] = Field(
        description="What `instructions` are: `samples` where the program of measured traces is not known."
    )
    same_firmware: bool | None = Field(description="Null: not known, of measured traces without firmware.")
    verdict_changed: bool
    trend: Trend = Field(
        description="Of the findings that count for a verdict; `inconclusive`: nothing got worse, and `after` has too few traces to say that anything got better."
    )
    counts: dict[Change, int] = Field(description="All findings by what became of them.")
    findings: tuple[ChangedFindingView, ...] = Field(description="Changes first, each of them worst first.")
    instructions: tuple[ComparedInstructionView, ...] = Field(description="The greatest change of |t| first.")
    judgements: dict[Judgement, int] = Field(description="All instructions by what became of them.")
    lines: tuple[LineView, ...] = Field(
        description="Source lines on which instructions, findings or an effect changed, the worst first."
    )
    truncated: bool = Field(description="Whether `limit` left findings, instructions or lines out.")
    warnings: tuple[str, ...] = Field(description="What makes the comparison less than exact.")

    @classmethod
    def of(cls, before: Side, after: Side, compared: Comparison, *, limit: int) -> Self:
        """Show a comparison, `limit` lines of each list."""
        counts: dict[Change, int] = {"new": 0, "gone": 0, "stronger": 0, "weaker": 0, "same": 0}
        for pair in compared.findings:
            counts[pair.change] += 1
        judgements: dict[Judgement, int] = {"better": 0, "worse": 0, "unchanged": 0, "unknown": 0}
        for row in compared.rows:
            judgements[row.judged.judgement] += 1
        sides = SideView.of(before), SideView.of(after)
        known = all(side.firmware is not None for side in sides)
        return cls(
            before=sides[0],
            after=sides[1],
            by="instruction" if known else "samples",
            same_firmware=sides[0].firmware == sides[1].firmware if known else None,
            verdict_changed=before.verdict is not after.verdict,
            trend=compared.trend,
            counts=counts,
            findings=tuple(map(ChangedFindingView.of, compared.findings[:limit])),
            instructions=tuple(map(ComparedInstructionView.of, compared.rows[:limit])),
            judgements=judgements,
            lines=tuple(map(LineView.of, compared.lines[:limit])),
            truncated=max(len(compared.findings), len(compared.rows), len(compared.lines)) > limit,
            warnings=compared.warnings,
        )


def serve_comparison(api: Api, report: Callable[[str], Path]) -> None:
    """Serve comparisons; `report` says where a campaign's report lies, or raises as the report's own view does."""

    @api.on(
        HTTPMethod.GET,
        path="/campaigns/<job:campaign_id>/compare",
        summary="Compare with another campaign",
        query=CompareQuery,
        answers=(Answer(HTTPStatus.OK, "What changed.", CompareView),),
        refusals=(NotFound, NoReport, NotReady, NotComparable, Gone, InvalidInput),
    )
    def compare_campaigns(campaign_id: str, query: CompareQuery) -> Response:
        """Say which findings of this campaign are new, gone, stronger or weaker than `with`'s, and what became of each
        instruction and of each source line.

        Both must have run the same entry point on the same core, by the same plan, power model and sampling; the
        firmware may be another build. Measured traces are compared with measured ones, of the same unit, sampling
        and sets: by instruction where both have their firmware, else by samples.
        """
        after, before = (_side(report(name)) for name in (campaign_id, query.other))
        return answered(CompareView.of(before, after, compare(before, after), limit=query.limit))


def _side(path: Path) -> Side:
    try:
        return Side.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise NotComparable(
            "One of the reports was written by a version that this one cannot read.", reason="report"
        ) from error
