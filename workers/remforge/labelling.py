"""Names for what a file shows, sounds like or feels like."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from jobs.rem import Label
from stores.knowledge import FloatArray
from workers.remforge.decoding import Decoded
from workers.remforge.inference import Card, Output, Refused, Role
from workers.remforge.look import Seen, mean_vector

MOST = 5
"""Names of one kind."""
LEAST_SCORE = 0.05
"""Below which a class of a closed list says nothing."""
SCALE = 100.0
"""Of cosines before the softmax: the largest that CLIP's training allows (Radford et al. 2021), and where it ends."""


def labels_of(
    decoded: Decoded, seen: Seen, captions: Mapping[str, FloatArray], cards: Mapping[Role, Card]
) -> tuple[Label, ...]:
    """Return the names, what was asked for first; of a video the means over its keyframes."""
    found = zero_shot(mean_vector(seen.get(Role.IMAGE, ())), captions) if Role.IMAGE in cards else ()
    kinds: tuple[tuple[Role, Literal["imagenet", "affect", "audio"]], ...] = (
        (Role.LABELS, "imagenet"),
        (Role.AFFECT, "affect"),
        (Role.SOUND, "audio"),
    )
    for role, kind in kinds:
        if role is Role.LABELS and not decoded.views:
            continue
        found = (*found, *_mean_scores(seen.get(role, ()), kind))
    return found


def zero_shot(picture: FloatArray | None, captions: Mapping[str, FloatArray]) -> tuple[Label, ...]:
    """Return the softmax over the cosines of a picture with each name, times SCALE; highest first, all of them.

    The shares are among the given names alone: with a single one it is 1, whatever the picture shows.
    """
    if picture is None or not captions:
        return ()
    names = sorted(captions)
    cosines = SCALE * np.array([float(picture @ captions[name]) for name in names])
    powers = np.exp(cosines - cosines.max())
    shares = powers / powers.sum()
    order = sorted(range(len(names)), key=lambda place: (-shares[place], names[place]))
    return tuple(Label(name=names[place], score=float(shares[place]), kind="zero-shot") for place in order)


def _mean_scores(
    outputs: Sequence[Output | Refused], kind: Literal["imagenet", "affect", "audio"]
) -> tuple[Label, ...]:
    scored = [dict(one.scores) for one in outputs if isinstance(one, Output) and one.scores]
    if not scored:
        return ()
    names = sorted({name for one in scored for name in one})
    means = {name: sum(one.get(name, 0.0) for one in scored) / len(scored) for name in names}
    best = sorted(means.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    return tuple(Label(name=name, score=min(1.0, score), kind=kind) for name, score in best if score >= LEAST_SCORE)
