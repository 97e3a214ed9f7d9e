"""What all parts of a report are made of."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A frozen part of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Part):
    """An instruction of the firmware."""

    address: int
    mnemonic: str
    operands: str
    function: str | None
    file: str | None
    line: int | None
