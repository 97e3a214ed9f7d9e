"""The document says what the routes do, and the page says what the document says."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from jobs.parameters import PARAMS
from jobs.questions import SimilarAnswer
from jobs.queue import KINDS
from tests.web.conftest import Behind, campaign
from tests.web.knowledge import fill, hands, instruction, keep
from tests.web.rems import known, machine, result
from web.openapi_links import BY_MODEL, BY_OPERATION

PREFIX = "/api/v2"
AUTOMATIC = {"HEAD", "OPTIONS"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_documented_and_everything_documented_is_a_route(farm: Behind, document: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in farm.app.url_map.iter_rules()
        if rule.rule.startswith((PREFIX, "/graphql")) and rule.rule != f"{PREFIX}/openapi.json"
        for method in (rule.methods or set()) - AUTOMATIC
    }

    documented = {(path, method) for path, method, _ in operations(document) if method != "head"}

    assert documented == served
    assert len(served) >= 15


def test_every_operation_has_an_id_of_its_own_words_and_its_path_parameters(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(set(ids)) == len(ids)
    for path, _, operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        declared = {part["name"] for part in operation["parameters"] if part["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert all("example" in part for part in operation["parameters"] if part["in"] != "query")


def test_every_operation_says_how_it_fails_as_a_problem(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method == "head":
            continue
        failures = {code: answer for code, answer in operation["responses"].items() if code[0] in "45d"}
        assert {"421", "503", "default"} <= failures.keys(), (path, method)
        assert "403" in failures or method == "get"
        for answer in failures.values():
            assert list(answer["content"]) == ["application/problem+json"]


def test_bodies_have_examples_that_their_own_schemas_accept(document: dict[str, Any]) -> None:
    checked = 0
    for _, _, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        schema = content["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(content["example"])
        checked += 1

    assert checked >= 12


def test_answers_fit_the_schemas_that_describe_them(
    farm: Behind, client: FlaskClient, document: dict[str, Any]
) -> None:
    def fits(path: str, template: str, *, method: str = "get", **request: Any) -> None:
        answer = client.open(path, method=method.upper(), **request)
        described = document["paths"][template][method]["responses"]
        content = described[str(answer.status_code)]["content"][answer.mimetype]
        schema = content["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.get_json(force=True))

    job = farm.submit()
    fits(f"{PREFIX}/jobs/{job.id}", f"{PREFIX}/jobs/{{job_id}}")
    fits(f"{PREFIX}/jobs/nobody", f"{PREFIX}/jobs/{{job_id}}")
    fits(f"{PREFIX}/jobs/{job.id}?wait=x", f"{PREFIX}/jobs/{{job_id}}")
    fits(f"{PREFIX}/jobs", f"{PREFIX}/jobs")
    fits(f"{PREFIX}/pools", f"{PREFIX}/pools")
    fits(f"{PREFIX}/status", f"{PREFIX}/status")
    fits(f"{PREFIX}/dead-letters", f"{PREFIX}/dead-letters")
    fits(f"{PREFIX}/campaigns", f"{PREFIX}/campaigns", method="post", json=campaign(farm.firmware()))
    fits(f"{PREFIX}/campaigns", f"{PREFIX}/campaigns", method="post", json={})
    fits(f"{PREFIX}/artifacts", f"{PREFIX}/artifacts", method="post", data=b"bytes")


def test_what_is_said_of_the_knowledge_fits_its_schemas(
    farm: Behind, client: FlaskClient, document: dict[str, Any]
) -> None:
    fill(farm)
    keep(farm, "lab-session", "Why?")
    of_instruction = f"{PREFIX}/instructions/{{instruction_id}}"
    history = f"{PREFIX}/chat/{{session}}/history"
    found = SimilarAnswer(instruction=instruction(0), similar=(), data_version=7).model_dump(mode="json")
    calls: list[tuple[int, str, str, dict[str, Any]]] = [
        (200, f"{PREFIX}/instructions?limit=2", f"{PREFIX}/instructions", {}),
        (422, f"{PREFIX}/instructions?limit=x", f"{PREFIX}/instructions", {}),
        (200, f"{PREFIX}/instructions/{instruction(0)}", of_instruction, {}),
        (404, f"{PREFIX}/instructions/a%7Cb%3Ac", of_instruction, {}),
        (200, f"{PREFIX}/instructions/{instruction(0)}/similar", f"{of_instruction}/similar", {}),
        (200, f"{PREFIX}/graph/{quote(instruction(0), safe='')}", f"{PREFIX}/graph/{{thing_id}}", {}),
        (422, f"{PREFIX}/graph/a?hops=9", f"{PREFIX}/graph/{{thing_id}}", {}),
        (200, f"{PREFIX}/entities", f"{PREFIX}/entities", {}),
        (200, f"{PREFIX}/documents", f"{PREFIX}/documents", {}),
        (202, f"{PREFIX}/documents", f"{PREFIX}/documents", {"method": "post", "json": {"text": "x"}}),
        (422, f"{PREFIX}/documents", f"{PREFIX}/documents", {"method": "post", "json": {}}),
        (202, f"{PREFIX}/documents/notes", f"{PREFIX}/documents/{{batch}}", {"method": "delete"}),
        (404, f"{PREFIX}/documents/nobody", f"{PREFIX}/documents/{{batch}}", {"method": "delete"}),
        (202, f"{PREFIX}/queries", f"{PREFIX}/queries", {"method": "post", "json": {"question": "?"}}),
        (415, f"{PREFIX}/queries", f"{PREFIX}/queries", {"method": "post", "data": b"?"}),
        (202, f"{PREFIX}/chat", f"{PREFIX}/chat", {"method": "post", "json": {"message": "?"}}),
        (200, f"{PREFIX}/chat/lab-session/history", history, {}),
        (200, f"{PREFIX}/chat/lab-session/history", history, {"method": "delete"}),
        (404, f"{PREFIX}/chat/lab-session/history", history, {"method": "delete"}),
    ]

    with hands(farm, lambda _farm, _job: found):
        for status, path, template, how in calls:
            request = {"method": "get"} | how
            answer = client.open(path, **request | {"method": str(request["method"]).upper()})

            assert answer.status_code == status, (path, answer.text)
            described = document["paths"][template][request["method"]]["responses"][str(status)]
            schema = described["content"][answer.mimetype]["schema"] | {"components": document["components"]}
            Draft202012Validator(schema).validate(answer.get_json(force=True))


def test_what_is_said_of_records_fits_its_schemas(farm: Behind, client: FlaskClient, document: dict[str, Any]) -> None:
    (record,) = known(farm, "diary.txt")
    farm.models.write(machine("one", at=farm.clock().timestamp()))
    rems, file = f"{PREFIX}/rems", {"artifact": farm.firmware()}
    job_id = client.post(rems, json={"files": [file], "sequence": True}).get_json()["id"]
    farm.rem_files.write(job_id, "result.json", [result(job_id, "a", "b", refused=("b",)).model_dump_json().encode()])
    farm.jobs.finish(job_id, {})
    calls: list[tuple[int, str, str, str, Any]] = [
        (202, rems, rems, "post", file),
        (202, rems, rems, "post", {"files": [file]}),
        (422, rems, rems, "post", {}),
        (202, f"{rems}/search", f"{rems}/search", "post", {"query": "two bursts"}),
        (422, f"{rems}/search", f"{rems}/search", "post", {}),
        (200, f"{rems}?limit=1", rems, "get", None),
        (422, f"{rems}?limit=x", rems, "get", None),
        (200, f"{rems}/{record}", f"{rems}/{{rem_id}}", "get", None),
        (404, f"{rems}/nobody", f"{rems}/{{rem_id}}", "get", None),
        (202, f"{rems}/{record}", f"{rems}/{{rem_id}}", "delete", None),
        (200, f"{rems}/jobs/{job_id}/result", f"{rems}/jobs/{{job_id}}/result", "get", None),
        (404, f"{rems}/jobs/{job_id}/records", f"{rems}/jobs/{{job_id}}/records", "get", None),
        (404, f"{rems}/jobs/{job_id}/report", f"{rems}/jobs/{{job_id}}/report", "get", None),
        (200, f"{PREFIX}/models", f"{PREFIX}/models", "get", None),
    ]

    for status, path, template, method, body in calls:
        answer = client.open(path, method=method.upper(), json=body)

        assert answer.status_code == status, (path, answer.text)
        described = document["paths"][template][method]["responses"][str(status)]
        schema = described["content"][answer.mimetype]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.get_json(force=True))


def test_a_body_of_records_has_one_of_three_shapes(document: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/RemSubmission", "components": document["components"]}
    validator = Draft202012Validator(schema)
    file = {"artifact": f"sha256:{'5e' * 32}"}

    right: list[Any] = [file, *({"files": [file]} | more for more in ({}, {"sequence": False}, {"sequence": True}))]
    wrong: list[Any] = [{}, {"files": []}, file | {"files": [file]}, file | {"sequence": True}]

    assert all(validator.is_valid(body) for body in right)
    assert not any(validator.is_valid(body) for body in [*wrong, {"files": [file], "title": "T"}])


def test_a_turn_may_be_answered_as_a_job_or_as_a_stream(document: dict[str, Any]) -> None:
    responses = document["paths"][f"{PREFIX}/chat"]["post"]["responses"]

    assert set(responses["200"]["content"]) == {"application/json", "text/event-stream"}
    assert responses["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/JobView"}


def test_the_kinds_that_may_be_submitted_and_listed_are_the_public_ones(document: dict[str, Any]) -> None:
    public = {kind.name for kind in KINDS.values() if kind.public}
    listed = document["paths"][f"{PREFIX}/jobs"]["get"]["parameters"]

    schemas = document["components"]["schemas"]
    branches = [schemas[branch["$ref"].rsplit("/", 1)[1]] for branch in schemas["JobSubmission"]["oneOf"]]
    assert {branch["properties"]["kind"]["const"] for branch in branches} == public
    # What the farm does for a tenant, or for itself, is listed, and has ways of its own.
    assert set(next(part for part in listed if part["name"] == "kind")["schema"]["enum"]) == public | {
        "erase",
        "retain",
        "backup",
    }
    assert public <= PARAMS.keys() == KINDS.keys()


def test_the_problem_of_every_refusal_has_an_anchor_on_the_page(client: FlaskClient, document: dict[str, Any]) -> None:
    codes = {
        code
        for _, _, operation in operations(document)
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        for code in content.get("examples", {})
    }

    anchors = set(re.findall(r'id="problem-([^"]+)"', client.get("/api/docs").text))

    assert {"not-found", "invalid-input"} <= codes <= anchors


def test_the_page_shows_every_operation_and_needs_nothing_from_elsewhere(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    answer = client.get("/api/docs")

    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    for path, method, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in answer.text
        assert f'<span class="method {method.upper()}">' in answer.text
        assert path in answer.text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", answer.text)
    assert "<script" not in answer.text
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


def test_a_client_that_has_the_document_is_told_so(client: FlaskClient) -> None:
    tag = client.get(f"{PREFIX}/openapi.json").headers["ETag"]

    assert client.get(f"{PREFIX}/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_answers_lead_to_calls_that_there_are(document: dict[str, Any]) -> None:
    calls = {operation["operationId"]: operation for _, _, operation in operations(document)}
    links = [
        link
        for operation in calls.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert len(links) > 40
    for link in links:
        parameters = {part["name"] for part in calls[link["operationId"]]["parameters"]}
        assert link["parameters"].keys() <= parameters
    named = {*BY_OPERATION, *(name for found in (*BY_MODEL.values(), *BY_OPERATION.values()) for name in found)}
    assert named <= calls.keys()


def test_schemas_have_names_of_their_own(document: dict[str, Any]) -> None:
    # Two models of one name are told apart by where they lie, which is nobody's business.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []
