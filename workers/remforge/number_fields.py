"""The numbers of a record by path, such as `qualia.image.brightness`; which ones there are, the model says."""

import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from jobs.rem import SECTIONS, Rem


@cache
def number_fields() -> tuple[str, ...]:
    """Return the paths of all leaves that are numbers or null, in the order of the model."""
    return tuple(path for section in SECTIONS for path in _of(section))


def numbers(rem: Rem) -> dict[str, float | None]:
    """Return path -> value of a record's numbers; those of sections that it does not have are left out."""
    found: dict[str, float | None] = {}
    for section in SECTIONS:
        part: Any = rem
        for name in section.split("."):
            part = getattr(part, name)
        if part is not None:
            found |= {path: getattr(part, path.rpartition(".")[2]) for path in _of(section)}
    return found


def _of(section: str) -> Iterator[str]:
    model: type[BaseModel] = Rem
    for name in section.split("."):
        model = next(kind for kind in _kinds(model.model_fields[name].annotation) if kind is not type(None))
    for name, field in model.model_fields.items():
        if _kinds(field.annotation) <= {int, float, type(None)}:
            yield f"{section}.{name}"


def _kinds(annotation: Any) -> set[Any]:
    """Return the types that a value may have, without what is said about them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return set().union(*(_kinds(one) for one in get_args(annotation)))
    return {annotation}
