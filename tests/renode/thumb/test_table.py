"""The decoding table: which row a word is."""

import re
from itertools import combinations

import pytest

from renode.thumb.row import MAIN, rows
from renode.thumb.table import ROWS, Table


def test_the_table_has_a_section_for_every_row() -> None:
    strange = [row.name for row in ROWS if not re.fullmatch(r"A7\.7\.\d{1,3}|A5\.[23]\.\d", row.section)]

    assert strange == []
    assert all(row.cores for row in ROWS)


def test_of_rows_that_overlap_one_has_more_fixed_bits() -> None:
    alike = {
        (one.name, other.name)
        for one, other in combinations(ROWS, 2)
        if one.overlaps(other) and one.fixed == other.fixed
    }

    # Where these two overlap there is a row of its own.
    assert alike == {("ADD (SP plus register) T1", "ADD (SP plus register) T2")}


def test_the_row_with_the_most_fixed_bits_is_meant() -> None:
    def nothing() -> None:
        """Never called."""

    general, special, absent = rows(
        MAIN,
        ("general", "A5.1", "1111000000000000 nnnn 000000000000", nothing),
        ("special", "A5.1", "1111000000000000 1111 000000000000", nothing),
        ("absent", "A5.1", "1111000000000001 NNNN 000000000000", nothing),
    )

    table = Table([general, special, absent])

    assert table.find(0xF000E000, 4) is general
    assert table.find(0xF000F000, 4) is special
    assert table.find(0xF001E000, 4) is absent
    assert table.find(0xF001F000, 4) is None
    assert general.overlaps(special)
    assert not general.overlaps(absent)


def test_a_pattern_of_the_wrong_length_is_noticed() -> None:
    def nothing() -> None:
        """Never called."""

    with pytest.raises(ValueError, match="15 bits"):
        rows(MAIN, ("short", "A5.1", "0100000101 mmm dd", nothing))
