import csv
import io

import pytest

from jobs.rem import Label, Modality
from jobs.rem_sequence import SequenceReport
from tests.workers.remforge.records import record, sequence
from workers.remforge.exports import COLUMNS, header, render, to_csv, to_json
from workers.remforge.number_fields import number_fields
from workers.remforge.sequence import report

NASTY = '=cmd|"/C calc"!A0,\r\n\u202e<b>'


def table(made: SequenceReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(made).decode(), newline=""), strict=True))


def test_a_report_comes_in_four_forms_equal_for_equal_reports() -> None:
    first, again = (render(report(sequence(9), title="A week", job="job")) for _ in range(2))

    assert sorted(first) == ["report.csv", "report.html", "report.json", "report.png"]
    assert first == again


def test_the_json_reads_back_as_the_same_report() -> None:
    made = report(sequence(9), title="A week", job="job")

    assert SequenceReport.model_validate_json(to_json(made)) == made


def test_the_table_has_one_row_a_record_under_columns_that_never_change() -> None:
    made = report(sequence(9), title="A week", job="job")

    rows = table(made)

    assert to_csv(made).startswith((",".join(header()) + "\r\n").encode())
    assert to_csv(report([], title="", job="job")) == (",".join(header()) + "\r\n").encode()
    assert [row["rem_id"] for row in rows] == [one.rem_id for one in made.records]


def test_every_number_of_a_record_has_its_column_once() -> None:
    told = [*header()]

    assert len(set(told)) == len(told)
    assert {path if path in told else path.rpartition(".")[2] for path in number_fields()} <= set(told)
    assert told[: len(COLUMNS)] == [*COLUMNS]


def test_numbers_stay_numbers_and_nulls_are_empty() -> None:
    made = report([record(valence=-0.25), record("sea.wav", Modality.AUDIO)], title="", job="job")

    text, sound = table(made)

    assert (text["valence"], sound["valence"]) == ("-0.25", "")
    assert sound["valence_absent"] == "there are no words"
    assert float(sound["qualia.audio.loudness_db"]) < 0
    assert sound["qualia.audio.tempo_bpm"] == text["qualia.audio.duration_s"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_text_of_a_record_is_taken_for_a_formula(start: str) -> None:
    text = f"{start}SUM(A1)"
    labels = (Label(name=text, score=0.5, kind="zero-shot"),)

    (row,) = table(report([record(text, headline=text, labels=labels, warnings=(text,))], title="", job="job"))

    assert {row[column] for column in ("name", "headline", "label", "warnings")} == {"'" + text}


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    (row,) = table(report([record(NASTY)], title="", job="job"))

    assert row["name"] == "'" + NASTY.replace("\u202e", "\ufffd")
    assert row["modality"] == "text"
