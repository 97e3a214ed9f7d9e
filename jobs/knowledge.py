"""The vocabulary of knowledge: labels, relations, properties with their units.

Ids, unique in a tenant:
    firmware:<sha256>    function:<sha256[:12]>:<name>    <sha256[:12]>:<address, 8 hex digits>   (an instruction)
    campaign:<job id>    measurements:<name>              document:<name>                         (these name batches too)
    measurement:<batch>|<instruction>   vulnerability:<campaign job id>:<n>   pattern:<batch>:<HIGH|MEDIUM|LOW>
    mitigation:<name>    chunk:<document name>:<n>        entity:<type>:<slug of the name>
    rem:<first 32 hex digits of a file's SHA-256>         (names a batch too)
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from jobs.report import Severity

MAX_NODES = 1000


class Label(StrEnum):
    """Kinds of things. Their properties are listed in PROPERTIES; all have `id`, and `name` where they have one."""

    FIRMWARE = "Firmware"
    FUNCTION = "Function"
    INSTRUCTION = "Instruction"
    PATTERN = "EnergyPattern"
    VULNERABILITY = "SecurityVulnerability"
    MITIGATION = "Mitigation"
    CAMPAIGN = "Campaign"
    MEASUREMENT = "Measurement"
    DOCUMENT = "Document"
    CHUNK = "Chunk"
    ENTITY = "Entity"
    REM = "Rem"


class Link(StrEnum):
    """Kinds of relations, and between what."""

    PART_OF = "PART_OF"
    """Instruction -> Function -> Firmware, Campaign -> Firmware, Chunk -> Document."""
    PRECEDES = "PRECEDES"
    """Instruction -> the next one by address in the same function."""
    CORRELATES_WITH = "CORRELATES_WITH"
    """Instruction -> Instruction (from the lesser id to the greater) {weight, overlap, batch_id}: energy, r > 0.7."""
    TRIGGERS = "TRIGGERS"
    """Instruction -> EnergyPattern."""
    LEAKS = "LEAKS_INFORMATION"
    """Instruction -> SecurityVulnerability {severity}."""
    MITIGATED_BY = "MITIGATED_BY"
    """SecurityVulnerability -> Mitigation {before, after}: the statistic, measured."""
    MEASURED_IN = "MEASURED_IN"
    """Instruction -> Campaign {avg_power, max_abs_t, max_abs_rho}, Instruction -> Measurement, SecurityVulnerability -> Campaign."""
    MENTIONS = "MENTIONS"
    """Chunk or Rem -> Entity, Instruction, Function, Firmware or Campaign; Rem -> Mitigation."""
    RELATED_TO = "RELATED_TO"
    """Entity -> Entity {description, weight}."""
    DEPICTS = "DEPICTS"
    """Rem -> Entity {score}: what a picture shows or a sound is of, by a model that is at least DEPICTED sure."""


class Property(BaseModel):
    """A property of a label: what kind of value, in which unit."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["text", "number", "whole", "time"]
    unit: str | None = None


TEXT, WHOLE, NUMBER = Property(kind="text"), Property(kind="whole"), Property(kind="number")
TIME = Property(kind="time", unit="s")
"""Seconds since the epoch, UTC; of measurements: as recorded, virtual or monotonic."""
PROPERTIES: dict[Label, dict[str, Property]] = {
    Label.FIRMWARE: {"name": TEXT, "sha256": TEXT, "core": TEXT, "bytes": Property(kind="whole", unit="B")},
    Label.FUNCTION: {"name": TEXT, "firmware": TEXT, "file": TEXT},
    Label.INSTRUCTION: {
        "address": WHOLE,
        "mnemonic": TEXT,
        "operands": TEXT,
        "function": TEXT,  # its name
        "file": TEXT,
        "line": WHOLE,
        "source_line": TEXT,  # file:line
        "firmware": TEXT,  # the id of its firmware
        # Over all visible measurement batches, weighted by samples; absent where nothing was measured.
        "avg_energy": Property(kind="number", unit="uJ"),
        "energy_sd": Property(kind="number", unit="uJ"),
        "avg_temperature": Property(kind="number", unit="degC"),
        "max_latency": Property(kind="number", unit="us"),
        "sample_count": WHOLE,
        # Of the newest visible campaign that ran it.
        "avg_power": Property(kind="number", unit="a.u."),
        "max_abs_t": NUMBER,
        "max_abs_rho": NUMBER,
        "executions": WHOLE,
    },
    Label.PATTERN: {
        "pattern_type": TEXT,
        "correlation": NUMBER,
        "threshold": Property(kind="number"),
        "batch_id": TEXT,
    },
    Label.VULNERABILITY: {
        "name": TEXT,  # one sentence
        "kind": TEXT,  # tvla-1, tvla-2, bivariate, cpa, control-flow, secret-address, cycles, fault, budget
        "severity": TEXT,  # critical, high, medium, low
        "severity_rank": WHOLE,  # 4 critical .. 1 low
        "secret": TEXT,
        "cpa_value": NUMBER,
        "tvla_t": NUMBER,
        "tvla_p_log10": NUMBER,
        "tvla_p_value": NUMBER,
        "traces": WHOLE,
        "traces_needed": WHOLE,
        "sufficient": Property(kind="whole"),  # 1 or 0
        "campaign": TEXT,  # the id of its campaign
        "firmware": TEXT,
        "instruction": TEXT,
        "function": TEXT,
        "source_line": TEXT,
    },
    Label.MITIGATION: {"name": TEXT, "effectiveness": NUMBER, "cost": NUMBER},
    Label.CAMPAIGN: {
        "name": TEXT,
        "verdict": TEXT,
        "headline": TEXT,
        "traces": WHOLE,
        "max_abs_t": NUMBER,
        "key_bytes_recovered": WHOLE,
        "power_model": TEXT,
        "firmware": TEXT,
        "tags": TEXT,  # each between commas: ,a,b,
        "created_at": TIME,
        "digest": TEXT,
    },
    Label.MEASUREMENT: {
        "batch_id": TEXT,
        "timestamp": TIME,
        "instruction": TEXT,
        "samples": WHOLE,
        "energy_mean": Property(kind="number", unit="uJ"),
        "energy_sd": Property(kind="number", unit="uJ"),
        "temperature_mean": Property(kind="number", unit="degC"),
        "latency_max": Property(kind="number", unit="us"),
    },
    Label.DOCUMENT: {
        "name": TEXT,
        "title": TEXT,
        "media_type": TEXT,
        "language": TEXT,
        "created_at": TIME,
        "tags": TEXT,
    },
    Label.CHUNK: {"document": TEXT, "position": WHOLE, "text": TEXT},
    Label.ENTITY: {"name": TEXT, "type": TEXT, "description": TEXT},
    Label.REM: {
        "name": TEXT,  # of its file
        "modality": TEXT,
        "media_type": TEXT,
        "level": TEXT,
        "language": TEXT,
        "created_at": TIME,
        "headline": TEXT,
        "valence": NUMBER,
        "arousal": NUMBER,
        "duration": Property(kind="number", unit="s"),
        "labels": TEXT,  # those that it depicts, each between commas
        "tags": TEXT,
        "sha256": TEXT,  # of its file
        "bytes": Property(kind="whole", unit="B"),
    },
}
DEPICTED = 0.3
"""The score of a label from which on a record is said to depict what it names."""
SEVERITY_RANK = {Severity.CRITICAL: 4, Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}


class Space(StrEnum):
    """Spaces of vectors."""

    INSTRUCTIONS = "instruction_embeddings"
    """Texts of instruction, vulnerability and entity passages."""
    CHUNKS = "chunk_embeddings"
    MEASUREMENTS = "measurement_embeddings"
    """Standardised 72-dimension profiles of instructions; `model` is the profile's version."""
    REMS = "rem_embeddings"
    """Records of REMForge, by image models: vectors of each serve for themselves, and never mix."""
