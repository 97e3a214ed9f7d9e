"""Tempo: where the strength of onsets repeats itself, weighted towards the paces that people tap (Ellis 2007)."""

import numpy as np
from numpy.typing import NDArray

SLOWEST_BPM = 40.0
FASTEST_BPM = 240.0
CENTRE_BPM = 120.0
OCTAVES = 0.9
"""Width of the weight, as in Ellis, Beat Tracking by Dynamic Programming."""
SHORTEST_S = 4.0
STEADY = 0.2
"""Correlation with itself one beat on, of that at once, below which there is no beat."""
FAINT = 0.02
"""Strength of the strongest onset below which there are none: the ripple of a steady tone."""


def tempo_bpm(onsets: NDArray[np.float32], *, rate_hz: float) -> float | None:
    """Return the beats a minute of onset strengths at `rate_hz`; None where they are too few, too faint or unsteady."""
    if len(onsets) < SHORTEST_S * rate_hz or float(onsets.max()) < FAINT:
        return None
    centred = onsets.astype(np.float64) - onsets.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    correlation = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2, size)[: len(centred)]
    first, last = int(60 * rate_hz / FASTEST_BPM), min(int(60 * rate_hz / SLOWEST_BPM), len(centred) - 2)
    lags = np.arange(first, last + 1)
    weights = np.exp(-0.5 * (np.log2(60 * rate_hz / lags / CENTRE_BPM) / OCTAVES) ** 2)
    best = int(lags[(correlation[lags] * weights).argmax()])
    if correlation[best] < STEADY * correlation[0]:
        return None
    left, middle, right = correlation[best - 1 : best + 2]
    bend = left - 2 * middle + right
    shift = float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
    return float(60 * rate_hz / (best + shift))
