"""Settings of logs and traces."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.log_file import LogFile
from config.settings import Settings
from deploy.procfile import ROOT

WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
from deploy.embedded import main
sys.exit(main(["status"]))
"""


@pytest.mark.parametrize(
    ("given", "posted"),
    [
        ("http://h:4318", "http://h:4318/v1/traces"),
        ("https://h/otlp/", "https://h/otlp/v1/traces"),
        ("http://h:4318/v1/traces", "http://h:4318/v1/traces"),
    ],
)
def test_a_collector_is_named_with_or_without_the_path_of_traces(
    given: str, posted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASEIN_OTLP_URL", given)
    monkeypatch.setenv("DASEIN_OTLP_HEADERS", "authorization=Bearer a=b, x-scope=farm")

    assert Settings().spans_url == posted
    assert Settings().spans_headers == {"authorization": "Bearer a=b", "x-scope": "farm"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTLP_URL", "grpc://h:4317"),
        ("OTLP_URL", "h:4318"),
        ("OTLP_HEADERS", "hidden-one"),
        ("OTLP_HEADERS", "=hidden-two"),
        ("TRACE_RATIO", "1.5"),
        ("LOG_LIMIT_BYTES", "10"),
        ("LOG_FILES", "0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"DASEIN_{name}", value)

    with pytest.raises(ValidationError) as refused:
        Settings()

    assert name.lower() in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_spans_without_opentelemetry_are_refused_at_the_start_with_what_to_install(tmp_path: Path) -> None:
    environment = {"DASEIN_OTLP_URL": "http://127.0.0.1:4318", "DASEIN_DATA_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("DASEIN_OTLP_URL: ")
    assert "`telemetry`" in done.stderr


def test_lines_know_what_is_secret_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_GRAPH_URL", "redis://:graph-pw@h/0")
    monkeypatch.setenv("DASEIN_REDIS_URL", "redis://:redis-pw@h/0")
    monkeypatch.setenv("DASEIN_MODEL_KEY", "model-key")
    monkeypatch.setenv("DASEIN_OTLP_HEADERS", "authorization=Bearer abc")
    monkeypatch.setenv("DASEIN_LOG_FILE", "/var/log/dasein.log")

    logs = Settings().logs

    assert {"graph-pw", "redis-pw", "model-key", "Bearer abc"} <= set(logs.secrets)
    assert logs.file == LogFile(Path("/var/log/dasein.log"), 10 * 2**20, 5)
