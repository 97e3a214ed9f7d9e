"""Every call of the OpenAPI document, by a foreign tenant, by every role that may not, and by nobody.

A new operation, parameter or body that nothing is known of here fails: it cannot be forgotten.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs.identity import HOME, Role
from tests.web.conftest import campaign
from tests.web.described import described
from tests.web.knowledge import hands
from tests.web.owned import OTHER, SECRET, Owned, owned, work
from web.permissions import permission_of

DOCUMENT = described()
HARMLESS = {
    *("wait", "kind", "state", "tag", "cursor", "limit", "offset", "format", "form", "part", "sha256", "last_event_id"),
    *("severity", "firmware", "function", "type", "hops", "modality", "outcome", "unknown"),
    *("from", "to", "points", "address", "keep"),
}
"""Parameters of queries that name nothing which belongs to anybody, or only filter what the caller owns."""
NAMING = {"with", "tenant", "confirm"}
"""Those that do name something: they are sent, as they name the owner's."""
SHARED = {"name"}
"""Parameters of paths that name what all tenants share: pools."""
ELSEWHERE = {"open_socket": "asks for credentials after it was opened: tests/web/realtime"}
FOREIGN_BODIES = {422, 404}
"""What refuses a body that names somebody else's things: as if they were not there."""


@dataclass(frozen=True)
class Operation:
    """A call of the document."""

    name: str
    method: str
    path: str
    role: Role
    home: bool
    parameters: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    has_body: bool = False

    @property
    def own(self) -> list[str]:
        """Return the parameters of the path that name somebody's things."""
        return [name for name in self.parameters if name not in SHARED]

    def __str__(self) -> str:
        return self.name


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, told in methods.items():
            parts = told["parameters"]
            yield Operation(
                told["operationId"].removesuffix("_head"),
                method.upper(),
                path,
                Role(told["x-role"]),
                told["x-home"],
                [part["name"] for part in parts if part["in"] == "path"],
                [part["name"] for part in parts if part["in"] == "query"],
                "requestBody" in told,
            )


OPERATIONS = [operation for operation in operations() if operation.name not in ELSEWHERE]
each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation}"
)


def body(operation: Operation, things: Owned) -> dict[str, Any]:
    """Return the body of a call, as keywords of the client: it names the owner's things wherever it can."""
    artifact = {"artifact": things.ids["artifact_id"]}
    measured = campaign(things.ids["artifact_id"])
    as_job = {"kind": "campaign", "params": measured}
    bodies: dict[str, Any] = {
        "submit_job": as_job,
        "submit_batch": {"jobs": [{"kind": "ping", "params": {}}, as_job]},
        "submit_campaign": measured,
        "submit_query": {"question": "Which instruction leaks?"},
        "submit_document": artifact,
        "take_turn": {"message": "Why?"},
        "submit_rems": artifact,
        "search_rems": artifact,
        "scale_pool": {"delta": 0},
        "make_key": {"name": "x", "role": "viewer", "tenant": HOME},
        "rotate_key": {"grace_s": 0},
        "make_tenant": {"id": "new"},
        "change_tenant": {"title": "Mine"},
        "ask_graph": {"query": graph(things)},
    }
    if operation.name == "upload_artifact":
        # The owner's bytes: whether they were there before is nobody else's business.
        return {"data": SECRET}
    return {"json": bodies[operation.name]} if operation.has_body else {}


def graph(things: Owned) -> str:
    """Return a query of the graph that names the owner's things and asks for all that are listed."""
    named = {"job": "job_id", "campaign": "campaign_id", "instruction": "instruction_id", "rem": "rem_id"}
    named |= {"sweep": "sweep_id"}
    asked = [f'{root}(id: "{things.ids[name]}") {{ __typename }}' for root, name in named.items()]
    asked += [f"{root} {{ nodes {{ {'batch' if root == 'documents' else 'id'} }} }}" for root in LISTED]
    return f"{{ {' '.join(asked)} }}"


LISTED = ("jobs", "campaigns", "imports", "sweeps", "instructions", "vulnerabilities", "documents", "rems")
NAMELESS = {"upload_artifact", "submit_query", "take_turn", "scale_pool", "make_tenant", "ask_graph"}
"""Calls whose body names nothing of the owner's."""


def call(client: FlaskClient, operation: Operation, things: Owned) -> TestResponse:
    """Make a call that names the owner's things."""
    path = operation.path
    for name in operation.parameters:
        value = "simulation" if name in SHARED else things.ids.get(operation.name, things.ids[name])
        path = path.replace(f"{{{name}}}", value)
    asked = {name: things.ids[name] for name in operation.queries if name in NAMING}
    if operation.name == "read_graph":
        asked["query"] = graph(things)
    return client.open(path, method=operation.method, query_string=asked, **body(operation, things))


def revealed(reply: TestResponse, things: Owned) -> list[str]:
    """Return what of the owner's an answer tells, headers included."""
    told = f"{reply.headers}\n{reply.get_data(as_text=True)}"
    return [mark for mark in things.marks if mark in told]


@each_operation
def test_a_foreign_tenant_finds_nothing_and_is_told_nothing(operation: Operation, tmp_path: Path) -> None:
    things, owner = owned(tmp_path)
    names = bool(operation.own) or bool(set(operation.queries) & NAMING)

    with hands(things.farm, work):
        reply = call(things.foreigner(), operation, things)
        mine = call(owner, operation, things)

    if operation.home:
        assert reply.status_code == 403
    elif names:
        assert reply.status_code == 404, reply.text
    elif operation.has_body and operation.name not in NAMELESS:
        assert reply.status_code in FOREIGN_BODIES, reply.text
    else:
        assert reply.status_code < 300, reply.text
    # A refusal may repeat what the request named; the id of bytes is known to whoever has them.
    if reply.status_code < 300 and operation.name != "upload_artifact":
        assert revealed(reply, things) == []
    if operation.name in {"ask_graph", "read_graph"}:
        assert revealed(mine, things)
        assert not [name for name, found in reply.get_json()["data"].items() if found not in (None, {"nodes": []})]
    # The things were there all the time.
    assert mine.status_code < 300, mine.text
    things.farm.hub.stop()


def jobs_on(things: Owned) -> dict[str, dict[str, Any]]:
    """Return the parameters of jobs that name the owner's things, by the field that does and its kind."""
    artifact, kept, calibrated = (things.ids[name] for name in ("artifact_id", "campaign_id", "show_calibration"))
    target = {"core": "cortex-m4", "entry": "main"}
    with_input = target | {"inputs": [{"name": "key", "role": "key", "length": 16, "symbol": "k"}]}
    model = {"firmware": artifact, "target": target, "power": {"model": artifact}}
    code = {"firmware": artifact, "target": with_input, "clock": {"samples_per_cycle": 1}}
    return {
        "simulation.import artifact": {"artifact": artifact},
        "simulation.import firmware": {"artifact": artifact, **code},
        "simulation.record firmware": {"firmware": artifact, "target": target},
        "simulation.record power.model": model,
        "simulation.crosscheck firmware": {"firmware": artifact, "target": with_input},
        "simulation.profile campaign": {"campaign": kept},
        "simulation.profile attack": {"campaign": calibrated, "attack": kept},
        "simulation.calibrate campaign": {"campaign": calibrated},
        "simulation.calibrate compare": {"campaign": calibrated, "compare": artifact},
        "campaign power.model": campaign(artifact, power={"model": artifact}),
        "estimate power.model": campaign(artifact, power={"model": artifact}),
    }


def test_no_job_works_on_a_foreign_tenants_things(shared: Owned) -> None:
    foreigner = shared.foreigner()

    for name, params in jobs_on(shared).items():
        reply = foreigner.post("/api/v2/jobs", json={"kind": name.split()[0], "params": params})

        assert reply.status_code == 422, (name, reply.text)
        assert reply.get_json(force=True)["code"] in {"invalid-input", "simulator-unavailable"}, name
        assert "Extra inputs" not in reply.text, name


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owned]:
    things, _ = owned(tmp_path_factory.mktemp("owned"))
    yield things
    things.farm.hub.stop()


@each_operation
def test_roles_below_the_one_that_may_are_refused(shared: Owned, operation: Operation) -> None:
    below = [role for role in Role if not role.covers(operation.role)]

    replies = [call(shared.closed.of(role), operation, shared) for role in below]

    assert [(reply.status_code, code(reply)) for reply in replies] == [(403, "forbidden")] * len(below)


@each_operation
@pytest.mark.parametrize("key", [None, "dsn_aaaaaaaa_nobody", "not a key"])
def test_without_credentials_that_are_valid_everything_is_refused(
    shared: Owned, operation: Operation, key: str | None
) -> None:
    reply = call(shared.closed.client(key), operation, shared)

    assert (reply.status_code, code(reply)) == (401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"]


def code(reply: TestResponse) -> str | None:
    """Return the code of a problem; an answer to HEAD has none to read."""
    if reply.request.method == "HEAD":
        return {401: "unauthenticated", 403: "forbidden"}.get(reply.status_code)
    return str(reply.get_json(force=True)["code"])


def test_every_root_of_the_graph_is_asked_for_here(shared: Owned) -> None:
    asked = {"query": "{ __schema { queryType { fields { name } } } }"}

    reply = shared.closed.of(Role.VIEWER).post("/graphql", json=asked).get_json()

    roots = {root["name"] for root in reply["data"]["__schema"]["queryType"]["fields"]}
    assert roots == {"job", "campaign", "sweep", "instruction", "rem", "dataVersion", *LISTED}


def test_every_parameter_of_every_call_is_known_here() -> None:
    things = {"name", "instruction_id", "thing_id", "batch", "session", "rem_id", "artifact_id", "job_id", "batch_id"}
    things |= {"campaign_id", "recording_id", "prefix", "tenant_id"}

    for operation in OPERATIONS:
        assert set(operation.parameters) <= things, operation
        assert operation.name == "read_graph" or set(operation.queries) <= HARMLESS | NAMING, operation


V1: dict[str, tuple[str, str, Any]] = {
    "v1.query": ("POST", "/api/v1/query", {"query": "Which instruction leaks?"}),
    "v1.add_documents": ("POST", "/api/v1/documents", {"documents": ["x"]}),
    "v1.remove_document": ("DELETE", "/api/v1/documents/notes", None),
    "v1.entities": ("GET", "/api/v1/entities", None),
    "v1.chat": ("POST", "/api/v1/chat", {"message": "Why?"}),
    "v1.chat_stream": ("POST", "/api/v1/chat/stream", {"message": "Why?"}),
    "v1.show_history": ("GET", "/api/v1/history", None),
    "v1.erase_history": ("DELETE", "/api/v1/history", None),
    "v1.status": ("GET", "/api/v1/status", None),
}


def test_every_call_of_the_first_api_is_known_here(shared: Owned) -> None:
    served = {
        rule.endpoint for rule in shared.farm.app.url_map.iter_rules() if re.match(r"v1\.(?!health)", rule.endpoint)
    }

    assert served == V1.keys()


@pytest.mark.parametrize("endpoint", V1)
def test_the_first_api_refuses_nobody_and_roles_that_may_not(shared: Owned, endpoint: str) -> None:
    method, path, sent = V1[endpoint]
    below = [role for role in Role if not role.covers(permission_of(endpoint).role)]

    nobody = shared.closed.client().open(path, method=method, json=sent)
    replies = [shared.closed.of(role).open(path, method=method, json=sent) for role in below]

    assert nobody.status_code == 401
    assert [reply.status_code for reply in replies] == [403] * len(below)


@pytest.mark.parametrize("endpoint", V1)
def test_the_first_api_tells_a_foreign_tenant_nothing(tmp_path: Path, endpoint: str) -> None:
    things, owner = owned(tmp_path)
    method, path, sent = V1[endpoint]

    with hands(things.farm, work):
        reply = things.foreigner().open(path, method=method, json=sent)
        mine = owner.open(path, method=method, json=sent)

    assert reply.status_code == (404 if endpoint == "v1.remove_document" else 200), reply.text
    if endpoint not in {"v1.query", "v1.chat", "v1.chat_stream"}:
        # What these answer is made by the hands of this test.
        assert revealed(reply, things) == []
    assert mine.status_code == 200, mine.text
    things.farm.hub.stop()


def test_the_bytes_of_another_tenant_are_new_to_who_uploads_them(shared: Owned) -> None:
    client = shared.closed.of(Role.SUBMITTER, OTHER)

    first, again = (client.post("/api/v2/artifacts", data=SECRET).status_code for _ in range(2))

    assert (first, again) == (201, 200)
