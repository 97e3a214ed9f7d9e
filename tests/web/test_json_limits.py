"""How complicated a JSON body may be."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from web.json_limits import MAX_DEPTH, MAX_MEMBERS, check
from web.refusals import TooComplex


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"in": value}
    return value


def test_a_body_is_nested_so_deeply_and_no_deeper() -> None:
    check(json.dumps(nested(MAX_DEPTH)).encode())

    with pytest.raises(TooComplex, match="nested deeper"):
        check(json.dumps(nested(MAX_DEPTH + 1)).encode())


def test_a_body_has_so_many_members_and_no_more() -> None:
    check(json.dumps([0] * MAX_MEMBERS).encode())

    with pytest.raises(TooComplex, match="more than"):
        check(json.dumps([0] * (MAX_MEMBERS + 2)).encode())


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"a": "[{,\\" * 50_000, "b": '"[' * 100}),
        json.dumps([[number] for number in range(1000)]),
        json.dumps({"\\": '\\"' * 5000 + "[" * 100}),
    ],
)
def test_what_is_written_in_strings_or_side_by_side_is_not_nested(text: str) -> None:
    check(text.encode())


def test_text_that_is_no_json_is_left_to_the_parser_and_costs_no_more() -> None:
    lists = b"[]," * 100
    check(lists + b'"' + b"[" * 500_000)
    # Were the rest read again at every quote, this would take minutes.
    check(lists + b'"\\' * 500_000)
    check(lists + b'"\\')
    check(lists + b"]" * 50_000)


@pytest.mark.parametrize("path", ["/api/v2/jobs", "/api/v2/campaigns", "/api/v1/query"])
def test_a_body_that_is_too_complicated_is_refused_with_a_code_of_its_own(client: FlaskClient, path: str) -> None:
    deep = '{"kind":"ping","params":' + "[" * 20_000 + "]" * 20_000 + "}"

    answer = client.post(path, data=deep, content_type="application/json")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "too-complex")


@pytest.mark.parametrize("path", ["/api/v2/jobs", "/api/v2/artifacts", "/api/v1/query"])
@pytest.mark.parametrize("encoded", [{"Content-Encoding": "gzip"}, {"Transfer-Encoding": "gzip, chunked"}])
def test_a_compressed_body_is_not_read(client: FlaskClient, path: str, encoded: dict[str, str]) -> None:
    headers = {"Content-Type": "application/json"}

    answer = client.post(path, data=b"\x1f\x8b", headers=headers | encoded)

    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported-media-type")
    assert answer.get_json()["field"] == next(iter(encoded))
