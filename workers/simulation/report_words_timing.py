"""How it reads what takes its way, its address or its time from inputs, and which of it from secrets."""

from jobs.report import ConstantTime, Place
from jobs.report_constant_time import CycleTest, SecretAddress, SecretCheck, SecretWay
from workers.simulation.report_words import count, instruction_text, short_line_text, whole

DEPENDENCES = {"branch": "its way", "load": "address read", "store": "address written", "operand": "its duration"}
DEPENDENCES_SHOWN = 200


def constant_time_sentence(found: ConstantTime) -> str:
    """Say what depends on the inputs, and what cannot be said."""
    varied = ", ".join(found.varied)
    held = f" What depends on {', '.join(found.held)} alone is not seen: it was the same always." if found.held else ""
    aside = " outside declared-public code" if any(one.public is not None for one in found.found) else ""
    if not found.branches + found.addresses:
        return f"No instruction{aside} takes its way or its address from what varied ({varied}).{held}"
    told = " and ".join(
        part
        for part in (
            f"the way of {count(found.branches, 'instruction')}" if found.branches else "",
            f"the address of {count(found.addresses, 'instruction')}" if found.addresses else "",
        )
        if part
    )
    verb = "depend" if found.branches and found.addresses else "depends"
    return f"{told[:1].upper()}{told[1:]}{aside} {verb} on what varied ({varied}).{held}"


def secrets_sentence(found: SecretCheck) -> str:
    """Say what was compared, and how much that is worth."""
    names = " and ".join(found.secrets)
    values = f" for {count(found.values, 'value')} of {', '.join(found.public)}" if found.public else ""
    masked = f" {', '.join(found.masks)} were drawn for each." if found.masks else ""
    chosen = f", {whole(found.chosen)} of them with chosen secrets" if found.chosen else ""
    failed = f"{whole(found.failed)} did not end well and were compared up to there. " if found.failed else ""
    kinds = "in secrets and masks alone" if found.masks else "in secrets alone"
    return (
        f"{count(found.executions, 'execution')} that differ {kinds} ({names}) were compared{values}{chosen}.{masked} {failed}"
        + {
            "constant-time": f"Constant time: {found.why}.",
            "leaks": f"Not constant time: {found.why}.",
            "undecided": f"Not decided: {found.why}.",
        }[found.verdict]
    )


def ways_text(way: SecretWay) -> str:
    """Say where executions went behind an instruction, and how many."""
    return "; ".join(f"{whole(one.executions)} to {_way(one.place)}" for one in way.ways)


def _way(place: Place | None) -> str:
    if place is None:
        return "their end"
    return f"{short_line_text(place) or hex(place.address)} ({instruction_text(place)})"


def secret_address_text(one: SecretAddress) -> str:
    """Say how an address depends on secrets, and what comes of it."""
    told = f"{whole(one.executions)} of {whole(one.compared)} executions elsewhere, {one.span[0]:#010x} to {one.span[1]:#010x}"
    if one.other_lines is None:
        return told
    if not one.other_lines:
        return f"{told}, always the same cache line"
    extra = f", {one.extra_cycles[0]} to {one.extra_cycles[1]} cycles of misses" if one.extra_cycles else ""
    return f"{told}, {whole(one.other_lines)} in other cache lines{extra}"


def t_text(test: CycleTest) -> str:
    """Write the t of a test of cycles."""
    return "\u221e" if test.t is None else f"{test.t:.2f}"
