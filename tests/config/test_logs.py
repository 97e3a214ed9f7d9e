import json
import subprocess
import sys

from deploy.procfile import ROOT

PROGRAM = """
import logging, warnings, structlog
from config.logs import LogOptions, configure_logs
configure_logs(LogOptions())
structlog.contextvars.bind_contextvars(job_id="a")
structlog.get_logger("ours").info("batch_encoded", items=3)
structlog.get_logger("ours").debug("too_much")
logging.getLogger("theirs").warning("a %s message", "foreign")
logging.getLogger("kombu").info("chatter")
warnings.warn("old")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("ours").exception("failed")
"""


def test_every_event_is_one_json_line_with_its_job() -> None:
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )

    lines = [json.loads(line) for line in said.stderr.splitlines()]
    assert [(line["event"], line["level"], line["logger"]) for line in lines[:2]] == [
        ("batch_encoded", "info", "ours"),
        ("a foreign message", "warning", "theirs"),
    ]
    assert "old" in lines[2]["event"]
    assert "ZeroDivisionError" in lines[3]["exception"]
    assert len(lines) == 4
    assert {line["job_id"] for line in lines} == {"a"}
    assert lines[0]["items"] == 3
    assert said.stdout == ""
