"""Reports of campaigns, simulated and measured, as the graph shows them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import strawberry

from jobs import report as reports
from web.graphql.attack_types import Attack
from web.graphql.measured_types import MeasuredTraces
from web.graphql.paging import After, Connection, First, field
from web.graphql.place_types import Parting, Place, paged, parted, placed, shown
from web.graphql.secret_types import Dependence, SecretCheck
from web.graphql.test_types import Bivariate, Multiplicity, Sequential

Part = TypeVar("Part")
Severity = strawberry.enum(reports.Severity, description="Ordered from worst to least.")


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
    partner: Place | None = strawberry.field(description="The other instruction, of a kind of finding that takes two.")
    partner_sample: int | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Finding":
        """Show a finding of a report."""
        places = {name: placed(told.get(name)) for name in ("place", "partner")}
        return shown(cls, told, severity=reports.Severity(told["severity"]), parting=parted(told), **places)


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
        return shown(cls, told, place=placed(told["place"]))


@strawberry.type
class PowerUsed:
    """How activity became power; levels of a sweep differ in their noise."""

    model: str = strawberry.field(description="`measured`: traces of a bench.")
    calibration: str
    unit: str
    sampling: str
    noise_sigma: float
    noise: str | None


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
    def measured(self) -> MeasuredTraces | None:
        """Where measured traces come from; null: the traces were simulated."""
        return self._part("measured", MeasuredTraces.of)

    @field
    def tvla_absent(self) -> str | None:
        """Why there is no t-test; null: there is one."""
        return self.told.get("tvla_absent")

    @field
    def max_abs_t1(self) -> float | None:
        """The largest |t| of order 1; null: infinite, or `tvlaAbsent` says why there is none."""
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
    def constant_time_absent(self) -> str | None:
        """Why ways and addresses were not looked at."""
        return self.told.get("constant_time_absent")

    @field
    def dependences(self, first: First = 20, after: After = None) -> Connection[Dependence]:
        """Show those instructions, branches first."""
        listed = (self.told.get("constant_time") or {}).get("found", ())
        return paged(Dependence, listed, first=first, after=after)

    @field
    def secrets(self) -> SecretCheck | None:
        """Executions compared that differ in declared secrets alone; null: `secretsAbsent` says why."""
        return self._part("secrets", SecretCheck.of)

    @field
    def secrets_absent(self) -> str | None:
        """Why secrets were not compared."""
        return self.told.get("secrets_absent")

    @field
    def sequential(self) -> Sequential | None:
        """Every look; null: the campaign asked to be looked at only at its end."""
        return self._part("sequential", Sequential.of)

    @field
    def multiplicity(self) -> Multiplicity | None:
        """The t-tests corrected for how many they are; null: there was none."""
        return self._part("multiplicity", Multiplicity.of)

    @field
    def bivariate(self) -> Bivariate | None:
        """Pairs of samples; null: `bivariateAbsent` says why."""
        return self._part("bivariate", Bivariate.of)

    @field
    def bivariate_absent(self) -> str | None:
        """Why pairs were not tested."""
        return self.told.get("bivariate_absent")

    @field
    def attack(self) -> Attack | None:
        """The correlation attack; null: `attackAbsent` says why."""
        return self._part("cpa", Attack.of)

    @field
    def attack_absent(self) -> str | None:
        """Why there was no attack."""
        return self.told.get("cpa_absent")

    @field
    def power(self) -> PowerUsed | None:
        """How activity became power."""
        told = self.told.get("power")
        return None if told is None else shown(PowerUsed, told)

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
        return paged(Finding, wanted, first=first, after=after)

    @field
    def rows(self, first: First = 20, after: After = None, function: str | None = None) -> Connection[Row]:
        """The instructions that ran, by address."""
        wanted = [row for row in self.told["rows"] if function in {None, row["place"]["function"]}]
        return paged(Row, wanted, first=first, after=after)

    def _part(self, name: str, of: Callable[[Mapping[str, Any]], Part]) -> Part | None:
        told = self.told.get(name)
        return None if told is None else of(told)
