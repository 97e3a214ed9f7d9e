import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.rem import Modality
from tests.workers.remforge.records import record, sequence
from workers.remforge.examples import pretty
from workers.remforge.validate import MOST_PROBLEMS, check, main

ROOT = Path(__file__).parents[3]


def broken(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = record(valence=0.5).model_dump(mode="json")
    for path, value in changes.items():
        section, _, name = path.partition("__")
        data[section][name] = value
    return data


def said(*files: Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main([str(file) for file in files], out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def test_a_record_a_list_of_them_and_one_a_line_are_valid(tmp_path: Path) -> None:
    rems = sequence(6)
    (tmp_path / "one.json").write_text(pretty(rems[0]))
    (tmp_path / "list.json").write_text(json.dumps([rem.model_dump(mode="json") for rem in rems], indent=2))
    (tmp_path / "lines.jsonl").write_text("\n".join(rem.model_dump_json() for rem in rems) + "\n\n")

    code, out, err = said(*(tmp_path / name for name in ("one.json", "list.json", "lines.jsonl")))

    assert (code, err) == (0, "")
    assert [line.rpartition(": ")[2] for line in out.splitlines()] == ["1 of 1 valid", "6 of 6 valid", "6 of 6 valid"]


def test_a_line_separator_in_a_text_ends_no_record(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(record(headline="one\u2028two").model_dump_json() + "\n", encoding="utf-8")

    assert check(file).records == 1
    assert check(file).problems == ()


def test_a_problem_is_named_by_its_path_and_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    text = json.dumps(broken(sensorial__valence=1.5), indent=2)
    file.write_text(text)

    code, out, _ = said(file)

    line = next(number for number, one in enumerate(text.split("\n"), 1) if '"valence": 1.5' in one)
    assert code == 1
    assert out.splitlines()[0] == f"{file}:{line}: sensorial.valence: Input should be less than or equal to 1"
    assert out.splitlines()[1] == f"{file}: 0 of 1 valid"


def test_in_lines_the_line_is_the_records_and_in_lists_the_values(tmp_path: Path) -> None:
    good, bad = record().model_dump(mode="json"), broken(noetic__directedness=-1)
    (tmp_path / "bad.jsonl").write_text(f"{json.dumps(good)}\n\n{json.dumps(bad)}\n")
    text = json.dumps([good, bad], indent=1)
    (tmp_path / "bad.json").write_text(text)

    in_lines, in_list = check(tmp_path / "bad.jsonl"), check(tmp_path / "bad.json")

    assert [(one.line, one.path) for one in in_lines.problems] == [(3, "noetic.directedness")]
    (problem,) = in_list.problems
    assert problem.path == "1.noetic.directedness"
    assert '"directedness": -1' in text.split("\n")[problem.line - 1]
    assert (in_list.records, in_list.not_valid) == (2, 1)


@pytest.mark.parametrize(
    ("section", "value", "told"),
    [
        (
            "stream__clauses",
            [{"text": "I walked", "start": 1, "end": 9, "experiential_score": 1}],
            "from 1 to 9 is not",
        ),
        ("sensorial__modality_distribution", {"visual": 0.5}, "the shares must sum to 1"),
        ("fields__sensorial.valence", {"reason": "unknown"}, "sensorial.valence: a value has a method"),
        ("fields__sensorial.joy", {"method": "guess"}, "fields names what is not there: sensorial.joy"),
    ],
)
def test_what_a_json_schema_cannot_say_is_checked(tmp_path: Path, section: str, value: Any, told: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(broken(**{section: value})))

    code, out, _ = said(file)

    assert code == 1
    assert told in out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no record"),
        ("{", "this is not JSON"),
        ("[1]", "a record is an object"),
        ('{"header": {"schema_version": "rem/2"}}', "this farm reads up to rem/1"),
        ('{"header": {}, "header": {}}', "the key 'header' comes twice"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_record_is_said_to_be_none(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)

    code, out, _ = said(file)

    assert code == 1
    assert told in out


def test_numbers_as_words_are_no_numbers(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(broken(sensorial__valence="0.5")))

    assert [one.path for one in check(file).problems] == ["sensorial.valence"]


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(b"{}\n{}\n\xff\n")

    assert [(one.line, one.message) for one in check(file).problems] == [(3, "this is not UTF-8")]


def test_a_record_with_everything_wrong_names_the_first_problems_and_counts_the_others(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    extra = {f"unknown_{n}": n for n in range(MOST_PROBLEMS + 5)}
    file.write_text(json.dumps(record().model_dump(mode="json") | extra))

    problems = check(file).problems

    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].message == "and 5 more problems"


def test_keys_cannot_steer_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(record("a.wav", Modality.AUDIO).model_dump(mode="json") | {"\x1b[2Jx": 1}))

    assert "\x1b" not in said(file)[1]


def test_a_file_that_is_not_there_is_code_2_and_the_others_are_still_checked(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(pretty(record()))

    code, out, err = said(tmp_path / "none.json", tmp_path / "one.json")

    assert code == 2
    assert err == f"{tmp_path / 'none.json'}: No such file or directory\n"
    assert out.endswith("1 of 1 valid\n")


def test_the_command_ends_with_the_code_and_refuses_to_check_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[1]")
    command = [sys.executable, "-m", "workers.remforge.validate"]

    codes = [
        subprocess.run([*command, *files], cwd=ROOT, capture_output=True, check=False).returncode
        for files in ([tmp_path / "bad.json"], [])
    ]

    assert codes == [1, 2]
