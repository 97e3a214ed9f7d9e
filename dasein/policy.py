"""What a build must fulfil, as a TOML file.

[campaign]                       # how to measure: the request, or a file of it with changes
file = "campaign.json"
traces = 20000

[gate]
fail_on = "medium"               # the least severity that fails
allow_insufficient = false       # true: it passes where too little was seen to say `clean`
require_sufficient = false       # true: only findings confirmed with enough traces fail
timeout_s = 600
ignore = [{ function = "print_banner", reason = "handles no secret" }]
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dasein.campaign_file import merged, read_campaign, sound
from dasein.errors import BadCampaign, BadPolicy
from dasein.findings import Finding, Severity

LONGEST_S = 86_400
PLACES = ("function", "file", "line", "kind")


@dataclass(frozen=True, slots=True)
class Ignore:
    """Findings that are known and accepted: those of which all that is given here is true."""

    reason: str
    function: str | None = None
    file: str | None = None
    """A path or its end: `aes.c` is also `src/aes.c`."""
    line: int | None = None
    kind: str | None = None

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding is one of these."""
        return (
            self.function in {None, finding.function}
            and self.line in {None, finding.line}
            and self.kind in {None, finding.kind}
            and (self.file is None or _ends_in(finding.file, self.file))
        )

    @property
    def told(self) -> str:
        """Return what it covers, in words."""
        given = ((name, getattr(self, name)) for name in PLACES)
        return ", ".join(f"{name} {value}" for name, value in given if value is not None)


@dataclass(frozen=True, slots=True)
class Gate:
    """When a report fails a build."""

    fail_on: Severity = Severity.MEDIUM
    ignore: tuple[Ignore, ...] = ()
    allow_insufficient: bool = False
    require_sufficient: bool = False
    timeout_s: float | None = None
    """The campaign must end within so long of being submitted."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How to measure a firmware, and what it must fulfil."""

    campaign: Mapping[str, Any]
    gate: Gate


def read_policy(path: Path) -> Policy:
    """Read a policy file; raise BadPolicy, or BadCampaign for the campaign file that it names."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path} cannot be read: {error}") from error
    return parse_policy(text, folder=path.parent)


def parse_policy(text: str, *, folder: Path) -> Policy:
    """Return the policy in `text`; files that it names are relative to `folder`. Raise BadPolicy or BadCampaign."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"not TOML: {error}") from error
    _known(given, {"campaign", "gate"}, within="")
    if "campaign" not in given:
        raise BadPolicy("is missing: it says how to measure", key="campaign")
    return Policy(
        campaign=_campaign(_table(given, "campaign", within=""), folder),
        gate=_gate(_table(given, "gate", within="")) if "gate" in given else Gate(),
    )


def _campaign(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    changes = {name: value for name, value in given.items() if name != "file"}
    if "firmware" in changes:
        raise BadPolicy("comes with the command, not with the policy", key="campaign.firmware")
    try:
        sound(changes, where="[campaign]")
    except BadCampaign as error:
        raise BadPolicy(str(error), key="campaign") from error
    if "file" not in given:
        return changes
    return merged(read_campaign(folder / _text(given, "file", within="campaign")), changes)


def _gate(given: Mapping[str, Any]) -> Gate:
    _known(given, {field.name for field in fields(Gate)}, within="gate")
    gate = Gate(
        fail_on=_severity(given),
        ignore=_ignores(given),
        allow_insufficient=_flag(given, "allow_insufficient"),
        require_sufficient=_flag(given, "require_sufficient"),
        timeout_s=_seconds(given, "timeout_s"),
    )
    if gate.allow_insufficient and gate.require_sufficient:
        raise BadPolicy("contradicts gate.allow_insufficient: choose one", key="gate.require_sufficient")
    return gate


def _severity(given: Mapping[str, Any]) -> Severity:
    value = given.get("fail_on", Severity.MEDIUM.value)
    try:
        return Severity(value)
    except ValueError as error:
        known = ", ".join(severity.value for severity in Severity)
        raise BadPolicy(f"{value!r} is no severity; there are {known}", key="gate.fail_on") from error


def _ignores(given: Mapping[str, Any]) -> tuple[Ignore, ...]:
    entries = given.get("ignore", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadPolicy("must be a list of tables, such as {function = ..., reason = ...}", key="gate.ignore")
    return tuple(_ignore(entry, f"gate.ignore[{index}]") for index, entry in enumerate(entries))


def _ignore(entry: Mapping[str, Any], within: str) -> Ignore:
    _known(entry, {"reason", *PLACES}, within=within)
    if not _text(entry, "reason", within=within).strip():
        raise BadPolicy("must say why", key=f"{within}.reason")
    if not any(name in entry for name in PLACES):
        raise BadPolicy(f"would ignore everything: give at least one of {', '.join(PLACES)}", key=within)
    line = entry.get("line")
    if line is not None and (isinstance(line, bool) or not isinstance(line, int) or line < 1):
        raise BadPolicy("must be a line number", key=f"{within}.line")
    texts = {name: _text(entry, name, within=within) for name in ("function", "file", "kind") if name in entry}
    return Ignore(reason=entry["reason"], line=line, **texts)


def _known(given: Mapping[str, Any], names: Collection[str], *, within: str) -> None:
    for name in given:
        if name not in names:
            key = f"{within}.{name}" if within else name
            raise BadPolicy(f"unknown key; known here: {', '.join(sorted(names))}", key=key)


def _table(given: Mapping[str, Any], name: str, *, within: str) -> Mapping[str, Any]:
    value = given[name]
    if not isinstance(value, dict):
        raise BadPolicy("must be a table", key=f"{within}.{name}" if within else name)
    return value


def _text(given: Mapping[str, Any], name: str, *, within: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadPolicy("is missing" if value is None else "must be text", key=f"{within}.{name}")
    return value


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise BadPolicy("must be true or false", key=f"gate.{name}")
    return value


def _seconds(given: Mapping[str, Any], name: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST_S:
        raise BadPolicy(f"must be seconds above 0 and up to {LONGEST_S}", key=f"gate.{name}")
    return float(value)


def _ends_in(file: str | None, end: str) -> bool:
    return file is not None and (file == end or file.endswith("/" + end))
