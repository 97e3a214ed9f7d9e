"""Pictures that were seen before against new ones: what the cache of embeddings saves, over the host's socket."""

import statistics
import time
from collections.abc import Sequence

import numpy as np

from bench.remforge_resident import make_clip
from bench.remforge_world import Host, kept, model_host, tell
from workers.remforge.inference import Item, Role
from workers.remforge.models.model import Spec
from workers.remforge.models.wheels import LABELS, WHEEL

BENCH = "remforge-cache"
SEED = 7
PICTURES = 64
ROUNDS = 5
"""In which the same pictures come again."""


def run() -> None:
    """Print milliseconds a picture, new and known, of level full's model and of level lite's."""
    clip = Spec(Role.IMAGE, str(kept("clip-vit-b-32", make_clip)))
    for spec in (clip, Spec(Role.LABELS, WHEEL + LABELS)):
        with model_host(spec) as host:
            measure(host, spec)


def measure(host: Host, spec: Spec) -> None:
    """Bring pictures together and one at a time, each new once and known afterwards."""
    rng = np.random.default_rng(SEED)
    bring(host, spec.role, some(rng, 8))
    host.settle()
    before = host.models.counts
    many, few = some(rng, PICTURES), some(rng, PICTURES // 4)
    new_ms = bring(host, spec.role, many)
    known_ms = [bring(host, spec.role, many) for _ in range(ROUNDS)]
    alone_new_ms = [bring(host, spec.role, [picture]) for picture in few]
    alone_known_ms = [bring(host, spec.role, [picture]) for _ in range(ROUNDS) for picture in few]
    after = host.models.counts
    card = host.models.card(spec.role)
    known = statistics.median(known_ms)
    tell(
        BENCH,
        str(spec.role),
        model=None if card is None else card.model.name,
        together_new_ms=round(new_ms, 2),
        together_known_ms=round(known, 3),
        known_over_new=round(new_ms / known, 1),
        alone_new_ms=round(statistics.median(alone_new_ms), 2),
        alone_known_ms=round(statistics.median(alone_known_ms), 3),
        alone_known_over_new=round(statistics.median(alone_new_ms) / statistics.median(alone_known_ms), 1),
        together=len(many),
        hits=after.hits - before.hits,
        misses=after.misses - before.misses,
    )


def some(rng: np.random.Generator, count: int) -> list[Item]:
    """Return pictures that nobody has seen."""
    return list(rng.integers(0, 256, (count, 224, 224, 3), dtype=np.uint8))


def bring(host: Host, role: Role, pictures: Sequence[Item]) -> float:
    """Return the milliseconds that a picture takes."""
    began = time.perf_counter()
    host.run(role, pictures)
    return 1000 * (time.perf_counter() - began) / len(pictures)
