"""The report on constant time: what depends on the inputs that vary, and the check of declared secrets."""

from typing import Literal

from pydantic import Field

from jobs.assessing import DataCache
from jobs.report_parts import Part, Parting, Place


class Dependence(Part):
    """An instruction that takes its way or its address from inputs that vary."""

    kind: Literal["branch", "load", "store", "operand"] = Field(
        description="`operand`: of a division, or a long multiplication on a Cortex-M3, which end early for some; of an "
        "instruction of more than a cycle in an IT block, which takes one where its condition fails; or of a load or store "
        "at an address that is aligned for some only."
    )
    place: Place
    executions: int = Field(description="How often it stands on the reference path.")
    first: int = Field(description="Position in the path of the first time that it depends on the inputs.")
    parting: tuple[Parting, ...] = Field(
        description="Inputs of two executions that part here, where they differ; empty where none of those looked at do: "
        "what decides is computed from the inputs, and came out the same."
    )
    public: str | None = Field(description="Why it may, as the campaign declared.")


class ConstantTime(Part):
    """Ways and addresses that depend on the inputs, along the reference path: a constant-time program has none."""

    varied: tuple[str, ...] = Field(description="Inputs that differ between executions.")
    held: tuple[str, ...] = Field(description="Inputs that do not: what depends on nothing else is not seen.")
    looked_at: int = Field(description="Executions whose values were looked at beside each other.")
    branches: int = Field(description="Instructions whose way depends on the inputs, declared-public code left out.")
    addresses: int = Field(description="Instructions whose address does, declared-public code left out.")
    found: tuple[Dependence, ...] = Field(description="Branches first, declared-public code last; at most 1,000.")
    total: int


class Way(Part):
    """Where executions went behind an instruction."""

    place: Place | None = Field(
        description="The first instruction that the other did not execute; null: it ended there."
    )
    executions: int = Field(description="How many of those compared went there.")


class SecretWay(Part):
    """An instruction behind which executions that differ in secrets alone went different ways."""

    place: Place
    first: int = Field(description="Least position in the path, over all that parted here.")
    ways: tuple[Way, ...] = Field(description="The most taken first; at most 8.")
    parting: tuple[Parting, ...] = Field(description="Inputs of two executions that parted here first.")
    p_log10: float | None = Field(
        description="With masks: log10 of the chance that fixed and random secrets go these ways so differently. "
        "Without: null, as any difference comes from the secrets."
    )
    public: str | None = Field(description="Why it may, as the campaign declared.")


class SecretAddress(Part):
    """A load or store whose address differs between executions that differ in secrets alone."""

    kind: Literal["load", "store"]
    place: Place
    first: int = Field(description="Least position in the path.")
    executions: int = Field(description="In how many of those compared it went elsewhere than in the reference.")
    compared: int
    span: tuple[int, int] = Field(description="Least and greatest address seen where it differs.")
    other_lines: int | None = Field(
        description="In how many executions that was another cache line than in the reference; null without a cache."
    )
    extra_cycles: tuple[int, int] | None = Field(
        description="Least and most that misses of this instruction took in an execution; null without a cache."
    )
    parting: tuple[Parting, ...] = Field(description="Inputs of two executions that differ here.")
    p_log10: float | None = Field(description="As for `ways`.")
    public: str | None


class CycleTest(Part):
    """Welch's t-test of the cycles of executions with the fixed secret against those with random ones."""

    value: int = Field(description="Which of the public values; 0 is the campaign's own.")
    cached: bool = Field(description="Whether cycles count the misses of the data cache.")
    fixed: int = Field(description="Executions.")
    random: int
    mean_fixed: float
    mean_random: float
    fewest: int
    most: int
    t: float | None = Field(description="Null: infinite, both are constant and differ.")
    p_log10: float | None = Field(description="log10 of the p-value; null where t is infinite.")
    differs: bool = Field(
        description="Whether secrets change the cycles. Without masks every difference shows it, with masks the test, at "
        "the check's error rate."
    )
    place: Place | None = Field(
        description="If so, where it begins: the first instruction that parts executions, else the one whose misses vary most."
    )
    public: str | None = Field(description="Why it may, as the campaign declared.")


class SecretCheck(Part):
    """Executions compared that differ in secrets (and masks) alone."""

    verdict: Literal["constant-time", "leaks", "undecided"]
    why: str
    secrets: tuple[str, ...]
    masks: tuple[str, ...] = Field(
        description="Inputs that are drawn for each execution and are neither secret nor public."
    )
    public: tuple[str, ...] = Field(description="Inputs that are the same among the executions compared.")
    values: int = Field(description="Values of the public inputs, each with executions of its own.")
    executions: int = Field(description="All of them: with the fixed secret, with random and with chosen ones.")
    chosen: int = Field(description="Those with chosen secrets: zeros, ones, single bits, near the public inputs.")
    failed: int = Field(description="Executions that did not end well; they are compared up to their end.")
    error_rate: float | None = Field(
        description="Chance that the tests call a target leaking that does not; null without masks, as then nothing is "
        "left to chance."
    )
    ways: tuple[SecretWay, ...] = Field(description="By position; declared-public code last.")
    addresses: tuple[SecretAddress, ...] = Field(description="By position; declared-public code last; at most 1,000.")
    operands: tuple[Dependence, ...] = Field(
        description="Instructions that take the core longer for some operands than for others, than where their condition "
        "fails, or than at an aligned address, where that differs with secrets: the cycle model does not know it, so "
        "`cycles` does not show it."
    )
    cache: DataCache | None
    cycles: tuple[CycleTest, ...]
    proven: bool = Field(
        description="Whether nothing on the paths is computed from secrets that could change ways or addresses: then no "
        "secret at all does, with these public values."
    )
    unproven: str | None = Field(description="Why not.")
    open: tuple[Dependence, ...] = Field(
        description="Ways and addresses that are computed from secrets, and came out the same in all executions."
    )
