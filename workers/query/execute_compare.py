"""A comparison against the stores: reads what two campaigns say of their instructions, or what these spend."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat

from jobs.knowledge import Label
from stores.documents import Shelf
from stores.graph import Condition, Node, Selection
from workers.query.compare import Side, changes, matched
from workers.query.outcome import Compared, Doubt, Measure, Pair
from workers.query.plan import Compare
from workers.query.sides import Sides, place_of, sides_id, sides_of, text_of
from workers.query.view import View

MOST = 20_000
"""Instructions with an energy, of one side."""
LEAKAGE = ("t", "rho")
NONE = Sides((), (), (), (), (), (), (), ())


def compare(step: Compare, view: View) -> Compared:
    """Compare what a step names, as far as it is there."""
    ends = view.nodes([step.before, step.after])
    before, after = (_newest(ends.get(end), view, step) for end in (step.before, step.after))
    if before is None or after is None:
        return Compared(step, before, after, "t", (), 0, 0, ())
    if before.id == after.id:
        return Compared(step, before, after, "t", (), 0, 0, (), doubt="same")
    if step.aspect == "energy":
        measure: Measure = "energy"
        sides = _energies(before, view), _energies(after, view)
    else:
        told = _told([before, after], view)
        measure = "power" if step.aspect == "power" else _statistic(told)
        sides = _sides(told[0], before, measure), _sides(told[1], after, measure)
    if step.function is not None:
        sides = tuple([side for side in each if side.function == step.function] for each in sides)  # type: ignore[assignment]
    return _compared(step, before, after, sides, measure)


def _newest(end: Node | None, view: View, step: Compare) -> Node | None:
    """Return an end of a comparison; of firmware, unless energies are compared, its newest campaign."""
    if end is None or step.aspect == "energy" or end.label != Label.FIRMWARE:
        return end
    of_firmware = (Condition("firmware", "=", end.id),)
    found = view.select(Selection(Label.CAMPAIGN, of_firmware, order_by="created_at", descending=True, limit=1))
    return found[0] if found else None


def _firmware(end: Node) -> str:
    return end.id if end.label == Label.FIRMWARE else str(end.properties.get("firmware", ""))


def _energies(end: Node, view: View) -> list[Side]:
    chosen = Selection(Label.INSTRUCTION, (Condition("firmware", "=", _firmware(end)),), limit=MOST)
    nodes = view.select(replace(chosen, order_by="avg_energy", descending=True), whole=True)
    if len(nodes) == MOST:
        view.budget.visited(0, truncated=True)
    return [
        Side(
            node.id,
            str(node.properties.get("function") or ""),
            place_of(node.properties),
            text_of(node.properties),
            value=_number(node.properties.get("avg_energy")),
            sd=_number(node.properties.get("energy_sd")),
            n=int(node.properties.get("sample_count") or 0),
        )
        for node in nodes
    ]


def _told(campaigns: Sequence[Node], view: View) -> list[Sides]:
    """Return what campaigns say of their instructions."""
    seen = [campaign.id for campaign in campaigns if campaign.id not in view.hidden]
    records = view.records(Shelf.ANALYSIS_RESULTS, [sides_id(campaign) for campaign in seen])
    kept = {record.batch: sides_of(record) for record in records.values()}
    return [kept.get(campaign.id, NONE) for campaign in campaigns]


def _statistic(told: Sequence[Sides]) -> Measure:
    return "t" if any(value is not None for one in told for value in one.t) else "rho"


def _sides(told: Sides, campaign: Node, measure: Measure) -> list[Side]:
    values = {"t": told.t, "rho": told.rho, "power": told.power}[measure]
    n = int(campaign.properties.get("traces") or 0)
    # Power is modelled: what was found in it is no part of the question.
    ranks = told.rank if measure != "power" else [0] * len(told.rank)
    columns = told.id, told.function, told.place, told.text, values, repeat(None), repeat(n), ranks
    return list(map(Side, *columns))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _compared(
    step: Compare, before: Node, after: Node, sides: tuple[list[Side], list[Side]], measure: Measure
) -> Compared:
    pairs = matched(*sides, same_firmware=_firmware(before) == _firmware(after))
    # Of what never leaked and did not change the number is enough.
    judged = changes(pairs, measure, quiet=measure not in LEAKAGE)
    known = {side.id for _, side in pairs}
    gone = {side.id for side, _ in pairs}
    new_leaks = changes(
        [(side._replace(rank=0), side) for side in sides[1] if side.id not in known and side.rank], measure
    )
    return Compared(
        step=step,
        before=before,
        after=after,
        measure=measure,
        pairs=judged,
        quiet=len(pairs) - len(judged),
        only_before=len(sides[0]) - len(pairs),
        only_after=len(sides[1]) - len(pairs),
        new_leaks=new_leaks,
        gone_leaks=sum(side.rank > 0 for side in sides[0] if side.id not in gone),
        doubt=_doubt(judged, new_leaks, sides, after, measure) if pairs else "nothing",
    )


def _doubt(
    judged: Sequence[Pair], new: Sequence[Pair], sides: tuple[list[Side], list[Side]], after: Node, measure: Measure
) -> Doubt | None:
    """Return why the comparison decides nothing, if so."""
    if measure not in LEAKAGE:
        return None
    leaking = [any(side.rank for side in each) for each in sides]
    if not any(leaking) and all(pair.change == "unchanged" for pair in judged) and not new:
        return "no leak before"
    if not leaking[1] and after.properties.get("verdict") == "insufficient":
        return "insufficient"
    return None
