"""What a check of secrets found, on a terminal: where executions parted and went, which addresses, how many cycles."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from dasein.shown import styled, table

VERDICT_STYLES = {"constant-time": "bold green", "leaks": "bold red", "undecided": "bold yellow"}


def shown(secrets: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield what to print of the report's `secrets`."""
    yield styled(f"{secrets['verdict']}: {secrets['why']}", VERDICT_STYLES[secrets["verdict"]])
    if secrets["failed"]:
        yield styled(
            f"{secrets['failed']:,} of {secrets['executions']:,} executions did not end well: compared up to there, and not "
            "among the cycles.",
            "bold yellow",
        )
    if secrets["ways"]:
        rows = [(_line(way["place"]), _instruction(way["place"]), _went(way), _told(way)) for way in secrets["ways"]]
        yield table(("takes its way from secrets", "instruction", "executions went", ""), rows)
    if secrets["addresses"]:
        rows = [
            (_line(one["place"]), _instruction(one["place"]), _addresses(one), _told(one))
            for one in secrets["addresses"]
        ]
        yield table(("address from secrets", "instruction", "", ""), rows)
    if secrets["operands"]:
        timed = [(_line(one["place"]), _instruction(one["place"]), _told(one)) for one in secrets["operands"]]
        yield table(("operands, condition or alignment from secrets: longer for some", "instruction", ""), timed)
    if secrets["cycles"]:
        yield table(
            ("public value", "fixed secret", "random secrets", "cycles", "t", ""),
            [_cycles(test) for test in secrets["cycles"]],
        )
    if not secrets["proven"]:
        yield styled(f"Not proven: {secrets['unproven']}.", "dim")


def _line(place: Mapping[str, Any]) -> str:
    return f"{place['file']}:{place['line']}" if place["file"] and place["line"] else f"{place['address']:#010x}"


def _instruction(place: Mapping[str, Any]) -> str:
    return f"{place['mnemonic']} {place['operands']}".strip()


def _went(way: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{one['executions']:,} to " + ("their end" if one["place"] is None else _line(one["place"]))
        for one in way["ways"]
    )


def _addresses(one: Mapping[str, Any]) -> str:
    first, last = one["span"]
    told = f"{one['kind']} at {first:#010x} to {last:#010x} in {one['executions']:,} of {one['compared']:,}"
    if one["other_lines"] is None:
        return told
    return (
        f"{told}, in other cache lines in {one['other_lines']:,}" if one["other_lines"] else f"{told}, one cache line"
    )


def _told(one: Mapping[str, Any]) -> str:
    return "" if one["public"] is None else f"declared public: {one['public']}"


def _cycles(test: Mapping[str, Any]) -> tuple[str, ...]:
    t = "infinite" if test["t"] is None else f"{test['t']:.2f}"
    return (
        f"{test['value']}{' with misses' if test['cached'] else ''}",
        f"{test['mean_fixed']:,.1f}",
        f"{test['mean_random']:,.1f}",
        f"{test['fewest']:,} to {test['most']:,}",
        t,
        "differs" if test["differs"] else "",
    )
