"""What the examples that ship logs take out of our lines."""

import re
from typing import Any

import yaml

from deploy.procfile import ROOT

LOGS = ROOT / "deploy" / "logs"
ALLOY = sorted(LOGS.glob("*.alloy"))
DOCKERS = {"log", "time", "attrs.tag"}
"""What Docker puts around a line."""


def alloy_fields(text: str) -> set[str]:
    """Return what a configuration of Alloy's reads of the JSON of our lines."""
    blocks = re.findall(r"expressions = \{(.*?)\}", text, re.DOTALL)
    return {field for block in blocks for field in re.findall(r'= "([^"]+)"', block)} - DOCKERS


def filebeat_fields() -> set[str]:
    """Return what Filebeat reads of our lines."""
    processors = filebeat()["processors"]
    renamed = {each["from"] for step in processors if "rename" in step for each in step["rename"]["fields"]}
    times = {step["timestamp"]["field"] for step in processors if "timestamp" in step}
    return {name.removeprefix("dasein.") for name in renamed | times}


def filebeat() -> dict[str, Any]:
    """Return Filebeat's configuration, as it is without its environment."""
    loaded: dict[str, Any] = yaml.safe_load((LOGS / "filebeat.yml").read_text(encoding="utf-8"))
    return loaded
