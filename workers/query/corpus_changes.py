"""The changes of a tenant's corpus. Each may be asked twice: the second time it changes nothing.

A change is a function from the corpus record's body to another one; `Writing.change` makes it in one swap.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from stores.vectors import Space

CHANGES = 256
"""Changes that are remembered: more than are made at once."""

Body = dict[str, Any]


def hide(*batches: str, seen: bool) -> Callable[[Body], Body]:
    """Return the change that hides batches; if they were `seen` until now, that is a new version."""

    def change(body: Body) -> Body:
        fresh = [batch for batch in batches if batch not in body["hidden"]]
        if not fresh:
            return body
        changed = body | {"hidden": sorted({*body["hidden"], *fresh}), "pending": _without(body["pending"], fresh)}
        return _told(changed, fresh, "removed") if seen else changed

    return change


def show(*batches: str) -> Callable[[Body], Body]:
    """Return the change that makes batches seen, all at once: a new version, the sharing of things still to be counted."""

    def change(body: Body) -> Body:
        fresh = [batch for batch in batches if batch in body["hidden"]]
        if not fresh:
            return body
        changed = _told(body, fresh, "added")
        return changed | {"hidden": _without(body["hidden"], fresh), "pending": sorted({*body["pending"], *fresh})}

    return change


def settle(*batches: str, changed: bool) -> Callable[[Body], Body]:
    """Return the change that notes that batches' sharing was counted; if figures `changed`, that is a new version."""

    def change(body: Body) -> Body:
        if not set(batches) & set(body["pending"]):
            return body
        version = body["version"] + 1 if changed else body["version"]
        return body | {"pending": _without(body["pending"], batches), "version": version}

    return change


def forget(*batches: str) -> Callable[[Body], Body]:
    """Return the change that ends a removal: nothing is left to be hidden, and shared figures are new: a new version."""

    def change(body: Body) -> Body:
        if not set(batches) & set(body["hidden"]):
            return body
        changed = {"hidden": _without(body["hidden"], batches), "pending": _without(body["pending"], batches)}
        return body | changed | {"version": body["version"] + 1}

    return change


def note_rem_space(space: Space) -> Callable[[Body], Body]:
    """Return the change that notes that records have vectors in a space; each of theirs serves beside the others."""

    def change(body: Body) -> Body:
        return body | {"dimensions": body["dimensions"] | {space.key: space.dimensions}}

    return change


def note_space(space: Space) -> Callable[[Body], Body]:
    """Return the change that notes that a space has vectors: it serves if no other does, else it is being made."""

    def change(body: Body) -> Body:
        changed = body | {"dimensions": body["dimensions"] | {space.key: space.dimensions}}
        if body["spaces"].get(space.name, space.model) == space.model:
            return changed | {"spaces": body["spaces"] | {space.name: space.model}}
        return changed | {"building": body["building"] | {space.name: space.model}}

    return change


def switch(spaces: Sequence[Space]) -> Callable[[Body], Body]:
    """Return the change that lets spaces serve that were being made: a new version. What served is being unmade."""

    def change(body: Body) -> Body:
        fresh = [space for space in spaces if body["spaces"].get(space.name) != space.model]
        if not fresh:
            return body
        serving = body["spaces"] | {space.name: space.model for space in fresh}
        unmade = {space.name: body["spaces"][space.name] for space in fresh if space.name in body["spaces"]}
        sizes = body["dimensions"] | {space.key: space.dimensions for space in fresh}
        changed = {"spaces": serving, "building": body["building"] | unmade, "dimensions": sizes}
        return body | changed | {"version": body["version"] + 1}

    return change


def forget_space(space: Space) -> Callable[[Body], Body]:
    """Return the change that notes that a space that does not serve is gone."""

    def change(body: Body) -> Body:
        building = {
            name: model for name, model in body["building"].items() if (name, model) != (space.name, space.model)
        }
        sizes = {key: size for key, size in body["dimensions"].items() if key != space.key}
        return body | {"building": building, "dimensions": sizes}

    return change


def hide_all(batches: Sequence[str]) -> Callable[[Body], Body]:
    """Return the change that hides batches while the graph is made again: a new version."""

    def change(body: Body) -> Body:
        hidden = sorted({*body["hidden"], *batches})
        return body if hidden == body["hidden"] else body | {"hidden": hidden, "version": body["version"] + 1}

    return change


def show_all(batches: Sequence[str]) -> Callable[[Body], Body]:
    """Return the change that makes them seen again: a new version."""

    def change(body: Body) -> Body:
        shown = frozenset(batches)
        hidden = [name for name in body["hidden"] if name not in shown]
        return body if hidden == body["hidden"] else body | {"hidden": hidden, "version": body["version"] + 1}

    return change


def _told(body: Body, batches: Sequence[str], what: Literal["added", "removed"]) -> Body:
    version = body["version"] + 1
    changes = [*body["changes"], *([version, batch, what] for batch in batches)]
    return body | {"version": version, "changes": changes[-CHANGES:]}


def _without(names: list[str], gone: Sequence[str]) -> list[str]:
    return [name for name in names if name not in gone]
