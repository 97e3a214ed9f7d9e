"""CSV: one line a trace. Columns with the name of a value hold it in hexadecimal digits, all others are samples."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

import numpy as np
import numpy.typing as npt

from workers.simulation.measured.names import GROUP, KNOWN, SETS, found
from workers.simulation.measured.source import (
    SAMPLES,
    Block,
    Limits,
    Opened,
    Refusal,
    Wanted,
    as_bytes,
    check_shape,
    rows_at_once,
)

MAX_LINE = 64 * 2**20
SEPARATORS = ",;\t"
COUNTED = 8
"""Columns, at least, whose numbers 0, 1, 2, ... in the first line are names, as tables of pandas have them, and no trace."""
VALUES = {name: usual for name, usual in KNOWN.items() if name != SAMPLES}


def read_csv(stream: IO[bytes], wanted: Wanted) -> Opened:
    """Open a table; it has a line of names if one of its first line's cells is not a number.

    What has no name where others have one is no sample: pandas puts the numbers of its rows there.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="strict", newline="")
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        raise Refusal("empty", "The file has no line.")
    separator = max(SEPARATORS, key=first[1].count)
    rows = _cells(chain([first], lines), separator)
    number, head = next(rows)
    counts = len(head) >= COUNTED and head == [str(column) for column in range(len(head))]
    named = counts or not all(_is_number(cell) for cell in head)
    chosen = _chosen(head, wanted) if named else {}
    at = {ours: head.index(theirs) for ours, theirs in chosen.items()}
    nameless = named and "" in head
    of_samples = [column for column, name in enumerate(head) if column not in set(at.values()) and (name or not named)]
    if not of_samples:
        raise Refusal("no-traces", "Every column is a value: there are no samples.")
    data = rows if named else chain([(number, head)], rows)
    begun = next(data, None)
    if begun is None:
        raise Refusal("empty", "The file has no line beside its names.")
    check_shape(1, len(of_samples), wanted.limits)
    widths = {ours: _value(ours, [begun[1][column]], begun[0]).shape[1] for ours, column in at.items()}
    table = _Table(len(head), of_samples, at, widths)
    notes = ["the first line counts the columns: it was taken for their names"] if counts else []
    notes += ["not read: a column without a name"] if nameless else []
    return Opened("csv", None, len(of_samples), widths, table.blocks(chain([begun], data), wanted.limits), tuple(notes))


def _chosen(head: Sequence[str], wanted: Wanted) -> dict[str, str]:
    if len(set(head)) != len(head):
        raise Refusal("unreadable", "Two columns have the same name.")
    names = {ours: theirs for ours, theirs in wanted.names.items() if ours != SAMPLES}
    chosen = found(head, names, wanted.also)
    values = {*VALUES, *names, *wanted.also}
    return {ours: theirs for ours, theirs in chosen.items() if ours in values}


@dataclass(frozen=True, slots=True)
class _Table:
    """Which column is what."""

    columns: int
    of_samples: Sequence[int]
    at: Mapping[str, int]
    widths: Mapping[str, int]

    def blocks(self, rows: Iterator[tuple[int, list[str]]], limits: Limits) -> Iterator[Block]:
        step = rows_at_once(8 * len(self.of_samples))
        waiting: list[tuple[int, list[str]]] = []
        for seen, (number, row) in enumerate(rows, 1):
            if len(row) != self.columns:
                raise Refusal("ragged", f"Read as CSV, line {number} has {len(row)} cells, not {self.columns}.")
            waiting.append((number, row))
            if len(waiting) == step:
                check_shape(seen, len(self.of_samples), limits)
                yield self._block(waiting)
                waiting = []
        if waiting:
            yield self._block(waiting)

    def _block(self, rows: Sequence[tuple[int, list[str]]]) -> Block:
        samples = np.stack([_numbers(row, self.of_samples, number) for number, row in rows])
        values = {ours: _value(ours, [row[column] for _, row in rows], rows[0][0]) for ours, column in self.at.items()}
        for ours, value in values.items():
            if value.shape[1] != self.widths[ours]:
                raise Refusal("ragged", f"{ours} has values of different lengths.", field="values")
        return Block(samples, values)


def _lines(text: IO[str]) -> Iterator[tuple[int, str]]:
    number = 0
    while True:
        try:
            line = text.readline(MAX_LINE + 1)
        except UnicodeDecodeError as error:
            raise Refusal("unreadable", f"Line {number + 1} is not UTF-8.") from error
        if not line:
            return
        number += 1
        if len(line) > MAX_LINE:
            raise Refusal("too-large", f"Line {number} has more than {MAX_LINE} characters.")
        line = line.rstrip("\r\n")
        if line.strip() and not line.startswith("#"):
            yield number, line


def _cells(lines: Iterator[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        try:
            cells = next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)
        except csv.Error as error:
            raise Refusal("unreadable", f"Line {number}: {error}.") from error
        yield number, [cell.strip() for cell in cells]


def _numbers(row: Sequence[str], columns: Sequence[int], number: int) -> npt.NDArray[np.float64]:
    try:
        return np.array([row[column] for column in columns], np.float64)
    except ValueError as error:
        column = next(column for column in columns if not _is_number(row[column]))
        raise Refusal(
            "not-numbers", f"Line {number}, column {column + 1}: {row[column][:40]!r} is not a number."
        ) from error


def _value(name: str, cells: Sequence[str], number: int) -> npt.NDArray[np.uint8]:
    if name != GROUP:
        return as_bytes(name, np.array(cells, object))
    try:
        sets = [SETS[cell.casefold()] if cell.casefold() in SETS else int(cell) for cell in cells]
    except ValueError as error:
        message = f"{name}, from line {number} on: a set is 0 (fixed) or 1 (random)."
        raise Refusal("not-bytes", message, field="values.group") from error
    return as_bytes(name, np.array(sets, np.int64))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
