"""How the report's numbers and places read to a person: one way of writing each, for the page and the plot."""

from jobs.report import SAMPLES, CpaReport, Excluded, Parting, Place, Verdict

VERDICTS = {
    Verdict.LEAKS: "Leaks",
    Verdict.CLEAN: "Clean",
    Verdict.INSUFFICIENT: "Insufficient",
    Verdict.FAULT: "Fault",
}

OPENINGS = ("Leaks", "Clean", "Faults", "Not decided")


def instruction_text(place: Place) -> str:
    """Return `mnemonic operands`."""
    return f"{place.mnemonic} {place.operands}".strip()


def line_text(place: Place) -> str:
    """Return `file:line`, as much of it as is known."""
    if place.file is None:
        return ""
    return place.file if place.line is None else f"{place.file}:{place.line}"


def short_line_text(place: Place) -> str:
    """Return `file:line` without the folders of the file."""
    return line_text(place).replace("\\", "/").rpartition("/")[2]


def address_text(place: Place) -> str:
    """Return the address of an instruction; nothing for samples, which have none."""
    return "" if place.mnemonic == SAMPLES else f"0x{place.address:08x}"


def count(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun; thousands are parted by thin spaces."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def whole(number: int) -> str:
    """Write an integer with thin spaces between thousands."""
    return f"{number:,}".replace(",", "\u2009")


def magnitude(value: float | None, *, digits: int = 2) -> str:
    """Write |value|; None is infinite."""
    return "\u221e" if value is None else f"{abs(value):.{digits}f}"


def signed(value: float, *, digits: int = 2) -> str:
    """Write a value with its sign, a true minus included."""
    return f"{value:+.{digits}f}".replace("-", "\u2212")


def sentence(text: str) -> str:
    """Make a sentence of a reason: a capital first, a full stop last."""
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def short(digest: str, *, length: int = 12) -> str:
    """Return the first digits of a digest, without its `sha256:`."""
    return digest.removeprefix("sha256:")[:length]


def under_verdict(headline: str) -> str:
    """Return the headline without the verdict before its colon, for where the verdict stands above it."""
    verdict, colon, told = headline.partition(": ")
    return sentence(told) if colon and verdict in OPENINGS else headline


def window_sentence(cpa: CpaReport) -> str:
    """Say how the window of an attack was chosen; nothing where it was not left to a pilot."""
    if cpa.chosen is None:
        return ""
    first, last = cpa.window
    return (
        f"Samples {whole(first)} to {whole(last)} were chosen by the t-test of a pilot of {whole(cpa.chosen.traces)} traces "
        f"without noise, which was over {cpa.chosen.threshold:g} at {whole(cpa.chosen.flagged)} of "
        f"{whole(cpa.chosen.compared)} samples outside declared-public code."
    )


def excluded_sentence(entry: Excluded, *, with_tvla: bool) -> str:
    """Say what declared-public code would have shown."""
    if not entry.samples:
        return "Nothing of it ran."
    ran = count(entry.samples, "sample")
    if not with_tvla:
        return f"{ran}."
    leaking = f"{whole(entry.leaking_samples)} would count as leaking" if entry.leaking_samples else "none would leak"
    return f"{ran}, {leaking}, largest |t| {magnitude(entry.max_abs_t1, digits=1)}."


def parting_text(part: Parting) -> str:
    """Write one input of two executions; where it is shown from a later byte, that byte's number is in brackets."""
    name = f"{part.input}[{part.offset}]" if part.offset else part.input
    return f"{name} = {part.one} | {part.other}"
