"""The table of settings in docs/operations.md, against the settings."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
NAME = re.compile(r"`([A-Z0-9_*]+)`")
OF_NO_FIELD = {"DASEIN_SECRETS_DIR"}
"""Read before there are settings."""


def settings(model: type[BaseModel] = Settings, before: str = "DASEIN_") -> Iterator[tuple[str, object]]:
    """Yield the names of all settings, with their defaults."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from settings(kind, f"{before}{name.upper()}__")
        else:
            yield before + name.upper(), field.default


def row(line: str) -> tuple[list[str], list[str]]:
    """Return the names of a row, each of them whole, and its defaults."""
    _, first, default, _ = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[:4])
    names: list[str] = []
    for name in NAME.findall(first):
        if name.startswith("_") and name not in {"_", "__"}:
            head = names[0].rpartition("__")[0] if name.startswith("__") else names[0].rpartition("_")[0]
            names.append(head + name)
        else:
            names.append(name)
    return names, [part.strip() for part in default.split(", ")]


ROWS = [row(line) for line in PAGE.splitlines() if line.startswith("| `DASEIN_")]
KNOWN = dict(settings())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_each_setting_has_a_row(name: str) -> None:
    assert any(fnmatchcase(name, written) for names, _ in ROWS for written in names)


def test_each_row_is_of_settings_that_there_are_with_their_defaults() -> None:
    compared = 0
    for names, defaults in ROWS:
        for written in names:
            assert written in OF_NO_FIELD or any(fnmatchcase(name, written) for name in KNOWN), written
        if len(names) == len(defaults):
            for name, default in zip(names, defaults, strict=True):
                if default.isdecimal():
                    assert KNOWN[name] == int(default), name
                    compared += 1

    assert compared > 20
