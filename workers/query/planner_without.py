"""What a negation leaves out."""

from jobs.knowledge import Label
from stores.graph import Condition, Selection
from workers.query.planner_chain import Wanted, selections
from workers.query.planner_clause import Frame
from workers.query.planner_scope import naming


def left_out(frame: Frame, label: str) -> Selection | None:  # noqa: C901 - one question after another, in the order that decides
    """Return what a negation leaves out: `that do not leak`, `without a countermeasure`; None if that cannot be said."""
    for at in frame.negated:
        if at in frame.used:
            continue
        for place in range(at + 1, min(at + 4, len(frame.items))):
            item = frame.items[place]
            if item.kind == "agg":
                continue
            excluded = Wanted(label)
            if item.kind in {"leak", "leaknoun"} or (item.kind == "thing" and item.value == Label.VULNERABILITY):
                conditions = list(frame.severity)
                if item.kind != "thing" and not conditions:
                    conditions.append(Condition("severity_rank", ">=", 2))
                excluded.needs[Label.VULNERABILITY] += conditions
            elif item.kind == "rel" and item.value == "mitigated":
                excluded.needs[Label.MITIGATION] += []
            elif item.kind == "rel" and item.value == "measured":
                excluded.needs[Label.MEASUREMENT if label == Label.INSTRUCTION else Label.CAMPAIGN] += []
            elif item.kind == "thing" and item.value != label:
                excluded.needs[item.value] += []
            elif item.kind == "link" and item.link is not None and item.link.label != Label.ENTITY:
                excluded.needs[item.link.label].append(naming(item.link))
            else:
                continue
            if label == Label.VULNERABILITY and Label.VULNERABILITY in excluded.needs:
                continue
            frame.used |= {at, place}
            made, _ = selections(excluded)
            return made[0]
    return None
