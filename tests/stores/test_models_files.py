"""What machines say of their models, in files."""

from pathlib import Path

import pytest

from jobs.errors import StoreUnavailable
from stores.models_files import STALE_S, ModelFiles
from tests.web.rems import machine


def test_what_a_machine_said_last_is_read_by_another_process(tmp_path: Path) -> None:
    ModelFiles(tmp_path).write(machine("b", at=100.0))
    ModelFiles(tmp_path).write(machine("a", at=101.0))
    ModelFiles(tmp_path).write(machine("b", at=102.0, cache_hits=31))

    read = ModelFiles(tmp_path).read(110.0)

    assert read == [machine("a", at=101.0), machine("b", at=102.0, cache_hits=31)]


def test_a_machine_that_has_fallen_silent_is_left_out(tmp_path: Path) -> None:
    ModelFiles(tmp_path).write(machine("a", at=100.0))

    assert len(ModelFiles(tmp_path).read(100.0 + STALE_S)) == 1
    assert ModelFiles(tmp_path).read(100.1 + STALE_S) == []


def test_a_machine_whose_host_has_ended_is_forgotten(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    files.write(machine("a", at=100.0))

    files.remove("a")
    files.remove("a")

    assert files.read(100.0) == []


def test_what_is_no_state_is_passed_over(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    files.write(machine("a", at=100.0))
    for name, text in (("models-b", "{"), ("models-c", '{"node": "c"}'), ("web", '{"pid": 1, "began": 2.0}')):
        (tmp_path / "run" / f"{name}.json").write_text(text)

    assert [state.node for state in files.read(100.0)] == ["a"]


def test_without_a_folder_nothing_was_said(tmp_path: Path) -> None:
    assert ModelFiles(tmp_path / "absent").read(100.0) == []


def test_a_folder_that_cannot_be_written_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")

    with pytest.raises(StoreUnavailable):
        ModelFiles(tmp_path).write(machine("a", at=100.0))
