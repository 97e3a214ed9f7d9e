"""Constant-time checks without a campaign file: what `dasein consttime` is told, as the body of a campaign."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dasein.errors import BadCampaign

TRACES = 8
"""The least that a campaign has: nothing but constant time is asked for."""
_INPUT = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_-]*):(?P<length>[0-9]+)(?:@(?P<symbol>[^=@\s]+))?(?:=(?P<value>(?:[0-9a-fA-F]{2})+))?"
)
_OUTPUT = re.compile(r"(?P<length>[0-9]+)(?:@(?P<symbol>[^=@\s]+))?")
_CACHE = re.compile(r"(?P<line>[0-9]+)x(?P<sets>[0-9]+)x(?P<ways>[0-9]+)(?:\+(?P<miss>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Call:
    """How a function is called."""

    core: str
    entry: str
    secrets: Sequence[str]
    public: Sequence[str] = ()
    masks: Sequence[str] = ()
    arguments: Sequence[str] = ()
    """r0 to r3: an input's name, `output`, or a number."""
    output: str | None = None


def described(
    call: Call, *, executions: int | None = None, cache: str | None = None, seed: int | None = None
) -> dict[str, Any]:
    """Return the body of a campaign that asks for nothing but constant time; raise BadCampaign.

    Inputs read `NAME:BYTES[@SYMBOL][=HEX]`, an output `BYTES[@SYMBOL]`, a cache `LINExSETSxWAYS[+MISS]`. Without HEX an
    input is drawn from the seed; a public one takes other values, too, and with HEX is always that.
    """
    inputs = [_input(text, "key", "constant", "--secret") for text in call.secrets]
    inputs += [_input(text, "other", None, "--public") for text in call.public]
    inputs += [_input(text, "mask", "random", "--mask") for text in call.masks]
    names = {item["name"] for item in inputs}
    target: dict[str, Any] = {"core": call.core, "entry": call.entry, "inputs": inputs}
    if call.arguments:
        target["arguments"] = [_argument(text, names) for text in call.arguments]
    if call.output is not None:
        found = _matched(_OUTPUT, call.output, "--output", "BYTES[@SYMBOL], such as 16@aes_ciphertext")
        target["output"] = {"length": int(found["length"])} | _given(symbol=found["symbol"])
    check: dict[str, Any] = {"secrets": [item["name"] for item in inputs if item["role"] == "key"]}
    if executions is not None:
        check["executions"] = executions
    if cache is not None:
        check["cache"] = _cache(cache)
    body = {"target": target, "plan": "fixed", "traces": TRACES, "constant_time": check}
    return body | _given(seed=seed)


def _input(text: str, role: str, varies: str | None, option: str) -> dict[str, Any]:
    found = _matched(_INPUT, text, option, "NAME:BYTES[@SYMBOL][=HEX], such as key:16@aes_key")
    if varies is None:
        varies = "plan" if found["value"] is None else "constant"
    made = {"name": found["name"], "role": role, "length": int(found["length"]), "varies": varies}
    return made | _given(symbol=found["symbol"], value=found["value"])


def _argument(text: str, names: set[str]) -> dict[str, Any]:
    if text in names:
        return {"input": text}
    if text == "output":
        return {"output": True}
    try:
        return {"value": int(text, 0)}
    except ValueError as error:
        raise BadCampaign(f"--arg {text!r} is no input's name, no number, and not `output`") from error


def _cache(text: str) -> dict[str, int]:
    found = _matched(_CACHE, text, "--cache", "LINExSETSxWAYS[+MISS], such as 32x64x4+10")
    names = {"line_bytes": "line", "sets": "sets", "ways": "ways", "miss_cycles": "miss"}
    return {name: int(found[group]) for name, group in names.items() if found[group] is not None}


def _matched(pattern: re.Pattern[str], text: str, option: str, form: str) -> dict[str, Any]:
    found = pattern.fullmatch(text)
    if found is None:
        raise BadCampaign(f"{option} {text!r} is not {form}")
    return found.groupdict()


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
