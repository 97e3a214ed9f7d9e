"""Names for what a file shows, sounds like or feels like."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from jobs.rem import Label
from stores.vectors import FloatArray
from workers.remforge.decoding import Decoded
from workers.remforge.inference import Card, Output, Refused, Role
from workers.remforge.look import Seen, mean_vector

MOST = 5
"""Names of one kind."""
LEAST_SCORE = 0.05
"""Below which a class of a closed list says nothing."""


def labels_of(
    decoded: Decoded, seen: Seen, captions: Mapping[str, FloatArray], cards: Mapping[Role, Card]
) -> tuple[Label, ...]:
    """Return the names, what was asked for first; of a video the means over its keyframes."""
    card = cards.get(Role.IMAGE)
    found = zero_shot(mean_vector(seen.get(Role.IMAGE, ())), captions, card) if card is not None else ()
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


def zero_shot(picture: FloatArray | None, captions: Mapping[str, FloatArray], card: Card) -> tuple[Label, ...]:
    """Return how well each name fits a picture, as the model was trained to say it; highest first, all of them.

    CLIP (Radford et al. 2021): the softmax of scale * cosine, so the shares are among the given names alone, and one name
    alone has 1 whatever the picture shows. SigLIP (Zhai et al. 2023): the logistic function of scale * cosine + bias.
    """
    if picture is None or not captions or card.scale is None:
        return ()
    names = sorted(captions)
    logits = card.scale * np.array([float(picture @ captions[name]) for name in names])
    if card.bias is not None:
        shares = 1 / (1 + np.exp(-(logits + card.bias)))
    else:
        powers = np.exp(logits - logits.max())
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
