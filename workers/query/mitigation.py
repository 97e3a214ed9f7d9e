"""What a countermeasure changed: the weaknesses of a baseline campaign, measured again in the campaign that has it."""

from collections.abc import Iterator, Sequence

import numpy as np

from jobs.knowledge import Label, Link
from jobs.report import Finding, Kind, Place, Report, Row
from stores.graph import Node, Relation, Value
from workers.query.named import mitigation_id

Key = tuple[str | None, str | None, int | None, str, str]


def mitigation(name: str, *, before: Report, after: Report) -> tuple[Node, list[Relation]]:
    """Return a mitigation with what it did to each weakness of `before` whose instruction `after` measured again.

    Instructions are the same when function, source line, mnemonic and operands are, and no other one has the same.
    `effectiveness` is the mean of 1 - |after| / |before| over them, not below -1 each; `cost` the executed instructions
    of the path over those before, less 1. What cannot be told is absent.
    """
    node_id = mitigation_id(name)
    effects = list(_effects(before, after))
    told: dict[str, Value] = {"name": name}
    if effects:
        told["effectiveness"] = float(np.mean([max(-1.0, 1 - abs(new) / abs(old)) for _, old, new in effects]))
    if before.alignment.path_instructions and after.alignment.path_instructions:
        told["cost"] = after.alignment.path_instructions / before.alignment.path_instructions - 1
    relations = [
        Relation(Link.MITIGATED_BY, f"vulnerability:{before.campaign}:{number}", node_id, {"before": old, "after": new})
        for number, old, new in effects
    ]
    return Node(Label.MITIGATION, node_id, told), relations


def _effects(before: Report, after: Report) -> Iterator[tuple[int, float, float]]:
    """Yield the number of a weakness, and its statistic before and after."""
    rows = _only([row.place for row in after.rows], after.rows)
    again = {(_key(finding.place), finding.kind, finding.secret): finding for finding in after.findings}
    for number, finding in enumerate(before.findings, 1):
        key = _key(finding.place)
        if not finding.value or key not in rows:
            continue
        same = again.get((key, finding.kind, finding.secret))
        value = same.value if same is not None else _of_row(rows[key], finding)
        if value is not None:
            yield number, finding.value, value


def _only(places: Sequence[Place], rows: Sequence[Row]) -> dict[Key, Row]:
    """Return rows by place; a place that several instructions share names none of them."""
    keyed = dict(zip(map(_key, places), rows, strict=True))
    counts: dict[Key, int] = {}
    for place in places:
        counts[_key(place)] = counts.get(_key(place), 0) + 1
    return {key: row for key, row in keyed.items() if counts[key] == 1}


def _of_row(row: Row, finding: Finding) -> float | None:
    """Return the statistic of an instruction that is no finding any more; None if it was not computed or is infinite."""
    of_kind = {Kind.TVLA_1: row.max_abs_t1, Kind.TVLA_2: row.max_abs_t2, Kind.CPA: row.max_abs_rho}
    return of_kind.get(finding.kind)


def _key(place: Place) -> Key:
    return place.function, place.file, place.line, place.mnemonic, place.operands
