import statistics

import pytest

from jobs.forging import Outcome
from jobs.rem import Label, Modality
from jobs.rem_sequence import SequenceReport
from tests.workers.remforge.records import MODEL, WORDLESS, record, sequence
from workers.remforge.sequence import MOST_LABELS, report

RISING = (-0.8, -0.5, -0.1, 0.2, 0.4, 0.9)


def of(*valences: float | None) -> SequenceReport:
    rems = [record(f"{at}.txt", valence=valence, seed=at) for at, valence in enumerate(valences)]
    return report(rems, title="A week", job="job")


def test_records_stay_in_their_order_with_what_was_found() -> None:
    rems = sequence(10)

    made = report(rems, title="A week", job="job")

    assert [one.position for one in made.records] == list(range(1, 11))
    assert [one.rem_id for one in made.records] == [rem.header.rem_id for rem in rems]
    assert [one.valence for one in made.records] == [rem.sensorial.valence for rem in rems]
    assert {one.headline for one in made.records} == {rem.scales.coarse for rem in rems}
    assert all(one.valence_absent == WORDLESS for one in made.records if one.valence is None)


def test_the_same_records_make_the_same_bytes_and_another_order_makes_others() -> None:
    first, again = (report(sequence(12), title="A week", job="job").model_dump_json() for _ in range(2))
    turned = report(sequence(12)[::-1], title="A week", job="job").model_dump_json()

    assert first == again
    assert turned != first


def test_shares_of_files_count_every_modality() -> None:
    rems = [record("a.txt"), record("b.jpg", Modality.IMAGE), record("c.jpg", Modality.IMAGE), record("d.txt")]

    made = report(rems, title="", job="job")

    assert [(one.modality, one.files, one.share) for one in made.modalities] == [
        (Modality.TEXT, 2, 0.5),
        (Modality.IMAGE, 2, 0.5),
        (Modality.AUDIO, 0, 0.0),
        (Modality.VIDEO, 0, 0.0),
    ]


def test_the_mean_of_the_senses_leaves_out_records_without_any_and_says_how_many() -> None:
    made = report([record("a.txt"), record("b.jpg", Modality.IMAGE)], title="", job="job")

    assert made.senses is not None
    assert (made.senses.n, made.senses.nulls, made.senses.mean.visual, made.senses.mean.affective) == (1, 1, 0.5, 0.25)


def test_a_rising_valence_is_called_rising() -> None:
    made = of(*RISING)

    assert made.valence_trend is not None
    assert (made.valence_trend.direction, made.valence_trend.s) == ("rising", 15)
    assert made.valence_trend.methods == ("vader",)
    assert made.headline.startswith("6 records: 6 texts. Valence rises (+")


def test_a_falling_one_falling_and_one_that_wavers_neither() -> None:
    falling, wavering = of(*RISING[::-1]), of(0.1, -0.1, 0.2, -0.2, 0.15, -0.15)

    assert falling.valence_trend is not None
    assert wavering.valence_trend is not None
    assert falling.valence_trend.direction == "falling"
    assert wavering.valence_trend.direction == "not shown"
    assert "No trend of valence is shown" in wavering.headline


def test_a_null_valence_keeps_its_position_and_is_no_zero() -> None:
    made = of(-0.8, None, None, -0.5, -0.2, 0.1)

    assert made.valence_trend is not None
    assert (made.valence_trend.n, made.valence_trend.nulls) == (4, 2)
    # Slopes per position: 0.1, 0.15, 0.18, 0.3, 0.3, 0.3.
    assert made.valence_trend.slope == pytest.approx(0.24)


def test_under_four_values_there_is_no_trend_and_a_reason() -> None:
    made = of(0.1, None, 0.2, 0.3)

    assert made.valence_trend is None
    assert made.valence_trend_absent == "a trend needs at least 4 records with a valence; there are 3"


def test_statistics_are_of_the_records_that_have_the_value() -> None:
    made = of(0.1, None, 0.4, 0.7)

    found = {one.field: one for one in made.statistics}
    valence, brightness = found["sensorial.valence"], found["qualia.image.brightness"]
    assert (valence.n, valence.nulls, valence.min, valence.max) == (3, 1, 0.1, 0.7)
    assert valence.mean == pytest.approx(0.4)
    assert valence.sd == pytest.approx(statistics.stdev([0.1, 0.4, 0.7]))
    assert (brightness.n, brightness.nulls, brightness.mean) == (0, 0, None)


def test_one_value_has_a_mean_and_no_spread() -> None:
    valence = {one.field: one for one in of(0.3).statistics}["sensorial.valence"]

    assert (valence.mean, valence.sd) == (0.3, None)


def test_labels_are_counted_once_a_record_and_the_most_frequent_come_first() -> None:
    def seen(name: str, score: float, kind: str = "imagenet") -> Label:
        return Label.model_validate({"name": name, "score": score, "kind": kind})

    rems = [
        record("a.jpg", Modality.IMAGE, labels=(seen("dog", 0.2), seen("dog", 0.4), seen("lake", 0.9))),
        record("b.jpg", Modality.IMAGE, labels=(seen("dog", 0.8), seen("lake", 0.1, "zero-shot"))),
    ]

    made = report(rems, title="", job="job")

    counted = [(one.name, one.kind, one.records, one.max_score) for one in made.labels]
    assert counted == [("dog", "imagenet", 2, 0.8), ("lake", "imagenet", 1, 0.9), ("lake", "zero-shot", 1, 0.1)]
    assert made.labels[0].mean_score == pytest.approx(0.6)
    assert made.records[0].label == seen("lake", 0.9)


def test_more_labels_than_are_listed_are_counted() -> None:
    labels = tuple(Label(name=f"label {n}", score=0.5, kind="zero-shot") for n in range(MOST_LABELS + 3))

    made = report([record("a.jpg", Modality.IMAGE, labels=labels)], title="", job="job")

    assert (len(made.labels), made.labels_left_out) == (MOST_LABELS, 3)


def test_warnings_are_counted_and_two_ways_to_valence_are_one() -> None:
    rems = [
        record("a.txt", valence=0.1, warnings=("it ends early",)),
        record("b.txt", valence=0.2, warnings=("it ends early", "it ends early"), valence_method="affect model"),
        record("c.txt"),
    ]

    made = report(rems, title="", job="job")

    assert [(one.text, one.records) for one in made.warnings] == [
        ("it ends early", 2),
        ("valence was found in 2 ways, whose scales may differ", 2),
    ]


def test_every_model_is_named_once() -> None:
    made = report([record("a.jpg", Modality.IMAGE), record("b.jpg", Modality.IMAGE)], title="", job="job")

    assert made.models == (MODEL,)


def test_the_colour_is_the_one_that_covers_most() -> None:
    rem = record("a.jpg", Modality.IMAGE)

    made = report([rem], title="", job="job")

    assert rem.qualia.image is not None
    assert rem.qualia.image.dominant_colors is not None
    assert made.records[0].color == rem.qualia.image.dominant_colors[1].hex


def test_files_without_a_record_are_told() -> None:
    failed = Outcome(name="b.jpg", artifact="x", code="invalid-input", reason="truncated", message="It ends early.")
    whole = Outcome(name="a.txt", artifact="y", rem_id=record().header.rem_id)

    made = report([record()], title="", job="job", failed=[whole, failed])

    assert [(one.name, one.reason) for one in made.missing] == [("b.jpg", "truncated")]
    assert "1 file could not be read." in made.headline


def test_a_sequence_without_records_is_a_report_that_says_so() -> None:
    made = report([], title="", job="job")

    assert made.headline.startswith("No record.")
    assert {one.share for one in made.modalities} == {0.0}
    assert made.senses_absent == "no record has a modality_distribution"
