"""Targets of the little programs."""

from typing import Any

from jobs.target import Core, Target


def buffer_target(entry: str, core: Core = Core.M4, **more: Any) -> Target:
    """Return a target with one input of 16 bytes at `buffer`."""
    inputs = [{"name": "data", "role": "other", "length": 16, "symbol": "buffer"}]
    return Target.model_validate({"core": core, "entry": entry, "inputs": inputs, "max_cycles": 200_000, **more})
