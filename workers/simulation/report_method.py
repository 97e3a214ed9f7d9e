"""How a report was computed, in words: what was run, compared and counted, with the source of every formula."""

from jobs.report import ConstantTime, CpaReport, Report, Tvla
from workers.simulation.findings import SEVERITIES
from workers.simulation.report_facts import Fact, plan_text
from workers.simulation.report_measured import measured_steps
from workers.simulation.report_method_tests import bivariate, multiplicity, sequential
from workers.simulation.report_step import Step
from workers.simulation.report_words import count, magnitude, sentence, whole, window_sentence
from workers.simulation.report_words_method import alignment_sentence, engine_sentence, noise_sentence
from workers.simulation.report_words_timing import constant_time_sentence


def method(report: Report) -> tuple[Step, ...]:
    """Return the steps in the order in which they were taken; those that were not taken are left out."""
    steps = (
        [_executions(report), _power(report)] if report.measured is None else [*measured_steps(report, report.measured)]
    )
    if report.constant_time is not None:
        steps.append(_constant_time(report.constant_time))
    if report.tvla is not None:
        steps.append(_tvla(report.tvla))
    if report.sequential is not None:
        steps.append(sequential(report.sequential))
    if report.multiplicity is not None:
        steps.append(multiplicity(report.multiplicity))
    if report.bivariate is not None:
        steps.append(bivariate(report.bivariate))
    if report.cpa is not None:
        steps.append(_cpa(report.cpa, report.max_snr))
    return (*steps, _severity(), _reproduce(report))


def _executions(report: Report) -> Step:
    found, ran = report.alignment, report.execution
    done: tuple[Fact, ...] = ()
    if ran is not None:
        done = (
            Fact("In lanes", whole(ran.lanes)),
            Fact("One by one", whole(report.traces - ran.lanes)),
            Fact("Done once more", whole(ran.again)),
            Fact("Checked on Unicorn", f"{whole(ran.checked)}, none differed" if ran.checked else "0"),
        )
    told = (
        "Every execution starts from the same state, gets its own inputs and is followed instruction by instruction.",
        engine_sentence(report),
        alignment_sentence(report),
    )
    return Step(
        "Executions and alignment",
        " ".join(filter(None, told)),
        (
            Fact("Plan", plan_text(report)),
            Fact("Seed", str(report.simulated.seed)),
            Fact("Executions", whole(report.traces)),
            Fact("Path", count(found.path_instructions, "instruction")),
            Fact("Compared", count(found.compared_instructions, "instruction")),
            Fact("Sample 0 is", f"instruction {whole(found.first_sample)}"),
            Fact("Left the path", whole(found.diverged_traces)),
            Fact("Did not end well", whole(found.faulted_traces)),
            *done,
        ),
    )


def _power(report: Report) -> Step:
    used = report.power
    trust = (
        "The model is uncalibrated: it shows where values meet, not how many microwatts they cost on a chip."
        if used.calibration == "uncalibrated"
        else "The model was fitted to reference measurements."
    )
    return Step(
        "From activity to power",
        "Power is linear in the activity of each instruction: a base by instruction class, plus the Hamming weights "
        "and distances of the registers written and of the words on the bus, plus Gaussian noise. "
        f"{noise_sentence(report)} Samples are rounded to multiples of the step, so that sums are exact. {trust}",
        (
            Fact("Model", used.model),
            Fact("Calibration", used.calibration),
            Fact("Noise", f"\u03c3 = {used.noise_sigma:g} {used.unit}"),
            Fact("Sampling", f"one sample per {used.sampling}"),
            Fact("Step", f"{used.step:g} {used.unit}"),
            Fact("Clipped samples", whole(used.clipped)),
        ),
    )


def _constant_time(found: ConstantTime) -> Step:
    return Step(
        "Ways and addresses that depend on the inputs",
        "Along the reference path, whatever is computed from nothing but inputs that stay the same is a number; the rest "
        "is followed for every execution beside the others. An instruction whose way or address is of the second kind is "
        f"listed. {constant_time_sentence(found)} Only the reference path is looked at, and code behind a way that other "
        "executions took is not. A listed address is no finding: it leaks through a data cache, which these cores do not "
        "have, or a cached flash. A branch that parts executions is one, with the inputs that part.",
        (
            Fact("Varied", ", ".join(found.varied)),
            Fact("Stayed the same", ", ".join(found.held) or "none"),
            Fact("Branches", whole(found.branches)),
            Fact("Addresses", whole(found.addresses)),
            Fact("Looked at beside each other", count(found.looked_at, "execution")),
        ),
    )


def _tvla(found: Tvla) -> Step:
    effect = "not known" if found.minimum_effect is None else f"{found.minimum_effect:.3f} standard deviations"
    return Step(
        "Fixed against random: the t-test",
        "For every sample, Welch's t is the difference of the mean power of the fixed and the random set, divided by "
        "its standard error; the second order does the same with squared deviations from the mean, which is where a "
        "first-order masked implementation shows. A sample leaks when |t| is over the threshold, with the same sign, "
        "in two independent halves of the traces. The corrected threshold keeps the chance of any false alarm over "
        "all samples as low as the plain one keeps it for a single sample.",
        (
            Fact("Threshold", f"|t| > {found.threshold:g}"),
            Fact("Corrected", f"|t| > {found.corrected_threshold:.2f}"),
            Fact("Traces", f"{whole(found.traces_fixed)} fixed, {whole(found.traces_random)} random"),
            Fact("Largest |t|", f"{magnitude(found.max_abs_t1)} (order 1), {magnitude(found.max_abs_t2)} (order 2)"),
            Fact(
                "Leaking samples",
                f"{whole(found.leaking_samples_1)} (order 1), {whole(found.leaking_samples_2)} (order 2)",
            ),
            Fact("Differ without noise", count(found.deterministic_samples, "sample")),
            Fact("Seen with 95\u2009% power", effect),
        ),
        "Goodwill et al. 2011; Schneider and Moradi 2015; Ding et al. 2017; ISO/IEC 17825",
    )


def _cpa(found: CpaReport, max_snr: float | None) -> Step:
    told = f" {sentence(found.assumes)}" if found.assumes else ""
    told += f" {window_sentence(found)}" if found.chosen else ""
    snr = found.snr_absent or ("\u221e, no noise" if max_snr is None else f"{max_snr:.3g}")
    floor = f"4/\u221a{whole(found.traces)} = {found.noise_floor:.3f}"
    return Step(
        "The attack: correlation with the key",
        f"For each of the 256 values of each byte, the hypothesis is {found.what}, under the model named beside it (hw: "
        "Hamming weight, hd: Hamming distance, value: the byte itself); of several, the one that shows more. Pearson's "
        "correlation of the hypothesis with every sample is computed over all traces with random inputs; the guess with the highest |\u03c1| is "
        "the best one, or with the highest \u03c1 where a guess and its complement predict opposites. Its rank "
        "says how many wrong guesses stand above the true value; the guessing entropy is the mean of log\u2082(rank + 1). "
        "Intervals are Fisher's, at 95\u2009%. The signal-to-noise ratio is the variance of the class means over the mean "
        "variance within classes." + told,
        (
            Fact("Intermediate", found.intermediate),
            Fact("Traces", whole(found.traces)),
            Fact("Samples attacked", f"{whole(found.window[0])} to {whole(found.window[1])}"),
            Fact("Noise floor", floor),
            Fact("Largest SNR", snr),
            Fact("Best guesses", f"{found.key} ({found.of})"),
            Fact("Key that follows", found.master_key or "none"),
        ),
        "Brier, Clavier and Olivier 2004; Mangard, Oswald and Popp 2007",
    )


def _severity() -> Step:
    return Step(
        "From statistics to severity",
        f"A correlation above {SEVERITIES.cpa_critical:g} is critical, above {SEVERITIES.cpa_high:g} high, and medium when "
        "it gives a key byte away below that. A difference that both halves confirm is critical below "
        f"p = {SEVERITIES.tvla_p_critical:g} and high below {SEVERITIES.tvla_p:g}; one that "
        "only passes the corrected threshold is medium; the rest is low. Executions that leave the path or fault are "
        "high. Declared-public code is measured and shown, and never counted.",
        (),
    )


def _reproduce(report: Report) -> Step:
    times = report.timings
    return Step(
        "How to get the same result",
        f"Submit the request below against the same {'file' if report.measured else 'firmware'}. The digest covers the exact sums, so it comes out equal "
        "on any number of workers, in any number of shards, and after any restart.",
        (
            *((Fact("File", report.measured.sha256),) if report.measured else ()),
            *((Fact("Firmware", report.firmware.sha256),) if report.firmware else ()),
            Fact("Digest", report.digest),
            *(Fact(f"Engine: {name}", value) for name, value in sorted(report.engine.items())),
            Fact("Executing", f"{times.execute_s:.2f} s"),
            Fact("Statistics", f"{times.statistics_s:.2f} s"),
            Fact("Merging", f"{times.merge_s:.2f} s"),
            Fact("Rate", f"{whole(round(times.traces_per_s))} traces/s per core"),
        ),
    )
