"""The models of the host on this machine, for the processes that do jobs: they never load one themselves."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import DeadlineExceeded, StoreUnavailable
from workers.remforge.inference import Card, Item, Output, Refused, Role
from workers.remforge.models.connections import AWAY, LATE, Connections
from workers.remforge.models.embedding_cache import Counts
from workers.remforge.models.frames import PAYLOAD_LIMIT, BadFrame
from workers.remforge.models.wire import item_bytes, pack_items, unpack_card, unpack_results

PATIENCE_S = 5.0
PART_BYTES = 12 << 20
PART_ITEMS = 256
"""Larger requests go in parts, so that others get in between."""
TEXT_LIMIT = 1 << 20
"""Characters. No model reads as much."""
FACTS_S = 3.0
"""How long cards and reasons are believed."""
FACTS_WAIT_S = 60.0
"""For an answer about the models: the first one may read their weights, for the digests."""


@dataclass(slots=True)
class _Facts:
    """What the host told last of its models."""

    cards: dict[Role, Card]
    why_not: dict[str, str]
    degraded: tuple[str, ...]
    until: float


class HostModels:
    """The port `Models`, over the host's socket. Threads may share one, and a fork may copy it."""

    def __init__(
        self, path: Path, *, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Connect when first asked; wait `patience_s` for a host that is starting."""
        self._connections = Connections(path, patience_s=patience_s)
        self._clock = clock
        self._kept: _Facts | None = None
        self.counts = Counts()
        """How many results came from the cache and how many did not, since this process used it; with threads about."""

    def card(self, role: Role) -> Card | None:
        """Return the model of a role, as it ran last, or None where none can be had; raise StoreUnavailable."""
        return self._facts().cards.get(role)

    def why_not(self, role: Role) -> str:
        """Return why a role has no model, for people; raise StoreUnavailable."""
        return self._facts().why_not.get(role, f"The model for {role} is there.")

    def degraded(self) -> tuple[str, ...]:
        """Return what runs otherwise than it was set up to, and why; raise StoreUnavailable."""
        return self._facts().degraded

    def run(self, role: Role, items: Sequence[Item], *, deadline_s: float) -> list[Output | Refused]:
        """Return a result for each item, in their order.

        Raise StoreUnavailable where the host or the model is away, DeadlineExceeded, and InvalidInput where the items
        are not of the role's kind.
        """
        deadline = self._clock() + deadline_s
        results: list[Output | Refused] = []
        for part in _parts(items):
            results += [part] if isinstance(part, Refused) else self._run(role, part, deadline - self._clock())
        return results

    def close(self) -> None:
        """Close this process's connections; the next use opens new ones."""
        self._connections.close()

    def _run(self, role: Role, items: Sequence[Item], left_s: float) -> list[Output | Refused]:
        if left_s <= 0:
            raise DeadlineExceeded(LATE)
        described, parts = pack_items(items)
        header = {"op": "run", "role": role, "items": described, "deadline_s": left_s}
        frame = self._connections.ask(header, parts, deadline_s=left_s)
        with _understood():
            results = unpack_results(frame.header["results"], frame.payload)
            card = unpack_card(frame.header["card"])
            self.counts = Counts(self.counts.hits + frame.header["hits"], self.counts.misses + frame.header["misses"])
            if (facts := self._kept) is not None:
                facts.cards[role] = card
                facts.degraded = tuple(frame.header["degraded"])
            if len(results) != len(items):
                raise BadFrame("results are not as many as items")
        return results

    def _facts(self) -> _Facts:
        if (facts := self._kept) is not None and self._clock() < facts.until:
            return facts
        frame = self._connections.ask({"op": "facts"}, [], deadline_s=FACTS_WAIT_S)
        with _understood():
            cards = {card.role: card for card in map(unpack_card, frame.header["cards"])}
            degraded = tuple(frame.header["degraded"])
            self._kept = _Facts(cards, dict(frame.header["why_not"]), degraded, self._clock() + FACTS_S)
            return self._kept


def _parts(items: Sequence[Item]) -> Iterator[list[Item] | Refused]:
    """Cut items into messages that fit, in their order."""
    part: list[Item] = []
    size = 0
    for item in items:
        if (refused := _too_large(item)) is not None:
            if part:
                yield part
            yield refused
            part, size = [], 0
            continue
        if part and (len(part) >= PART_ITEMS or size + item_bytes(item) > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += item_bytes(item)
    if part:
        yield part


def _too_large(item: Item) -> Refused | None:
    fits = len(item) <= TEXT_LIMIT if isinstance(item, str) else item.nbytes <= PAYLOAD_LIMIT
    return None if fits else Refused("too-large", "It is larger than what models are given.")


@contextmanager
def _understood() -> Iterator[None]:
    """Take a reply of another version for a host that is being replaced."""
    try:
        yield
    except (BadFrame, KeyError, TypeError, ValueError) as error:
        raise StoreUnavailable(AWAY) from error
