"""What a question is a row of: a piece of it that means something."""

from dataclasses import dataclass
from typing import Final

from workers.query.lexicon import Meaning
from workers.query.planner_link import Linked
from workers.query.units import Quantity


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of the question that means something, or a word that nothing is known of (kind `word`)."""

    kind: str
    start: int
    end: int
    words: str
    value: str = ""
    of: str = ""
    also: tuple[Meaning, ...] = ()
    """What else the words can mean."""
    link: Linked | None = None
    quantity: Quantity | None = None
    seconds: float = 0.0

    def meaning(self, kind: str) -> Meaning | None:
        """Return the item's meaning of a kind, if it has one."""
        if self.kind == kind:
            return Meaning(kind, self.value, self.of)
        return next((meaning for meaning in self.also if meaning.kind == kind), None)


_FIGURES: Final = frozenset(
    {"agg", "many", "much", "super", "either", "share", "more", "fewer", "mayor", "menor", "intent", "rel"}
)


def figured(item: Item) -> bool:
    """Say whether an item asks for a figure, or says of what."""
    return item.kind in _FIGURES or (item.kind == "prop" and item.value != "severity")
