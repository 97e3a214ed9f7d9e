"""How a firmware is called: its core, its inputs and output, its memory."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from jobs.forms import MAX_INPUT_BYTES, Address, Hex, Misfit, Name, Request, Symbol, exactly_one

MAX_CYCLES = 50_000_000


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
            raise Misfit("value", f"value has {len(self.value) // 2} bytes, length says {self.length}")
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

    @property
    def variation(self) -> Varies:
        """Return how it varies: with the inputs, of which one follows the plan."""
        return Varies.PLAN


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
            raise Misfit("start", "start must be below end")
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
            raise Misfit("inputs", "input names must differ")
        passed = {item.input for item in self.arguments if isinstance(item, InputArgument)}
        if unknown := passed - set(names):
            raise Misfit("arguments", f"arguments name unknown inputs: {', '.join(sorted(unknown))}")
        unreachable = [item.name for item in self.inputs if item.symbol is None and item.name not in passed]
        if unreachable:
            raise Misfit("inputs", f"inputs need a symbol or an argument: {', '.join(unreachable)}")
        return self
