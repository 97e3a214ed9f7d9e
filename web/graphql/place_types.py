"""What many parts of reports are made of, as the graph shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, NewType, Protocol, TypeVar

import strawberry

from web.graphql.paging import Connection, cut


class Told(Protocol):
    """A type of the graph that is made from what a report says, or a record."""

    @classmethod
    def of(cls, told: Any, /) -> Any:
        """Show it."""


Kind = TypeVar("Kind")

Address = NewType("Address", int)
ADDRESS = strawberry.scalar(
    name="Address", description="An unsigned number of 32 bits, half of which an Int cannot hold."
)
"""How an `Address` is written: as a number, like everywhere in the API."""


def shown(kind: type[Kind], told: Mapping[str, Any], /, **made: Any) -> Kind:
    """Return a type of the graph from a report's part whose fields have the same names, and from what was `made`.

    What the graph does not know is left out, and what a report of before does not say is null.
    """
    # Those without a value of their own are resolved by a method.
    names = [one.name for one in fields(kind) if one.init and one.name not in made]  # type: ignore[arg-type]  # strawberry's are dataclasses
    return kind(**{name: told.get(name) for name in names} | made)


def paged(kind: type[Told], listed: Sequence[Any], *, first: int, after: str | None) -> Connection[Any]:
    """Return a page of a list that is there whole; only what is on it is shown."""
    page = cut(listed, first=first, after=after)
    return Connection(nodes=[kind.of(one) for one in page.nodes], page_info=page.page_info)


@strawberry.type
class Place:
    """An instruction of the firmware, as a report names it."""

    address: Address
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
class Span:
    """From one to another: of samples, the last one is not included. Addresses are beyond what an Int holds."""

    low: float
    high: float


def placed(told: Mapping[str, Any] | None) -> Place | None:
    """Return a place, if there is one."""
    return None if told is None else shown(Place, told)


def parted(told: Mapping[str, Any]) -> list[Parting]:
    """Return the inputs that part, of which reports of before say nothing."""
    return [shown(Parting, part) for part in told.get("parting", ())]


def spanned(told: Sequence[float] | None) -> Span | None:
    """Return both ends, if there are any."""
    return None if told is None else Span(low=told[0], high=told[1])
