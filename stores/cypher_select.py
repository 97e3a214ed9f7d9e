"""Statements that select nodes by chains and conditions, and describe them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from stores.cypher import BASE, INDEXES, Dialect, Statement, hidden_of, tenant_of, uids, visible, where
from stores.graph import Condition, Selection, Summary, Value
from stores.graph_rules import LARGEST, MAX_GROUPS, is_key, named

SAMPLE = 1000
"""Nodes from which it is guessed how far an index has to be read for the first of an order."""


def select(tenant: str, selection: Selection, *, hidden: Collection[str], dialect: Dialect) -> Statement:
    """Rows: labels, properties; in order."""
    chain, parameters = _chain(tenant, selection, hidden, dialect)
    order = "n.id"
    if selection.order_by is not None:
        name = named(selection.order_by)
        chain += f"WHERE n.{name} IS NOT NULL "
        order = f"n.{name}{' DESC' if selection.descending else ''}, n.id"
    return Statement(
        f"{chain}WITH n ORDER BY {order} LIMIT $limit WITH [labels(n), properties(n)] AS row",
        {**parameters, "limit": selection.limit},
    )


def sample(tenant: str, selection: Selection, *, hidden: Collection[str], dialect: Dialect) -> Statement:
    """Rows: values of the property that is ordered by, of the SAMPLE nodes that the server comes upon first."""
    chain, parameters = _chain(tenant, selection, hidden, dialect)
    value = f"n.{named(selection.order_by or 'id')}"
    return Statement(f"{chain}WHERE {value} IS NOT NULL WITH {value} AS row LIMIT {SAMPLE}", parameters)


def narrowed(selection: Selection, values: Sequence[Value]) -> Selection | None:
    """Return a selection that an index answers, with what comes first of this one: all of it, if it finds enough.

    None where it would be none of less work. A property is taken to have values of one kind.
    """
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    rank = 3 + selection.limit // 20
    if selection.order_by is None or len(numbers) < SAMPLE or rank > SAMPLE // 4:
        return None
    best = sorted(numbers, reverse=selection.descending)[rank - 1]
    beyond = Condition(selection.order_by, ">=" if selection.descending else "<=", best)
    return replace(selection, where=(*selection.where, beyond))


def worth_narrowing(selection: Selection) -> bool:
    """Say whether the order of a selection is one that an index has."""
    return not selection.hops and selection.order_by in INDEXES.get(selection.label, ())


def summarise(
    tenant: str,
    selection: Selection,
    *,
    of: str | None,
    by: str | None,
    hidden: Collection[str],
    dialect: Dialect,
) -> Statement:
    """Rows: key, count, total, mean, deviation, minimum, maximum; most first."""
    chain, parameters = _chain(tenant, selection, hidden, dialect)
    value = f"n.{named(of)}" if of else "null"
    if of:
        # Numbers alone; not through an index, which would be slower where all is asked for.
        chain += f"WHERE coalesce({value}) >= $least "
        parameters["least"] = -LARGEST
    return Statement(
        f"{chain}WITH {f'n.{named(by)}' if by else 'null'} AS key, count(n) AS many, sum({value}) AS total, "
        f"avg({value}) AS mean, stDev({value}) AS sd, min({value}) AS low, max({value}) AS high "
        f"ORDER BY many DESC LIMIT {MAX_GROUPS + 1} WITH [key, many, total, mean, sd, low, high] AS row",
        parameters,
    )


def summary_of(row: Sequence[Any], *, figures: bool) -> Summary:
    """Return a row of figures; servers say 0 where there is nothing to say."""
    key, count = row[0], int(row[1])
    if not figures or not count:
        return Summary(key, count)
    total, mean, sd, low, high = (float(value) for value in row[2:])
    return Summary(key, count, total, mean, sd if count > 1 else None, low, high)


def _chain(tenant: str, selection: Selection, hidden: Collection[str], dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """Return clauses that bind `n` to the nodes taken, each once.

    Begins where conditions are the sharpest, and forgets every node that is needed no more: what is carried on is
    never more than pairs.
    """
    last = len(selection.hops)
    labels = [selection.label, *(hop.label for hop in selection.hops)]
    asked = [selection.where, *(hop.where for hop in selection.hops)]
    parameters: dict[str, Any] = {"tenant": tenant, **hidden_of(hidden)}

    def node(at: int) -> tuple[str, str]:
        conditions = tenant_of(f"n{at}", dialect)
        base = ""
        for number, condition in enumerate(asked[at]):
            if condition.property == "id" and condition.operator in ("=", "in"):
                # The one index that has the ids of all labels.
                base = f":{BASE}"
                known = uids(tenant, condition.value if isinstance(condition.value, tuple) else (condition.value,))
                parameters[f"v{at}_{number}"] = known
                conditions.append(f"n{at}.uid IN $v{at}_{number}")
                continue
            parameters[f"v{at}_{number}"] = _value(condition)
            conditions.append(_condition(f"n{at}", condition, f"$v{at}_{number}", dialect))
        return f"(n{at}{base}:{named(labels[at])})", " AND ".join(
            [*conditions, *filter(None, [visible(f"n{at}", hidden)])]
        )

    start = max(range(last + 1), key=lambda at: (_sharpness(labels[at], asked[at]), -at))
    first, conditions = node(start)
    clauses = f"MATCH {first} {where(conditions)}"
    low = high = start
    # Away from the node that is taken first: it then need not be carried along.
    for at in (
        [*range(start - 1, -1, -1), *range(start + 1, last + 1)]
        if start <= selection.take
        else [
            *range(start + 1, last + 1),
            *range(start - 1, -1, -1),
        ]
    ):
        near = at + 1 if at < low else at - 1
        hop = selection.hops[min(at, near)]
        arrow = ("-", "->") if hop.forward == (at > near) else ("<-", "-")
        other, conditions = node(at)
        low, high = min(low, at), max(high, at)
        clauses += (
            f"MATCH (n{near}){arrow[0]}[r{at}:{named(hop.relation)}]{arrow[1]}{other} "
            f"{where(conditions, visible(f'r{at}', hidden))}"
        )
        if (low, high) != (0, last):
            needed = {low} - {0} | {high} - {last} | {selection.take} & {*range(low, high + 1)}
            clauses += f"WITH DISTINCT {', '.join(f'n{one}' for one in sorted(needed))} "
    return f"{clauses}WITH DISTINCT n{selection.take} AS n " if last else f"{clauses}WITH n0 AS n ", parameters


def _sharpness(label: str, conditions: Sequence[Condition]) -> int:
    indexed = (*INDEXES.get(label, ()), "id")
    grades = [1 if one.property not in indexed else 3 if one.operator in ("=", "in") else 2 for one in conditions]
    return max(grades, default=0)


def _value(condition: Condition) -> Any:
    return list(condition.value) if isinstance(condition.value, tuple) else condition.value


def _condition(name: str, condition: Condition, value: str, dialect: Dialect) -> str:
    known, operator = f"{name}.{named(condition.property)}", condition.operator
    if operator in ("contains", "starts"):
        # Only text is equal to itself as text: to look for a part of something else is an error to some servers.
        part = "CONTAINS" if operator == "contains" else "STARTS WITH"
        return f"toString({known}) = {known} AND toString({known}) {part} {value}"
    plain = f"{known} {operator.upper()} {value}"
    asked = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    texts = [one for one in asked if isinstance(one, str)]
    if dialect.sure_text or not texts:
        return plain
    # The value of an expression is in no index. What an index may have found is compared again.
    sure = f"coalesce({known}) {operator.upper()} {value}"
    return f"{plain} AND {sure}" if operator in ("=", "in") and all(is_key(one) for one in texts) else sure
