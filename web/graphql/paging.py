"""Pages of the graph, and how its fields are declared."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.types import Info

from jobs.errors import InvalidInput
from web.graphql.limits import MOST
from web.graphql.reads import Reads

Item = TypeVar("Item")
POSITION = re.compile("[0-9]{1,9}")
Context = Info[Reads, None]
First = Annotated[int, strawberry.argument(description=f"How many, 1 to {MOST}.")]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]


def field(resolver: Callable[..., Any]) -> Any:
    """Declare a field whose description is that of its resolver."""
    return strawberry.field(resolver, description=" ".join((resolver.__doc__ or "").split()))


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool
    end_cursor: str | None = strawberry.field(description="Give it as `after`, for the next page.")


@strawberry.type(description="A page.")
class Connection(Generic[Item]):
    """A page of items."""

    nodes: list[Item]
    page_info: PageInfo


def connection(items: Sequence[Item], cursor: str | None) -> Connection[Item]:
    """Return a page."""
    return Connection(nodes=list(items), page_info=PageInfo(has_next_page=cursor is not None, end_cursor=cursor))


def cut(items: Sequence[Item], *, first: int, after: str | None) -> Connection[Item]:
    """Return a page of a list that is there whole; its cursors are positions. Raise InvalidInput for another one."""
    if after is not None and not POSITION.fullmatch(after):
        raise InvalidInput("This is not a cursor of ours.", field="cursor")
    start = int(after or 0)
    page = items[start : start + first]
    return connection(page, str(start + first) if start + first < len(items) else None)
