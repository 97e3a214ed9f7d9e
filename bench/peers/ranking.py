"""BM25 and vectors alone, as peers: the same index and the same encoder as the product, and nothing of its planner."""

from collections.abc import Callable, Sequence

import numpy as np

from bench.peers.texts import Thing
from stores.text_index import TextIndex
from stores.vectors import Passage
from workers.encoders.encoder import Encoder

LIMIT = 100
"""Things that are ranked; no answer has more than 60."""
Ranked = list[tuple[str, float]]
Ranker = Callable[[str], Ranked]
"""From a question to ids and scores, best first."""


def by_words(things: Sequence[Thing]) -> Ranker:
    """Return BM25 over the things' texts."""
    index = TextIndex()
    index.put(Passage(thing.id, thing.kind, thing.text) for thing in things)
    index.commit()
    return lambda question: [(hit.id, hit.score) for hit in index.best(question, limit=LIMIT, kinds=None)]


def by_meaning(things: Sequence[Thing], encoder: Encoder) -> Ranker:
    """Return exact cosines over the things' texts; equal texts are encoded once."""
    ids = np.array([thing.id for thing in things])
    matrix = encoder.encode([thing.text for thing in things])

    def rank(question: str) -> Ranked:
        cosines = matrix @ encoder.encode([question])[0]
        best = np.argsort(-cosines, kind="stable")[:LIMIT]
        return [(str(ids[at]), float(cosines[at])) for at in best]

    return rank
