"""Cut a program down while it still goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.renode.lockstep.tree import Body, Function, It, Node, parts_of, with_parts


def shrink(function: Function, wrong: Callable[[Function], bool], *, tries: int = 400) -> Function:
    """Return the smallest program found for which `wrong` still holds, after at most `tries` calls of it."""
    size = max(len(function.body) // 2, 1)
    while size:
        smaller = None
        for body in _without(function.body, size):
            if tries == 0:
                return function
            tries -= 1
            candidate = replace(function, body=body)
            if wrong(candidate):
                smaller = candidate
                break
        if smaller is not None:
            function = smaller
            size = min(size, max(len(function.body) // 2, 1))
        else:
            size //= 2
    return function


def _without(body: Body, size: int) -> Iterator[Body]:
    """Yield bodies that are smaller: `size` nodes fewer, or with size 1 a node simpler."""
    for at in range(0, len(body), size):
        yield body[:at] + body[at + size :]
    if size > 1:
        return
    for at, node in enumerate(body):
        for simpler in _simpler(node):
            yield body[:at] + simpler + body[at + 1 :]


def _simpler(node: Node) -> Iterator[Body]:
    """Yield what could stand in a node's place."""
    if isinstance(node, It):
        for at in range(len(node.items)):
            rest = node.items[:at] + node.items[at + 1 :]
            if rest and rest[0][0]:
                yield (replace(node, items=rest),)
        return
    parts = parts_of(node)
    yield from parts
    for at, part in enumerate(parts):
        for smaller in _without(part, 1):
            yield (with_parts(node, (*parts[:at], smaller, *parts[at + 1 :])),)
