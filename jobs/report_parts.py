"""What several parts of a report are made of."""

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A frozen part of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Part):
    """An instruction of the firmware; or, in measured traces whose code is not known, some samples."""

    address: int = Field(
        description="Where the mnemonic is `samples`: the first of them, or one above 0xfffffff0 for those before and "
        "behind an execution; the operands say which they are."
    )
    mnemonic: str
    operands: str
    function: str | None
    file: str | None
    line: int | None


class Parting(Part):
    """One input of two executions that went different ways."""

    input: str = Field(description="Its name.")
    offset: int = Field(description="The first byte shown; 0 where the input is shown whole.")
    one: str = Field(description="Hex, at most 64 bytes.")
    other: str
