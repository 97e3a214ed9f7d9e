"""A fitted power model as a file, as `power_model` reads it."""

import json
from collections.abc import Mapping
from typing import Any

from workers.simulation.power_model import PowerModel


def to_toml(model: PowerModel) -> bytes:
    """Return the file of a model; equal models give equal bytes."""
    document = model.model_dump(mode="json", exclude_none=True)
    plain = {name: value for name, value in document.items() if not isinstance(value, Mapping)}
    tables = {name: value for name, value in document.items() if isinstance(value, Mapping)}
    lines = [*_lines(plain)]
    for name, table in tables.items():
        lines += [
            "",
            f"[{name}]",
            *_lines({key: value for key, value in table.items() if not isinstance(value, Mapping)}),
        ]
        for key, value in table.items():
            if isinstance(value, Mapping) and value:
                lines += ["", f"[{name}.{key}]", *_lines(value)]
    return ("\n".join(lines) + "\n").encode()


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items()]


def _value(value: Any) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML string, but for what JSON writes as two surrogates, and DEL, which it does not escape.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"{value!r} has no place in a power model")
