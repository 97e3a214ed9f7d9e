"""One clause taken apart: plain data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from stores.graph import Condition, Operator
from workers.query.planner_item import Item
from workers.query.planner_link import Linked
from workers.query.units import Quantity


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure compared with a number; `of` is a property, the count of a kind of thing, or not said."""

    operator: Operator
    quantity: Quantity
    of: str = ""
    counted: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Superlative:
    """The most or least of a property, or of the count of a kind of thing."""

    direction: Literal["max", "min"]
    of: str = ""
    counted: str = ""
    at: int = 0
    sure: bool = True
    """Whether it can be nothing but a superlative (`maximum` can be a figure)."""


@dataclass(slots=True)
class Frame:
    """One clause. `used` are the places of items that something was made of."""

    items: Sequence[Item]
    used: set[int] = field(default_factory=set)
    links: list[Linked] = field(default_factory=list)
    things: list[tuple[int, str]] = field(default_factory=list)
    props: list[tuple[int, str]] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    superlative: Superlative | None = None
    figure: str | None = None
    by: str | None = None
    top: int | None = None
    severity: list[Condition] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    leaks: list[int] = field(default_factory=list)
    negated: list[int] = field(default_factory=list)
    entities: list[Linked] = field(default_factory=list)
    """Entities that the clause mentions in words which mean something else too."""
    vague: bool = False
    refused: list[str] = field(default_factory=list)

    def has(self, kind: str, value: str | None = None) -> bool:
        """Say whether the clause holds a meaning."""
        return self.place(kind, value) is not None

    def place(self, kind: str, value: str | None = None) -> int | None:
        """Return the place of the first item with a meaning."""
        for at, item in enumerate(self.items):
            if item.kind == kind and (value is None or item.value == value):
                return at
        return None

    def all(self, kind: str) -> list[Item]:
        """Return the items of a kind."""
        return [item for item in self.items if item.kind == kind]

    def kinds(self) -> list[str]:
        """Return the kinds of weaknesses that are named; `t-test findings of first order` are of first order."""
        kinds = [item.value for item in self.all("vkind")]
        orders = len(self.things) < 2 and not {"tvla-1", "tvla-2"}.isdisjoint(kinds)
        return [kind for kind in kinds if kind != "tvla" or not orders]

    def linked(self, *labels: str) -> list[Linked]:
        """Return what is named, of some kinds."""
        return [link for link in self.links if not labels or link.label in labels]
