"""What was wrong once stays right: every case of the corpus, on both engines."""

from pathlib import Path

import pytest

from jobs.target import Core
from tests.renode.lockstep.cases import CORPUS, Case, Inputs, read_case
from tests.renode.lockstep.image import Image

CASES = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_that_went_wrong_once_does_not_differ(path: Path) -> None:
    case = read_case(path)

    compared = case.compared()

    assert compared.differences == (), case.what


def test_a_case_is_what_was_written(tmp_path: Path) -> None:
    case = Case(Image(Core.M3, b"\x70\x47", 1, 0), (Inputs(7, 20, (3, 5)),), 9, 100, "nothing")

    case.write(tmp_path / "case.json")

    assert read_case(tmp_path / "case.json") == case
    assert len(set(case.inputs[0].rows()[:, 5].tolist())) == 1
