"""What every form of a request is made of: strict models, and the types of their fields."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_INPUT_BYTES = 4096

ArtifactId = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Symbol = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-fA-F]{2})+$", to_lower=True, max_length=2 * MAX_INPUT_BYTES)]
Address = Annotated[int, Field(ge=0, lt=2**32)]


class Misfit(ValueError):
    """Fields that are right alone and do not fit together: `field`, from where it is raised, is to be changed."""

    def __init__(self, field: str, message: str) -> None:
        """Keep which field it is."""
        super().__init__(message)
        self.field = field


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
