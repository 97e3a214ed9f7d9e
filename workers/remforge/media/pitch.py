"""Pitch: YIN, de Cheveigné and Kawahara (2002), steps 1 to 5."""

import numpy as np
from numpy.typing import NDArray

from workers.remforge.decoding import RATE_HZ, Samples

LOWEST_HZ = 60.0
HIGHEST_HZ = 2000.0
WINDOW = 512
"""Samples that are compared with those one period on: 32 ms."""
HOP = 512
THRESHOLD = 0.1
"""Of the normalised difference, as in the paper."""
QUIET = 1e-4
"""Power relative to the loudest frame below which a frame is silent: -40 dB."""
VOICED = 0.05
"""Share of sounding frames that must have a pitch for the whole to have one."""
BLOCK = 1024
"""Frames at a time."""
_LONGEST = int(RATE_HZ / LOWEST_HZ) + 1
_SHORTEST = int(RATE_HZ / HIGHEST_HZ)
_FFT = 1024

Floats = NDArray[np.float64]


def mean_pitch_hz(samples: Samples) -> float | None:
    """Return the mean fundamental frequency over the frames that have one; None where too few have."""
    pitches, sounding = pitch_track(samples)
    voiced = pitches[np.isfinite(pitches)]
    if not len(voiced) or len(voiced) < VOICED * sounding:
        return None
    return float(voiced.mean())


def pitch_track(samples: Samples) -> tuple[Floats, int]:
    """Return the pitch in Hz each HOP samples, NaN where there is none, and how many frames are not silent."""
    length = WINDOW + _LONGEST + 1
    if len(samples) < length:
        return np.empty(0), 0
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[::HOP]
    power = np.concatenate([frames[at : at + BLOCK, :WINDOW].var(axis=1) for at in range(0, len(frames), BLOCK)])
    sounding = np.flatnonzero(power > max(QUIET * float(power.max()), 1e-12))
    pitches = np.full(len(frames), np.nan)
    for at in range(0, len(sounding), BLOCK):
        chosen = sounding[at : at + BLOCK]
        pitches[chosen] = _pitches(_normalised(frames[chosen].astype(np.float64)))
    return pitches, len(sounding)


def _normalised(frames: Floats) -> Floats:
    """Return [frames, _LONGEST + 2] cumulative mean normalised differences (equation 8) for each period in samples."""
    lags = _LONGEST + 2
    spectrum = np.fft.rfft(frames, _FFT, axis=1)
    product = np.fft.irfft(np.conj(np.fft.rfft(frames[:, :WINDOW], _FFT, axis=1)) * spectrum, _FFT, axis=1)[:, :lags]
    sums = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energy = sums[:, WINDOW : WINDOW + lags] - sums[:, :lags]
    difference = np.maximum(energy[:, :1] + energy - 2 * product, 0)
    difference[:, 0] = 0
    running = np.cumsum(difference, axis=1)
    normalised = difference * np.arange(lags) / np.maximum(running, 1e-12)
    normalised[:, 0] = 1
    return np.asarray(normalised)


def _pitches(normalised: Floats) -> Floats:
    """Return the frequency of the first dip below the threshold of each row, refined by a parabola; NaN without one."""
    inner = normalised[:, _SHORTEST : _LONGEST + 1]
    below = inner < THRESHOLD
    lags = np.arange(_SHORTEST, _LONGEST + 1)
    first = below.argmax(axis=1)
    rising = normalised[:, _SHORTEST + 1 : _LONGEST + 2] >= inner
    bottom = (rising & (np.arange(len(lags))[None] >= first[:, None])).argmax(axis=1)
    rows, lag = np.arange(len(normalised)), lags[bottom]
    left, middle, right = normalised[rows, lag - 1], normalised[rows, lag], normalised[rows, lag + 1]
    bend = left - 2 * middle + right
    shift = np.where(bend > 1e-12, (left - right) / (2 * np.where(bend > 1e-12, bend, 1)), 0).clip(-1, 1)
    return np.where(below.any(axis=1), RATE_HZ / (lag + shift), np.nan)
