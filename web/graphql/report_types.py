"""Reports of campaigns, as the graph shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from jobs import report as reports
from web.graphql.paging import After, Connection, First, cut, field

Severity = strawberry.enum(reports.Severity, description="Ordered from worst to least.")


@strawberry.type
class Place:
    """An instruction of the firmware, as a report names it."""

    address: int
    mnemonic: str
    operands: str
    function: str | None
    file: str | None
    line: int | None


@strawberry.type
class Parting:
    """One input of two executions that went different ways, in hex from the byte `offset` on."""

    input: str
    offset: int
    one: str
    other: str


@strawberry.type
class Dependence:
    """An instruction that takes its way or its address from inputs that vary."""

    kind: str
    place: Place
    executions: int
    first: int
    parting: list[Parting]
    public: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Dependence":
        """Show what a report lists."""
        return cls(**(dict(told) | {"place": Place(**told["place"]), "parting": _parted(told)}))


@strawberry.type
class Finding:
    """One thing that is wrong at one instruction."""

    kind: str
    severity: Severity  # type: ignore[valid-type]  # strawberry makes enums of ours
    title: str
    secret: str | None
    statistic: str
    value: float | None
    p_log10: float | None
    sample: int | None
    samples: int
    traces: int
    sufficient: bool
    traces_needed: int | None
    place: Place
    parting: list[Parting]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Finding":
        """Show a finding of a report."""
        given = dict(told) | {"place": Place(**told["place"]), "severity": reports.Severity(told["severity"])}
        return cls(**(given | {"parting": _parted(told)}))


def _parted(told: Mapping[str, Any]) -> list[Parting]:
    """Return the inputs that part, of which reports of before say nothing."""
    return [Parting(**part) for part in told.get("parting", ())]


@strawberry.type
class Row:
    """One executed instruction with its worst statistics."""

    place: Place
    executions: int
    max_abs_t1: float | None
    max_abs_t2: float | None
    deterministic: bool
    max_abs_rho: float | None
    rho_byte: int | None
    max_snr: float | None
    public: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Row":
        """Show a row of a report."""
        return cls(**(dict(told) | {"place": Place(**told["place"])}))


@strawberry.type(description="What a campaign found.")
class Report:
    """What a campaign found."""

    told: strawberry.Private[Mapping[str, Any]]

    @field
    def created_at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.told["created_at"])

    @field
    def verdict(self) -> str:
        """The answer in one word."""
        return str(self.told["verdict"])

    @field
    def headline(self) -> str:
        """The answer in one sentence."""
        return str(self.told["headline"])

    @field
    def digest(self) -> str:
        """Of the exact sums: equal for any number of shards and workers."""
        return str(self.told["digest"])

    @field
    def traces(self) -> int:
        """How many were run."""
        return int(self.told["traces"])

    @field
    def max_abs_t1(self) -> float | None:
        """The largest |t| of order 1; null: infinite, or there was no t-test."""
        return (self.told["tvla"] or {}).get("max_abs_t1")

    @field
    def max_abs_t2(self) -> float | None:
        """The same of order 2."""
        return (self.told["tvla"] or {}).get("max_abs_t2")

    @field
    def max_snr(self) -> float | None:
        """The largest signal-to-noise ratio; null: infinite, or there was no attack."""
        return self.told["max_snr"]  # type: ignore[no-any-return]  # as the report says

    @field
    def key_bytes_recovered(self) -> int | None:
        """Null when the key is unknown, or there was no attack."""
        return (self.told["cpa"] or {}).get("recovered")

    @field
    def branches_on_inputs(self) -> int | None:
        """Instructions whose way depends on inputs that varied, public code aside; null: not looked at."""
        return (self.told.get("constant_time") or {}).get("branches")

    @field
    def addresses_on_inputs(self) -> int | None:
        """The same of addresses."""
        return (self.told.get("constant_time") or {}).get("addresses")

    @field
    def dependences(self, first: First = 20, after: After = None) -> Connection[Dependence]:
        """Show those instructions, branches first."""
        listed = (self.told.get("constant_time") or {}).get("found", ())
        page = cut(listed, first=first, after=after)
        return Connection(nodes=[Dependence.of(one) for one in page.nodes], page_info=page.page_info)

    @field
    def sufficient(self) -> bool:
        """Whether the number of traces supports the verdict."""
        return bool(self.told["sufficiency"]["sufficient"])

    @field
    def warnings(self) -> list[str]:
        """What to know before one relies on it."""
        return list(self.told["warnings"])

    @field
    def findings(
        self,
        first: First = 20,
        after: After = None,
        severity: Severity | None = None,  # type: ignore[valid-type]  # strawberry makes enums of ours
    ) -> Connection[Finding]:
        """What is wrong, worst first."""
        wanted = [one for one in self.told["findings"] if severity in {None, one["severity"]}]
        page = cut(wanted, first=first, after=after)
        return Connection(nodes=[Finding.of(one) for one in page.nodes], page_info=page.page_info)

    @field
    def rows(self, first: First = 20, after: After = None, function: str | None = None) -> Connection[Row]:
        """The instructions that ran, by address."""
        wanted = [row for row in self.told["rows"] if function in {None, row["place"]["function"]}]
        page = cut(wanted, first=first, after=after)
        return Connection(nodes=[Row.of(row) for row in page.nodes], page_info=page.page_info)
