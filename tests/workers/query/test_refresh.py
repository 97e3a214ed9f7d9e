"""What follows for a thing from all that batches say of it."""

from typing import Any

import numpy as np
import pytest

from jobs.knowledge import PROPERTIES, Label, Link
from stores.graph import Node, Relation
from workers.query.content import Content
from workers.query.refresh import Said, combined, deciding, records_of

THING = "0123456789ab:08000000"


def measured(batch: str, values: np.ndarray, **told: Any) -> Said:
    figures = {"sample_count": len(values), "avg_energy": float(values.mean()), "address": 0x08000000}
    if len(values) > 1:
        figures["energy_sd"] = float(values.std(ddof=1))
    return Said(batch, campaign=False, at=1.0, label=Label.INSTRUCTION, properties=figures | told, relations=())


def ran(batch: str, at: float, **told: Any) -> Said:
    return Said(batch, campaign=True, at=at, label=Label.INSTRUCTION, properties=told, relations=())


def test_energies_of_batches_pool_as_if_they_were_one() -> None:
    rng = np.random.default_rng(7)
    parts = [rng.normal(mean, 0.3, count) for mean, count in ((1, 5), (4, 50), (2, 1), (3, 500))]
    whole = np.concatenate(parts)

    node = combined(THING, [measured(f"b{number}", part) for number, part in enumerate(parts)])

    assert node is not None
    assert node.properties["sample_count"] == len(whole)
    assert node.properties["avg_energy"] == pytest.approx(whole.mean(), rel=1e-12)
    assert node.properties["energy_sd"] == pytest.approx(whole.std(ddof=1), rel=1e-12)


def test_temperature_is_weighted_by_samples_and_latency_is_the_largest() -> None:
    one = measured("a", np.ones(10), avg_temperature=20.0, max_latency=5.0)
    other = measured("b", np.ones(30), avg_temperature=40.0, max_latency=3.0)
    silent = measured("c", np.ones(1000))

    node = combined(THING, [one, other, silent])

    assert node is not None
    assert node.properties["avg_temperature"] == pytest.approx(35)
    assert node.properties["max_latency"] == 5


def test_figures_of_campaigns_are_all_of_the_newest_that_ran_it() -> None:
    old = ran("campaign:x", 1, executions=3, avg_power=5.0, max_abs_t=9.0, mnemonic="eors")
    new = ran("campaign:a", 2, executions=4, avg_power=6.0)
    named = ran("campaign:b", 3, mnemonic="eor")

    node = combined(THING, [new, named, old])

    assert node is not None
    told = node.properties
    assert (told["executions"], told["avg_power"], told["max_abs_t"], told["mnemonic"]) == (4, 6.0, None, "eor")


def test_what_a_campaign_says_goes_before_what_a_later_file_says() -> None:
    campaign = ran("campaign:x", 1, firmware="firmware:1")
    file = measured("measurements:y", np.ones(2), firmware="firmware:2")

    node = combined(THING, [file, campaign])

    assert node is not None
    assert node.properties["firmware"] == "firmware:1"


def test_what_nobody_says_is_taken_away() -> None:
    node = combined(THING, [measured("a", np.ones(3))])

    assert node is not None
    assert node.properties.keys() == PROPERTIES[Label.INSTRUCTION].keys()
    assert node.properties["avg_power"] is None


def test_a_thing_that_is_only_mentioned_is_not_known() -> None:
    mention = Relation(Link.MENTIONS, "chunk:n:0", THING)

    assert combined(THING, [Said("document:n", False, 1.0, None, {}, [mention])]) is None  # noqa: FBT003


def test_of_a_relation_that_many_make_the_newest_decides() -> None:
    weights = [Relation(Link.CORRELATES_WITH, "a", "b", {"weight": weight}) for weight in (0.8, 0.9)]
    said = [
        Said(batch, campaign=False, at=at, label=Label.INSTRUCTION, properties={}, relations=[relation])
        for batch, at, relation in zip(("z", "y"), (1.0, 2.0), weights, strict=True)
    ]

    assert deciding({"a": said}) == {"y": [weights[1]]}
    assert deciding({"a": said[::-1]}) == {"y": [weights[1]]}


def test_what_is_kept_is_what_others_may_say_too() -> None:
    nodes = [
        Node(Label.INSTRUCTION, "i", {"avg_energy": 1.0}),
        Node(Label.INSTRUCTION, "j"),
        Node(Label.FUNCTION, "f", {"name": "main"}),
        Node(Label.MEASUREMENT, "measurement:b|i"),
    ]
    together = Relation(Link.CORRELATES_WITH, "i", "j", {"weight": 0.9})
    foreign = Relation(Link.PART_OF, "f", "elsewhere")
    own = Relation(Link.MEASURED_IN, "i", "measurement:b|i", {"x": 1.0})
    profile = np.arange(72, dtype=np.float32)
    content = Content("b", "measurements", "t", 5.0, {}, nodes, [together, foreign, own], [], profiles={"i": profile})

    profiles, others = records_of(content)

    assert [(record.id, record.group, len(record.blob)) for record in profiles] == [
        ("b|i", "i", 288),
        ("b|j", "j", 0),
    ]
    assert profiles[0].body == {"avg_energy": 1.0, "kind": "measurements", "created_at": 5.0}
    kept = {record.group: record.body for record in others}
    assert kept.keys() == {"i", "f", "elsewhere"}
    assert [row[:3] for row in kept["i"]["relations"]] == [["CORRELATES_WITH", "i", "j"]]
    assert [row[:3] for row in kept["elsewhere"]["relations"]] == [["PART_OF", "f", "elsewhere"]]
    assert kept["f"]["properties"] == {"name": "main"}
