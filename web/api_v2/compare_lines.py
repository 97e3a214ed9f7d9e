"""What became of instructions and of source lines between two campaigns, as it is shown."""

from typing import Self

from pydantic import Field

from jobs.report import Place
from web.api_v2.answers import Shown
from web.edits import Edit, Kind
from web.judging import Evidence, Interval, Judgement, Statistic
from web.patching import Line


class IntervalView(Shown):
    """An effect: standard deviations between the two sets, or a correlation."""

    value: float | None = Field(description="Of the worst sample; null: infinite.")
    low: float | None
    high: float | None

    @classmethod
    def of(cls, interval: Interval) -> Self:
        """Show an interval."""
        return cls(value=interval.value, low=interval.low, high=interval.high)


class EvidenceView(Shown):
    """What one statistic says."""

    statistic: Statistic
    before: IntervalView
    after: IntervalView
    judgement: Judgement

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Show a piece of evidence."""
        return cls(
            statistic=evidence.statistic,
            before=IntervalView.of(evidence.before),
            after=IntervalView.of(evidence.after),
            judgement=evidence.judgement,
        )


class EditView(Shown):
    """One executed instruction that is another one than before, or elsewhere."""

    kind: Kind
    before: Place | None = Field(description="Null: it is new.")
    after: Place | None = Field(description="Null: it is gone.")
    ahead_of: Place | None = Field(description="Of one that moved: what it stands ahead of now; null at the end.")

    @classmethod
    def of(cls, edit: Edit) -> Self:
        """Show an edit."""
        return cls(kind=edit.kind, before=edit.before, after=edit.after, ahead_of=edit.ahead_of)


class LineView(Shown):
    """A source line of a function, or a function where the firmware has no lines."""

    function: str | None
    file: str | None
    line: int | None
    sentence: str = Field(description="What the two reports show of it.")
    leaked: bool = Field(description="Whether it had a finding that makes a verdict.")
    leaks: bool = Field(description="Whether it has one.")
    judgement: Judgement = Field(description="Of its instructions together.")
    why: str
    evidence: tuple[EvidenceView, ...]
    edits: tuple[EditView, ...] | None = Field(
        description="Between its executed instructions in the order of their addresses; where a branch goes is no change. "
        "Null: they changed, and are too many to be laid side by side."
    )

    @classmethod
    def of(cls, line: Line) -> Self:
        """Show a line."""
        return cls(
            function=line.function,
            file=line.file,
            line=line.line,
            sentence=line.sentence,
            leaked=line.leaked,
            leaks=line.leaks,
            judgement=line.judged.judgement,
            why=line.judged.why,
            evidence=tuple(map(EvidenceView.of, line.judged.evidence)),
            edits=None if line.edits is None else tuple(map(EditView.of, line.edits)),
        )
