"""How it reads what was compared, what executed the traces, and how their noise was drawn."""

from jobs.report import Report
from jobs.report_measured import Measured
from workers.simulation.report_words import count, sentence, whole


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
