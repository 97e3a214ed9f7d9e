"""Records for tests: whole, valid, of every modality; the numbers are drawn, so that nothing is to be read into them."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import numpy as np

from jobs.rem import (
    Attention,
    AudioQualia,
    Clause,
    Colour,
    Derivation,
    Header,
    ImageQualia,
    Intent,
    Keyframe,
    Label,
    Level,
    Modalities,
    Modality,
    Model,
    Noetic,
    Phase,
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

MODEL = Model(name="efficientnet-lite0", version="0.1", sha256="5e" * 32, licence="Apache-2.0")
MEDIA = {
    Modality.TEXT: "text/plain",
    Modality.IMAGE: "image/jpeg",
    Modality.AUDIO: "audio/wav",
    Modality.VIDEO: "video/mp4",
}
COLORS = ("#b8301c", "#1d6b41", "#0b6b80", "#e0a44a", "#dde1e5", "#14181c")
WORDLESS = "there are no words"


def record(
    name: str = "diary.txt",
    modality: Modality = Modality.TEXT,
    *,
    valence: float | None = None,
    arousal: float | None = None,
    headline: str = "A walk to the lake",
    labels: tuple[Label, ...] = (),
    warnings: tuple[str, ...] = (),
    valence_method: str = "vader",
    seed: int = 0,
) -> Rem:
    """Return a record whose leaves are all explained."""
    rng = np.random.default_rng(seed)
    sha256 = hashlib.sha256(f"{name}{seed}".encode()).hexdigest()
    words = modality is Modality.TEXT
    text = "I walked to the lake." if words else None
    return explained(
        {
            "header": Header(
                rem_id=rem_id(sha256),
                forge_version="0.1.0",
                level=Level.LITE,
                models=(MODEL,) if modality in {Modality.IMAGE, Modality.VIDEO} else (),
                created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                modality=modality,
                source=Source(name=name, sha256=sha256, media_type=MEDIA[modality], bytes=1000),
                language="en" if words else None,
                quality=Quality(completeness=0.75, warnings=warnings),
            ),
            "stream": Stream(
                text=text, clauses=(Clause(text=text, start=0, end=len(text), experiential_score=0.8),) if text else ()
            ),
            "noetic": Noetic(
                intentional_mode=Intent.MEMORY if words else None,
                directedness=_share(rng) if words else None,
                temporal_phase=Phase.PAST if words else None,
                ego_involvement=_share(rng) if words else None,
                act_intensity=_share(rng) if words else None,
            ),
            "sensorial": Sensorial(
                modality_distribution=Modalities(visual=0.5, proprioceptive=0.25, affective=0.25) if words else None,
                spatial_horizon="open" if words else None,
                valence=valence,
                arousal=arousal,
                dominance=None,
            ),
            "qualia": _qualia(modality, rng),
            "anchors": (),
            "scales": Scales(coarse=headline, medium=(headline,), fine={"clauses": int(words)}),
            "embedding": None,
            "labels": labels,
        },
        valence_method=valence_method,
    )


def explained(parts: dict[str, Any], *, valence_method: str = "vader") -> Rem:
    """Return the record of its parts, with a method for every value and a reason for every null."""
    leaves = Rem.model_construct(**parts).leaves()
    fields = {
        path: Derivation(reason=WORDLESS)
        if value is None
        else Derivation(method=valence_method if path == "sensorial.valence" else "measured", confidence=0.5)
        for path, value in leaves
    }
    return Rem(**parts, fields=fields)


def sequence(count: int = 24, *, seed: int = 7) -> list[Rem]:
    """Return records of all modalities; the valence of texts and sounds rises, that of pictures is not known."""
    rng = np.random.default_rng(seed)
    modalities = list(Modality)
    rems = []
    for at in range(count):
        modality = modalities[int(rng.choice(4, p=(0.5, 0.25, 0.15, 0.1)))]
        known = modality in {Modality.TEXT, Modality.AUDIO}
        valence = float(np.clip(-0.5 + at / count + rng.normal(0, 0.25), -1, 1)) if known else None
        labels = [Label(name=str(rng.choice(["lake", "oscilloscope", "dog"])), score=_share(rng), kind="imagenet")]
        rems.append(
            record(
                f"{at:03d}-{modality.value}.{MEDIA[modality].rpartition('/')[2]}",
                modality,
                valence=valence,
                arousal=_share(rng) if at % 3 else None,
                headline=f"{modality.value.capitalize()} {at}: a walk to the lake, and what was seen there",
                labels=tuple(labels) if not known else (),
                warnings=("the file ends early",) if at % 9 == 8 else (),
                seed=at,
            )
        )
    return rems


def _qualia(modality: Modality, rng: np.random.Generator) -> Qualia:
    return Qualia(
        image=_image(rng) if modality is Modality.IMAGE else None,
        audio=_audio(rng) if modality is Modality.AUDIO else None,
        video=_video(rng) if modality is Modality.VIDEO else None,
        text=TextQualia(readability=80 * _share(rng), entropy_bits=4.2, words=5, characters=21)
        if modality is Modality.TEXT
        else None,
    )


def _image(rng: np.random.Generator) -> ImageQualia:
    first = int(rng.integers(len(COLORS)))
    return ImageQualia(
        width=4000,
        height=3000,
        brightness=_share(rng),
        contrast=_share(rng),
        saturation=_share(rng),
        color_diversity=_share(rng),
        texture_complexity=None,
        dominant_colors=(Colour(hex=COLORS[first - 1], share=0.2), Colour(hex=COLORS[first], share=0.6)),
        attention=Attention(center=(0.5, 0.4), spread=0.2),
    )


def _audio(rng: np.random.Generator) -> AudioQualia:
    return AudioQualia(
        duration_s=60 * _share(rng),
        f0_mean_hz=120 + 100 * _share(rng),
        loudness_db=-40 * _share(rng),
        tempo_bpm=None,
        spectral_centroid_hz=2000.0,
        speech_fraction=_share(rng),
        transcript=None,
    )


def _video(rng: np.random.Generator) -> VideoQualia:
    return VideoQualia(
        duration_s=60 * _share(rng),
        width=1920,
        height=1080,
        frame_rate=25.0,
        keyframes=(Keyframe(at_s=0.0, brightness=0.4, dominant_color=Colour(hex=COLORS[0], share=0.5)),),
        motion=_share(rng),
        scene_cuts=(1.0,),
    )


def _share(rng: np.random.Generator) -> float:
    return float(rng.random())
