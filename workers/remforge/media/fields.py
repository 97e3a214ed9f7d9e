"""How each leaf of `qualia` that is measured here was found, how surely, and why one is null."""

from collections.abc import Iterator, Mapping

from jobs.rem import AudioQualia, Derivation, ImageQualia, VideoQualia
from workers.remforge.media.tempo import SHORTEST_S

MEASURED = 1.0
"""The value is what its formula says; the formula may still be a poor word for what people see or hear."""

MEDIA_FIELDS: Mapping[str, Derivation] = {
    **{
        f"qualia.image.{leaf}": Derivation(method=method, confidence=confidence)
        for leaf, method, confidence in (
            ("width", "header", MEASURED),
            ("height", "header", MEASURED),
            ("brightness", "luma-mean-bt709", MEASURED),
            ("contrast", "luma-rms", MEASURED),
            ("saturation", "hsv-saturation-mean", MEASURED),
            ("color_diversity", "colour-entropy-512", MEASURED),
            ("texture_complexity", "lbp-riu2-entropy", MEASURED),
            ("dominant_colors", "k-means-512", MEASURED),
            # An estimate; nobody has measured it against eyes for this program.
            ("attention", "spectral-residual", None),
        )
    },
    **{
        f"qualia.audio.{leaf}": Derivation(method=method, confidence=confidence)
        for leaf, method, confidence in (
            ("duration_s", "decoded-length", MEASURED),
            # YIN's authors find errors of 20 % and more in 1 % of the frames of clean speech; several voices are worse.
            ("f0_mean_hz", "yin-mean", 0.9),
            ("loudness_db", "rms-dbfs", MEASURED),
            # What comparisons of tempo estimators tell of the better ones (Gouyon and others 2006): within 4 % of the
            # tempo that people tap for about 6 in 10 pieces.
            ("tempo_bpm", "onset-autocorrelation", 0.6),
            ("spectral_centroid_hz", "spectral-centroid", MEASURED),
        )
    },
    **{
        f"qualia.video.{leaf}": Derivation(method=method, confidence=confidence)
        for leaf, method, confidence in (
            ("duration_s", "header", MEASURED),
            ("width", "header", MEASURED),
            ("height", "header", MEASURED),
            ("frame_rate", "header", MEASURED),
            ("keyframes", "first-of-scene", MEASURED),
            ("motion", "luma-difference", MEASURED),
            ("scene_cuts", "quarter-histograms", None),
        )
    },
}
"""Of every leaf that is not null; those that only models know, `speech_fraction` and `transcript`, are theirs to explain."""


def explained(qualia: ImageQualia | AudioQualia | VideoQualia) -> dict[str, Derivation]:
    """Return the derivation of every leaf of MEDIA_FIELDS in its section, those that are null with a reason."""
    match qualia:
        case ImageQualia():
            section, reasons = "qualia.image", dict(_of_image(qualia))
        case AudioQualia():
            section, reasons = "qualia.audio", dict(_of_audio(qualia))
        case VideoQualia():
            section, reasons = "qualia.video", dict(_of_video())
    return {
        path: Derivation(reason=reasons[leaf]) if getattr(qualia, leaf) is None else known
        for path, known in MEDIA_FIELDS.items()
        for leaf in [path.removeprefix(f"{section}.")]
        if leaf != path
    }


def _of_image(image: ImageQualia) -> Iterator[tuple[str, str]]:
    small = min(image.width, image.height) < 3
    yield (
        "texture_complexity",
        "the picture is less than 3 pixels wide or high" if small else "the picture is a thin strip",
    )
    yield "attention", "nothing in the picture stands out"


def _of_audio(audio: AudioQualia) -> Iterator[tuple[str, str]]:
    silent = audio.loudness_db is None
    yield "loudness_db", "silence"
    yield "spectral_centroid_hz", "silence"
    yield "f0_mean_hz", "silence" if silent else "no steady pitch from 60 to 2000 Hz"
    short = (
        f"shorter than {SHORTEST_S:.0f} s"
        if audio.duration_s < SHORTEST_S
        else "no steady beat from 40 to 240 a minute"
    )
    yield "tempo_bpm", "silence" if silent else short


def _of_video() -> Iterator[tuple[str, str]]:
    yield "frame_rate", "the file does not say"
    yield "motion", "there is one frame, or all are within a fifth of a second"
    yield "scene_cuts", "there is one frame"
