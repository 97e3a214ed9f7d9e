"""The version is told once to people and once to programs."""

import tomllib
from pathlib import Path

from config.version import VERSION


def test_what_runs_has_the_version_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    assert project["project"]["version"] == VERSION
