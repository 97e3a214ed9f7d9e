"""Passages in the memory of one process, scored by the formula of BM25: for tests, and the measure of other stores."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from jobs.errors import InvalidInput
from stores.vectors import Hit, Passage
from stores.words import question_terms, terms

K1, B = 1.2, 0.75
DECIMALS = 3
"""Scores that agree so far are equal, and then ids decide: no order hangs on how a sum was rounded."""
MAX_TEXT = 100_000
"""Characters of a passage."""


def check_passages(passages: Sequence[Passage]) -> None:
    """Raise InvalidInput for a passage that is too long to be found by its words."""
    for passage in passages:
        if len(passage.text) > MAX_TEXT:
            raise InvalidInput(f"{passage.id}: a passage has at most {MAX_TEXT} characters.", field="text")


class MemoryTexts:
    """Passages, by tenant."""

    def __init__(self) -> None:
        """Start empty."""
        self._passages: defaultdict[str, dict[str, tuple[Passage, Counter[str]]]] = defaultdict(dict)

    def migrate(self) -> None:
        """Need nothing."""

    def ping(self) -> None:
        """Answer."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        self._passages.pop(tenant, None)

    def add(self, tenant: str, passages: Sequence[Passage]) -> None:
        """Write passages."""
        check_passages(passages)
        self._passages[tenant].update((passage.id, (passage, Counter(terms(passage.text)))) for passage in passages)

    def best(self, tenant: str, words: str, *, limit: int, kinds: Collection[str] | None = None) -> list[Hit]:
        """Score every passage."""
        known = self._passages[tenant].values()
        wanted = question_terms(words)
        holding = {term: sum(term in counts for _, counts in known) for term in wanted}
        mean = sum(counts.total() for _, counts in known) / max(len(known), 1)
        hits = []
        for passage, counts in known:
            if not any(term in counts for term in wanted) or (kinds is not None and passage.kind not in kinds):
                continue
            score = sum(
                math.log(1 + (len(known) - holding[term] + 0.5) / (holding[term] + 0.5))
                * counts[term]
                * (K1 + 1)
                / (counts[term] + K1 * (1 - B + B * counts.total() / mean))
                for term in wanted
            )
            hits.append(Hit(passage.id, round(score, DECIMALS)))
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[: max(limit, 0)]

    def passages(self, tenant: str, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages that are there."""
        known = self._passages[tenant]
        return {name: known[name][0] for name in ids if name in known}

    def remove(self, tenant: str, ids: Sequence[str]) -> None:
        """Remove passages."""
        for name in ids:
            self._passages[tenant].pop(name, None)
