"""The examples that ship logs, and the one that bounds those of others, say what our lines and files are."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.farm import STORES
from tests.deploy.shipping import ALLOY, LOGS, alloy_fields, filebeat, filebeat_fields
from tests.servers import demand

LABELS = {"process", "level"}
"""Of few values; everything else can be asked for without being a label."""
IDS = {"trace_id", "job_id", "tenant", "request_id"}


@pytest.mark.parametrize("path", ALLOY, ids=lambda path: path.name)
def test_alloy_makes_no_label_of_an_id_and_forgets_none(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    (labels,) = re.findall(r"stage\.labels \{\s*values = \{(.*?)\}", text, re.DOTALL)
    (metadata,) = re.findall(r"stage\.structured_metadata \{\s*values = \{(.*?)\}", text, re.DOTALL)
    assert set(re.findall(r'"(\w+)" = ""', labels)) == LABELS
    assert set(re.findall(r'"(\w+)" = ""', metadata)) == IDS
    assert alloy_fields(text) >= IDS
    assert text.count("{") == text.count("}")


def test_filebeat_reads_every_id_and_our_times() -> None:
    assert filebeat_fields() >= {"event", "level", "timestamp", "exception", "trace_id", "request_id", "tenant"}
    assert [source["type"] for source in filebeat()["filebeat.inputs"]] == ["filestream", "filestream"]


def test_spans_are_taken_on_loopback_and_go_through_every_processor() -> None:
    collector = yaml.safe_load((LOGS / "otel-collector.yaml").read_text(encoding="utf-8"))

    pipeline = collector["service"]["pipelines"]["traces"]
    assert collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"] == "127.0.0.1:4318"
    assert set(pipeline["processors"]) == set(collector["processors"])
    assert set(pipeline["exporters"]) == set(collector["exporters"])


def test_loki_keeps_what_is_no_label() -> None:
    loki = yaml.safe_load((LOGS / "loki.yaml").read_text(encoding="utf-8"))

    assert loki["limits_config"]["allow_structured_metadata"] is True
    assert loki["compactor"]["retention_enabled"] is True


def test_the_logs_of_others_are_emptied_while_they_are_written(tmp_path: Path) -> None:
    program = shutil.which("logrotate") or shutil.which("logrotate", path="/usr/sbin")
    demand("logrotate", present=program is not None)
    assert program is not None
    logs = tmp_path / "logs"
    logs.mkdir()
    names = [f"{name}.log" for name in (*STORES, "flower")]
    rules = (LOGS / "logrotate.conf").read_text(encoding="utf-8").replace(".dasein/logs", str(logs))
    rules = rules.replace("size 10M", "size 1k")
    (tmp_path / "rules").write_text(rules)
    for name in names:
        (logs / name).write_text("x" * 2000)
    (logs / "web.log").write_text("y" * 2000)
    with (logs / "redis.log").open("ab", buffering=0) as server:
        subprocess.run([program, "--state", tmp_path / "state", tmp_path / "rules"], check=True, timeout=30)
        server.write(b"after")

    assert {path.name for path in logs.glob("*.log.1")} == {f"{name}.1" for name in names}
    assert (logs / "redis.log").read_bytes() == b"after"
