"""Instructions, entities and neighbourhoods over HTTP."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from jobs.errors import NotFound, OutOfBudget, StoreUnavailable
from jobs.identity import HOME as TENANT
from jobs.knowledge import Label
from jobs.model import Job
from jobs.questions import Similar, SimilarAnswer
from stores.graph import Node
from stores.memory_graph import MemoryGraph
from tests.web.conftest import Behind, make_farm
from tests.web.knowledge import FIRMWARE, OTHER, PLACE, SHA, fill, hands, instruction

FOREIGN = "7f7f7f7f7f7f:08000000"
HOSTILE = [
    "nobody",
    "a" * 300,
    "a" * 301,
    "a" * 5000,
    "%00",
    "a%00b",
    "a%0Ab",
    "%7F",
    "%1B%5B31m",
    "%FF%FE",
    "%F0%9F%98%80",
    "%E2%80%AE",
    "' OR 1=1 --",
    '"}) DETACH DELETE n --',
    "..%2F..%2Fetc%2Fpasswd",
    "%25",
    "a|b:c@d",
]


def ids(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [thing["id"] for thing in answer.get_json()["things"]]


def test_all_instructions_are_listed_by_id_but_those_on_their_way(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    page = client.get("/api/v2/instructions").get_json()

    assert [thing["id"] for thing in page["things"]] == [*map(instruction, range(5)), FOREIGN]
    assert (page["cursor"], page["data_version"]) == (None, 7)
    assert page["things"][0] == {
        "id": instruction(0),
        "label": "Instruction",
        "properties": {"mnemonic": "ldrb", "operands": "r3, [r2]", "function": "f0", "firmware": FIRMWARE},
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("wanted", ["", "&severity=critical", f"&firmware={SHA}", "&function=f0"])
def test_pages_follow_each_other_without_gaps_or_repetitions(
    farm: Behind, client: FlaskClient, limit: int, wanted: str
) -> None:
    fill(farm, instructions=12)
    seen: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        page = client.get(f"/api/v2/instructions?limit={limit}{wanted}{f'&cursor={quote(cursor)}' if cursor else ''}")
        things = page.get_json()["things"]
        assert len(things) <= limit
        seen += [thing["id"] for thing in things]
        cursor = page.get_json()["cursor"]

    assert seen == ids(client, f"/api/v2/instructions?limit=1000{wanted}")
    assert len(seen) == len(set(seen)) >= 6


@pytest.mark.parametrize(
    "name", ["aes128 build 7", SHA, SHA[:12], SHA[:12].upper(), f"sha256:{SHA}", FIRMWARE, f"firmware:{SHA[:20]}"]
)
def test_instructions_of_a_firmware_are_found_by_its_name_digest_or_id(
    farm: Behind, client: FlaskClient, name: str
) -> None:
    fill(farm)

    assert ids(client, f"/api/v2/instructions?firmware={quote(name)}") == [*map(instruction, range(5))]


@pytest.mark.parametrize("name", ["aes128 build 9", "aes128", SHA[:11], "7", "firmware:", "sha256:", "%", "'"])
def test_a_firmware_that_nobody_has_named_has_no_instructions(farm: Behind, client: FlaskClient, name: str) -> None:
    fill(farm)

    assert ids(client, f"/api/v2/instructions?firmware={quote(name)}") == []


def test_instructions_are_filtered_by_the_severity_of_their_findings(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    assert ids(client, "/api/v2/instructions?severity=critical") == [instruction(n) for n in (0, 2, 4)]
    assert ids(client, "/api/v2/instructions?severity=high") == []
    assert ids(client, "/api/v2/instructions?severity=low&function=f1") == []
    assert ids(client, f"/api/v2/instructions?severity=low&firmware={OTHER}") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("severity=severe", "severity"),
        ("severity=low&severity=high", "severity"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("firmware=", "firmware"),
        ("firmware=a%00b", "firmware"),
        (f"firmware={'a' * 301}", "firmware"),
        ("function=%0A", "function"),
        ("cursor=%1B", "cursor"),
        ("offset=7", "offset"),
    ],
)
def test_what_is_wrong_with_a_list_is_named(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/api/v2/instructions?{query}")

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, field)


def test_an_instruction_is_shown_with_its_weaknesses_and_what_each_batch_says(
    farm: Behind, client: FlaskClient
) -> None:
    fill(farm)

    for path in (instruction(0), quote(instruction(0), safe="")):
        shown = client.get(f"/api/v2/instructions/{path}").get_json()

        assert shown["instruction"]["id"] == instruction(0)
        assert [thing["id"] for thing in shown["vulnerabilities"]] == [
            "vulnerability:c:0-critical",
            "vulnerability:c:0-low",
        ]
        assert shown["measured"] == [
            {"batch": "campaign:c", "figures": {"avg_energy": 2.5}},
            {"batch": "measurements:m", "figures": {"avg_energy": 3.5}},
        ]
        assert shown["data_version"] == 7


def test_what_is_no_instruction_is_not_shown_as_one(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    for name in (FIRMWARE, "entity:tool:a", f"{PLACE}:09000000"):
        assert client.get(f"/api/v2/instructions/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/instructions/{}", "/instructions/{}/similar", "/graph/{}"])
@pytest.mark.parametrize("name", HOSTILE)
def test_an_id_that_nothing_has_is_not_found_however_it_looks(
    farm: Behind, client: FlaskClient, path: str, name: str
) -> None:
    def unknown(_farm: Behind, _job: Job) -> dict[str, Any]:
        raise NotFound("Nothing was measured of this instruction.", field="instruction")

    fill(farm)

    with hands(farm, unknown):
        answer = client.get("/api/v2" + path.format(name))

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json(force=True)["code"] == "not-found"
    assert len(ids(client, "/api/v2/instructions")) == 6


def test_similar_instructions_come_from_the_query_pool(farm: Behind, client: FlaskClient) -> None:
    found = SimilarAnswer(
        instruction=instruction(0),
        similar=(Similar(id=FOREIGN, score=0.97, title="nop", sources=("measurements:m",)),),
        data_version=7,
    )

    with hands(farm, lambda _farm, _job: found.model_dump(mode="json")):
        answer = client.get(f"/api/v2/instructions/{instruction(0)}/similar?limit=3")

    assert SimilarAnswer.model_validate(answer.get_json()) == found
    (kind, job_id, priority) = farm.queue.sent[0]
    job = farm.jobs.get(job_id)
    assert (kind, priority, job.params) == ("similar", 8, {"instruction": instruction(0), "limit": 3})
    assert job.deadline_at is not None


def test_a_pool_that_fails_is_not_the_requests_fault(farm: Behind, client: FlaskClient) -> None:
    def down(_farm: Behind, _job: Job) -> dict[str, Any]:
        raise StoreUnavailable("milvus at 10.0.0.1 is gone")

    with hands(farm, down):
        answer = client.get(f"/api/v2/instructions/{instruction(0)}/similar")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "not-in-time")
    assert "10.0.0.1" not in answer.text
    assert answer.headers["Retry-After"]


def test_a_full_query_pool_says_so(farm: Behind, client: FlaskClient) -> None:
    farm.queue.depth_now = 50

    assert client.get(f"/api/v2/instructions/{instruction(0)}/similar").status_code == 429


def test_a_neighbourhood_is_shown_nearest_first(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    around = client.get(f"/api/v2/graph/{instruction(0)}").get_json()

    assert [(thing["id"], thing["distance"]) for thing in around["things"]] == [
        (instruction(0), 0),
        ("vulnerability:c:0-critical", 1),
        ("vulnerability:c:0-low", 1),
    ]
    assert around["relations"][0] == {
        "kind": "LEAKS_INFORMATION",
        "source": instruction(0),
        "target": "vulnerability:c:0-critical",
        "properties": {"severity": "critical"},
    }
    assert (around["truncated"], around["data_version"]) == (False, 7)


def test_a_neighbourhood_that_is_cut_short_says_so(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    around = client.get(f"/api/v2/graph/{instruction(0)}?limit=2&hops=2").get_json()

    assert (len(around["things"]), around["truncated"]) == (2, True)


def test_a_thing_may_have_a_slash_in_its_name(farm: Behind, client: FlaskClient) -> None:
    name = f"function:{PLACE}:Matrix::operator/<ñ|%>"
    farm.knowledge.graph.merge(TENANT, [Node(Label.FUNCTION, name, {"name": "operator/"})], [], batch="campaign:c")

    answer = client.get(f"/api/v2/graph/{quote(name, safe='')}")

    assert [thing["id"] for thing in answer.get_json()["things"]] == [name]


@pytest.mark.parametrize("query", ["hops=0", "hops=6", "limit=0", "limit=1001", "depth=1"])
def test_what_is_wrong_with_a_neighbourhood_is_named(farm: Behind, client: FlaskClient, query: str) -> None:
    fill(farm)

    answer = client.get(f"/api/v2/graph/{instruction(0)}?{query}")

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, query.partition("=")[0])


def test_entities_are_listed_all_or_of_one_type(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    tools = ["entity:tool:a", "entity:tool:b", "entity:tool:c"]
    assert ids(client, "/api/v2/entities") == ["entity:person:ana", *tools]
    assert ids(client, "/api/v2/entities?type=tool") == tools
    assert ids(client, "/api/v2/entities?type=place") == []
    first = client.get("/api/v2/entities?type=tool&limit=2").get_json()
    assert ids(client, f"/api/v2/entities?type=tool&limit=2&cursor={quote(first['cursor'])}") == tools[2:]


def test_what_another_tenant_knows_is_not_there(farm: Behind, client: FlaskClient) -> None:
    farm.knowledge.graph.merge("other", [Node(Label.ENTITY, "entity:a:b", {"name": "b"})], [], batch="document:x")

    assert ids(client, "/api/v2/entities") == []
    assert client.get("/api/v2/graph/entity:a:b").status_code == 404


class Stubborn(MemoryGraph):
    """A graph that fails as it is told to."""

    error: StoreUnavailable | OutOfBudget = StoreUnavailable("falkordb at 10.0.0.1 is gone")

    def select(self, *_: Any, **__: Any) -> list[Node]:
        raise self.error

    def nodes(self, *_: Any, **__: Any) -> dict[str, Node]:
        raise self.error


@pytest.mark.parametrize("path", ["/instructions", f"/instructions/{PLACE}:08000000", "/entities", "/graph/a"])
@pytest.mark.parametrize("error", [StoreUnavailable("falkordb at 10.0.0.1 is gone"), OutOfBudget("It took too long.")])
def test_a_graph_that_does_not_answer_is_named_no_fault_of_the_client(
    tmp_path: Path, path: str, error: StoreUnavailable | OutOfBudget
) -> None:
    graph = Stubborn()
    graph.error = error
    farm = make_farm(tmp_path, graph=graph)

    answer = farm.client.get(f"/api/v2{path}")

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.get_json(force=True)["code"] == error.code
    assert "10.0.0.1" not in answer.text
    farm.hub.stop()
