"""Times in a question: since a date, before a date, the last days; as seconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from workers.query.normal import Normal

_DATED: Final = re.compile(
    r"\b(?P<way>since|after|from|before|until|on|desde(?: el)?|despues del?|tras el|antes del?|hasta(?: el)?|el)\s+"
    r"(?P<date>\d{4}-\d{2}-\d{2})\b"
)
_LATELY: Final = re.compile(
    r"\b(?:in the |during the |over the |en los |en las |durante los |de los |de las )?"
    r"(?:last|past|ultimos|ultimas) (?P<number>\d{1,4}) (?P<unit>days?|weeks?|hours?|dias|semanas|horas)\b"
)
_NAMED: Final = {"today": 0, "hoy": 0, "yesterday": 1, "ayer": 1}
_WEEK: Final = re.compile(
    r"\b(?:(?:in |during )?the (?:last|past) week|last week|(?:en )?la (?:ultima semana|semana pasada))\b"
)
_FROM: Final = ("since", "after", "from", "desde", "despues", "tras")


def times(text: Normal, *, today: float) -> tuple[float | None, float | None, list[tuple[int, int]]]:
    """Return since and until, None where nothing is said, and the places of the words that say so."""
    since: float | None = None
    until: float | None = None
    spans: list[tuple[int, int]] = []
    now = datetime.fromtimestamp(today, UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for match in _DATED.finditer(text.text):
        try:
            day = datetime.strptime(match["date"], "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            continue
        way = match["way"].split()[0]
        spans.append(match.span())
        if way in _FROM:
            since = (day + timedelta(days=1) if way in {"after", "despues", "tras"} else day).timestamp()
        elif way in {"before", "antes"}:
            until = day.timestamp() - 1e-3
        elif way in {"until", "hasta"}:
            until = (day + timedelta(days=1)).timestamp() - 1e-3
        else:
            since, until = day.timestamp(), (day + timedelta(days=1)).timestamp() - 1e-3
    for match in _LATELY.finditer(text.text):
        hours = {"d": 24, "w": 168, "s": 168, "h": 1}[match["unit"][0]] * int(match["number"])
        since = (now - timedelta(hours=hours)).timestamp()
        spans.append(match.span())
    for match in _WEEK.finditer(text.text):
        since = (now - timedelta(days=7)).timestamp()
        spans.append(match.span())
    for match in re.finditer(r"\b(?:today|hoy|yesterday|ayer)\b", text.text):
        first = midnight - timedelta(days=_NAMED[match.group()])
        since, until = first.timestamp(), (first + timedelta(days=1)).timestamp() - 1e-3
        spans.append(match.span())
    return since, until, spans
