"""The file of objectives: what it may say."""

from pathlib import Path
from typing import Any

import pytest

from web.slo.objectives import Objectives, matches, read

COUNTED: dict[str, Any] = {
    "name": "a",
    "title": "t",
    "meaning": "m",
    "objective": 0.99,
    "least_bad": 1,
    "counter": "c_total",
    "of": {"route": "/api/.*"},
    "bad": {"status": "5.."},
}
TIMED = {name: value for name, value in COUNTED.items() if name not in {"counter", "bad"}} | {
    "histogram": "h",
    "within_s": 1.0,
}


def given(*objectives: dict[str, Any]) -> Objectives:
    return Objectives.model_validate({"window_days": 30, "objectives": objectives})


def test_events_are_counted_by_a_counter_or_by_a_histogram() -> None:
    counted, timed = given(COUNTED, TIMED | {"name": "b"}).objectives

    assert (counted.metric, timed.metric) == ("c_total", "h")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (COUNTED | {"objective": 1.0}, "objective"),
        (COUNTED | {"objective": 0.9}, "objective"),
        (COUNTED | {"least_bad": 0}, "least_bad"),
        (COUNTED | {"bad": {}}, "counter and bad"),
        (COUNTED | {"within_s": 1.0}, "counter and bad"),
        (COUNTED | {"histogram": "h"}, "counter and bad"),
        (TIMED | {"within_s": None}, "histogram and within_s"),
        (TIMED | {"bad": {"a": "b"}}, "histogram and within_s"),
        (COUNTED | {"of": {"route": "("}}, "no regular expression"),
        (COUNTED | {"nmae": "x"}, "nmae"),
        (COUNTED | {"name": "Two Words"}, "name"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        given(wrong)


def test_two_objectives_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        given(COUNTED, COUNTED)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "slo.toml"
    path.write_text("window_days = ")

    with pytest.raises(ValueError, match="Invalid"):
        read(path)


def test_labels_match_whole_and_what_is_missing_is_empty() -> None:
    labels = {"status": "503"}

    assert matches(labels, {"status": "5.."})
    assert not matches(labels, {"status": "5."})
    assert not matches(labels, {"status": "5.."}, {"route": ".+"})
