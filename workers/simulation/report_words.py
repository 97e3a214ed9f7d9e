"""How the report's numbers read to a person: one way of writing each, for the page and the plot."""

from dataclasses import dataclass

from jobs.report import Excluded, Place, Report, Verdict

VERDICTS = {
    Verdict.LEAKS: "Leaks",
    Verdict.CLEAN: "Clean",
    Verdict.INSUFFICIENT: "Insufficient",
    Verdict.FAULT: "Fault",
}

OPENINGS = ("Leaks", "Clean", "Faults", "Not decided")


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value of the headline."""

    name: str
    value: str
    note: str = ""
    full: str = ""
    """The whole of a value that is shown shortened."""


def instruction_text(place: Place) -> str:
    """Return `mnemonic operands`."""
    return f"{place.mnemonic} {place.operands}".strip()


def line_text(place: Place) -> str:
    """Return `file:line`, as much of it as is known."""
    if place.file is None:
        return ""
    return place.file if place.line is None else f"{place.file}:{place.line}"


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


def under_verdict(headline: str) -> str:
    """Return the headline without the verdict before its colon, for where the verdict stands above it."""
    verdict, colon, told = headline.partition(": ")
    return sentence(told) if colon and verdict in OPENINGS else headline


def short_line_text(place: Place) -> str:
    """Return `file:line` without the folders of the file."""
    return line_text(place).replace("\\", "/").rpartition("/")[2]


def short(digest: str, *, length: int = 12) -> str:
    """Return the first digits of a digest, without its `sha256:`."""
    return digest.removeprefix("sha256:")[:length]


def facts(report: Report) -> tuple[Fact, ...]:
    """Return the headline's facts, the most telling first."""
    power = report.power
    engine = report.engine
    return (
        _worst_t(report),
        _key_bytes(report),
        Fact("Traces", whole(report.traces), report.request.plan.value.replace("_", " ")),
        Fact("Core", report.firmware.core, f"{whole(report.firmware.code_bytes)} bytes of code"),
        Fact(
            "Power model",
            power.model,
            f"\u03c3 {power.noise_sigma:g} {power.unit}, {power.calibration}, per {power.sampling}",
        ),
        Fact("Engine", " ".join(filter(None, (engine.get("name"), engine.get("version")))) or "not stated"),
        Fact(
            "Firmware", short(report.firmware.sha256), f"{whole(report.firmware.bytes)} bytes", report.firmware.sha256
        ),
        Fact("Result digest", short(report.digest), "equal for any sharding", report.digest),
    )


def _worst_t(report: Report) -> Fact:
    if report.tvla is None:
        return Fact("Largest |t|", "\u2014", report.tvla_absent or "no t-test")
    worst, aside = worst_t(report)
    limits = f"threshold {report.tvla.threshold:g}, corrected {report.tvla.corrected_threshold:.2f}"
    return Fact("Largest |t|, public code aside" if aside else "Largest |t|", magnitude(worst, digits=1), limits)


def worst_t(report: Report) -> tuple[float | None, bool]:
    """Return the largest |t| of order 1, None for infinite, and whether declared-public code was left out for it.

    What the campaign declared public says nothing about the verdict, so the headline does not count it.
    """
    counted = [row for row in report.rows if row.public is None]
    if len(counted) == len(report.rows):
        return (report.tvla.max_abs_t1 if report.tvla else None), False
    infinite = any(row.deterministic and row.max_abs_t1 is None for row in counted)
    return (None if infinite else max((row.max_abs_t1 or 0.0 for row in counted), default=0.0)), True


def _key_bytes(report: Report) -> Fact:
    cpa = report.cpa
    if cpa is None:
        return Fact("Key bytes", "\u2014", report.cpa_absent or "no attack")
    if cpa.recovered is None:
        return Fact("Key bytes", f"{cpa.confident}\u2009/\u2009{len(cpa.bytes)}", "confident; the true key is unknown")
    return Fact("Key bytes recovered", f"{cpa.recovered}\u2009/\u2009{len(cpa.bytes)}", f"{cpa.confident} confident")


def alignment_sentence(report: Report) -> str:
    """Say which samples were compared."""
    found = report.alignment
    if not found.samples:
        return "No sample could be compared."
    if found.kind == "full":
        return (
            f"All executions followed the same path of {count(found.path_instructions, 'instruction')}; "
            f"{count(found.samples, 'sample')} of it were compared, one by one."
        )
    return (
        f"{count(found.diverged_traces, 'execution')} left the reference path of "
        f"{count(found.path_instructions, 'instruction')}, so the statistics cover the "
        f"{count(found.compared_instructions, 'instruction')} that all executions have in common "
        f"({count(found.samples, 'sample')}). What runs after the common prefix was not compared."
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
