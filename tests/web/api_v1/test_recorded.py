"""Requests of a client of the first API, recorded with the shape of what it was answered, replayed against a server.

A shape names types: `{"answer": "string", "evidence": ["string"]}`. What is answered may hold more than was recorded.
`values` are those that must be just so.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from jobs.errors import InvalidInput
from jobs.ingestion import IngestRequest
from jobs.model import Job
from tests.servers import RedisServer
from tests.web.conftest import Behind
from tests.web.knowledge import answer, fill, keep, parsed, said
from tests.web.whole_server import WholeServer, hands, whole_server
from web.api_v1.deprecation import ALIASES
from web.api_v1.routes import SESSION

RECORDED = Path(__file__).parent / "recorded"
RECORDINGS = sorted(path.stem for path in RECORDED.glob("*.json"))
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeServer]:
    with whole_server(redis_server, tmp_path_factory.mktemp("whole")) as server:
        # Known is what the tests of the routes know, too.
        behind = cast("Behind", server)
        fill(behind)
        keep(behind, SESSION, "a", "b", "c")
        with hands(server, lambda job: work(server, job)):
            yield server


def work(server: WholeServer, job: Job) -> Mapping[str, Any]:
    """Do what the pools would."""
    if job.kind == "query":
        return answer(question=job.params["question"]).model_dump(mode="json")
    if job.kind == "chat":
        if str(job.params["message"]).startswith("Fail"):
            raise InvalidInput("No.", field="message")
        server.jobs.publish(job.id, {"token": "ldrb "})
        server.jobs.publish(job.id, {"token": "leaks."})
        return said(job).model_dump(mode="json")
    if job.kind == "ingest":
        request = IngestRequest.model_validate(job.params)
        return {"batch": f"document:{request.name}", "records": len(request.text or ""), "unchanged": False}
    return {"batch": job.params["batch"]}


def exchanges(recording: str) -> list[dict[str, Any]]:
    return list(json.loads((RECORDED / f"{recording}.json").read_text())["exchanges"])


def differs(given: Any, shape: Any, path: str = "") -> list[str]:
    """Return where a document is not of a shape."""
    if isinstance(shape, dict):
        if not isinstance(given, dict):
            return [f"{path} is no object"]
        return [
            fault
            for name, part in shape.items()
            for fault in (
                differs(given[name], part, f"{path}.{name}") if name in given else [f"{path}.{name} is missing"]
            )
        ]
    if isinstance(shape, list):
        if not isinstance(given, list) or bool(given) != bool(shape):
            return [f"{path} is no list, or is empty against what was recorded, or the other way round"]
        return [fault for at, item in enumerate(given) for fault in differs(item, shape[0], f"{path}[{at}]")]
    right = isinstance(given, TYPES[shape]) and (shape == "boolean" or not isinstance(given, bool))
    return [] if right else [f"{path} is no {shape}: {given!r}"]


@pytest.mark.parametrize("recording", RECORDINGS)
def test_an_old_client_is_answered_as_it_was(server: WholeServer, recording: str) -> None:
    with server.web.client() as client:
        for exchange in exchanges(recording):
            told = replayed(client, exchange["request"])
            wanted, where = exchange["answer"], f"{exchange['request']}: {told.status_code} {told.text}"

            assert (told.status_code, told.headers["Content-Type"].partition(";")[0]) == (
                wanted["status"],
                wanted["media_type"],
            ), where
            assert told.headers["Deprecation"].startswith("@"), where
            assert {"Sunset", "Link"} <= {name.title() for name in told.headers}, where
            if "events" in wanted:
                events = [
                    (name, next(iter(data))[1]) for name, data in groupby(parsed(told.text), key=lambda one: one[0])
                ]
                assert [name for name, _ in events] == [name for name, _ in wanted["events"]], where
                for (_, data), (_, shape) in zip(events, wanted["events"], strict=True):
                    assert differs(data, shape) == [], where
            else:
                assert differs(told.json(), wanted["shape"]) == [], where
                assert {name: told.json()[name] for name in wanted.get("values", {})} == wanted.get("values", {}), where


def replayed(client: httpx.Client, request: dict[str, Any]) -> httpx.Response:
    return client.request(
        request["method"],
        request["path"],
        json=request.get("json"),
        content=request.get("text"),
        headers=request.get("headers"),
    )


def test_every_call_and_alias_of_the_first_api_is_recorded(farm: Behind) -> None:
    recorded = {
        (exchange["request"]["method"], exchange["request"]["path"].partition("?")[0])
        for recording in RECORDINGS
        for exchange in exchanges(recording)
        if exchange["answer"]["status"] < 400
    }
    served = {
        (method, rule.rule.replace("<name:name>", "notes"))
        for rule in farm.app.url_map.iter_rules()
        if rule.endpoint.startswith("v1.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert recorded == served
    assert {path for _, path in served} >= ALIASES.keys()


def test_a_shape_that_is_not_kept_is_seen() -> None:
    shape = {"a": "string", "b": [{"c": "integer"}], "d": "number"}

    assert differs({"a": "x", "b": [{"c": 1, "e": None}], "d": 1.5, "f": 0}, shape) == []
    assert differs({"a": None, "b": [{"c": True}], "d": "1"}, shape) == [
        ".a is no string: None",
        ".b[0].c is no integer: True",
        ".d is no number: '1'",
    ]
    assert differs({"a": "x", "b": []}, shape) == [
        ".b is no list, or is empty against what was recorded, or the other way round",
        ".d is missing",
    ]
