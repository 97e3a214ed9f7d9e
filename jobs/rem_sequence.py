"""The report over a sequence of records, `rem-sequence/1`.

A value that was not computed is null, and a field beside it, `..._absent`, says why. It holds no time and no chance:
equal records give equal reports, byte for byte.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from jobs.rem import Digest, Finite, Intent, Label, Level, Modalities, Modality, Model, Phase, RemId, Share, Signed

SCHEMA_VERSION: Literal["rem-sequence/1"] = "rem-sequence/1"
LabelKind = Literal["imagenet", "zero-shot", "affect", "audio"]


class Part(BaseModel):
    """A frozen part of the report that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(Part):
    """What the report says of one record."""

    position: int = Field(ge=1, description="In the sequence; the first record is 1.")
    rem_id: RemId
    name: str = Field(description="Of the file.")
    sha256: Digest
    media_type: str
    modality: Modality
    level: Level
    language: Literal["en", "es"] | None
    headline: str = Field(description="The record's coarsest scale.")
    valence: Signed | None
    valence_confidence: Share | None
    valence_absent: str | None
    arousal: Share | None
    arousal_confidence: Share | None
    arousal_absent: str | None
    intentional_mode: Intent | None
    temporal_phase: Phase | None
    strongest_sense: str | None = Field(description="The largest share of its modality_distribution.")
    color: str | None = Field(description="Of a picture: the colour that covers most of it, #rrggbb.")
    label: Label | None = Field(description="The surest one.")
    completeness: Share
    warnings: tuple[str, ...] = ()
    values: dict[str, Finite | None] = Field(
        description="The record's other numbers by path; a section that the record does not have is left out."
    )

    @model_validator(mode="after")
    def _null_has_a_reason(self) -> Self:
        for value, absent in ((self.valence, self.valence_absent), (self.arousal, self.arousal_absent)):
            if (value is None) != (absent is not None):
                msg = "give a value, or a reason why there is none"
                raise ValueError(msg)
        return self


class ModalityShare(Part):
    """How many of the files are of a kind."""

    modality: Modality
    files: int = Field(ge=0)
    share: Share = Field(description="Of all records; 0 where there is none at all.")


class SenseShares(Part):
    """The mean of the records' modality_distribution."""

    n: int = Field(ge=1, description="Records that have one.")
    nulls: int = Field(ge=0, description="Records that have none; they are in no mean.")
    mean: Modalities


class Trend(Part):
    """Whether values go up or down along the sequence, without assuming how they are distributed.

    Sources: slope and interval: Theil 1950, Sen 1968 (doi:10.1080/01621459.1968.10480934); test: Mann 1945
    (doi:10.2307/1907187), Kendall 1975, Rank Correlation Methods.
    """

    n: int = Field(ge=4, description="Records that have a value.")
    nulls: int = Field(ge=0)
    slope: Finite = Field(description="Theil-Sen: the median of the slopes of all pairs, per position.")
    slope_low: Finite | None = Field(description="Lower limit of its interval of 95 %.")
    slope_high: Finite | None
    interval_absent: str | None = Field(description="Why there is no interval.")
    intercept: Finite = Field(description="The median of value - slope * position.")
    s: int = Field(description="Mann-Kendall: pairs that rise, less pairs that fall.")
    p: Share = Field(description="Two-sided, of no trend.")
    p_method: Literal["exact", "normal"] = Field(
        description="`exact`: all orders counted. `normal`: approximation with corrections for ties and continuity."
    )
    direction: Literal["rising", "falling", "not shown"] = Field(description="At p < 0.05.")
    methods: tuple[str, ...] = Field(description="How the values were found; more than one may differ in scale.")


class FieldStatistics(Part):
    """A number of the records, over those whose modality has it."""

    field: str = Field(description="Its path in a record.")
    n: int = Field(ge=0, description="Records that have a value.")
    nulls: int = Field(ge=0, description="Records that should have one, and could not know it.")
    mean: Finite | None
    sd: Finite | None = Field(description="Of the sample (n - 1); null under two values.")
    min: Finite | None
    max: Finite | None


class LabelCount(Part):
    """A name for what is shown or heard, and in how many records."""

    name: str
    kind: LabelKind
    records: int = Field(ge=1)
    mean_score: Share
    max_score: Share


class Warned(Part):
    """A warning, and how many records carry it."""

    text: str
    records: int = Field(ge=1)


class Missing(Part):
    """A file of the sequence that has no record."""

    name: str
    code: str
    reason: str | None
    message: str


class SequenceReport(Part):
    """What a sequence of records amounts to."""

    schema_version: Literal["rem-sequence/1"] = SCHEMA_VERSION
    job: str
    title: str
    headline: str = Field(description="One sentence for a person.")
    records: tuple[Entry, ...] = Field(description="In the order of the sequence.")
    missing: tuple[Missing, ...] = Field((), description="Files that could not be read; they have no position.")
    modalities: tuple[ModalityShare, ...]
    senses: SenseShares | None
    senses_absent: str | None
    valence_trend: Trend | None
    valence_trend_absent: str | None
    statistics: tuple[FieldStatistics, ...] = Field(description="Of every number that a record may have.")
    labels: tuple[LabelCount, ...] = Field(description="The most frequent first.")
    labels_left_out: int = Field(0, description="Labels that are not listed, as less frequent than those that are.")
    warnings: tuple[Warned, ...]
    models: tuple[Model, ...]
