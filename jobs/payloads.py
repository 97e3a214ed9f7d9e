"""What a client may ask for, as strict models: every limit of a request is stated here and nowhere else."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from jobs.callbacks import CallbackUrl

MAX_TRACES = 100_000_000
MAX_CYCLES = 50_000_000
MAX_INPUT_BYTES = 4096
MAX_ATTACKED = 32_768
"""Samples of an attack: 16 KiB of class sums each."""

ArtifactId = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Symbol = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-fA-F]{2})+$", to_lower=True, max_length=2 * MAX_INPUT_BYTES)]
Address = Annotated[int, Field(ge=0, lt=2**32)]


class Request(BaseModel):
    """A frozen model that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def exactly_one(*fields: tuple[str, ...]) -> dict[str, Any]:
    """Return what a schema says where exactly one of these groups of optional fields must be given.

    By conditions rather than `oneOf`, which generators of clients take for so many models.
    """
    group, *others = fields
    given = {"required": list(group), "properties": {name: {"not": {"type": "null"}} for name in group}}
    if not others:
        return given
    rest = {"properties": {name: {"type": "null"} for other in others for name in other}}
    return {"if": given, "then": rest, "else": exactly_one(*others)}


class Core(StrEnum):
    """Cores that the embedded simulator runs."""

    M0 = "cortex-m0"
    M3 = "cortex-m3"
    M4 = "cortex-m4"


class InputRole(StrEnum):
    """What an input is to the program."""

    KEY = "key"
    PLAINTEXT = "plaintext"
    NONCE = "nonce"
    MASK = "mask"
    OTHER = "other"


class Varies(StrEnum):
    """How an input changes from trace to trace."""

    CONSTANT = "constant"
    RANDOM = "random"
    PLAN = "plan"
    """As the campaign's plan says: fixed against random, random, or fixed."""


BY_ROLE = {
    InputRole.KEY: Varies.CONSTANT,
    InputRole.PLAINTEXT: Varies.PLAN,
    InputRole.NONCE: Varies.RANDOM,
    InputRole.MASK: Varies.RANDOM,
    InputRole.OTHER: Varies.PLAN,
}


class Input(Request):
    """Bytes given to the firmware before each execution."""

    name: Name
    role: InputRole
    length: int = Field(ge=1, le=MAX_INPUT_BYTES, description="Bytes.")
    symbol: Symbol | None = Field(
        None,
        description="The buffer's symbol; without one the bytes lie in scratch memory and reach the entry by an argument.",
    )
    value: Hex | None = Field(None, description="The constant or fixed value; drawn from the seed when absent.")
    varies: Varies | None = Field(
        None, description="Default by role: a key is constant, a mask and a nonce random, the rest follows the plan."
    )

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        if self.value is not None and len(self.value) != 2 * self.length:
            msg = f"value has {len(self.value) // 2} bytes, length says {self.length}"
            raise ValueError(msg)
        return self

    @property
    def variation(self) -> Varies:
        """Return how the input varies, by role where the request is silent."""
        return self.varies or BY_ROLE[self.role]


class InputArgument(Request):
    """Passes the address of an input."""

    input: Name


class ValueArgument(Request):
    """Passes a plain number."""

    value: Address


class OutputArgument(Request):
    """Passes the address of the output buffer."""

    output: Literal[True]


Argument = InputArgument | ValueArgument | OutputArgument


class Output(Request):
    """Where the result is read: a symbol, a scratch buffer passed by an argument, or r0 (length 4 and no symbol)."""

    length: int = Field(ge=1, le=MAX_INPUT_BYTES)
    symbol: Symbol | None = None


class Trigger(Request):
    """Limits the trace from the first time `start` runs to the next time `stop` does (symbols or 0x addresses)."""

    start: Symbol
    stop: Symbol


class Public(Request):
    """Code whose leakage is by design, and why: a symbol, or an address range [start, end)."""

    model_config = ConfigDict(json_schema_extra=exactly_one(("symbol",), ("start", "end")))

    symbol: Symbol | None = None
    start: Address | None = None
    end: Address | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.symbol is None) == (self.start is None) or (self.start is None) != (self.end is None):
            msg = "give either symbol, or start and end"
            raise ValueError(msg)
        if self.start is not None and self.end is not None and self.start >= self.end:
            msg = "start must be below end"
            raise ValueError(msg)
        return self


class Memory(Request):
    """A region of the core's memory map. Code runs in `rx` regions, data is written in `rw` regions."""

    name: Name
    start: Address
    size: int = Field(ge=4096, le=16 * 2**20)
    access: Literal["rx", "rw"]


class Target(Request):
    """How to call the firmware."""

    core: Core
    entry: Symbol
    inputs: tuple[Input, ...] = Field(min_length=1, max_length=16)
    arguments: tuple[Argument, ...] = Field((), max_length=4, description="r0 to r3, in order.")
    output: Output | None = None
    setup: Symbol | None = Field(None, description="A function without arguments, run once before the first trace.")
    max_cycles: int = Field(2_000_000, ge=1, le=MAX_CYCLES, description="Budget of one execution.")
    trigger: Trigger | None = None
    public: tuple[Public, ...] = Field((), max_length=64)
    memory: tuple[Memory, ...] = Field(
        (), max_length=8, description="Default: 1 MiB rx at 0x08000000, 64 KiB rw at 0x20000000."
    )

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [item.name for item in self.inputs]
        if len(set(names)) != len(names):
            msg = "input names must differ"
            raise ValueError(msg)
        passed = {item.input for item in self.arguments if isinstance(item, InputArgument)}
        if unknown := passed - set(names):
            msg = f"arguments name unknown inputs: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        unreachable = [item.name for item in self.inputs if item.symbol is None and item.name not in passed]
        if unreachable:
            msg = f"inputs need a symbol or an argument: {', '.join(unreachable)}"
            raise ValueError(msg)
        return self


class Plan(StrEnum):
    """How the inputs that follow the plan are chosen."""

    FIXED_VS_RANDOM = "fixed_vs_random"
    RANDOM = "random"
    FIXED = "fixed"


class Sampling(StrEnum):
    """What one sample of a trace stands for."""

    INSTRUCTION = "instruction"
    CYCLE = "cycle"


class Power(Request):
    """How activity becomes power."""

    model: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+_-]{0,31}$")] = "hw"
    sampling: Sampling = Sampling.INSTRUCTION
    noise_sigma: float = Field(1.0, ge=0, le=1000, allow_inf_nan=False, description="In the model's unit.")


class Cpa(Request):
    """A correlation attack on the AES-128 first-round S-box output."""

    intermediate: Literal["aes128-sbox-output"] = "aes128-sbox-output"
    plaintext: Name = "plaintext"
    key: Name | None = Field("key", description="The input that holds the key, when the report shall rank it.")
    window: tuple[int, int] | None = Field(None, description="Samples [from, to); default: the first 8192.")


class CampaignRequest(Request):
    """N executions of one target, their statistics, and the verdict."""

    firmware: ArtifactId
    target: Target
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    plan: Plan = Plan.FIXED_VS_RANDOM
    traces: int = Field(ge=8, le=MAX_TRACES)
    seed: int = Field(1, ge=0, lt=2**63)
    power: Power = Power()
    cpa: Cpa | None = None
    assess_order: Literal[1, 2] = Field(
        2, description="Highest order of the t-test that counts for the verdict; both are always shown."
    )
    minimum_effect: float = Field(
        0.2,
        gt=0,
        le=10,
        allow_inf_nan=False,
        description="Smallest difference of means, in standard deviations, that a clean verdict must be able to exclude.",
    )
    shards: int | None = Field(
        None, ge=1, le=256, description="Never changes the result; chosen by the farm when absent."
    )
    keep_traces: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        inputs = {item.name: item for item in self.target.inputs}
        if self.cpa is not None:
            plaintext = inputs.get(self.cpa.plaintext)
            if (
                plaintext is None
                or plaintext.length != 16
                or plaintext.variation is Varies.CONSTANT
                or self.plan is Plan.FIXED
            ):
                msg = "cpa needs an input of 16 bytes that varies as its plaintext"
                raise ValueError(msg)
            if self.cpa.key is not None and self.cpa.key not in inputs and "key" in self.cpa.model_fields_set:
                msg = f"cpa.key names no input: {self.cpa.key}"
                raise ValueError(msg)
            if self.cpa.key is not None and self.cpa.key in inputs:
                key = inputs[self.cpa.key]
                if key.length != 16 or key.variation is not Varies.CONSTANT:
                    msg = "cpa ranks a constant key of 16 bytes"
                    raise ValueError(msg)
            window = self.cpa.window
            if window is not None and not (0 <= window[0] < window[1] <= window[0] + MAX_ATTACKED):
                msg = f"cpa.window must be [from, to) with from below to, and at most {MAX_ATTACKED} samples"
                raise ValueError(msg)
        if self.plan is not Plan.FIXED and not any(item.variation is Varies.PLAN for item in self.target.inputs):
            msg = "no input follows the plan: set varies to plan on one"
            raise ValueError(msg)
        return self


class InspectRequest(Request):
    """What does an uploaded ELF offer to a campaign: cores, functions, buffers."""

    firmware: ArtifactId
    contains: Annotated[str, StringConstraints(min_length=1, max_length=256)] | None = Field(
        None, description="List only names that contain this, whatever the case."
    )


class PingRequest(Request):
    """A job that does nothing, to measure the way there and back; it may be asked to take a while or to fail."""

    echo: Annotated[str, StringConstraints(max_length=1000)] = ""
    duration_s: float = Field(0, ge=0, le=600)


class JobRequest(Request):
    """The body of POST /api/v2/jobs."""

    kind: Literal[
        "ping",
        "inspect",
        "estimate",
        "campaign",
        "query",
        "chat",
        "similar",
        "ingest",
        "remove",
        "rebuild",
        "remforge.forge",
        "remforge.batch",
        "remforge.sequence",
        "remforge.search",
    ]
    params: dict[str, object]
    priority: int = Field(5, ge=0, le=9, description="9 is the most urgent.")
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")], ...] = (
        Field((), max_length=16)
    )
    deadline_s: float | None = Field(None, gt=0, le=86_400)
    callback_url: CallbackUrl | None = Field(None, description="Is sent the job when it has ended, signed.")


class CampaignSubmission(CampaignRequest):
    """The body of POST /api/v2/campaigns: a campaign and how to queue it."""

    priority: int = Field(5, ge=0, le=9)
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")], ...] = (
        Field((), max_length=16)
    )
    deadline_s: float | None = Field(None, gt=0, le=86_400)
    callback_url: CallbackUrl | None = Field(None, description="Is sent the job when it has ended, signed.")


class ShardParams(Request):
    """Part of a campaign: traces [first, last) of the campaign `campaign`."""

    campaign: str
    index: int = Field(ge=0)
    first: int = Field(ge=0)
    last: int = Field(gt=0)


class MergeParams(Request):
    """The last part of a campaign."""

    campaign: str
