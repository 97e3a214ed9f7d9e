"""What a question was understood to ask: typed steps that can be executed, shown and compared. Plain data."""

from dataclasses import dataclass, field
from typing import Literal

from stores.graph import Operator, Selection

Function = Literal["count", "mean", "total", "minimum", "maximum", "sd"]


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the question that name a thing that is known."""

    words: str
    start: int
    end: int
    id: str
    label: str
    score: float
    """1 for the exact name, less for a typo, another accent or a part of the name."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known of certain things; with `properties`, these of them."""

    ids: tuple[str, ...]
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Select:
    """All things that meet conditions."""

    selection: Selection
    properties: tuple[str, ...] = ()
    """What the question asks about each of them, if anything."""
    without: Selection | None = None
    """Of the same label: its things are left out."""


@dataclass(frozen=True, slots=True)
class Extremum:
    """The `selection.limit` things with the largest or smallest `selection.order_by`."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A figure over things: with `by`, one for each value; with `top`, only the so many with the largest figures."""

    selection: Selection
    function: Function
    of: str | None = None
    by: str | None = None
    top: int | None = None
    least: bool = False
    """With `top`: those with the smallest figures instead."""
    having: tuple[Operator, float] | None = None
    """With `by`: only values whose figure compares so."""


@dataclass(frozen=True, slots=True)
class Compare:
    """What changed between two campaigns, the earlier first: which instructions got better, worse, stayed.

    With ids of firmware instead of campaigns, their newest campaigns are compared.
    """

    before: str
    after: str
    aspect: Literal["leakage", "energy", "power"] = "leakage"
    only: Literal["better", "worse", "unchanged"] | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """How two things relate."""

    source: str
    target: str
    hops: int = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What lies around a thing; with `labels`, only things of these kinds."""

    id: str
    hops: int = 1
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explain:
    """Why a thing is as it is: its measurements, its weaknesses, its neighbours, passages that speak of it."""

    id: str


@dataclass(frozen=True, slots=True)
class Open:
    """Nothing that a plan could say: passages are looked for."""


Step = Lookup | Select | Extremum | Aggregate | Compare | Connect | Around | Explain | Open


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, understood. `steps` are in the question's order; one `Open` if it has no structure."""

    question: str
    """As asked."""
    language: Literal["en", "es"]
    normal: str
    """Lower case, accents folded, spaces single: equal for questions that ask the same in the same words."""
    mentions: tuple[Mention, ...]
    unknown: tuple[str, ...]
    """Words that look like a name of something and name nothing that is known."""
    steps: tuple[Step, ...]
    confidence: float
    """0 to 1: how much of the question the steps account for, times how surely its names were linked."""
    words: str = ""
    """The question's content words in the language of the corpus too, for a search by words."""
    said: tuple[str, ...] = field(default=())
    """Each step in one line for a person, in the question's language."""
