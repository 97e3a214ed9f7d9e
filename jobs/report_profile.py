"""The report of a profiled attack, `profile/1`. A value that was not computed is null, and a field beside it says why."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from jobs.profiling import Method, ProfileRequest
from jobs.report import Part, Place


class Estimate(Part):
    """A number with its 95 % confidence interval."""

    value: float
    low: float | None = Field(description="Null: there was one attack, which has no spread.")
    high: float | None


class PointOfInterest(Part):
    """A sample that a byte is learnt from."""

    sample: int
    snr: float | None = Field(description="Over the traces that were learnt from; null: infinite.")
    place: Place | None = Field(description="Null: the traces are of no known firmware.")


class BytePoints(Part):
    """The points of interest of one key byte, strongest first."""

    index: int
    significant: int = Field(
        description="Samples whose F-test over the classes is below 0.01, corrected for their number. 0: the points are "
        "the strongest that chance made."
    )
    points: tuple[PointOfInterest, ...]


class AttackPoint(Part):
    """Attacks with so many traces each, no trace in two of them."""

    traces: int
    attacks: int
    success: Estimate = Field(description="Share of the attacks that have all bytes right (success rate of order 1).")
    success_order: Estimate = Field(description="Share that has each byte among the first `order` guesses.")
    bytes_right: Estimate = Field(description="Mean share of the bytes that are right.")
    guessing_entropy: Estimate = Field(description="Mean over attacks and bytes of log2(rank + 1): bits left per byte.")
    mean_rank: float = Field(description="Mean over attacks and bytes; 0 is first, 127.5 is chance.")


class ByteAttack(Part):
    """One key byte under one method."""

    index: int
    best_guess: int | None = Field(description="With all traces; null where every trace has a key of its own.")
    true_value: int | None
    rank: int | None = Field(description="Of the true value with all traces, 0 is first; null: the key is unknown.")
    margin: float = Field(
        description="log10 of the likelihood of the best guess over that of the second, with all traces."
    )
    information: Estimate | None = Field(
        description="Perceived information, bits per trace; below 0 the model is worse than none. Null: key unknown."
    )
    bits: tuple[float, ...] = Field(
        description="Stochastic model: weight of each bit, least significant first, at the strongest point; else empty."
    )
    success: tuple[Estimate, ...] = Field(
        description="Share of attacks that have this byte right, per number of traces."
    )
    mean_rank: tuple[float, ...] = Field(description="Over the attacks, per number of traces.")


class MethodReport(Part):
    """What one method learnt, and how far attacks with it got."""

    method: Method
    model: str = Field(description="What was fitted, in a few words.")
    classes: int | None = Field(description="Of templates; null for the stochastic model.")
    key: str | None = Field(description="The best guesses with all traces, hex; null where every trace has its own.")
    recovered: int | None = Field(description="Bytes right with all traces; null: the key is unknown.")
    curve: tuple[AttackPoint, ...] = Field(description="Empty where the key is unknown.")
    curve_absent: str | None
    traces_to_success: int | None = Field(
        description="Fewest traces from which on at least 90 % of the attacks had all bytes right; null: none, or unknown."
    )
    bytes: tuple[ByteAttack, ...]


class ProfileReport(Part):
    """The whole report."""

    schema_version: Literal["profile/1"] = "profile/1"
    profile: str
    created_at: datetime
    request: ProfileRequest
    headline: str
    digest: str = Field(
        description="sha256 over what was learnt from and attacked, and the rank of every byte in every attack."
    )
    campaign_digest: str
    attack_digest: str | None = Field(description="Null: traces of the same campaign were attacked.")
    traces_profiling: int
    traces_attack: int
    samples: int = Field(description="Of a trace.")
    samples_considered: int = Field(
        description="In the window, common to all executions, and not of code that is declared public."
    )
    key_bytes: int
    key_varies: bool = Field(description="Whether each trace that was learnt from had a key of its own.")
    same_key: bool = Field(
        description="Whether the traces that were learnt from and those attacked have one and the same key. Then what "
        "depends on the plaintext alone helps as much as what depends on the key."
    )
    points: tuple[BytePoints, ...]
    methods: tuple[MethodReport, ...]
    warnings: tuple[str, ...]
