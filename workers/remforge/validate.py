"""Check records: `python -m workers.remforge.validate FILE...`, `.jsonl` with a record a line, else a record or a list.

Says `FILE:LINE: PATH: what is wrong` for each problem. Exit code 0: all are valid; 1: some are not; 2: a file cannot be
read, or the command is wrong. Besides what the JSON Schema says it checks what that cannot: that places hold the text
they claim, shares sum to 1, and every value has a method and every null a reason.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

from pydantic import ValidationError

from jobs.errors import InvalidInput
from jobs.rem import Rem
from jobs.rem_migrations import migrated
from workers.remforge.json_places import Step, line_of, members, skipped

VALID, NOT_VALID, NOT_READ = 0, 1, 2
LINES = {".jsonl", ".ndjson"}
MOST_PROBLEMS = 20
"""Of one record; a record of another kind would have hundreds."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a record."""

    line: int
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds."""

    records: int
    not_valid: int
    problems: tuple[Problem, ...]


def check(path: Path) -> Checked:
    """Return what is wrong with the records of a file; raise OSError where it cannot be read."""
    raw = path.read_bytes()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Checked(0, 0, (Problem(line, "", "this is not UTF-8"),))
    found = list(_lines(text) if path.suffix.lower() in LINES else _document(text))
    if not found:
        return Checked(0, 0, (Problem(1, "", "there is no record"),))
    return Checked(len(found), sum(bool(one) for one in found), tuple(problem for one in found for problem in one))


def _lines(text: str) -> Iterator[list[Problem]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            data, problems = _parsed(line)
            problems = problems or _record(data, line)
            yield [Problem(number, problem.path, problem.message) for problem in problems]


def _document(text: str) -> Iterator[list[Problem]]:
    if not text.strip():
        return
    data, problems = _parsed(text)
    if problems:
        yield problems
    elif isinstance(data, list):
        places = members(text, skipped(text, 0))
        yield from (_record(one, text, at=at, index=index) for one, (index, at) in zip(data, places, strict=True))
    else:
        yield _record(data, text)


def _parsed(text: str) -> tuple[Any, list[Problem]]:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant), []
    except json.JSONDecodeError as error:
        return None, [Problem(error.lineno, "", f"this is not JSON: {error.msg}")]
    except RecursionError:
        return None, [Problem(1, "", "it is nested too deeply")]
    except ValueError as error:
        return None, [Problem(1, "", f"this is not JSON: {error}")]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"the key {twice!r} comes twice in one object"
        raise ValueError(msg)
    return found


def _constant(name: str) -> NoReturn:
    msg = f"{name} is no number of JSON"
    raise ValueError(msg)


def _record(data: Any, text: str, *, at: int = 0, index: Step | None = None) -> list[Problem]:
    """Return what is wrong with a record that stands at a place of the text, and in a list at an index."""

    def problem(path: tuple[Step, ...], message: str) -> Problem:
        # After a migration the line is that of what there was.
        told = path if index is None else (index, *path)
        return Problem(line_of(text, path, at=at), ".".join(map(str, told)), message.removeprefix("Value error, "))

    if not isinstance(data, dict):
        return [problem((), "a record is an object")]
    try:
        Rem.model_validate_json(json.dumps(migrated(data)), strict=True)
    except InvalidInput as error:
        return [problem(tuple((error.field or "").split(".")), error.message)]
    except RecursionError:
        return [problem((), "it is nested too deeply")]
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        problems = [problem(one["loc"], one["msg"]) for one in told[:MOST_PROBLEMS]]
        if len(told) > MOST_PROBLEMS:
            problems.append(problem((), f"and {len(told) - MOST_PROBLEMS} more problems"))
        return problems
    return []


def main(arguments: Sequence[str], *, out: TextIO, err: TextIO) -> int:
    """Check the files named and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workers.remforge.validate", description="Check records (rem/1).")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a record, a list of them, or one a line")
    code = VALID
    for path in parser.parse_args(arguments).files:
        try:
            checked = check(path)
        except OSError as error:
            err.write(f"{_shown(str(path))}: {error.strerror}\n")
            code = NOT_READ
            continue
        for problem in checked.problems:
            parts = (f"{path}:{problem.line}", problem.path, problem.message)
            out.write(_shown(": ".join(filter(None, parts))) + "\n")
        valid = checked.records - checked.not_valid
        out.write(f"{_shown(str(path))}: {valid} of {checked.records} valid\n")
        code = max(code, NOT_VALID if checked.problems else VALID)
    return code


def _shown(text: str) -> str:
    """Return text that cannot steer a terminal: keys come from the file."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], out=sys.stdout, err=sys.stderr))
