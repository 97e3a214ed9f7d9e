"""What a campaign says of all its instructions, kept as one record."""

from jobs.knowledge import Label
from stores.documents import Shelf
from stores.graph import Node
from tests.workers.query.small_corpus import CAMPAIGN, T, campaign, instruction
from tests.workers.simulation.reports import synthetic
from workers.query.from_campaign import from_campaign
from workers.query.sides import sides_id, sides_of, sides_record


def test_columns_say_of_each_instruction_what_its_campaign_does() -> None:
    record = sides_record(CAMPAIGN[6], campaign(6).nodes[CAMPAIGN[6]])

    told = sides_of(record)

    assert (record.id, record.batch) == (sides_id(CAMPAIGN[6]), CAMPAIGN[6])
    assert list(told.id) == sorted(told.id)
    assert len(told.id) == sum(map(len, T[6].values()))
    first = list(told.id).index(instruction(6, "sub_bytes", 0))
    assert (told.function[first], told.place[first], told.text[first]) == ("sub_bytes", "aes.c:10", "ldrb r3, [r2]")
    assert (told.t[first], told.rho[first], told.power[first], told.rank[first]) == (25.0, None, 10.0, 4)


def test_the_worst_finding_of_an_instruction_is_its_rank() -> None:
    nodes = [Node(Label.INSTRUCTION, "f:01"), Node(Label.INSTRUCTION, "f:02")]
    nodes += [
        Node(Label.VULNERABILITY, f"vulnerability:c:{n}", {"instruction": "f:01", "severity_rank": rank})
        for n, rank in enumerate((2, 4, 1))
    ]

    assert list(sides_of(sides_record("campaign:c", nodes)).rank) == [4, 0]


def test_an_ingested_report_brings_its_columns_with_it() -> None:
    content = from_campaign(synthetic(), job="j")

    _, record = content.records[Shelf.ANALYSIS_RESULTS]

    instructions = {node.id: node.properties for node in content.nodes if node.label == Label.INSTRUCTION}
    told = sides_of(record)
    assert record.batch == content.batch
    assert list(told.id) == sorted(instructions)
    assert list(told.t) == [instructions[thing].get("max_abs_t") for thing in told.id]
    assert max(told.rank) > 0
