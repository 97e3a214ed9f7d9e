"""What any graph accepts, and how values compare in it; adapters check before they write or ask.

Values compare as in Cypher: text with text by code points, numbers with numbers, never across; in an order text comes
before booleans, and those before numbers.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from math import isfinite
from typing import Any

from jobs.errors import InvalidInput
from stores.graph import Condition, Node, Relation, Selection

MAX_ROWS = 100_000
"""Nodes in one answer."""
MAX_NODES = 5000
"""Nodes of a neighbourhood."""
MAX_HOPS = 10
MAX_WAYS = 1000
MAX_GROUPS = 10_000
"""Groups of a summary."""
LARGEST = 1e150
"""Of a number; squares of as many as fit into a graph still add up to a finite one."""
KEPT = frozenset({"uid", "id", "tenant", "batches"})
"""Properties that stores write themselves. `id` can be compared and ordered by, as others can."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A zero byte ends text in some stores, others use the last separators, and half a surrogate pair cannot be encoded.
# What every index finds again: some take spaces at the ends away, part text at U+0001, and leave out what is long.
_KEY = re.compile(r"[^\s\x00-\x1f]([^\x00-\x1f]{0,998}[^\s\x00-\x1f])?")
_UNSTORABLE = re.compile("[\0\x1e\x1f\ud800-\udfff]")

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "contains": operator.contains,
    "starts": str.startswith,
}


def named(name: str) -> str:
    """Return a label, a relation's kind or a property's name if it is one; raise InvalidInput."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"Not a name of a label, a relation or a property: {name[:50]!r}.", field="name")
    return name


def is_key(text: str) -> bool:
    """Say whether text can be an id, a batch or a tenant: one line of at most 1000 characters, no spaces around it."""
    return bool(_KEY.fullmatch(text)) and not _UNSTORABLE.search(text)


def check_tenant(tenant: str) -> None:
    """Raise InvalidInput for a tenant whose things could be mistaken for another's."""
    if "|" in tenant or not is_key(tenant):
        raise InvalidInput("This is not the name of a tenant.", field="tenant")


def check_within(field: str, value: int, least: int, most: int) -> None:
    """Raise InvalidInput for a bound that is not within its own."""
    if not least <= value <= most:
        raise InvalidInput(f"`{field}` is a number from {least} to {most}.", field=field)


def check_additions(nodes: Iterable[Node], relations: Iterable[Relation], *, batch: str) -> None:
    """Raise InvalidInput for what cannot be stored."""
    _check_key("batch", batch)
    for node in nodes:
        named(node.label)
        _check_key("id", node.id)
        _check_properties(node.properties)
        if None in node.properties.values():
            raise InvalidInput("An absent property is left out, not null.", field="properties")
    for relation in relations:
        named(relation.kind)
        _check_key("id", relation.source)
        _check_key("id", relation.target)
        _check_properties(relation.properties)
        if None in relation.properties.values():
            raise InvalidInput("An absent property is left out, not null.", field="properties")


def check_revisions(nodes: Iterable[Node]) -> None:
    """Raise InvalidInput for what cannot be stored; None removes a property."""
    for node in nodes:
        _check_key("id", node.id)
        _check_properties(node.properties)


def check_selection(selection: Selection, *, bounded: bool = True) -> None:
    """Raise InvalidInput for a selection that means nothing, or, when `bounded`, asks for too many nodes."""
    named(selection.label)
    conditions = [*selection.where]
    for hop in selection.hops:
        named(hop.relation)
        named(hop.label)
        conditions += hop.where
    for condition in conditions:
        named(condition.property)
        _check_condition(condition)
    if selection.order_by is not None:
        named(selection.order_by)
    check_within("hops", len(selection.hops), 0, MAX_HOPS)
    check_within("take", selection.take, 0, len(selection.hops))
    if bounded:
        check_within("limit", selection.limit, 1, MAX_ROWS)


def meets(properties: Mapping[str, Any], condition: Condition) -> bool:
    """Say whether properties meet a condition."""
    value, asked = properties.get(condition.property), condition.value
    if value is None:
        return False
    if isinstance(asked, tuple):
        return any(_rank(value) == _rank(one) and value == one for one in asked)
    if condition.operator == "<>":
        return _rank(value) != _rank(asked) or value != asked
    if _rank(value) != _rank(asked):
        return False
    return _COMPARE[condition.operator](value, asked)


def ordered(value: Any) -> tuple[int, Any]:
    """Return what to sort a value by; no value comes last."""
    return (_rank(value), 0 if value is None else value)


def seen(batches: Collection[str], hidden: Collection[str]) -> bool:
    """Say whether a thing of these batches is seen."""
    return not hidden or any(batch not in hidden for batch in batches)


def _rank(value: object) -> int:
    kinds: tuple[tuple[type, ...], ...] = ((str,), (bool,), (int, float))
    return next((rank for rank, kind in enumerate(kinds) if isinstance(value, kind)), len(kinds))


def _check_properties(properties: Mapping[str, Any]) -> None:
    for name, value in properties.items():
        if named(name) in KEPT:
            raise InvalidInput(f"`{name}` is not a property that can be set.", field=name)
        _check_value(name, value)


def _check_condition(condition: Condition) -> None:
    field, value = condition.property, condition.value
    if condition.operator == "in":
        if not isinstance(value, tuple) or None in value:
            raise InvalidInput("`in` asks for a list of values.", field=field)
        for one in value:
            _check_value(field, one)
        return
    if value is None or isinstance(value, tuple):
        raise InvalidInput(f"`{condition.operator}` asks for one value.", field=field)
    if condition.operator in ("contains", "starts") and not isinstance(value, str):
        raise InvalidInput(f"`{condition.operator}` asks for text.", field=field)
    if condition.operator in ("<", "<=", ">", ">=") and isinstance(value, bool):
        raise InvalidInput("True and false have no order.", field=field)
    _check_value(field, value)


def _check_value(field: str, value: object) -> None:
    if isinstance(value, str):
        _check_text(field, value)
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise InvalidInput("A whole number has at most 64 bits.", field=field)
    elif isinstance(value, float):
        if not isfinite(value) or abs(value) > LARGEST:
            raise InvalidInput(f"A number is finite and at most {LARGEST}.", field=field)
    elif value is not None:
        raise InvalidInput("A value is text, a number, true or false.", field=field)


def _check_key(field: str, text: str) -> None:
    if not is_key(text):
        raise InvalidInput("This is one line of at most 1000 characters, with no spaces around it.", field=field)


def _check_text(field: str, text: str) -> None:
    if _UNSTORABLE.search(text):
        raise InvalidInput(
            "Text has no zero bytes, no separators U+001E and U+001F, and no halves of characters.", field=field
        )
