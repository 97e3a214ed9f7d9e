"""How measured traces were taken in, in words, for the page."""

from jobs.report import Report
from jobs.report_measured import Measured
from workers.simulation.report_facts import Fact
from workers.simulation.report_step import Step
from workers.simulation.report_words import count, whole
from workers.simulation.report_words_method import alignment_sentence


def measured_steps(report: Report, measured: Measured) -> tuple[Step, ...]:
    """Return what stands where a simulated campaign tells of its executions and its power model."""
    return (_taken_in(report, measured), _numbers(measured))


def _taken_in(report: Report, measured: Measured) -> Step:
    mapped = measured.mapped
    of_code: tuple[Fact, ...] = ()
    if mapped is not None:
        agrees = {True: "agrees", False: "differs", None: "nothing to compare"}[mapped.output_agrees]
        of_code = (
            Fact("Simulated to find the path", count(mapped.executions, "execution")),
            Fact(
                "Path",
                f"{whole(mapped.common_instructions)} of {count(mapped.path_instructions, 'instruction')} shared",
            ),
            Fact("Samples before and behind it", f"{whole(mapped.before)} and {whole(mapped.after)}"),
            Fact("Output of the firmware", agrees),
        )
    return Step(
        "Measured traces",
        "The traces were measured by somebody else and taken from a file; nothing was simulated but what it takes to name "
        f"instructions. {alignment_sentence(report)} {measured.groups_why} {' '.join(measured.notes)}".strip(),
        (
            Fact("File", f"{measured.form}, {whole(measured.bytes)} bytes"),
            Fact("Traces", whole(measured.traces)),
            Fact("In no set", whole(measured.left_out)),
            Fact("Samples", f"{whole(measured.samples)}, from number {whole(measured.first_sample)} on"),
            Fact("Unit", measured.unit),
            Fact("Rate", "not told" if measured.sampled_hz is None else f"{measured.sampled_hz:g} Hz"),
            Fact("Values", ", ".join(f"{name} ({size})" for name, size in measured.values.items()) or "none"),
            Fact("Sets", measured.groups),
            *of_code,
        ),
    )


def _numbers(measured: Measured) -> Step:
    found = measured.quantised
    how = (
        "Every sample is such an integer already, so nothing was rounded."
        if found.lossless
        else "Rounding adds at most the share stated below to the variance of a sample, so it takes away no more of any t or "
        "correlation."
    )
    return Step(
        "From numbers to integers",
        "Sums are exact because samples are integers of ten bits: for each sample number, the distance from the middle of "
        f"its range in steps of a power of two, the smallest with which the range fits. {how}",
        (
            Fact("Smallest step", f"{found.smallest_step:g} {measured.unit}"),
            Fact("Largest step", f"{found.largest_step:g} {measured.unit}"),
            Fact("Added variance", f"{100 * found.added_variance:.2g}\u2009%"),
        ),
    )
