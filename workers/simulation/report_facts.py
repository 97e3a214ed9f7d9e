"""The facts of the report's headline: what it found, of how many traces, of what."""

from dataclasses import dataclass

from jobs.report import Report
from workers.simulation.report_words import count, magnitude, short, whole


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value of the headline."""

    name: str
    value: str
    note: str = ""
    full: str = ""
    """The whole of a value that is shown shortened."""


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


def _engine_note(report: Report) -> str:
    ran = report.execution
    if ran is None or not ran.lanes:
        return ""
    return f"{count(ran.lanes, 'execution')} in lanes, {whole(ran.checked)} checked, none differed"


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
