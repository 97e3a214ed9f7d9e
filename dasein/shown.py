"""Text of others on our terminal: names come from firmware and servers, and must not speak to the terminal."""

import unicodedata
from datetime import UTC, datetime

from rich.text import Text

SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
VERDICT_STYLES = {"leaks": "bold red", "clean": "bold green", "insufficient": "bold yellow", "fault": "bold magenta"}
STATE_STYLES = {"queued": "cyan", "running": "blue", "succeeded": "green", "failed": "red", "cancelled": "yellow"}
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: object) -> str:
    """Return text without control and formatting characters; a replacement character stands for each."""
    return "".join("\ufffd" if unicodedata.category(letter) in HIDDEN else letter for letter in str(text))


def styled(text: object, style: str = "") -> Text:
    """Return plain text in a style; what looks like markup in it stays text."""
    return Text(plain(text), style=style)


def seconds(value: float | None) -> str:
    """Write a duration."""
    if value is None:
        return ""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def moment(at: datetime | None) -> str:
    """Write a time, in UTC."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
