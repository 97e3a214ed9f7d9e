"""The multimodal experience record `rem/1`: one schema for text, image, audio and video.

A value that a level cannot know is null. `fields` says of every leaf below how it was found, by which model and how
surely, or why it is null. Ids: `rem:<first 32 hex digits of the file's SHA-256>`; the same bytes are the same record.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

SCHEMA_VERSION: Literal["rem/1"] = "rem/1"
UNIT = 1e-6
"""How far shares may be from a sum of 1."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Signed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
RemId = Annotated[str, StringConstraints(pattern=r"^rem:[0-9a-f]{32}$")]


class Record(BaseModel):
    """A frozen part of a record that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Modality(StrEnum):
    """What kind of file it is."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"


class Level(StrEnum):
    """How much is looked at: `lite` needs no download, `full` the models that are set up."""

    LITE = "lite"
    FULL = "full"


class Model(Record):
    """A model that took part, so that another one can be told from it."""

    name: str
    version: str
    sha256: Digest
    licence: str | None = None
    device: str = "cpu"
    dtype: str = "float32"


class Source(Record):
    """The file."""

    name: str = Field(max_length=255)
    sha256: Digest
    media_type: str
    bytes: int = Field(ge=0)


class Quality(Record):
    """How whole a record is."""

    completeness: Share = Field(description="Leaves that have a value, of those that the modality may have.")
    warnings: tuple[str, ...] = ()


class Header(Record):
    """What it is a record of, and what made it."""

    rem_id: RemId
    schema_version: Literal["rem/1"] = SCHEMA_VERSION
    forge_version: str
    level: Level
    models: tuple[Model, ...] = ()
    created_at: AwareDatetime = Field(description="The one value that differs from run to run.")
    modality: Modality
    source: Source
    language: Literal["en", "es"] | None
    quality: Quality

    @model_validator(mode="after")
    def _is_of_its_file(self) -> Self:
        if self.rem_id != rem_id(self.source.sha256):
            msg = "rem_id is not that of the file's sha256"
            raise ValueError(msg)
        return self


class Placed(Record):
    """A part of the text: `text == stream.text[start:end]`, in characters."""

    text: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Clause(Placed):
    """A clause, and how much it tells of something lived through."""

    experiential_score: Share


class TemporalMarker(Placed):
    """Words that place something in time."""

    phase: Literal["past", "present", "future"]


class Stream(Record):
    """The text of a file, or what was said in it; null where there is none."""

    text: str | None
    clauses: tuple[Clause, ...] = ()
    temporal_markers: tuple[TemporalMarker, ...] = ()

    @model_validator(mode="after")
    def _places_are_exact(self) -> Self:
        text = self.text or ""
        parts: list[Placed] = [*self.clauses, *self.temporal_markers]
        for part in parts:
            if text[part.start : part.end] != part.text:
                msg = f"the text from {part.start} to {part.end} is not what the part says"
                raise ValueError(msg)
        return self


class Intent(StrEnum):
    """How the text is about what it is about."""

    PERCEPTION = "perception"
    MEMORY = "memory"
    IMAGINATION = "imagination"
    REFLECTION = "reflection"
    LANGUAGE = "language"
    ACTION = "action"


class Phase(StrEnum):
    """Where in time it dwells."""

    PAST = "past"
    PRESENT = "present"
    FUTURE = "future"
    ATEMPORAL = "atemporal"


class Noetic(Record):
    """How somebody relates to what is told; all null without words."""

    intentional_mode: Intent | None
    directedness: Share | None
    temporal_phase: Phase | None
    ego_involvement: Share | None
    act_intensity: Share | None


class Modalities(Record):
    """Shares of the senses in what is told or shown; they sum to 1."""

    visual: Share = 0
    auditory: Share = 0
    haptic: Share = 0
    olfactory: Share = 0
    gustatory: Share = 0
    proprioceptive: Share = 0
    affective: Share = 0
    cognitive: Share = 0
    digital: Share = 0

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        if abs(sum(self.model_dump().values()) - 1) > UNIT:
            msg = "the shares must sum to 1"
            raise ValueError(msg)
        return self


class Sensorial(Record):
    """What is sensed and felt."""

    modality_distribution: Modalities | None
    spatial_horizon: Literal["intimate", "near", "room", "open", "boundless"] | None
    valence: Signed | None
    arousal: Share | None
    dominance: Share | None


class Colour(Record):
    """A colour and how much of the picture it covers."""

    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
    share: Share


class Attention(Record):
    """Where a picture draws the eye: centre as shares of width and height from the upper left, spread of the same."""

    center: tuple[Share, Share]
    spread: Positive


class ImageQualia(Record):
    """What a picture looks like. Brightness, contrast and saturation are shares of their ranges."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    brightness: Share | None
    contrast: Share | None
    saturation: Share | None
    color_diversity: Share | None
    texture_complexity: Share | None
    dominant_colors: tuple[Colour, ...] | None
    attention: Attention | None


class AudioQualia(Record):
    """What it sounds like."""

    duration_s: Positive
    f0_mean_hz: Positive | None
    loudness_db: Finite | None = Field(description="Relative to full scale; null for silence.")
    tempo_bpm: Positive | None
    spectral_centroid_hz: Positive | None
    speech_fraction: Share | None
    transcript: str | None


class Keyframe(Record):
    """A picture of a video."""

    at_s: Positive
    brightness: Share
    dominant_color: Colour | None


class VideoQualia(Record):
    """How a video goes."""

    duration_s: Positive
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    frame_rate: Positive | None
    keyframes: tuple[Keyframe, ...]
    motion: Share | None = Field(description="Mean absolute change of luma between samples, of its range.")
    scene_cuts: tuple[Positive, ...] | None = Field(description="Seconds.")


class TextQualia(Record):
    """How it reads."""

    readability: Finite | None = Field(description="Flesch reading ease, English; Fernández Huerta, Spanish.")
    entropy_bits: Positive | None = Field(description="Shannon entropy of its words.")
    words: int = Field(ge=0)
    characters: int = Field(ge=0)


class Qualia(Record):
    """What each modality is like; null for those that a file does not have."""

    image: ImageQualia | None
    audio: AudioQualia | None
    video: VideoQualia | None
    text: TextQualia | None


class Anchor(Record):
    """A word that the text hangs on: `stream.text[start:end] == token`."""

    token: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    salience: Share


class Scales(Record):
    """The same record from far away to near."""

    coarse: str = Field(description="One line.")
    medium: tuple[str, ...] = Field(description="A few lines: clauses, labels, colours.")
    fine: dict[str, int] = Field(description="How many there are of what.")


class Embedding(Record):
    """Where the record's vector lies."""

    space: str
    dim: int = Field(ge=1)
    vector_ref: str = Field(description="The record's id in the space.")
    model: str


class Label(Record):
    """A name for what is shown or heard, and how sure its model is."""

    name: str
    score: Share
    kind: Literal["imagenet", "zero-shot", "affect", "audio"]


class Derivation(Record):
    """How a leaf was found, or why it is null."""

    method: str | None = Field(None, description="A method of docs/remforge/.")
    model: str | None = Field(None, description="The name of a model of the header.")
    confidence: Share | None = None
    reason: str | None = Field(None, description="Why the value is null.")

    @model_validator(mode="after")
    def _found_or_not(self) -> Self:
        if (self.method is None) == (self.reason is None):
            msg = "give a method, or a reason why there is no value"
            raise ValueError(msg)
        return self


SECTIONS = ("noetic", "sensorial", "qualia.image", "qualia.audio", "qualia.video", "qualia.text")
"""Whose leaves `fields` explains; besides them `stream`, `anchors`, `embedding` and `labels` as wholes."""
WHOLES = ("stream", "anchors", "embedding", "labels")


class Rem(Record):
    """A record of one file."""

    header: Header
    stream: Stream
    noetic: Noetic
    sensorial: Sensorial
    qualia: Qualia
    anchors: tuple[Anchor, ...] = ()
    scales: Scales
    embedding: Embedding | None
    labels: tuple[Label, ...] = ()
    fields: dict[str, Derivation]

    @model_validator(mode="after")
    def _every_leaf_is_explained(self) -> Self:
        leaves = dict(self.leaves())
        if unknown := sorted(set(self.fields) - set(leaves)):
            msg = f"fields names what is not there: {', '.join(unknown[:5])}"
            raise ValueError(msg)
        if silent := sorted(set(leaves) - set(self.fields)):
            msg = f"fields says nothing of: {', '.join(silent[:5])}"
            raise ValueError(msg)
        for name, value in leaves.items():
            if (value is None) != (self.fields[name].reason is not None):
                msg = f"{name}: a value has a method, and null has a reason"
                raise ValueError(msg)
        text = self.stream.text or ""
        if any(text[one.start : one.end] != one.token for one in self.anchors):
            msg = "an anchor is not where it says"
            raise ValueError(msg)
        return self

    def leaves(self) -> Iterator[tuple[str, Any]]:
        """Yield every leaf that `fields` explains, by its path; a section that is null is one leaf."""
        for section in SECTIONS:
            value: Any = self
            for part in section.split("."):
                value = getattr(value, part)
            if value is None:
                yield section, None
            else:
                for name in type(value).model_fields:
                    yield f"{section}.{name}", getattr(value, name)
        yield "stream", self.stream.text
        yield "anchors", self.anchors or None
        yield "embedding", self.embedding
        yield "labels", self.labels or None


def rem_id(sha256: str) -> str:
    """Return the id of the record of a file."""
    return f"rem:{sha256[:32]}"


def content_digest(rem: Rem) -> str:
    """Return the SHA-256 of a record without the time at which it was made: equal for equal files, models and versions."""
    header = rem.header.model_copy(update={"created_at": datetime(1970, 1, 1, tzinfo=UTC)})
    plain = rem.model_copy(update={"header": header}).model_dump_json()
    return hashlib.sha256(plain.encode()).hexdigest()
