"""Arousal and dominance: where sentences lie on axes between words of opposite meaning (SemAxis: An, Kwak & Ahn 2018)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from stores.vectors import FloatArray
from workers.remforge.words.found import Found, found, unknown
from workers.remforge.words.reading import Reading, spread

Encode = Callable[[Sequence[str]], FloatArray]
MOST_SENTENCES = 24
"""Are encoded, evenly spread over the text."""
LONGEST = 400
"""Characters of a sentence that are encoded."""
AROUSAL_CONFIDENCE, DOMINANCE_CONFIDENCE = 0.26, 0.43
"""Correlations with people's judgement that were measured for this method and this encoder; never more."""
AROUSED = "excited furious ecstatic frantic thrilled terrified explosive frenzied shocked raging wild intense"
CALM = "calm sleepy relaxed quiet peaceful drowsy still serene dull slow restful soothing"
DOMINANT = "powerful dominant controlling strong confident commanding victorious influential masterful free triumphant in-charge"
SUBMISSIVE = "helpless weak submissive powerless controlled obedient defeated frightened trapped dependent overwhelmed insignificant"
NEUTRAL = """
The meeting is on the second floor.
He put the keys into his pocket.
The report has twelve pages and an index.
She bought bread, milk and two apples.
I walked to the station this morning.
We won the match and everybody screamed.
The explosion threw them to the ground.
The lake lies still under the evening sky.
He fell asleep in his chair by the fire.
She led the company for twenty years.
They could do nothing but wait.
The door was painted green last year.
He begged them to let him go.
I decided to leave and nobody stopped me.
The train to the coast leaves at noon.
The child laughed and ran in circles.
"""
"""Sentences of all sorts: their mean is the middle of each axis, and their spread its unit."""


@dataclass(frozen=True, slots=True)
class NamedEncoder:
    """A sentence encoder; its name stands for its weights: encoders of one name make the same vectors."""

    name: str
    encode: Encode = field(compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Axis:
    """A direction [d] of unit length, and the mean and spread of its cosines with sentences of all sorts."""

    direction: NDArray[np.float64]
    mean: float
    spread: float

    def value(self, vector: NDArray[np.float64]) -> float:
        """Return where a vector [d] lies, 0 to 1: 1 / (1 + exp(-z)), z its cosine in spreads from the mean."""
        z = (float(vector @ self.direction) - self.mean) / self.spread
        return float(1 / (1 + np.exp(-np.clip(z, -20, 20))))


@lru_cache(maxsize=4)
def axes(encoder: NamedEncoder) -> tuple[Axis, Axis]:
    """Return the axes of arousal and dominance of an encoder: the difference of the means of their words' vectors."""
    ends = [AROUSED, CALM, DOMINANT, SUBMISSIVE]
    sorts = NEUTRAL.strip().splitlines()
    words = [word.replace("-", " ") for end in ends for word in end.split()]
    vectors = _unit(np.asarray(encoder.encode([*words, *sorts]), np.float64))
    means = []
    at = 0
    for end in ends:
        count = len(end.split())
        means.append(vectors[at : at + count].mean(axis=0))
        at += count
    return _axis(means[0] - means[1], vectors[at:]), _axis(means[2] - means[3], vectors[at:])


def _axis(difference: NDArray[np.float64], sorts: NDArray[np.float64]) -> Axis:
    direction = _unit(difference[None])[0]
    cosines = sorts @ direction
    return Axis(direction, float(cosines.mean()), float(max(cosines.std(), 1e-6)))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12))


@dataclass(frozen=True, slots=True)
class Placing:
    """Arousal and dominance of a text, and what to know of them."""

    arousal: Found[float]
    dominance: Found[float]
    warnings: tuple[str, ...] = ()


def placing(reading: Reading, encoder: NamedEncoder | None) -> Placing:
    """Return where the mean of a text's sentence vectors, weighted by their words, lies on the axes.

    Raises what the encoder raises.
    """
    if encoder is None:
        return _nowhere("there is no sentence encoder")
    if reading.total == 0:
        return _nowhere("there are no words")
    if reading.spoken.language != "en":
        # Spanish sentences that excite and that calm were told apart hardly better than by chance.
        return _nowhere("the sentence encoder reads English, and the text is not English")
    taken = spread(reading.sentences, MOST_SENTENCES)
    warnings = []
    if len(taken) < len(reading.sentences):
        warnings.append(
            f"arousal and dominance come from {len(taken)} of {len(reading.sentences)} sentences, evenly spread"
        )
    if any(one.end - one.start > LONGEST for one in taken):
        warnings.append(f"arousal and dominance come from the first {LONGEST} characters of longer sentences")
    texts = [reading.text[one.start : min(one.end, one.start + LONGEST)] for one in taken]
    vectors = np.asarray(encoder.encode(texts), np.float64)
    mean = np.average(vectors, axis=0, weights=[one.words for one in taken])
    arousal, dominance = axes(encoder)
    vector = _unit(mean[None])[0]
    return Placing(
        found(arousal.value(vector), "semaxis", AROUSAL_CONFIDENCE, model=encoder.name),
        found(dominance.value(vector), "semaxis", DOMINANCE_CONFIDENCE, model=encoder.name),
        tuple(warnings),
    )


def _nowhere(reason: str) -> Placing:
    return Placing(unknown(reason), unknown(reason))
