"""What the stores said to a step of a plan. Plain data: sentences, evidence and confidence are made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from stores.graph import Node, Relation, Summary, Way
from workers.query.figures import Interval, Sample
from workers.query.plan import Aggregate, Around, Compare, Connect, Explain, Extremum, Function, Lookup, Select, Step

Disputes = Mapping[str, Sequence[Sample]]
"""By instruction: the means of its batches, where they contradict each other."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What an empty result was looked for in."""

    total: int
    nodes: Sequence[Node] = ()
    """The first of them."""
    unmeasured: str | None = None
    """The property that the question turns on, if none of them has it."""
    absent: str | None = None
    """The place in code that the question names, if none of them lies there."""
    named: Sequence[Node] = ()
    """What lies at the place in code that the question names."""

    @property
    def decides(self) -> bool:
        """Say whether it is known that there is nothing, not only that nothing is known."""
        return bool(self.total) and self.unmeasured is None and self.absent is None


@dataclass(frozen=True, slots=True)
class Listed:
    """Things: looked up, selected or at an end of an order."""

    step: Lookup | Select | Extremum
    nodes: Sequence[Node]
    total: int
    """How many there are, of which `nodes` are the first."""
    properties: Sequence[str] = ()
    checked: Checked | None = None
    """When there are none."""
    disputes: Disputes = field(default_factory=dict)
    tied: Node | None = None
    """Of an extremum: what came next, if chance may have decided between it and the last of `nodes`."""
    uncounted: Mapping[str, Node] = field(default_factory=dict)
    """By instruction: the campaign that declared its code public, where the question is about its leakage."""


@dataclass(frozen=True, slots=True)
class Figured:
    """Figures over things."""

    step: Aggregate
    groups: Sequence[Summary]
    nodes: Sequence[Node]
    """The first things that they are of; of an extreme, the thing that has it."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of groups that are known by an id."""
    things: Sequence[Node] = ()
    """That groups stand for: a firmware, a function."""
    out_of: int | None = None
    """Of a count with conditions: among how many."""
    checked: Checked | None = None
    disputes: Disputes = field(default_factory=dict)


def figure_of(group: Summary, function: Function) -> float | None:
    """Return the figure of a summary that is asked for."""
    return {
        "count": float(group.count),
        "mean": group.mean,
        "total": group.total,
        "minimum": group.minimum,
        "maximum": group.maximum,
        "sd": group.sd,
    }[function]


Change = Literal["better", "worse", "unchanged"]
Measure = Literal["t", "rho", "energy", "power"]
Doubt = Literal["same", "nothing", "no leak before", "insufficient"]


class Pair(NamedTuple):
    """An instruction before and after."""

    before: str
    after: str
    where: str
    """What it reads like, for a person."""
    change: Change
    value_before: float | None
    value_after: float | None
    z: float | None
    """Of the difference, in standard errors; negative where the value fell."""
    sure: bool
    """Whether the difference is beyond chance at 1 % over all pairs."""
    rank_before: int = 0
    rank_after: int = 0
    """Of the worst finding; 0 without one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed between two campaigns."""

    step: Compare
    before: Node | None
    after: Node | None
    """The campaigns; of energy the firmware or the campaigns. None where it is not there."""
    measure: Measure
    pairs: Sequence[Pair]
    """Worst first: what got worse, then better, then unchanged; of leakage without the `quiet`."""
    only_before: int
    only_after: int
    """Instructions without a counterpart."""
    new_leaks: Sequence[Pair]
    """Instructions without a counterpart before, with a finding after."""
    gone_leaks: int = 0
    """Findings at instructions that are not there any more."""
    quiet: int = 0
    """Of leakage: pairs that have no finding and did not change."""
    doubt: Doubt | None = None
    """Why the question cannot be decided, if it cannot."""


@dataclass(frozen=True, slots=True)
class Connected:
    """How two things relate."""

    step: Connect
    ends: tuple[Node | None, Node | None]
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True)
class Surrounded:
    """What lies around a thing, nearest first."""

    step: Around
    centre: Node | None
    nodes: Sequence[Node]
    distances: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one campaign says of an instruction."""

    campaign: Node
    max_abs_t: float | None
    max_abs_rho: float | None


@dataclass(frozen=True, slots=True)
class Countered:
    """A mitigation of a weakness, with the statistic before and after."""

    mitigation: Node
    weakness: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a thing is as it is."""

    step: Explain
    node: Node | None
    weaknesses: Sequence[Node] = ()
    """Worst first."""
    leaking: int = 0
    """Of a function, a firmware or a campaign: how many of its instructions have weaknesses."""
    measured: Sequence[Measured] = ()
    mitigations: Sequence[Countered] = ()
    neighbours: Sequence[Node] = ()
    """The instruction before and the one after."""
    correlated: Sequence[tuple[Node, float, int | None]] = ()
    """With the correlation of their energies and over how many values it was taken."""
    samples: Sequence[Sample] = ()
    disputes: Disputes = field(default_factory=dict)
    uncounted: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """A step that a store did not answer."""

    step: Step


Outcome = Listed | Figured | Compared | Connected | Surrounded | Explained | Failed


@dataclass(frozen=True, slots=True)
class Reach:
    """A value with what is known of its uncertainty."""

    value: float
    unit: str | None
    interval: Interval | None
    samples: int | None
