"""Curves of a profiled attack as a table: one row per method, key byte or all of them, and number of traces (RFC 4180)."""

import csv
import io
from collections.abc import Iterator

from jobs.report_profile import Estimate, MethodReport, ProfileReport

HEADER = (
    "method",
    "byte",
    "traces",
    "attacks",
    "success",
    "success_low",
    "success_high",
    "success_order",
    "success_order_low",
    "success_order_high",
    "guessing_entropy",
    "guessing_entropy_low",
    "guessing_entropy_high",
    "mean_rank",
)

Cells = tuple[str | int | float, ...]


def to_csv(report: ProfileReport) -> bytes:
    """Return the table; an empty cell is a value that does not exist, and the byte `all` is the whole key."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for one in report.methods:
        writer.writerows(_rows(one))
    return out.getvalue().encode()


def _rows(one: MethodReport) -> Iterator[Cells]:
    for point in one.curve:
        yield (
            *(one.method.value, "all", point.traces, point.attacks),
            *(*_cells(point.success), *_cells(point.success_order), *_cells(point.guessing_entropy)),
            point.mean_rank,
        )
    for byte in one.bytes:
        for point, success, rank in zip(one.curve, byte.success, byte.mean_rank, strict=True):
            yield (
                *(one.method.value, byte.index, point.traces, point.attacks),
                *(*_cells(success), "", "", "", "", "", ""),
                rank,
            )


def _cells(value: Estimate) -> Cells:
    return value.value, "" if value.low is None else value.low, "" if value.high is None else value.high
