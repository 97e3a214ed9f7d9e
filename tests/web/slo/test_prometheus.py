"""Objectives by a real Prometheus, which has what rules would have recorded."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from jobs.errors import StoreUnavailable
from tests.deploy.prometheus_server import BINARY
from tests.deploy.prometheus_server import Prometheus as RealPrometheus
from tests.deploy.rules.promtool import promtool
from tests.servers import demand, free_port
from tests.web.conftest import OBJECTIVES, Clock, make_farm
from web.slo.fallback import OrElse
from web.slo.objectives import read
from web.slo.prometheus import Prometheus
from web.slo.recorded import HOUR, OBJECTIVE, WHOLE_RATIO, WHOLE_S, WHOLE_TOTAL

GIVEN = read(OBJECTIVES)
KNOWN = "api-availability"
RECORDED = {
    (OBJECTIVE, KNOWN): 0.999,
    (OBJECTIVE, "job-success"): 0.99,
    (WHOLE_TOTAL, KNOWN): 200_000,
    (WHOLE_RATIO, KNOWN): 0.0004,
    (WHOLE_S, KNOWN): 86_400,
    (HOUR, KNOWN): 0.002,
    # No job has ended in all the time that was seen.
    (WHOLE_TOTAL, "job-success"): 0,
    (WHOLE_S, "job-success"): 3600,
}


def served(folder: Path, recorded: dict[tuple[str, str], float]) -> Iterator[str]:
    """Run a Prometheus whose database holds these numbers, as of now."""
    demand("prometheus", present=BINARY is not None)
    now = int(time.time())
    lines = [
        f'{name}{{slo="{slo}"}} {value} {at}'
        for (name, slo), value in recorded.items()
        for at in range(now - 60, now + 300, 60)
    ]
    if lines:
        families = [f"# TYPE {name} gauge" for name in dict.fromkeys(name for name, _ in recorded)]
        (folder / "openmetrics").write_text("\n".join([*families, *lines, "# EOF", ""]))
        result = promtool("tsdb", "create-blocks-from", "openmetrics", folder / "openmetrics", folder / "data")
        assert result.returncode == 0, result.stderr
    with RealPrometheus(folder, folder / "nothing.json") as prometheus:
        yield f"http://{prometheus._url}"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from served(tmp_path_factory.mktemp("prometheus"), RECORDED)


@contextmanager
def saying(value: object) -> Iterator[str]:
    """Serve one series with this value to whoever asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"data": {"result": [{"metric": {"__name__": OBJECTIVE}, "value": [0, value]}]}})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Tell nobody."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def asked(folder: Path, url: str) -> Any:
    clock = Clock()
    farm = make_farm(folder, clock=clock, standing=Prometheus(url, timeout_s=20, clock=clock))
    return farm.client.get("/api/v2/slo").get_json()


def test_what_the_rules_have_recorded_is_answered(tmp_path: Path, url: str) -> None:
    answer = asked(tmp_path, url)

    found = {each["name"]: each for each in answer["objectives"]}
    known = found[KNOWN]
    assert (answer["source"], answer["degraded"]) == ("prometheus", None)
    assert (known["measured"], known["total"], known["bad"]) == pytest.approx((0.9996, 200_000, 80))
    assert (known["budget_left"], known["burn_rate"]) == pytest.approx((0.6, 2.0))
    assert (known["since"], known["window_s"], known["reason"]) == ("2025-01-01T03:04:05Z", 86_400, None)


def test_what_has_not_happened_and_what_is_not_recorded_is_null(tmp_path: Path, url: str) -> None:
    found = {each["name"]: each for each in asked(tmp_path, url)["objectives"]}

    for name in ("job-success", "campaign-start"):
        assert (found[name]["measured"], found[name]["budget_left"], found[name]["burn_rate"]) == (None, None, None)
        assert found[name]["reason"]
    assert (found["job-success"]["total"], found["job-success"]["window_s"]) == (0, 3600)
    assert (found["campaign-start"]["total"], found["campaign-start"]["window_s"]) == (None, None)


def test_a_prometheus_without_our_rules_is_none(tmp_path: Path) -> None:
    clock = Clock()

    for url in served(tmp_path, {}):
        with pytest.raises(StoreUnavailable, match="recording rules"):
            Prometheus(url, timeout_s=20, clock=clock).stand(GIVEN)


def test_while_prometheus_is_away_the_farm_tells_what_it_counted_and_says_so(tmp_path: Path) -> None:
    clock = Clock()
    other = make_farm(tmp_path / "other", clock=clock)
    away = Prometheus(f"http://127.0.0.1:{free_port()}", timeout_s=5, clock=clock)
    farm = make_farm(tmp_path / "farm", clock=clock, standing=OrElse(away, other.standing))
    other.client.get("/api/v2/me")

    answer = farm.client.get("/api/v2/slo").get_json()

    found = {each["name"]: each for each in answer["objectives"]}
    assert answer["source"] == "farm"
    assert "DASEIN_PROMETHEUS_URL" in answer["degraded"]
    assert found[KNOWN]["measured"] == 1.0


@pytest.mark.parametrize("value", ["much", ["1"]])
def test_what_is_no_number_is_no_answer_and_names_no_url(value: object) -> None:
    with saying(value) as url, pytest.raises(StoreUnavailable, match="Prometheus does not answer") as caught:
        Prometheus(url, timeout_s=20, clock=Clock()).stand(GIVEN)

    assert "127.0.0.1" not in str(caught.value)
