"""Power models as files: a TOML table per coefficient, each naming its unit and its source."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from jobs.errors import InvalidInput
from renode.trace import Class

MAX_BYTES = 64 * 1024
LARGEST = 1e6
"""Of any coefficient, either way."""
TERMS = ("register_hw", "register_hd", "bus_hw", "bus_hd", "low_byte")
"""The coefficients beside the base, in the order of the activity word's fields."""

_Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
_Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
_ClassName = Literal["alu", "shift", "multiply", "divide", "load", "store", "branch", "other"]


class Coefficient(BaseModel):
    """One coefficient: its value for every class, except where a class has its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    value: _Number
    by_class: dict[_ClassName, _Number] = {}
    unit: _Text
    source: _Text

    def row(self) -> npt.NDArray[np.float32]:
        """Return the value of each class [classes]."""
        values: Mapping[str, float] = self.by_class  # type: ignore[assignment]  # a Literal is a str; dict is invariant
        return np.array([values.get(kind.name.lower(), self.value) for kind in Class], np.float32)


class Provenance(BaseModel):
    """Which measurements a model was fitted to."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    calibration: _Text
    """The job that fitted it."""
    campaign: _Text
    """The import of the traces."""
    traces_sha256: _Text
    """Of the file that they came from."""
    firmware: _Text
    traces: int
    fitted_at: _Text


class PowerModel(BaseModel):
    """A power model as its file states it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+_-]{0,31}$")]
    description: _Text
    calibration: Literal["uncalibrated", "calibrated"]
    """`calibrated`: fitted to measurements, which `provenance` names."""
    unit: _Text
    base: Coefficient
    register_hw: Coefficient
    register_hd: Coefficient
    bus_hw: Coefficient
    bus_hd: Coefficient
    low_byte: Coefficient
    provenance: Provenance | None = None

    @model_validator(mode="after")
    def _says_whence(self) -> Self:
        if (self.calibration == "calibrated") != (self.provenance is not None):
            msg = "calibration is `calibrated` where provenance says from which measurements, and only there"
            raise ValueError(msg)
        return self

    def table(self) -> npt.NDArray[np.float32]:
        """Return the coefficients of `TERMS` for each class: [terms, classes]."""
        return np.stack([getattr(self, term).row() for term in TERMS])


def load_model(path: Path) -> PowerModel:
    """Read the power model at `path`; raise InvalidInput where there is none or where it is not one.

    It may come from a stranger, and be of any size.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise InvalidInput(f"A power model has at most {MAX_BYTES} bytes.", field="power.model")
        return PowerModel.model_validate(tomllib.loads(text.decode("utf-8")))
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no power model {path.stem!r}", field="power.model") from error
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"power model {path.stem!r} cannot be read: {error}", field="power.model") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        message = f"power model {path.stem!r}: {where}: {first['msg']}"
        raise InvalidInput(message, field="power.model") from error
