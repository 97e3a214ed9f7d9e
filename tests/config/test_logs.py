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


UNREADABLE = """
import logging, structlog
from config.logs import LogOptions, configure_logs
configure_logs(LogOptions(secrets=("hunter2!",)))

class Mute:
    def __repr__(self):
        raise ValueError("hunter2!")

structlog.get_logger("ours").info("seen", one=Mute(), other="hunter2!")
logging.getLogger("theirs").warning("takes %d", "hunter2!")
endless = ["hunter2!"]
endless.append(endless)
structlog.get_logger("ours").info("endless", what=endless)
"""


def test_a_line_that_cannot_be_made_is_said_to_be_missing_and_tells_no_secret() -> None:
    said = subprocess.run(
        [sys.executable, "-c", UNREADABLE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )

    lines = [json.loads(line) for line in said.stderr.splitlines()]
    assert [(line["event"], line.get("error"), line["logger"]) for line in lines] == [
        ("log_line_unreadable", "ValueError", "ours"),
        ("log_line_unreadable", "TypeError", "theirs"),
        ("endless", None, "ours"),
    ]
    assert "hunter2" not in said.stderr
