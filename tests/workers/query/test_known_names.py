"""Names of things that the graph knows."""

from pathlib import Path

import pytest

from jobs.knowledge import Label
from stores.graph import Node
from tests.workers.query.knowledge import TENANT, memory_services
from tests.workers.query.test_corpus import writing
from workers.query.corpus_changes import hide
from workers.query.known_names import Known

NODES = [
    Node(Label.FUNCTION, "function:a:sub_bytes", {"name": "sub_bytes"}),
    Node(Label.FUNCTION, "function:a:main", {"name": "main"}),
    Node(Label.FUNCTION, "function:b:main", {"name": "main"}),
    Node(Label.FIRMWARE, "firmware:a", {"name": "Build 7"}),
    Node(Label.CAMPAIGN, "campaign:c", {"name": "nightly"}),
    Node(Label.INSTRUCTION, "0123456789ab:08000100"),
]


@pytest.fixture
def known(tmp_path: Path) -> Known:
    services = memory_services(tmp_path)
    services.graph.merge(TENANT, NODES, [], batch="b")
    services.graph.merge(TENANT, [Node(Label.FUNCTION, "function:a:half", {"name": "half"})], [], batch="broken")
    with writing(services.documents, "job", services.clock) as lease:
        lease.change(hide("broken", seen=False))
    return Known(TENANT, services, check=lambda: None, page=2)


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("sub_bytes", "function:a:sub_bytes"),
        ("Sub_Bytes", "function:a:sub_bytes"),
        ("build 7", "firmware:a"),
        ("nightly", "campaign:c"),
        ("campaign:c", "campaign:c"),
        ("0123456789AB:08000100", "0123456789ab:08000100"),
        ("0123456789ab:08000102", None),
        ("main", None),
        ("half", None),
        ("nobody", None),
    ],
)
def test_a_name_leads_to_the_one_thing_that_is_seen_and_called_so(known: Known, name: str, thing: str | None) -> None:
    assert known(name) == thing
