"""Where the properties that people ask about live, and by what things can be grouped."""

from typing import Final

from jobs.knowledge import Label

I, V, C, M = Label.INSTRUCTION, Label.VULNERABILITY, Label.CAMPAIGN, Label.MEASUREMENT  # noqa: E741 - a table

# What people call it: whose property it is, the usual one first.
PROPERTY: Final[dict[str, dict[Label, str]]] = {
    "energy": {I: "avg_energy", M: "energy_mean"},
    "power": {I: "avg_power"},
    "temperature": {I: "avg_temperature", M: "temperature_mean"},
    "latency": {I: "max_latency", M: "latency_max"},
    "t": {I: "max_abs_t", V: "tvla_t", C: "max_abs_t"},
    "rho": {I: "max_abs_rho", V: "cpa_value", Label.PATTERN: "correlation"},
    "p": {V: "tvla_p_value"},
    "samples": {I: "sample_count", M: "samples"},
    "executions": {I: "executions"},
    "traces": {C: "traces", V: "traces"},
    "traces_needed": {V: "traces_needed"},
    "key_bytes": {C: "key_bytes_recovered"},
    "severity": {V: "severity"},
    "worst": {V: "severity_rank"},
    "address": {I: "address"},
    "mnemonic": {I: "mnemonic"},
    "operands": {I: "operands"},
    "file": {I: "file", Label.FUNCTION: "file"},
    "line": {I: "line"},
    "source_line": {I: "source_line", V: "source_line"},
    "size": {Label.FIRMWARE: "bytes"},
    "core": {Label.FIRMWARE: "core"},
    "verdict": {C: "verdict"},
    "headline": {C: "headline"},
    "power_model": {C: "power_model"},
    "created_at": {C: "created_at", Label.DOCUMENT: "created_at", Label.REM: "created_at"},
    "effectiveness": {Label.MITIGATION: "effectiveness"},
    "cost": {Label.MITIGATION: "cost"},
    "secret": {V: "secret"},
    "kind": {V: "kind", Label.ENTITY: "type", Label.PATTERN: "pattern_type"},
    "threshold": {Label.PATTERN: "threshold"},
    "title": {Label.DOCUMENT: "title"},
    "media_type": {Label.DOCUMENT: "media_type", Label.REM: "media_type"},
    "description": {Label.ENTITY: "description"},
    "tags": {C: "tags", Label.DOCUMENT: "tags", Label.REM: "tags"},
    "digest": {Label.FIRMWARE: "sha256", C: "digest"},
}
MEASURED: Final = frozenset(
    {"energy", "power", "temperature", "latency", "t", "rho", "p", "samples", "executions", "traces", "traces_needed"}
    | {"key_bytes", "worst", "size", "effectiveness", "cost", "threshold", "created_at"}
)
COUNTED: Final = frozenset({"samples", "executions", "traces", "traces_needed", "key_bytes"})
BY_DIMENSION: Final = {"energy": "energy", "temperature": "temperature", "time": "latency", "bytes": "size"}
# Whose figures can be grouped by which kind: the property that holds the group.
GROUP: Final[dict[Label, dict[str, str]]] = {
    I: {Label.FUNCTION: "function", Label.FIRMWARE: "firmware", "mnemonic": "mnemonic", "file": "file"}
    | {"source_line": "source_line"},
    V: {Label.FUNCTION: "function", Label.FIRMWARE: "firmware", C: "campaign", I: "instruction", "severity": "severity"}
    | {"kind": "kind", "secret": "secret", "source_line": "source_line"},
    Label.FUNCTION: {Label.FIRMWARE: "firmware", "file": "file"},
    Label.FIRMWARE: {"core": "core"},
    C: {Label.FIRMWARE: "firmware", "verdict": "verdict", "power_model": "power_model"},
    M: {I: "instruction"},
    Label.PATTERN: {"kind": "pattern_type"},
    Label.DOCUMENT: {"media_type": "media_type"},
    Label.ENTITY: {"kind": "type"},
}


def on(concept: str, label: str) -> str | None:
    """Return the property of a kind of thing that people mean, if it has one."""
    return PROPERTY.get(concept, {}).get(Label(label))


def owner(concept: str) -> Label | None:
    """Return the kind of thing that usually has a property."""
    return next(iter(PROPERTY.get(concept, {})), None)


def group_of(label: str, by: str) -> str | None:
    """Return the property by which things of a kind are grouped."""
    return GROUP.get(Label(label), {}).get(by)
