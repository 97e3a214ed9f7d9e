"""What the model host answers: results from the cache, or else from a model that is lent for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from jobs.errors import StoreUnavailable
from workers.remforge.inference import Card, Item, Output, Refused, Role
from workers.remforge.models.embedding_cache import EmbeddingCache, content_digest, key_of
from workers.remforge.models.frames import BadFrame, Frame
from workers.remforge.models.registry import Registry
from workers.remforge.models.warm_up import PICTURES, TEXTS
from workers.remforge.models.wire import Parts, pack_card, pack_results, unpack_items

LONGEST_S = 3600.0
Reply = tuple[dict[str, Any], Parts]


@dataclass(frozen=True, slots=True)
class Ran:
    """Results in the order of the items, the model that they are of, and how many were in the cache."""

    results: list[Output | Refused]
    card: Card
    hits: int
    misses: int


class Service:
    """Answers messages; may be called by many threads."""

    def __init__(self, registry: Registry, cache: EmbeddingCache) -> None:
        """Answer with the models of `registry`; remember results in `cache`."""
        self._registry = registry
        self._cache = cache

    def answer(self, frame: Frame) -> Reply:
        """Return the reply to a message; raise BadFrame, and what `run` raises."""
        match frame.header:
            case {"op": "run", "role": str(role), "items": items, "deadline_s": float() | int() as deadline_s}:
                deadline = monotonic() + min(max(0.0, deadline_s), LONGEST_S)
                ran = self.run(_role(role), unpack_items(items, frame.payload), deadline=deadline)
                described, parts = pack_results(ran.results)
                told = {"results": described, "card": pack_card(ran.card), "hits": ran.hits, "misses": ran.misses}
                return told | {"degraded": self._registry.degraded()}, parts
            case {"op": "facts"}:
                return self._facts(), []
        raise BadFrame("nothing of the kind can be asked")

    def run(self, role: Role, items: Sequence[Item], *, deadline: float) -> Ran:
        """Return a result for each item; contents that occur twice are computed once.

        Raise BadFrame for items that are not of the role's kind, StoreUnavailable where its model cannot be had, and
        DeadlineExceeded.
        """
        if not all(_fits(role, item) for item in items):
            raise BadFrame(f"these are no items for {role}")
        card = self._registry.card(role)
        if card is None:
            raise StoreUnavailable(self._registry.why_not(role))
        contents = [content_digest(item) for item in items]
        known = self._known(contents, card)
        unknown = _left_over(contents, items, known)
        if unknown:
            with self._registry.lease(role, deadline=deadline) as batcher:
                if batcher.model.card.model.dtype != card.model.dtype:
                    # It runs in another precision than it was set up for: so must all of its results.
                    known = self._known(contents, batcher.model.card)
                    unknown = _left_over(contents, items, known)
                card = batcher.model.card
                results = batcher.submit(list(unknown.values()), deadline=deadline)
            known |= zip(unknown, results, strict=True)
            self._keep({content: known[content] for content in unknown}, card)
        hits = len(items) - len(unknown)
        self._cache.count(hits, len(unknown))
        return Ran([known[content] for content in contents], card, hits, len(unknown))

    def _known(self, contents: Sequence[bytes], card: Card) -> dict[bytes, Output | Refused]:
        keys = {key_of(content, card): content for content in contents}
        return {keys[key]: output for key, output in self._cache.get(list(keys)).items()}

    def _keep(self, results: Mapping[bytes, Output | Refused], card: Card) -> None:
        outputs = {content: result for content, result in results.items() if isinstance(result, Output)}
        self._cache.put({key_of(content, card): output for content, output in outputs.items()})

    def _facts(self) -> dict[str, Any]:
        cards = {role: self._registry.card(role) for role in Role}
        return {
            "cards": [pack_card(card) for card in cards.values() if card is not None],
            "why_not": {role: self._registry.why_not(role) for role, card in cards.items() if card is None},
            "degraded": self._registry.degraded(),
        }


def _left_over(contents: Sequence[bytes], items: Sequence[Item], known: Collection[bytes]) -> dict[bytes, Item]:
    return {content: item for content, item in zip(contents, items, strict=True) if content not in known}


def _fits(role: Role, item: Item) -> bool:
    if role in TEXTS:
        return isinstance(item, str)
    return not isinstance(item, str) and item.ndim == (3 if role in PICTURES else 1)


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as error:
        raise BadFrame("there is no such role") from error
