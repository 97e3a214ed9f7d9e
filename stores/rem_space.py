"""Where the vectors of records of REMForge lie: a space for each image model, in which all that it embedded is searched.

A record keeps its own vector (shelf REMS, `blob`, little-endian float32): it cannot be made again from a text.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from jobs.errors import InvalidInput
from jobs.knowledge import Space as Spaces
from stores.documents import Record
from stores.vectors import FloatArray, Space

DIGITS = 16
"""Of a model's SHA-256 in the name of its space."""
PREFIX = f"{Spaces.REMS.value}__"


def rem_space(name: str, sha256: str, dimensions: int) -> Space:
    """Return the space of an image model: of this name, and of just these weights."""
    return Space(Spaces.REMS.value, f"{name}@{sha256[:DIGITS]}", dimensions)


def space_of(body: Mapping[str, Any], dimensions: int) -> Space:
    """Return the space of a record's vector, given the record as JSON; raise InvalidInput where it names no model."""
    name = (body.get("embedding") or {}).get("model")
    for model in body["header"]["models"]:
        if model["name"] == name:
            return rem_space(name, model["sha256"], dimensions)
    raise InvalidInput("The record does not say which model its vector is of.", field="embedding")


def vector_of(record: Record) -> tuple[Space, FloatArray] | None:
    """Return a record's vector and its space; None where it has none."""
    if not record.blob:
        return None
    vector = np.frombuffer(record.blob, "<f4")
    return space_of(record.body, vector.size), vector


def rem_spaces(dimensions: Mapping[str, int]) -> list[Space]:
    """Return the spaces of records among those that have vectors, given by key, in a fixed order."""
    return [
        Space(Spaces.REMS.value, key.removeprefix(PREFIX), dimensions[key])
        for key in sorted(dimensions)
        if key.startswith(PREFIX)
    ]
