"""Both clocks at once, and pulses as the kernel tells of them (Documentation/driver-api/pps.rst)."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.clocks import BRACKETS, READINGS, Pulse, moment, steady

NAME = "gps0"


def source(folder: Path, number: int, said: bytes, name: bytes = b"gps0\n") -> Path:
    """Make a PPS source that says so of its last pulse."""
    made = folder / f"pps{number}"
    made.mkdir()
    (made / "assert").write_bytes(said)
    (made / "name").write_bytes(name)
    return made


def test_the_real_time_is_read_within_the_bracket(tmp_path: Path) -> None:
    before, real_before = time.monotonic_ns(), time.time_ns()
    read = moment(tmp_path)
    after, real_after = time.monotonic_ns(), time.time_ns()

    assert before <= read.monotonic_ns <= after
    assert real_before <= read.realtime_ns <= real_after
    assert 0 <= read.bracket_ns <= after - before
    assert read.offset_ns == read.realtime_ns - read.monotonic_ns


def test_of_several_readings_the_closest_one_counts(tmp_path: Path) -> None:
    took = [*range(900, 900 + BRACKETS - 3), 80, 901, 902]
    told: list[int] = []
    for number, ns in enumerate(took):
        told += [1_000 * number, 10**18 + number, 1_000 * number + ns]
    clocks = iter(told)
    asked: list[int] = []

    def clock(which: int) -> int:
        asked.append(which)
        return next(clocks)

    read = moment(tmp_path, clock)

    closest = took.index(80)
    assert (read.monotonic_ns, read.realtime_ns, read.bracket_ns) == (1_000 * closest + 40, 10**18 + closest, 80)
    assert asked == [time.CLOCK_MONOTONIC, time.CLOCK_REALTIME, time.CLOCK_MONOTONIC] * BRACKETS


@pytest.mark.parametrize(
    ("said", "sequence", "at_ns", "absent"),
    [
        (b"1170026870.983207967#8\n", 8, 1_170_026_870_983_207_967, None),
        (b"1170026871.000000042#4294\n", 4294, 1_170_026_871_000_000_042, None),
        (b"0.000000000#0\n", 0, None, "no pulse has come yet"),
        (b"", None, None, "it captures no assert edge"),
        (b"1170026870.98#8\n", None, None, r"it says '1170026870.98#8\n', which is no pulse"),
        (b"no pulse\xff\n", None, None, "it says 'no pulse\N{REPLACEMENT CHARACTER}\\n', which is no pulse"),
    ],
    ids=["pulse", "another", "none-yet", "clear-only", "short", "garbage"],
)
def test_a_pulse_is_what_the_kernel_says_of_it(
    tmp_path: Path, said: bytes, sequence: int | None, at_ns: int | None, absent: str | None
) -> None:
    source(tmp_path, 0, said)

    read = moment(tmp_path)

    assert (read.pulses, read.pulses_absent) == ((Pulse("pps0", NAME, sequence, at_ns, absent),), None)


def test_all_sources_are_read_in_their_order_and_one_that_is_gone_says_so(tmp_path: Path) -> None:
    source(tmp_path, 10, b"1170026870.000000001#1\n", b"ptp\n")
    source(tmp_path, 2, b"1170026870.000000002#2\n")
    gone = source(tmp_path, 0, b"1170026870.000000003#3\n")
    (gone / "assert").unlink()

    read = moment(tmp_path)

    assert [(one.source, one.name, one.sequence) for one in read.pulses] == [
        ("pps0", None, None),
        ("pps2", NAME, 2),
        ("pps10", "ptp", 1),
    ]
    assert read.pulses[0].absent == "it cannot be read: No such file or directory"


def test_without_a_source_there_is_a_reason(tmp_path: Path) -> None:
    none, without = moment(tmp_path), moment(tmp_path / "pps")

    assert (none.pulses, none.pulses_absent) == ((), "the kernel has no PPS source")
    assert (without.pulses, without.pulses_absent) == (
        (),
        f"{tmp_path / 'pps'} cannot be read: No such file or directory",
    )


def test_a_pulse_that_comes_while_it_is_told_is_read_again() -> None:
    # A second of the pulse before, nanoseconds of the next one.
    said: Iterator[str] = iter(["5.999999998#5", "5.000000001#6", "6.000000001#6", "6.000000001#6", "never"])

    assert steady(lambda: next(said)) == "6.000000001#6"

    always = iter(range(100))
    with pytest.raises(OSError, match="something else each time"):
        steady(lambda: str(next(always)))
    assert next(always) == READINGS + 1
