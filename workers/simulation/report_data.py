"""What the page's script draws from: the report by columns, numbers rounded to what a screen can show.

Names are stored once and referred to by index. A null in a series is infinite, elsewhere it was not computed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobs.report import Finding, Place, Report, Row, Series
from workers.simulation.report_table import worst_severities
from workers.simulation.report_words import instruction_text, parting_text
from workers.simulation.series import decimals

DIGITS = 5
"""Significant digits on the page, but of power; `report.json` has all of them."""
MAX_FINDINGS = 1000
"""Findings on the page, worst first; the page says how many more `report.json` holds."""
CONTEXT_LINES = 2
"""Lines of source shown around those that ran."""
MAX_LINE_LENGTH = 200
MAX_SOURCE_LINES = 4000


class Names:
    """Names in the order in which they were first met."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._index: dict[str, int] = {}

    def index(self, name: str | None) -> int:
        """Return the index of a name, -1 for none."""
        if name is None:
            return -1
        if name not in self._index:
            self._index[name] = len(self.all)
            self.all.append(name)
        return self._index[name]


def page_data(report: Report, source: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the data of the page's script."""
    names = {kind: Names() for kind in ("text", "function", "file", "public")}
    at = {row.place.address: index for index, row in enumerate(report.rows)}
    tvla, cpa = report.tvla, report.cpa
    return {
        "threshold": tvla.threshold if tvla else None,
        "corrected": _rounded(tvla.corrected_threshold) if tvla else None,
        "floor": _rounded(cpa.noise_floor) if cpa else None,
        "window": list(cpa.window) if cpa else None,
        "unit": report.power.unit,
        "sampling": report.power.sampling,
        "numbered": report.measured is not None and report.measured.mapped is None,
        "rows": _rows(report, names),
        "series": _series(report.series, at, with_tvla=tvla is not None),
        "findings": [_finding(finding, at, names) for finding in report.findings[:MAX_FINDINGS]],
        "findings_total": len(report.findings),
        "source": _source(report.rows, source),
        "names": {kind: found.all for kind, found in names.items()},
    }


def script_json(data: Mapping[str, Any]) -> str:
    """Write JSON that may stand inside a script element: no `<`, `>`, `&` and nothing but ASCII in it."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _rows(report: Report, names: Mapping[str, Names]) -> dict[str, list[Any]]:
    worst = worst_severities(report)
    rows = report.rows
    return {
        "address": [row.place.address for row in rows],
        "text": [names["text"].index(instruction_text(row.place)) for row in rows],
        "function": [names["function"].index(row.place.function) for row in rows],
        "file": [names["file"].index(row.place.file) for row in rows],
        "line": [row.place.line for row in rows],
        "executions": [row.executions for row in rows],
        "t1": [_rounded(row.max_abs_t1) for row in rows],
        "t2": [_rounded(row.max_abs_t2) for row in rows],
        "infinite": [int(row.deterministic and row.max_abs_t1 is None) for row in rows],
        "rho": [_rounded(row.max_abs_rho) for row in rows],
        "byte": [row.rho_byte for row in rows],
        "snr": [_rounded(row.max_snr) for row in rows],
        "public": [names["public"].index(row.public) for row in rows],
        "severity": [worst.get(row.place.address) for row in rows],
    }


def _series(series: Series, at: Mapping[int, int], *, with_tvla: bool) -> dict[str, Any]:
    return {
        "stride": series.stride,
        "row": [at[pc] for pc in series.pcs],
        "t1": _all_rounded(series.t1) if with_tvla else [],
        "t2": _all_rounded(series.t2) if with_tvla else [],
        "rho": _all_rounded(series.rho),
        "snr": _all_rounded(series.snr),
        "mean": _heights(series.mean),
    }


def _finding(finding: Finding, at: Mapping[int, int], names: Mapping[str, Names]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "kind": finding.kind,
        "severity": finding.severity,
        "title": finding.title,
        "statistic": finding.statistic,
        "value": _rounded(finding.value),
        "p": _rounded(finding.p_log10),
        "sample": finding.sample,
        "samples": finding.samples,
        "sufficient": int(finding.sufficient),
        "needed": finding.traces_needed,
        "parting": [parting_text(part) for part in finding.parting],
    }
    index = at.get(finding.place.address)
    # An instruction that is in no sample, such as one behind the common prefix, describes itself.
    return shown | ({"place": _place(finding.place, names)} if index is None else {"row": index})


def _place(place: Place, names: Mapping[str, Names]) -> dict[str, Any]:
    return {
        "address": place.address,
        "text": names["text"].index(instruction_text(place)),
        "function": names["function"].index(place.function),
        "file": names["file"].index(place.file),
        "line": place.line,
    }


def _source(rows: Sequence[Row], source: Mapping[str, Sequence[str]]) -> dict[str, dict[int, str]]:
    """Return file -> line number -> text, of the lines that ran and those around them."""
    shown: dict[str, dict[int, str]] = {}
    left = MAX_SOURCE_LINES
    for file, line in sorted({(row.place.file, row.place.line) for row in rows if row.place.file and row.place.line}):
        text = source.get(file, ())
        for number in range(max(1, line - CONTEXT_LINES), min(len(text), line + CONTEXT_LINES) + 1):
            lines = shown.setdefault(file, {})
            if number not in lines and left:
                lines[number] = text[number - 1].rstrip("\r\n").expandtabs(4)[:MAX_LINE_LENGTH]
                left -= 1
    return shown


def _all_rounded(values: Iterable[float | None]) -> list[float | int | None]:
    return [_rounded(value) for value in values]


def _heights(values: Sequence[float]) -> list[float | int]:
    """Round to what a plot shows of how far values lie apart, however far from 0 that is."""
    digits = decimals(values)
    short = (round(value, digits) for value in values)
    return [int(value) if value.is_integer() and abs(value) < 10**15 else value for value in short]


def _rounded(value: float | None) -> float | int | None:
    if value is None:
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 10**DIGITS else short
