"""The files of a sequence's report: the same facts for a program, a person, a spreadsheet and a slide."""

import csv
import io

from jobs.rem_sequence import Entry, SequenceReport
from workers.cells import text_cell
from workers.remforge.experience_map import to_png
from workers.remforge.exports_html import to_html
from workers.remforge.number_fields import number_fields

COLUMNS = (
    "position",
    "rem_id",
    "name",
    "sha256",
    "media_type",
    "modality",
    "level",
    "language",
    "headline",
    "valence",
    "valence_confidence",
    "valence_absent",
    "arousal",
    "arousal_confidence",
    "arousal_absent",
    "intentional_mode",
    "temporal_phase",
    "strongest_sense",
    "color",
    "label",
    "label_kind",
    "label_score",
    "completeness",
    "warnings",
)
"""Before the columns of `Entry.values`, one for each other number that a record may have."""


def render(report: SequenceReport) -> dict[str, bytes]:
    """Return the report's files by name: `report.json`, `.html`, `.csv` and `.png`.

    Equal reports give equal files, byte for byte; the PNG with the same matplotlib.
    """
    return {
        "report.json": to_json(report),
        "report.html": to_html(report),
        "report.csv": to_csv(report),
        "report.png": to_png(report),
    }


def to_json(report: SequenceReport) -> bytes:
    """Return the report as UTF-8 JSON on one line; fields come in the order of the model."""
    return report.model_dump_json().encode() + b"\n"


def to_csv(report: SequenceReport) -> bytes:
    """Return one row a record (RFC 4180, UTF-8, CRLF); an empty cell is a value that does not exist."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header())
    writer.writerows(_cells(entry) for entry in report.records)
    return out.getvalue().encode()


def header() -> tuple[str, ...]:
    """Return the names of the columns; the same for every report."""
    return (*COLUMNS, *_other_numbers())


def _other_numbers() -> tuple[str, ...]:
    return tuple(path for path in number_fields() if path.rpartition(".")[2] not in COLUMNS)


def _cells(entry: Entry) -> list[str]:
    told: dict[str, object] = entry.model_dump(exclude={"values", "label", "warnings"})
    if entry.label:
        told |= {"label": entry.label.name, "label_kind": entry.label.kind, "label_score": entry.label.score}
    told["warnings"] = " | ".join(entry.warnings)
    return [_cell(told.get(column)) for column in COLUMNS] + [
        _cell(entry.values.get(path)) for path in _other_numbers()
    ]


def _cell(value: object) -> str:
    """Numbers stay numbers, the negative ones too; text comes from files and models, so from strangers."""
    if isinstance(value, int | float):
        return repr(value)
    return text_cell(None if value is None else str(value))
