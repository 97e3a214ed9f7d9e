"""How the report's numbers read to a person: one way of writing each, for the page and the plot."""

from dataclasses import dataclass

from jobs.report import ConstantTime, Excluded, Parting, Place, Report, Verdict
from jobs.report_constant_time import CycleTest, SecretAddress, SecretCheck, SecretWay
from jobs.report_measured import Measured

VERDICTS = {
    Verdict.LEAKS: "Leaks",
    Verdict.CLEAN: "Clean",
    Verdict.INSUFFICIENT: "Insufficient",
    Verdict.FAULT: "Fault",
}

DEPENDENCES = {"branch": "its way", "load": "address read", "store": "address written", "operand": "its duration"}
DEPENDENCES_SHOWN = 200
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
    engine = report.engine
    return (
        _worst_t(report),
        _key_bytes(report),
        Fact("Traces", whole(report.traces), "measured" if report.measured else _traces_note(report)),
        *_core(report),
        _power_fact(report),
        Fact(
            "Engine",
            " ".join(filter(None, (engine.get("name"), engine.get("version")))) or "not stated",
            _engine_note(report),
        ),
        *_files(report),
        Fact("Result digest", short(report.digest), "equal for any sharding", report.digest),
    )


def _traces_note(report: Report) -> str:
    plan = plan_text(report)
    return plan if report.sequential is None else f"{plan}, of at most {whole(report.sequential.planned)}"


def plan_text(report: Report) -> str:
    """Return the campaign's plan in words."""
    return report.simulated.plan.value.replace("_", " ")


def _core(report: Report) -> tuple[Fact, ...]:
    code = report.firmware
    return () if code is None else (Fact("Core", code.core, f"{whole(code.code_bytes)} bytes of code"),)


def _power_fact(report: Report) -> Fact:
    power, measured = report.power, report.measured
    if measured is None:
        note = f"\u03c3 {power.noise_sigma:g} {power.unit}, {power.calibration}, per {power.sampling}"
        return Fact("Power model", power.model, note)
    rate = "rate not told" if measured.sampled_hz is None else f"{measured.sampled_hz:g} Hz"
    return Fact("Samples", whole(measured.samples), f"in {power.unit}, {rate}")


def _files(report: Report) -> tuple[Fact, ...]:
    code, measured = report.firmware, report.measured
    shown = []
    if measured is not None:
        shown.append(
            Fact(
                "Measured file",
                short(measured.sha256),
                f"{whole(measured.bytes)} bytes, {measured.form}",
                measured.sha256,
            )
        )
    if code is not None:
        shown.append(Fact("Firmware", short(code.sha256), f"{whole(code.bytes)} bytes", code.sha256))
    return tuple(shown)


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
    if report.measured is not None:
        return measured_sentence(report.measured, compared=found.samples)
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


def measured_sentence(measured: Measured, *, compared: int) -> str:
    """Say which samples of measured traces were compared, and what is known of the code behind them."""
    whole_trace = compared == measured.samples
    told = (
        f"All {count(compared, 'sample')} of every trace were compared, one by one."
        if whole_trace
        else f"The first {whole(compared)} of {count(measured.samples, 'sample')} were compared: what comes after is not "
        "there in every trace."
    )
    mapped = measured.mapped
    if mapped is None:
        return f"{told} Which instruction a sample belongs to is not known: no firmware was given."
    return (
        f"{told} Samples were given to instructions by the clock ({mapped.samples_per_cycle:g} samples a cycle from sample "
        f"{mapped.first_sample:g} on): that is a statement of whoever imported them, and was not measured."
    )


def _engine_note(report: Report) -> str:
    ran = report.execution
    if ran is None or not ran.lanes:
        return ""
    return f"{count(ran.lanes, 'execution')} in lanes, {whole(ran.checked)} checked, none differed"


def engine_sentence(report: Report) -> str:
    """Say which engine executed the traces, why, and how that was checked."""
    ran = report.execution
    if ran is None:
        return ""
    if not ran.lanes:
        if report.engine.get("name") == "renode":
            return f"Renode did every execution, on {report.engine.get('platform')}. {sentence(ran.why)}"
        return f"Unicorn did every execution, one after the other. {sentence(ran.why)}"
    others = " Unicorn did the others one by one." if ran.lanes < report.traces else ""
    in_lanes = f"{count(ran.lanes, 'execution')} of {whole(report.traces)} ran in vector lanes, many at once."
    parts = [f"{in_lanes}{others} {sentence(ran.why)}"]
    if ran.again:
        parts.append(f"{count(ran.again, 'execution')} left the way of their lanes and were done once more.")
    parts.append(
        f"{count(ran.checked, 'execution')} of those in lanes were done by Unicorn as well, and none differed."
        if ran.checked
        else "None of those in lanes was done by Unicorn as well."
    )
    return " ".join(parts)


def noise_sentence(report: Report) -> str:
    """Say how the noise was drawn."""
    because = f", because {report.power.noise_why}" if report.power.noise_why else ""
    return {
        "per-trace": "Noise is drawn for every sample of every trace, from the seed and the number of the trace "
        f"alone{because}.",
        "by-law": "What is counted is how many executions gave each instruction each noise-free power; the counts with "
        "noise are then drawn once, from the seed, by their exact law given those (a multinomial for each group, "
        "instruction and power). They have the distribution that noise for every sample of every trace would have given.",
        "none": "The campaign asked for no noise.",
    }.get(report.power.noise or "", "Noise is drawn from the seed.")


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
    kinds = "in secrets and masks alone" if found.masks else "in secrets alone"
    return (
        f"{count(found.executions, 'execution')} that differ {kinds} ({names}) were compared{values}{chosen}.{masked} "
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


def address_text(one: SecretAddress) -> str:
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


def parting_text(part: Parting) -> str:
    """Write one input of two executions; where it is shown from a later byte, that byte's number is in brackets."""
    name = f"{part.input}[{part.offset}]" if part.offset else part.input
    return f"{name} = {part.one} | {part.other}"


def excluded_sentence(entry: Excluded, *, with_tvla: bool) -> str:
    """Say what declared-public code would have shown."""
    if not entry.samples:
        return "Nothing of it ran."
    ran = count(entry.samples, "sample")
    if not with_tvla:
        return f"{ran}."
    leaking = f"{whole(entry.leaking_samples)} would count as leaking" if entry.leaking_samples else "none would leak"
    return f"{ran}, {leaking}, largest |t| {magnitude(entry.max_abs_t1, digits=1)}."
