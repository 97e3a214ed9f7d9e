"""A bug of ours shows nobody anything: every route is made to fail, and says so in the same few words."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Response
from structlog.testing import capture_logs

from jobs.errors import StoreUnavailable
from tests.web.conftest import Behind, make_farm
from web.openapi_parameters import PARAMETER, PATH_EXAMPLES

SECRET = "the password is hunter2 at /srv/dasein/web/secret.py"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def broken(farm: Behind, make: Callable[[], Exception]) -> list[tuple[str, str]]:
    """Make every view raise, and return the methods and paths that reach one."""

    def fail(**_given: object) -> Response:
        raise make()

    reached = []
    for rule in farm.app.url_map.iter_rules():
        farm.app.view_functions[rule.endpoint] = fail
        methods = sorted((rule.methods or set()) & set(METHODS))
        path = PARAMETER.sub(lambda match: PATH_EXAMPLES.get(match[2], "x"), rule.rule)
        reached += [(method, path) for method in methods]
    return reached


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda: RuntimeError(SECRET), 500, "internal"),
        (lambda: UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), 500, "internal"),
        (lambda: StoreUnavailable(SECRET), 503, "store-unavailable"),
    ],
)
def test_no_route_tells_what_went_wrong_in_it(
    tmp_path: Path, make: Callable[[], Exception], status: int, code: str
) -> None:
    farm = make_farm(tmp_path)
    calls = broken(farm, make)
    assert len(calls) > 40

    for method, path in calls:
        with capture_logs() as logged:
            answer = farm.client.open(path, method=method)

        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), (method, path)
        assert answer.get_json()["code"] == code
        assert answer.get_json()["trace_id"] == answer.headers["X-Request-Id"]
        # Whoever looks after the farm finds all of it under that id.
        assert any(SECRET in str(line) or SECRET in str(line.get("exc_info")) for line in logged)
        assert not re.search(r"hunter2|secret\.py|Traceback|Error\(|File \"", answer.text), answer.text


def test_what_is_not_there_and_what_is_not_allowed_there_says_no_more(tmp_path: Path) -> None:
    client = make_farm(tmp_path).client

    answers = [
        client.get("/api/v2/nowhere"),
        client.put("/api/v2/jobs"),
        client.get("/api/v2/jobs/%00"),
        client.get("/api/v2/../../etc/passwd"),
        client.get("/api/v2/jobs?limit=x&cursor=%ff"),
        client.open("/api/v2/jobs", method="TRACE"),
    ]

    assert [answer.status_code for answer in answers] == [404, 405, 404, 404, 422, 405]
    for answer in answers:
        assert answer.mimetype == "application/problem+json"
        assert not re.search(r"werkzeug|Traceback|File \"", answer.text)
