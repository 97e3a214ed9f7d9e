"""Energy patterns: which instructions of a batch spend clearly more, or less, than the others."""

from collections.abc import Mapping

import numpy as np

from jobs.knowledge import Label, Link
from stores.graph import Node, Relation, Value
from stores.vectors import Passage
from workers.query.content import Found
from workers.query.named import passage_id

EDGE = 1.0
"""In standard deviations over the batch's instructions: above it HIGH, below its negative LOW, else MEDIUM."""


def patterns(
    batch: str, spent: Mapping[str, float], *, what: str, of: str
) -> tuple[list[Node], list[Relation], list[Found]]:
    """Return the patterns of a batch, given what each instruction spends on average, in one unit.

    `correlation` is Pearson's r between "belongs to the pattern" (1 or 0) and what the instructions spend; absent where
    one of the two does not vary. `threshold` is mean + sd for HIGH, mean - sd for LOW.
    """
    if not spent:
        return [], [], []
    ids, values = list(spent), np.array(list(spent.values()), np.float64)
    mean, sd = float(values.mean()), float(values.std())
    scores = (values - mean) / sd if sd > 1e-12 * abs(mean) else np.zeros(len(values))
    nodes, relations, found = [], [], []
    groups = {"HIGH": scores > EDGE, "MEDIUM": np.abs(scores) <= EDGE, "LOW": scores < -EDGE}
    for kind, members in groups.items():
        if not members.any():
            continue
        node_id = f"pattern:{batch}:{kind}"
        told: dict[str, Value] = {"pattern_type": kind, "batch_id": batch}
        if not members.all() and scores.any():
            told["correlation"] = float(np.corrcoef(members, values)[0, 1])
        if kind != "MEDIUM":
            told["threshold"] = mean + sd if kind == "HIGH" else mean - sd
        nodes.append(Node(Label.PATTERN, node_id, told))
        relations += [Relation(Link.TRIGGERS, ids[index], node_id) for index in np.flatnonzero(members)]
        text = f"{kind.lower()} {what} pattern of {of}"
        found.append(Found(Passage(passage_id("entity", text), "entity", text), (node_id,)))
    return nodes, relations, found
