"""Campaign descriptions in files: the body of a campaign without its firmware, as JSON or TOML."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dasein.errors import BadCampaign


def read_campaign(path: Path) -> dict[str, Any]:
    """Return the description in a file, TOML if it is named so, else JSON; raise BadCampaign."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCampaign(f"{path} cannot be read: {error}") from error
    try:
        value = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise BadCampaign(f"{path} is not {'TOML' if path.suffix == '.toml' else 'JSON'}: {error}") from error
    if not isinstance(value, dict):
        raise BadCampaign(f"{path} must hold one object, a campaign without its firmware.")
    return sound(value, where=str(path))


def sound(description: dict[str, Any], *, where: str) -> dict[str, Any]:
    """Return a description that JSON can carry and that names no firmware; raise BadCampaign."""
    if "firmware" in description:
        raise BadCampaign(
            f"{where} names a firmware; a campaign file describes how to measure, the firmware comes apart."
        )
    try:
        json.dumps(description, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadCampaign(f"{where} holds a value that JSON has no word for: {error}") from error
    return description


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes` laid over it, table by table.

    A list is replaced whole, but for changes by number: `{"1": ...}` over it changes its second item. Raise BadCampaign for
    an item that is not there.
    """
    return {**base, **{name: _over(base.get(name), value, name) for name, value in changes.items()}}


def _over(before: Any, value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    if isinstance(before, Mapping):
        return merged(before, value)
    if not isinstance(before, list):
        return value
    items = {str(number): item for number, item in enumerate(before)}
    if absent := [step for step in value if step not in items]:
        raise BadCampaign(f"{name}.{absent[0]} is no item of {name}, which has {len(before)}, from 0 on")
    return list(merged(items, value).values())


def assignments(settings: Sequence[str]) -> dict[str, Any]:
    """Return `a.b=VALUE` settings as nested tables; a VALUE that is not JSON is text; raise BadCampaign."""
    result: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        steps = name.split(".")
        if not equals or not all(steps):
            raise BadCampaign(f"{setting!r} is not NAME=VALUE, such as power.sampling=cycle")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        for step in reversed(steps):
            value = {step: value}
        result = merged(result, value)
    return result
