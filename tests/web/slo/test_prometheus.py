"""Objectives by a real Prometheus, which has what rules would have recorded."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jobs.errors import StoreUnavailable
from tests.deploy.prometheus.promtool import promtool
from tests.servers import demand, eventually, free_port
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
    demand("prometheus", present=shutil.which("prometheus") is not None)
    (folder / "prometheus.yml").write_text("{}\n")
    if recorded:
        now = int(time.time())
        lines = [
            f'{name}{{slo="{slo}"}} {value} {at}'
            for (name, slo), value in recorded.items()
            for at in range(now - 60, now + 300, 60)
        ]
        families = [f"# TYPE {name} gauge" for name in dict.fromkeys(name for name, _ in recorded)]
        (folder / "openmetrics").write_text("\n".join([*families, *lines, "# EOF", ""]))
        result = promtool(
            "tsdb", "create-blocks-from", "openmetrics", "--quiet", folder / "openmetrics", folder / "data"
        )
        assert result.returncode == 0, result.stderr
    port = free_port()
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _is_ready(url), what=f"Prometheus is ready: {folder / 'log'}")
        yield url
    finally:
        process.terminate()
        process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from served(tmp_path_factory.mktemp("prometheus"), RECORDED)


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
    assert found["job-success"]["window_s"] == 3600
    assert (found["campaign-start"]["since"], found["campaign-start"]["window_s"]) == (None, None)


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
