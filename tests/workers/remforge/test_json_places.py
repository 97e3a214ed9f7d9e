import json

import pytest

from workers.remforge.json_places import line_of

DATA = {"a": {"b": [1, {"c": 'x"}],\n'}, []], "": None}, "d": {}, "a.b": True}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a",), '"a": {'),
        (("a", "b", 0), "1,"),
        (("a", "b", 1, "c"), '"c": '),
        (("a", "b", 2), "[]"),
        (("a", ""), '"": null'),
        (("a.b",), '"a.b": true'),
    ],
)
def test_a_value_is_on_the_line_where_it_stands(path: tuple[str | int, ...], text: str) -> None:
    told = json.dumps(DATA, indent=1)

    assert text in told.split("\n")[line_of(told, path) - 1]


@pytest.mark.parametrize("path", [("d", "missing"), ("d", 0), ("d", "missing", "too")])
def test_a_path_that_leads_to_nothing_gives_the_last_line_on_its_way(path: tuple[str | int, ...]) -> None:
    told = json.dumps(DATA, indent=1)

    assert told.split("\n")[line_of(told, path) - 1].startswith(' "d": {}')


def test_the_root_is_after_leading_blanks() -> None:
    assert line_of("\n\n [1]", ()) == 3
