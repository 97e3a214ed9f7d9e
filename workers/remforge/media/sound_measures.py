"""What sound is like: loudness, brightness, pitch and pace. Formulas are in docs/remforge/media.md."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jobs.rem import AudioQualia
from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.media.pitch import mean_pitch_hz
from workers.remforge.media.tempo import tempo_bpm

SILENCE_DB = -90.0
"""Relative to full scale, below which there is nothing but the last bit of 16."""
FRAME = 1024
HOP = 256
BLOCK = 2048
"""Frames at a time: ten minutes are never spectra all at once."""
COMPRESSION = 1000.0
"""Of amplitudes before their growth is measured: log(1 + c a), after Müller, Fundamentals of Music Processing, 6.1."""

Floats = NDArray[np.float32]


def measure_sound(samples: Samples, *, duration_s: float) -> AudioQualia:
    """Return the measures of sound [n] at RATE_HZ; what only models know stays None."""
    loudness = loudness_db(samples)
    centroid, pace, pitch = None, None, None
    if loudness is not None:
        centroid, onsets = spectral(samples)
        pace = tempo_bpm(onsets, rate_hz=RATE_HZ / HOP)
        pitch = mean_pitch_hz(samples)
    return AudioQualia(
        duration_s=round(duration_s, 6),
        f0_mean_hz=pitch,
        loudness_db=loudness,
        tempo_bpm=pace,
        spectral_centroid_hz=centroid,
        speech_fraction=None,
        transcript=None,
    )


def loudness_db(samples: Samples) -> float | None:
    """Return the root mean square relative to full scale, in decibels: -3.01 for a full sine; None for silence."""
    power = float(np.square(samples, dtype=np.float64).mean()) if len(samples) else 0.0
    return 10 * float(np.log10(power)) if power > 10 ** (SILENCE_DB / 10) else None


def spectral(samples: Samples) -> tuple[float | None, Floats]:
    """Return the spectral centroid in Hz, and the strength of onsets, one each HOP samples.

    Centroid: the mean of sum(f a) / sum(a) over the frames that are not silent (Peeters 2004). Onsets: the mean growth of
    compressed amplitudes from frame to frame, losses as zero (spectral flux; Bello and others 2005).
    """
    frequencies = np.fft.rfftfreq(FRAME, 1 / RATE_HZ).astype(np.float32)
    centroids: list[Floats] = []
    onsets: list[Floats] = []
    before: Floats | None = None
    quiet = 10 ** (SILENCE_DB / 20)
    for amplitudes in _spectra(samples):
        total = amplitudes.sum(axis=1)
        sounding = total > quiet
        centroids.append((amplitudes[sounding] @ frequencies) / total[sounding])
        loud = np.log1p(np.float32(COMPRESSION) * amplitudes)
        previous = np.concatenate([loud[:1] if before is None else before, loud[:-1]])
        onsets.append(np.maximum(loud - previous, 0).mean(axis=1))
        before = loud[-1:]
    sounded = np.concatenate(centroids) if centroids else np.empty(0, np.float32)
    return (float(sounded.mean(dtype=np.float64)) if len(sounded) else None), np.concatenate(
        [*onsets, np.empty(0, np.float32)]
    )


def _spectra(samples: Samples) -> Iterator[Floats]:
    """Yield blocks [frames, FRAME / 2 + 1] of amplitudes, of which a sine of full scale has 1; short sound is filled up."""
    if len(samples) < FRAME:
        samples = np.pad(samples, (0, FRAME - len(samples)))
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    for first in range(0, len(frames), BLOCK):
        spectrum = np.fft.rfft(frames[first : first + BLOCK] * window, axis=1)
        yield np.abs(spectrum).astype(np.float32) * np.float32(2 / window.sum())
