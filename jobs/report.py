"""The report of a campaign, `report/1`: what a client reads, and what the page and the tables are made from.

A value that was not computed is null, and a field beside it says why. Units are in the names or the descriptions.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from jobs.errors import InvalidInput
from jobs.measuring import ImportRequest
from jobs.payloads import CampaignRequest
from jobs.report_bivariate import BivariateReport
from jobs.report_constant_time import ConstantTime as ConstantTime  # noqa: PLC0414 -- read from here, too
from jobs.report_constant_time import Dependence as Dependence  # noqa: PLC0414 -- read from here, too
from jobs.report_constant_time import SecretCheck
from jobs.report_measured import Measured
from jobs.report_multiplicity import Multiplicity
from jobs.report_parts import Part as Part  # noqa: PLC0414 -- read from here, too
from jobs.report_parts import Parting as Parting  # noqa: PLC0414 -- read from here, too
from jobs.report_parts import Place as Place  # noqa: PLC0414 -- read from here, too
from jobs.report_sequential import SequentialReport


class Verdict(StrEnum):
    """The answer in one word."""

    LEAKS = "leaks"
    """At least one finding of medium severity or worse outside declared-public code."""
    CLEAN = "clean"
    """No such finding, and enough traces to have seen one of the stated size."""
    INSUFFICIENT = "insufficient"
    """No such finding, but too few traces to say so."""
    FAULT = "fault"
    """Executions ended in a fault or ran out of budget; statistics cover the others, if any."""


class Severity(StrEnum):
    """Ordered from worst to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """What a finding is about."""

    TVLA_1 = "tvla-1"
    TVLA_2 = "tvla-2"
    CPA = "cpa"
    CONTROL_FLOW = "control-flow"
    SECRET_ADDRESS = "secret-address"  # noqa: S105 -- a kind of finding
    CYCLES = "cycles"
    FAULT = "fault"
    BUDGET = "budget"
    BIVARIATE = "bivariate"


SAMPLES = "samples"
"""The mnemonic of a place that is no instruction but some samples of measured traces."""


class Finding(Part):
    """One thing that is wrong at one instruction, with its worst statistic."""

    kind: Kind
    severity: Severity
    place: Place
    title: str
    """One sentence for a person: what leaks, where, how strongly."""
    secret: str | None = Field(description="Which secret, e.g. `key byte 3`; null where the statistic does not tell.")
    statistic: Literal["t", "rho", "executions"]
    value: float | None = Field(description="Of the worst sample; null: infinite (a deterministic difference).")
    p_log10: float | None = Field(description="log10 of the p-value; null where it does not apply or is below 1e-300.")
    sample: int | None
    samples: int = Field(description="How many samples of this instruction show it.")
    traces: int = Field(description="Traces behind the statistic.")
    sufficient: bool = Field(description="Whether that was enough for the statistic to be relied on.")
    traces_needed: int | None = Field(description="Estimated traces for this effect to be seen; null when unknown.")
    parting: tuple[Parting, ...] = Field(
        default=(),
        description="Of executions that left the path or faulted: where the inputs of the reference (`one`) and of the "
        "first such execution (`other`) differ.",
    )
    partner: Place | None = Field(
        default=None, description="The other instruction, of a kind of finding that takes two; else null."
    )
    partner_sample: int | None = None


class Firmware(Part):
    """The artifact that was measured."""

    sha256: str
    bytes: int
    core: str
    code_bytes: int
    has_lines: bool = Field(description="Whether DWARF lines were found; without them places have no file and line.")


class Alignment(Part):
    """What the executions had in common."""

    kind: Literal["full", "common-prefix"]
    path_instructions: int
    compared_instructions: int
    samples: int
    first_sample: int = Field(description="Where the trigger window starts, in instructions of the path.")
    diverged_traces: int
    faulted_traces: int


class Execution(Part):
    """Which engine executed the traces, and how that was checked."""

    lanes: int = Field(
        description="Executions in vector lanes, many at once; the others were run one by one by Unicorn."
    )
    again: int = Field(description="Executions that left the way of their lanes, and were done once more.")
    checked: int = Field(description="Executions in lanes that Unicorn did as well; none differed.")
    why: str = Field(description="Why this engine, in a sentence.")


class PowerUsed(Part):
    """How activity became power."""

    model: str
    calibration: Literal["uncalibrated", "calibrated", "measured"]
    unit: str
    sampling: Literal["instruction", "cycle", "sample"]
    noise_sigma: float
    noise: Literal["per-trace", "by-law", "none"] | None = Field(
        default=None,
        description="`per-trace`: drawn for every sample of every trace. `by-law`: the counts of noisy samples were drawn "
        "from their exact law given those of noise-free ones. Null: a report from before this was told.",
    )
    noise_why: str | None = Field(default=None, description="Why every trace needed a noise of its own; else null.")
    step: float = Field(description="Quantisation step; samples are integers of this size around the reference trace.")
    clipped: int = Field(description="Samples that fell outside the quantiser's range, over all traces.")


class Tvla(Part):
    """Welch t-tests between the fixed and the random set."""

    threshold: float
    corrected_threshold: float = Field(
        description="For the number of samples, Ding et al. 2017; in a sequential campaign the boundary of its last look."
    )
    traces_fixed: int
    traces_random: int
    max_abs_t1: float | None = Field(
        description="Declared-public code excluded. Null: infinite, a deterministic difference."
    )
    max_abs_t2: float | None
    leaking_samples_1: int = Field(description="Over the threshold in both halves, declared-public code excluded.")
    leaking_samples_2: int
    deterministic_samples: int = Field(description="Constant in both sets, with different values.")
    minimum_effect: float | None = Field(
        description="Smallest difference, in standard deviations, that these traces show with 95 % power."
    )


class KeyByte(Part):
    """The attack on one key byte."""

    index: int
    best_guess: int
    true_value: int | None
    rank: int | None = Field(description="Of the true value, 0 is first; null when the key is unknown.")
    confident: bool = Field(
        default=False, description="Whether the best guess stands clear of the second and of the noise floor."
    )
    name: str | None = Field(
        default=None,
        description="Which byte of what, e.g. `key word 4, byte 1`; null: a report from before this was told.",
    )
    model: Literal["hw", "value", "hd"]
    rho: float
    rho_low: float
    rho_high: float
    sample: int
    place: Place
    second_rho: float = Field(
        description="|rho| of the second best guess; rho itself, where a guess and its complement predict opposites."
    )
    ranks: tuple[int | None, ...] = Field(description="Rank at each checkpoint; null when the key is unknown.")
    traces_to_recover: int | None = Field(description="First checkpoint from which the rank stays 0.")


class WindowChosen(Part):
    """How the window of an attack was chosen: by the t-test of a pilot without noise."""

    traces: int
    threshold: float
    compared: int = Field(description="Samples that all of the pilot's executions have in common.")
    flagged: int = Field(description="Of those, outside of declared-public code: |t| over the threshold.")


class CpaReport(Part):
    """Correlation with a predicted intermediate."""

    intermediate: str
    what: str = Field(default="the output of the AES-128 first-round S-box", description="What is predicted, in words.")
    of: str = Field(default="key", description="What `key` is, and `bytes` are bytes of.")
    assumes: str | None = Field(default=None, description="What was taken for granted about other bytes, if anything.")
    conditional: bool = Field(
        default=False,
        description="Whether the attack knows what a real one would not, such as masks: its findings are low, and not counted.",
    )
    master_key: str | None = Field(
        default=None,
        description="The key that follows, hex; null where not all best guesses stand out, or where they do not determine it.",
    )
    chosen: WindowChosen | None = Field(default=None, description="Null: the window was not left to a pilot.")
    snr_absent: str | None = Field(
        default=None, description="Why there is no signal-to-noise ratio; null where there is."
    )
    traces: int
    window: tuple[int, int] = Field(description="Samples [from, to) attacked.")
    noise_floor: float = Field(description="4/sqrt(N)")
    key_known: bool
    recovered: int | None = Field(description="Key bytes whose rank is 0; null when the key is unknown.")
    confident: int = Field(description="Bytes whose best guess stands clear of the second and of the noise floor.")
    key: str = Field(description="The best guesses, hex.")
    bytes: tuple[KeyByte, ...]
    checkpoints: tuple[int, ...] = Field(description="Traces at which ranks were taken.")
    guessing_entropy: tuple[float, ...] | None = Field(
        description="Mean log2(rank + 1) over the bytes, per checkpoint."
    )


class Series(Part):
    """Per-sample statistics for plots. With `stride` > 1 each value is the extreme of its bucket of samples."""

    stride: int
    first_sample: int = Field(
        description="Where sample 0 is, in instructions of the path; the points are samples 0, stride, 2 * stride ..."
    )
    pcs: tuple[int, ...]
    t1: tuple[float | None, ...] = Field(description="Null: infinite.")
    t2: tuple[float | None, ...]
    rho: tuple[float, ...] = Field(
        description="Largest |rho| over bytes of the true, or best, guess; empty without CPA."
    )
    snr: tuple[float | None, ...] = Field(
        description="Largest SNR over bytes of the intermediate; null: infinite; empty without CPA."
    )
    mean: tuple[float, ...] = Field(description="Mean power.")


class Row(Part):
    """One executed instruction with its worst statistics over all its samples."""

    place: Place
    executions: int = Field(description="Samples of the path that belong to it.")
    max_abs_t1: float | None = Field(description="Null: infinite when `deterministic`, else not computed.")
    max_abs_t2: float | None
    deterministic: bool
    max_abs_rho: float | None = Field(description="Null: not attacked; reports from before that was told have 0.")
    rho_byte: int | None
    max_snr: float | None
    public: str | None = Field(description="Why its leakage is by design, as the campaign declared.")


class Excluded(Part):
    """Code that the campaign declared public; shown, not counted."""

    place: str
    reason: str
    samples: int
    leaking_samples: int
    max_abs_t1: float | None = Field(description="Null: infinite, or nothing of it ran.")


class Sufficiency(Part):
    """Whether the number of traces supports the verdict."""

    sufficient: bool
    why: str


class Timings(Part):
    """Where the time went; not part of the digest."""

    execute_s: float
    statistics_s: float
    merge_s: float
    traces_per_s: float = Field(description="Per core: traces over the shards' summed seconds.")


class Report(Part):
    """The whole report."""

    schema_version: Literal["report/1"] = "report/1"
    campaign: str
    created_at: datetime
    request: CampaignRequest | ImportRequest = Field(description="Of an import where `measured` is not null.")
    verdict: Verdict
    headline: str
    """One sentence: the verdict for a person."""
    digest: str = Field(description="sha256 over the exact sums: equal for any number of shards and workers.")
    firmware: Firmware | None = Field(description="Null: measured traces of a program that was not given.")
    engine: dict[str, str]
    execution: Execution | None = Field(default=None, description="Null: a report from before this was told.")
    traces: int
    measured: Measured | None = Field(default=None, description="Null: the traces were simulated.")
    alignment: Alignment
    power: PowerUsed
    tvla: Tvla | None
    tvla_absent: str | None = Field(description="Why there is no t-test.")
    sequential: SequentialReport | None = Field(
        default=None, description="Null: the campaign asked to be looked at only at its end."
    )
    multiplicity: Multiplicity | None = Field(
        default=None, description="Null: no t-test, or a report from before it was told."
    )
    bivariate: BivariateReport | None = None
    bivariate_absent: str | None = Field(
        default="the campaign asked for none", description="Why pairs were not tested."
    )
    cpa: CpaReport | None
    cpa_absent: str | None
    max_snr: float | None = Field(
        description="Null: infinite, or no attack, or none for the reason that `cpa.snr_absent` gives."
    )
    constant_time: ConstantTime | None = None
    constant_time_absent: str | None = Field(
        default="this report is from before it was told", description="Why ways and addresses were not looked at."
    )
    secrets: SecretCheck | None = None
    secrets_absent: str | None = Field(
        default="this report is from before it was told",
        description="Why executions with other secrets were not compared.",
    )
    findings: tuple[Finding, ...] = Field(description="Worst first.")
    excluded: tuple[Excluded, ...]
    rows: tuple[Row, ...] = Field(description="By address.")
    series: Series
    sufficiency: Sufficiency
    timings: Timings
    warnings: tuple[str, ...]

    @property
    def code(self) -> Firmware:
        """Return the firmware; raise InvalidInput for traces that were measured of a program nobody gave."""
        if self.firmware is None:
            raise InvalidInput("These traces were measured of a program that is not known.", reason="no-firmware")
        return self.firmware

    @property
    def simulated(self) -> CampaignRequest:
        """Return the campaign's request; raise InvalidInput for measured traces, which an import took in."""
        if not isinstance(self.request, CampaignRequest):
            raise InvalidInput("These traces were measured, not simulated.", reason="measured")
        return self.request
