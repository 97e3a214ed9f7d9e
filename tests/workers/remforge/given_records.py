"""Valid records for tests, with an honest entry for each leaf: given values are `given`, everything else is null."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from jobs.rem import (
    Attention,
    AudioQualia,
    Clause,
    Colour,
    Derivation,
    Embedding,
    Header,
    ImageQualia,
    Keyframe,
    Label,
    Level,
    Modality,
    Model,
    Noetic,
    Qualia,
    Quality,
    Rem,
    Scales,
    Sensorial,
    Source,
    Stream,
    TextQualia,
    VideoQualia,
    rem_id,
)

NOT_LOOKED_AT = "The test does not look at it."
GIVEN = "given"
WHEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CLIP = Model(name="clip-of-tests", version="1", sha256=hashlib.sha256(b"clip of tests").hexdigest())
MEDIA_TYPES = {
    Modality.TEXT: "text/plain",
    Modality.IMAGE: "image/png",
    Modality.AUDIO: "audio/wav",
    Modality.VIDEO: "video/mp4",
}


def record(
    name: str = "scope.png",
    *,
    modality: Modality = Modality.IMAGE,
    text: str | None = None,
    labels: Sequence[tuple[str, float]] = (),
    kind: Any = "imagenet",
    content: bytes | None = None,
    colours: Sequence[tuple[str, float]] = (),
    valence: float | None = None,
    embedded_by: Model | None = None,
    dim: int = 4,
    language: Any = "en",
    headline: str = "",
    created_at: datetime = WHEN,
    duration_s: float = 12.5,
    warnings: Sequence[str] = (),
) -> Rem:
    """Return a record of a file with these bytes (by default its name); sentences of `text` are its clauses."""
    sha256 = hashlib.sha256(name.encode() if content is None else content).hexdigest()
    parts: dict[str, Any] = {
        "noetic": Noetic(
            intentional_mode=None, directedness=None, temporal_phase=None, ego_involvement=None, act_intensity=None
        ),
        "sensorial": Sensorial(
            modality_distribution=None, spatial_horizon=None, valence=valence, arousal=None, dominance=None
        ),
        "qualia": _qualia(modality, text, colours, duration_s),
        "stream": Stream(text=text, clauses=_clauses(text or "")),
        "labels": tuple(Label(name=label, score=score, kind=kind) for label, score in labels),
        "embedding": None
        if embedded_by is None
        else Embedding(space="rem_embeddings", dim=dim, vector_ref=rem_id(sha256), model=embedded_by.name),
    }
    header = Header(
        rem_id=rem_id(sha256),
        forge_version="0",
        level=Level.LITE,
        models=() if embedded_by is None else (embedded_by,),
        created_at=created_at,
        modality=modality,
        source=Source(name=name, sha256=sha256, media_type=MEDIA_TYPES[modality], bytes=len(name)),
        language=language,
        quality=Quality(completeness=0.5, warnings=tuple(warnings)),
    )
    scales = Scales(coarse=headline or f"A file called {name}.", medium=(), fine={})
    bare = Rem.model_construct(header=header, scales=scales, anchors=(), fields={}, **parts)
    fields = {
        leaf: Derivation(reason=NOT_LOOKED_AT) if value is None else Derivation(method=GIVEN)
        for leaf, value in bare.leaves()
    }
    whole: dict[str, Any] = {**parts, "header": header, "scales": scales, "fields": fields}
    return Rem(**whole)


def _clauses(text: str) -> tuple[Clause, ...]:
    found, start = [], 0
    for sentence in text.split(". "):
        if sentence:
            found.append(Clause(text=sentence, start=start, end=start + len(sentence), experiential_score=0))
        start += len(sentence) + 2
    return tuple(found)


def _qualia(modality: Modality, text: str | None, colours: Sequence[tuple[str, float]], duration_s: float) -> Qualia:
    dominant = tuple(Colour(hex=colour, share=share) for colour, share in colours)
    image = ImageQualia(
        width=640,
        height=480,
        brightness=0.25,
        contrast=None,
        saturation=None,
        color_diversity=None,
        texture_complexity=None,
        dominant_colors=dominant or None,
        attention=Attention(center=(0.5, 0.5), spread=0.2),
    )
    audio = AudioQualia(
        duration_s=duration_s,
        f0_mean_hz=None,
        loudness_db=-20,
        tempo_bpm=None,
        spectral_centroid_hz=None,
        speech_fraction=0.8 if text else 0.0,
        transcript=text,
    )
    video = VideoQualia(
        duration_s=duration_s,
        width=320,
        height=240,
        frame_rate=25,
        keyframes=(Keyframe(at_s=0, brightness=0.5, dominant_color=dominant[0] if dominant else None),),
        motion=None,
        scene_cuts=None,
    )
    words = TextQualia(readability=None, entropy_bits=None, words=len((text or "").split()), characters=len(text or ""))
    return Qualia(
        image=image if modality is Modality.IMAGE else None,
        audio=audio if modality in {Modality.AUDIO, Modality.VIDEO} else None,
        video=video if modality is Modality.VIDEO else None,
        text=words if modality is Modality.TEXT else None,
    )
