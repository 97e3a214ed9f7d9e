"""What dashboards are made of, and how Grafana writes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

DATASOURCE = {"type": "prometheus", "uid": "dasein-prometheus"}
SCHEMA = 39
WIDTH, GRAPH_WIDTH, GRAPH_HEIGHT, NUMBER_HEIGHT = 24, 12, 8, 4
GREEN, YELLOW, RED = "green", "yellow", "red"


@dataclass(frozen=True, slots=True)
class Query:
    """One expression; `legend` names its series by their labels."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """From this value on a number has this colour."""

    value: float
    color: str


class Panel(Protocol):
    """A part of a dashboard."""

    @property
    def queries(self) -> Sequence[Query]:
        """Return what it shows."""

    @property
    def size(self) -> tuple[int, int]:
        """Return its width, of 24, and its height."""

    def written(self) -> dict[str, Any]:
        """Return it as Grafana writes it, without its place."""


@dataclass(frozen=True, slots=True)
class Number:
    """A value, as it is now."""

    title: str
    query: Query
    unit: str = "short"
    good: str = GREEN
    limits: tuple[Limit, ...] = ()
    about: str = ""
    width: int = 4

    @property
    def queries(self) -> Sequence[Query]:
        """Return what it shows."""
        return (self.query,)

    @property
    def size(self) -> tuple[int, int]:
        """Return its width and its height."""
        return self.width, NUMBER_HEIGHT

    def written(self) -> dict[str, Any]:
        """Return it as Grafana writes it."""
        steps = [{"value": None, "color": self.good}, *({"value": at.value, "color": at.color} for at in self.limits)]
        defaults = {"unit": self.unit, "thresholds": {"mode": "absolute", "steps": steps}}
        return {
            **_head("stat", self.title, self.about, self.queries, instant=True),
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": {
                "colorMode": "value",
                "graphMode": "none",
                "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                "textMode": "auto",
            },
        }


@dataclass(frozen=True, slots=True)
class Graph:
    """Values over time."""

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    stacked: bool = False
    about: str = ""
    width: int = GRAPH_WIDTH

    @property
    def size(self) -> tuple[int, int]:
        """Return its width and its height."""
        return self.width, GRAPH_HEIGHT

    def written(self) -> dict[str, Any]:
        """Return it as Grafana writes it."""
        custom = {
            "drawStyle": "line",
            "fillOpacity": 25 if self.stacked else 8,
            "lineWidth": 1,
            "showPoints": "never",
            "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
        }
        return {
            **_head("timeseries", self.title, self.about, self.queries, instant=False),
            "fieldConfig": {"defaults": {"unit": self.unit, "min": 0, "custom": custom}, "overrides": []},
            "options": {
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            },
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a viewer picks, one or several: `$name` in queries."""

    name: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of panels."""

    uid: str
    title: str
    about: str
    rows: tuple[Row, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def queries(self) -> Iterator[tuple[str, Query]]:
        """Yield all that it asks for, with the titles of the panels."""
        for row in self.rows:
            for panel in row.panels:
                for query in panel.queries:
                    yield str(panel.written()["title"]), query

    def written(self) -> dict[str, Any]:
        """Return it as Grafana writes it."""
        panels = list(_placed(self.rows))
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.about,
            "tags": ["dasein"],
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "links": [
                {"type": "dashboards", "title": "Dasein", "tags": ["dasein"], "asDropdown": True, "keepTime": True}
            ],
            "templating": {"list": [_choice(choice) for choice in self.choices]},
            "annotations": {"list": []},
            "panels": [{"id": number, **panel} for number, panel in enumerate(panels, 1)],
        }


def _head(kind: str, title: str, about: str, queries: Sequence[Query], *, instant: bool) -> dict[str, Any]:
    return {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": DATASOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": DATASOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
                "instant": instant,
                "range": not instant,
            }
            for number, query in enumerate(queries)
        ],
    }


def _placed(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield rows and panels with their places: side by side as long as there is room, then below."""
    top = 0
    for row in rows:
        yield {"type": "row", "title": row.title, "collapsed": False, "panels": [], "gridPos": _place(0, top, WIDTH, 1)}
        left, line, top = 0, 0, top + 1
        for panel in row.panels:
            width, height = panel.size
            if left + width > WIDTH:
                left, top, line = 0, top + line, 0
            yield {**panel.written(), "gridPos": _place(left, top, width, height)}
            left, line = left + width, max(line, height)
        top += line


def _place(left: int, top: int, width: int, height: int) -> dict[str, int]:
    return {"x": left, "y": top, "w": width, "h": height}


def _choice(choice: Choice) -> dict[str, Any]:
    every = {"text": "All", "value": "$__all", "selected": True}
    return {
        "type": "custom",
        "name": choice.name,
        "label": choice.label,
        "query": ",".join(choice.values),
        "includeAll": True,
        "multi": True,
        "allValue": "|".join(choice.values),
        "current": every,
        "options": [every, *({"text": value, "value": value, "selected": False} for value in choice.values)],
    }
