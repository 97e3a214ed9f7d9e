"""Instructions whose leakage a campaign does not count, as they lie in code that it declared public."""

from collections.abc import Collection, Mapping, Sequence

from jobs.knowledge import Label
from stores.graph import Node
from workers.query.view import View


def uncounted(nodes: Sequence[Node], properties: Collection[str], view: View) -> Mapping[str, Node]:
    """Return such instructions with the campaign that says so.

    The largest |t| of a campaign is that of what it counts: an instruction with a larger one in it is not counted.
    """
    if "max_abs_t" not in properties or not nodes or nodes[0].label != Label.INSTRUCTION:
        return {}
    profiles = view.profiles([node.id for node in nodes])
    told = [record for records in profiles.values() for record in records if record.batch.startswith("campaign:")]
    campaigns = view.nodes({record.batch for record in told})
    found: dict[str, Node] = {}
    for record in sorted(told, key=lambda record: record.batch):
        campaign, value = campaigns.get(record.batch), record.body.get("max_abs_t")
        counted = campaign.properties.get("max_abs_t") if campaign is not None else None
        if campaign is None or not isinstance(value, int | float) or not isinstance(counted, int | float):
            continue
        if value > counted:
            found[record.group] = campaign
    return found
