"""The report as a table: one row per executed instruction, by address (RFC 4180, UTF-8, CRLF)."""

import csv
import io

from jobs.report import Report, Row, Severity
from workers.cells import text_cell
from workers.simulation.report_words import address_text, instruction_text

HEADER = (
    "address",
    "instruction",
    "function",
    "file",
    "line",
    "executions",
    "max_abs_t1",
    "max_abs_t2",
    "deterministic",
    "max_abs_rho",
    "rho_byte",
    "max_snr",
    "severity",
    "public_reason",
)


def to_csv(report: Report) -> bytes:
    """Return the table; an empty cell is a value that does not exist, `inf` an infinite one."""
    worst = worst_severities(report)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_cells(row, worst.get(row.place.address)) for row in report.rows)
    return out.getvalue().encode()


def worst_severities(report: Report) -> dict[int, Severity]:
    """Return address -> severity of the worst finding there; findings come worst first."""
    worst: dict[int, Severity] = {}
    for finding in report.findings:
        worst.setdefault(finding.place.address, finding.severity)
    return worst


def _cells(row: Row, severity: Severity | None) -> tuple[str | int, ...]:
    place = row.place
    # Names come from the firmware's symbols and debug information, so from whoever built it.
    return (
        address_text(place),
        text_cell(instruction_text(place)),
        text_cell(place.function),
        text_cell(place.file),
        "" if place.line is None else place.line,
        row.executions,
        "inf" if row.max_abs_t1 is None and row.deterministic else _number(row.max_abs_t1),
        _number(row.max_abs_t2),
        "true" if row.deterministic else "false",
        _number(row.max_abs_rho),
        "" if row.rho_byte is None else row.rho_byte,
        _number(row.max_snr),
        severity.value if severity else "",
        text_cell(row.public),
    )


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
