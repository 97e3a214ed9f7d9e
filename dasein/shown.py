"""Text of others on our terminal: names come from firmware and servers, and must not speak to the terminal."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.table import Table
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


def grid(rows: Mapping[str, object]) -> RenderableType:
    """Return names and values in two columns, without the rows that have no value."""
    table = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        if value not in {None, ""}:
            table.add_row(styled(name, "dim"), styled(value))
    return table


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return rows under the names of their columns."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(styled(cell) for cell in row))
    return made
