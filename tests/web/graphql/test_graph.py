"""The graph over HTTP: what it shows, what it costs, and what it keeps to itself."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from graphql import get_introspection_query

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.identity import Principal, Role
from jobs.knowledge import Label
from jobs.model import Failure, NewJob
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from stores.graph import Node, Value
from stores.memory import MemoryJobs
from stores.memory_graph import MemoryGraph
from stores.ports import Page
from tests.web.conftest import Behind, make_farm
from tests.web.knowledge import FIRMWARE, fill, instruction
from tests.web.rems import known

PLACE = {"address": 134217728, "mnemonic": "ldrb", "operands": "r3, [r2]", "function": "f0", "file": "a.c", "line": 3}


def ask(client: FlaskClient, query: str, **variables: Any) -> dict[str, Any]:
    """Ask by POST and return the data; there are no errors."""
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    assert "errors" not in told, told
    return dict(told["data"])


def refused(client: FlaskClient, query: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/graphql", json={"query": query} | more)
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return dict(answer.get_json(force=True))


def report(campaign: str, findings: int = 3) -> dict[str, Any]:
    """Return what the graph reads of a report."""
    finding = {
        "kind": "tvla-1",
        "severity": "high",
        "title": "r3 leaks",
        "secret": None,
        "statistic": "t",
        "value": 12.5,
        "p_log10": -30.0,
        "sample": 7,
        "samples": 2,
        "traces": 1000,
        "sufficient": True,
        "traces_needed": 100,
        "place": PLACE,
    }
    row = {
        "place": PLACE,
        "executions": 4,
        "max_abs_t1": 12.5,
        "max_abs_t2": None,
        "deterministic": False,
        "max_abs_rho": None,
        "rho_byte": None,
        "max_snr": None,
        "public": None,
    }
    return {
        "campaign": campaign,
        "created_at": "2025-01-02T03:04:05Z",
        "verdict": "leaks",
        "headline": "It leaks.",
        "digest": "abc",
        "traces": 1000,
        "tvla": {"max_abs_t1": 12.5, "max_abs_t2": None},
        "cpa": None,
        "max_snr": None,
        "sufficiency": {"sufficient": True, "why": "."},
        "warnings": ["w"],
        "findings": [finding | {"severity": ("high", "low")[number % 2]} for number in range(findings)],
        "rows": [row, row | {"place": PLACE | {"function": "f1"}}],
    }


def campaigns(farm: Behind, count: int, tenant: str = "default", first: int = 0) -> list[str]:
    """Let there be campaigns that have ended, with reports."""
    ids = [f"{tenant}-campaign-{number}" for number in range(first, first + count)]
    for number, job_id in enumerate(ids):
        params = {"name": f"build {number}", "firmware": "sha256:00"}
        farm.jobs.submit(NewJob(job_id, "campaign", params, tenant=tenant, tags=("nightly",), retry_of=ids[number - 1]))
        farm.start(job_id)
        farm.files.write(job_id, "report.json", [json.dumps(report(job_id)).encode()])
        farm.jobs.finish(job_id, {"verdict": "leaks", "headline": "It leaks.", "findings": 3})
    return ids


def weaknesses(farm: Behind, count: int, first: int = 0, tenant: str = "default") -> None:
    """Let every instruction have two weaknesses, found by its own campaign."""
    nodes, records = [], []
    for number in range(first, first + count):
        place = instruction(number)
        nodes.append(Node(Label.INSTRUCTION, place, {"mnemonic": "ldrb", "function": "f", "firmware": FIRMWARE}))
        for severity, rank in (("low", 1), ("high", 3)):
            told: dict[str, Value] = {
                "severity": severity,
                "severity_rank": rank,
                "instruction": place,
                "campaign": f"campaign:{tenant}-campaign-{number}",
                "function": "f",
            }
            nodes.append(Node(Label.VULNERABILITY, f"v:{number}-{severity}", told))
        records.append(Record(f"batch|{place}", {"avg_energy": 1.5}, "batch", place))
    farm.knowledge.graph.merge(tenant, nodes, [], batch="campaign:c")
    farm.knowledge.documents.put(tenant, Shelf.PROFILES, records)
    farm.knowledge.documents.put(tenant, Shelf.CORPUS, [Record(CORPUS, {"version": 7, "hidden": []})])


class TestReading:
    def test_a_job_is_shown_as_it_is(self, farm: Behind, client: FlaskClient) -> None:
        farm.jobs.submit(NewJob("one", "ping", {"echo": "x"}, tags=("a", "ü"), priority=7))
        farm.start("one")
        farm.jobs.fail("one", Failure("broken", "It broke.", "params.x", "because"))
        query = """query ($id: ID!) { job(id: $id) { id kind state attempts priority tags worker params result
            progress { done total message } error { code message field reason } submittedAt finishedAt retryOf { id }
            parent { id } campaign { id } } }"""

        job = ask(client, query, id="one")["job"]

        assert (job["id"], job["kind"], job["state"], job["attempts"]) == ("one", "ping", "FAILED", 1)
        assert (job["priority"], job["tags"], job["params"]) == (7, ["a", "ü"], {"echo": "x"})
        assert job["error"] == {"code": "broken", "message": "It broke.", "field": "params.x", "reason": "because"}
        assert (job["result"], job["retryOf"], job["parent"], job["campaign"]) == (None, None, None, None)
        assert job["submittedAt"].startswith("2025-01-02T03:04:05")

    def test_jobs_come_in_pages(self, farm: Behind, client: FlaskClient) -> None:
        for number in range(5):
            farm.jobs.submit(NewJob(f"{number}", "ping", {}, tags=("t",)))
        query = """query ($after: String) { jobs(first: 2, after: $after, kind: "ping", state: QUEUED, tag: "t") {
            nodes { id } pageInfo { hasNextPage endCursor } } }"""

        pages, after = [], None
        while True:
            page = ask(client, query, after=after)["jobs"]
            pages.append([job["id"] for job in page["nodes"]])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break

        assert pages == [["4", "3"], ["2", "1"], ["0"]]

    def test_campaigns_are_read_with_their_reports_in_pages(self, farm: Behind, client: FlaskClient) -> None:
        campaigns(farm, 2)
        farm.jobs.submit(NewJob("goes-on", "campaign", {}))
        query = """{ campaigns { nodes { id name verdict headline findingsCount job { tags } report {
            verdict digest traces maxAbsT1 maxAbsT2 keyBytesRecovered sufficient warnings createdAt
            findings(first: 2) { nodes { severity title value place { function line } } pageInfo { endCursor } }
            low: findings(severity: LOW) { nodes { severity } }
            rest: findings(after: "2") { nodes { kind } pageInfo { hasNextPage } }
            rows(function: "f1") { nodes { executions place { mnemonic } } } } } } }"""

        unfinished, second, first = ask(client, query)["campaigns"]["nodes"]

        assert (unfinished["id"], unfinished["verdict"], unfinished["report"]) == ("goes-on", None, None)
        assert (first["name"], second["name"]) == ("build 0", "build 1")
        assert (second["verdict"], second["findingsCount"], second["job"]["tags"]) == ("leaks", 3, ["nightly"])
        told = second["report"]
        assert (told["maxAbsT1"], told["maxAbsT2"], told["keyBytesRecovered"], told["sufficient"]) == (
            12.5,
            None,
            None,
            True,
        )
        assert [finding["severity"] for finding in told["findings"]["nodes"]] == ["HIGH", "LOW"]
        assert told["findings"]["nodes"][0]["place"] == {"function": "f0", "line": 3}
        assert told["findings"]["pageInfo"]["endCursor"] == "2"
        assert told["low"]["nodes"] == [{"severity": "LOW"}]
        assert told["rest"] == {"nodes": [{"kind": "tvla-1"}], "pageInfo": {"hasNextPage": False}}
        assert told["rows"]["nodes"] == [{"executions": 4, "place": {"mnemonic": "ldrb"}}]

    def test_what_json_cannot_hold_is_null_in_a_result_as_in_rest(self, farm: Behind, client: FlaskClient) -> None:
        farm.jobs.submit(NewJob("one", "ping", {}))
        farm.start("one")
        farm.jobs.finish("one", {"t": float("inf"), "x": [float("nan"), 1.5]})

        answer = client.post("/graphql", json={"query": '{ job(id: "one") { result } }'})

        assert answer.json == {"data": {"job": {"result": {"t": None, "x": [None, 1.5]}}}}
        assert client.get("/api/v2/jobs/one").get_json()["result"] == {"t": None, "x": [None, 1.5]}

    def test_an_address_of_the_upper_half_is_a_number_as_others(self, farm: Behind, client: FlaskClient) -> None:
        campaigns(farm, 1)
        told = report("new")
        told["rows"] = [told["rows"][0] | {"place": PLACE | {"address": 0xE000E010}}]
        farm.files.write("default-campaign-0", "report.json", [json.dumps(told).encode()])

        read = ask(client, "{ campaigns { nodes { report { rows { nodes { place { address } } } } } } }")

        rows = read["campaigns"]["nodes"][0]["report"]["rows"]
        assert rows["nodes"] == [{"place": {"address": 0xE000E010}}]

    def test_what_depends_on_the_inputs_is_read_with_two_inputs_that_part(
        self, farm: Behind, client: FlaskClient
    ) -> None:
        campaigns(farm, 1)
        part = {"input": "guess", "offset": 0, "one": "00", "other": "a1"}
        load = {"kind": "load", "place": PLACE, "executions": 9, "first": 4, "parting": [part], "public": None}
        told = report("new") | {"constant_time": {"branches": 0, "addresses": 1, "found": [load]}}
        told["findings"] = [told["findings"][0] | {"parting": [part]}]
        farm.files.write("default-campaign-0", "report.json", [json.dumps(told).encode()])
        query = """{ campaigns { nodes { report { branchesOnInputs addressesOnInputs
            dependences { nodes { kind executions parting { input other } place { function } } }
            findings { nodes { parting { input offset one other } } } } } } }"""

        read = ask(client, query)["campaigns"]["nodes"][0]["report"]

        assert (read["branchesOnInputs"], read["addressesOnInputs"]) == (0, 1)
        shown = {"kind": "load", "executions": 9, "parting": [{"input": "guess", "other": "a1"}]}
        assert read["dependences"]["nodes"] == [shown | {"place": {"function": "f0"}}]
        assert read["findings"]["nodes"] == [{"parting": [part]}]

    def test_instructions_lead_to_their_weaknesses_and_those_to_their_campaigns(
        self, farm: Behind, client: FlaskClient
    ) -> None:
        campaigns(farm, 3)
        weaknesses(farm, 3)
        query = """{ dataVersion instructions(first: 2, function: "f") { nodes { id mnemonic firmware
            vulnerabilities { id severity campaign { name report { verdict } } instruction { id } }
            measured { batch figures } } pageInfo { hasNextPage endCursor } } }"""

        data = ask(client, query)
        rest = ask(
            client,
            "query ($a: String) { instructions(after: $a) { nodes { id } } }",
            a=data["instructions"]["pageInfo"]["endCursor"],
        )

        first, second = data["instructions"]["nodes"]
        assert (data["dataVersion"], first["id"], first["mnemonic"]) == (7, instruction(0), "ldrb")
        assert [one["severity"] for one in first["vulnerabilities"]] == ["high", "low"]
        assert first["vulnerabilities"][0]["campaign"] == {"name": "build 0", "report": {"verdict": "leaks"}}
        assert second["vulnerabilities"][0]["instruction"]["id"] == second["id"]
        assert first["measured"] == [{"batch": "batch", "figures": {"avg_energy": 1.5}}]
        assert data["instructions"]["pageInfo"]["hasNextPage"]
        assert [one["id"] for one in rest["instructions"]["nodes"]] == [instruction(2)]

    def test_vulnerabilities_are_chosen_by_severity_campaign_and_function(
        self, farm: Behind, client: FlaskClient
    ) -> None:
        weaknesses(farm, 3)
        query = """{ a: vulnerabilities(severity: HIGH, first: 2) { nodes { id } pageInfo { endCursor } }
            b: vulnerabilities(severity: HIGH, after: "v:1-high") { nodes { id } }
            c: vulnerabilities(campaign: "default-campaign-1") { nodes { id severity function } }
            d: vulnerabilities(function: "g") { nodes { id } } }"""

        data = ask(client, query)

        assert [one["id"] for one in data["a"]["nodes"]] == ["v:0-high", "v:1-high"]
        assert data["a"]["pageInfo"]["endCursor"] == "v:1-high"
        assert [one["id"] for one in data["b"]["nodes"]] == ["v:2-high"]
        assert [one["id"] for one in data["c"]["nodes"]] == ["v:1-high", "v:1-low"]
        assert data["d"]["nodes"] == []

    def test_what_rest_hides_is_hidden_here(self, farm: Behind, client: FlaskClient) -> None:
        fill(farm)
        hidden = instruction(0).split(":")[0] + ":09000000"
        query = """query ($id: ID!) { instruction(id: $id) { id } instructions { nodes { id measured { batch } } }
            documents(kind: "document") { nodes { batch title kind state createdAt details } } }"""

        data = ask(client, query, id=hidden)

        assert data["instruction"] is None
        assert hidden not in [one["id"] for one in data["instructions"]["nodes"]]
        measured = next(one["measured"] for one in data["instructions"]["nodes"] if one["id"] == instruction(0))
        assert [one["batch"] for one in measured] == ["campaign:c", "measurements:m"]
        assert [one["batch"] for one in data["documents"]["nodes"]] == ["document:notes", "document:twin"]
        assert data["documents"]["nodes"][0]["details"] == {"tags": ["lab"]}

    def test_records_of_files_are_read(self, farm: Behind, client: FlaskClient) -> None:
        [rem] = known(farm, "diary.txt")
        query = """query ($id: ID!) { rem(id: $id) { name modality record } rems(first: 1) { nodes { id name headline }
            pageInfo { hasNextPage } } none: rems(modality: VIDEO) { nodes { id } } }"""

        data = ask(client, query, id=rem)

        shown = client.get(f"/api/v2/rems/{rem}").get_json()
        assert data["rem"]["record"] == shown
        assert data["rem"]["name"] == shown["header"]["source"]["name"]
        assert len(data["rems"]["nodes"]) == 1

    def test_a_link_asks_as_well(self, farm: Behind, client: FlaskClient) -> None:
        farm.jobs.submit(NewJob("one", "ping", {}))
        query = {
            "query": "query One($id: ID!) { job(id: $id) { id } } query Two { jobs { nodes { kind } } }",
            "variables": '{"id": "one"}',
            "operationName": "One",
        }

        answer = client.get("/graphql", query_string=query)

        assert (answer.status_code, answer.get_json()) == (200, {"data": {"job": {"id": "one"}}})

    def test_the_schema_describes_itself(self, client: FlaskClient) -> None:
        told = ask(client, get_introspection_query())

        types = {one["name"]: one for one in told["__schema"]["types"]}
        assert {"Job", "Campaign", "Report", "Instruction", "Vulnerability", "Document", "Rem"} <= set(types)
        fields = {one["name"]: one["description"] for one in types["Campaign"]["fields"]}
        assert fields["report"] == "All of it; null before the end, and once it was removed."
        assert told["__schema"]["mutationType"] is None

    def test_there_is_no_page_to_play_with(self, client: FlaskClient) -> None:
        answer = client.get("/graphql", headers={"Accept": "text/html"})

        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


class LostJobs(MemoryJobs):
    """Lists nothing any more."""

    def find(self, **_wanted: object) -> Page:
        raise StoreUnavailable("redis at 10.0.0.1 is gone")


class SlowGraph(MemoryGraph):
    """Takes longer than it may."""

    def select(self, *_wanted: object, **_how: object) -> list[Node]:
        raise OutOfBudget("It took too long.")


DEEP = """query ($first: Int!) {
    instructions(first: $first) { nodes { id measured { batch } vulnerabilities(first: 2) {
        id instruction { mnemonic } campaign { name verdict job { retryOf { retryOf { id } } } } } } }
    campaigns(first: $first) { nodes { id job { retryOf { id } } } }
    vulnerabilities(first: $first) { nodes { instruction { id } campaign { id } } }
    documents(first: $first) { nodes { batch } }
}"""


class TestCost:
    def test_as_many_calls_of_stores_for_many_things_as_for_one(self, watched: tuple[Behind, Counter[str]]) -> None:
        farm, calls = watched
        campaigns(farm, 30)
        weaknesses(farm, 30)

        def cost(first: int) -> Counter[str]:
            calls.clear()
            data = ask(farm.client, DEEP, first=first)
            assert len(data["instructions"]["nodes"]) == first
            # Down to the last level.
            shown = [
                one["campaign"]["job"]["retryOf"]["retryOf"]["id"]
                for instruction in data["instructions"]["nodes"][2:]
                for one in instruction["vulnerabilities"]
            ]
            assert len(shown) == max(0, 2 * (first - 2))
            return Counter(calls)

        few, many = cost(3), cost(25)

        assert few == many
        assert sum(many.values()) <= 16

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("{ jobs(first: 100) { nodes { a: retryOf { id kind state attempts priority tags worker params result startedAt "
             "finishedAt deadlineAt parent { id kind state tags params } } b: retryOf { id kind state attempts priority tags "
             "worker params result startedAt finishedAt deadlineAt parent { id kind state tags params } } "
             + " ".join(f"c{n}: retryOf {{ id kind state }}" for n in range(20)) + " } } }", "query-too-costly"),
            ("{ campaigns(first: 100) { nodes { report { verdict } } } }", "query-too-costly"),
            ("{ job(id: 1) { " + "retryOf { " * 10 + "id" + " }" * 10 + " } }", "query-too-costly"),
            ("{ " + " ".join(f"a{n}: dataVersion" for n in range(31)) + " }", "query-too-costly"),
            ("{ " + "dataVersion " * 1000 + "}", "query-too-costly"),
            ("{ jobs(first: 101) { nodes { id } } }", "invalid-query"),
            ("{ jobs(first: 0) { nodes { id } } }", "invalid-query"),
            ("{ jobs(first: -1) { nodes { id } } }", "invalid-query"),
            ("{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
             "invalid-query"),
            ("query A { ...F } fragment F on Query { ...G } fragment G on Query { ...F }", "invalid-query"),
            ("{ nothing }", "invalid-query"),
            ("{ jobs { nodes { id }", "invalid-query"),
            ("mutation { cancel }", "invalid-query"),
            ("subscription { jobs }", "invalid-query"),
            ("query A { dataVersion } query B { dataVersion }", "invalid-query"),
            ("{" * 900, "invalid-query"),
        ],
    )  # fmt: skip
    def test_what_is_too_much_or_makes_no_sense_is_refused_before_anything_is_read(
        self, watched: tuple[Behind, Counter[str]], query: str, code: str
    ) -> None:
        farm, calls = watched

        problem = refused(farm.client, query)

        assert not calls
        assert problem["code"] == code
        assert problem["field"] in {"query", "operationName"}

    def test_fragments_count_as_often_as_they_are_spread(self, client: FlaskClient) -> None:
        doubled = "fragment F0 on Job { id kind state tags } " + " ".join(
            f"fragment F{n} on Job {{ a: retryOf {{ ...F{n - 1} }} b: retryOf {{ ...F{n - 1} }} }}" for n in range(1, 9)
        )

        assert refused(client, "{ jobs(first: 100) { nodes { ...F8 } } } " + doubled)["code"] == "query-too-costly"

    @pytest.mark.parametrize("first", [101, 0, "x", None, 2.5])
    def test_pages_in_variables_are_limited_too(self, client: FlaskClient, first: object) -> None:
        problem = refused(client, "query ($n: Int!) { jobs(first: $n) { nodes { id } } }", variables={"n": first})

        assert problem["code"] == "invalid-query"

    def test_variables_that_do_not_fit_are_named(self, client: FlaskClient) -> None:
        problem = refused(client, "query ($s: JobState) { jobs(state: $s) { nodes { id } } }", variables={"s": "lost"})

        assert (problem["code"], problem["field"]) == ("invalid-query", "variables")

    def test_defaults_of_variables_count(self, client: FlaskClient) -> None:
        problem = refused(client, "query ($n: Int = 1000) { jobs(first: $n) { nodes { id } } }")

        assert problem["code"] == "invalid-query"

    def test_several_operations_at_once_and_long_ones_are_refused(self, client: FlaskClient) -> None:
        many = client.post("/graphql", json=[{"query": "{ dataVersion }"}] * 2)
        long = client.post("/graphql", json={"query": "{ dataVersion }" + " " * 16_000})
        heavy = client.post("/graphql", json={"query": "{ dataVersion }", "variables": {"x": "y" * 17_000}})
        mime = client.post("/graphql", data="{ dataVersion }", content_type="application/graphql")

        assert (many.status_code, long.status_code, heavy.status_code, mime.status_code) == (422, 422, 413, 415)

    @pytest.mark.parametrize("variables", ["[]", "{", "1"])
    def test_variables_of_a_link_are_an_object(self, client: FlaskClient, variables: str) -> None:
        answer = client.get("/graphql", query_string={"query": "{ dataVersion }", "variables": variables})

        assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, "variables")

    @pytest.mark.parametrize("field", ["jobs", "campaigns", "imports", "sweeps"])
    def test_cursors_that_are_not_ours_are_refused(self, client: FlaskClient, field: str) -> None:
        problem = refused(client, f'{{ {field}(after: "?") {{ nodes {{ __typename }} }} }}')

        assert (problem["code"], problem["field"]) == ("invalid-input", "query")
        assert problem["detail"] == "after: This is not a cursor of ours."

    @pytest.mark.parametrize("field", ["documents", "rems"])
    def test_a_part_whose_cursor_is_not_ours_is_null_and_says_so(self, client: FlaskClient, field: str) -> None:
        query = f'{{ {field}(after: "?") {{ nodes {{ __typename }} }} }}'

        answer = client.post("/graphql", json={"query": query}).get_json()

        assert answer["data"] is None
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "invalid-input"
        assert error["message"].startswith("after: ")


class TestSecrets:
    def test_a_tenant_sees_its_own_and_nothing_else(self, two: tuple[Behind, dict[str, Principal]]) -> None:
        farm, who = two
        campaigns(farm, 2)
        campaigns(farm, 1, tenant="acme")
        weaknesses(farm, 2)
        fill(farm)
        known(farm, "diary.txt")
        farm.jobs.submit(NewJob("link", "ping", {}, tenant="acme", retry_of="default-campaign-0"))
        query = """{ jobs { nodes { id retryOf { id } } } campaigns { nodes { id report { digest } } }
            theirs: job(id: "default-campaign-0") { id } campaign(id: "default-campaign-0") { id report { digest } }
            instructions { nodes { id } } vulnerabilities { nodes { id } } documents { nodes { batch } }
            rems { nodes { id } } dataVersion instruction(id: "5e5e5e5e5e5e:08000000") { id } }"""

        data = ask(farm.client, query)
        who["now"] = Principal("default", Role.VIEWER, "viewer", "k")
        other = ask(farm.client, query)

        assert [job["id"] for job in data["jobs"]["nodes"]] == ["link", "acme-campaign-0"]
        assert data["jobs"]["nodes"][0]["retryOf"] is None
        assert [one["id"] for one in data["campaigns"]["nodes"]] == ["acme-campaign-0"]
        assert (data["theirs"], data["campaign"], data["instruction"], data["dataVersion"]) == (None, None, None, 0)
        for kind in ("instructions", "vulnerabilities", "documents", "rems"):
            assert data[kind]["nodes"] == []
            assert other[kind]["nodes"]

    def test_pages_of_other_sites_may_not_post(self, client: FlaskClient) -> None:
        answer = client.post("/graphql", json={"query": "{ dataVersion }"}, headers={"Origin": "https://evil.example"})

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (403, "cross-site")

    def test_a_fault_of_ours_says_nothing_of_itself(self, farm: Behind, client: FlaskClient) -> None:
        campaigns(farm, 1)
        farm.files.write("default-campaign-0", "report.json", [b'{"findings": 1, "digest": "secret"}'])

        answer = client.post("/graphql", json={"query": "{ campaigns { nodes { id report { verdict } } } }"}).get_json()

        [error] = answer["errors"]
        assert error["extensions"]["code"] == "internal"
        assert error["message"] == "The fault is ours and has been logged."
        assert error["path"][-1] == "verdict"
        assert "verdict" not in error["message"]
        assert answer["data"]["campaigns"]["nodes"][0]["report"] is None

    def test_a_store_that_is_away_is_named_to_nobody(self, tmp_path: Path) -> None:
        farm = make_farm(tmp_path, jobs=LostJobs())

        gone = farm.client.post("/graphql", json={"query": "{ jobs { nodes { id } } }"})

        assert (gone.status_code, gone.get_json(force=True)["code"]) == (503, "store-unavailable")
        assert "10.0.0.1" not in gone.text

    def test_a_question_that_takes_too_long_is_given_up(self, tmp_path: Path) -> None:
        farm = make_farm(tmp_path, graph=SlowGraph())

        answer = farm.client.post("/graphql", json={"query": "{ vulnerabilities { nodes { id } } }"})

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "out-of-budget")
