"""What a question asks that no step can say: `the entropy of sub_bytes`, where nothing is known of entropies."""

from collections.abc import Sequence
from typing import Final

from jobs.knowledge import Label
from workers.query.plan import Aggregate, Lookup, Step
from workers.query.planner_clause import Frame
from workers.query.planner_item import Item

_FILLING: Final = frozenset({"cue", "comma", "rel", "unit", "them"})
_ASKING: Final = frozenset({"which", "how", "where"})


def not_recorded(frames: Sequence[Frame], steps: Sequence[Step]) -> list[str]:
    """Return the words for a property that is asked of a known thing and that is none of ours."""
    if any(isinstance(step, Lookup) and not step.properties for step in steps) and len(frames) == 1:
        return _asked(frames[0])
    bare = [step for step in steps if isinstance(step, Aggregate) and step.function == "count" and step.of is None]
    return [words for one in frames for words in _counted(one)] if bare else []


def _asked(frame: Frame) -> list[str]:
    """Return the unknown words that stand where a property is asked, with those right behind them."""
    if frame.has("intent") or any(link.label in {Label.DOCUMENT, Label.MITIGATION} for link in frame.links):
        return []
    items = [item for item in frame.items if item.kind not in _FILLING]
    while items and items[0].kind in {"ask", "many", "much"}:
        if items[0].kind == "ask" and items[0].value not in _ASKING:
            return []  # `give me the rundown on it`
        items.pop(0)
    return _run(items)


def _counted(frame: Frame) -> list[str]:
    """Return the unknown words of which it is asked how many there are."""
    at = frame.place("many")
    if at is None or frame.things or frame.props or frame.leaks:
        return []
    return _run(frame.items[at + 1 :])


def _run(items: Sequence[Item]) -> list[str]:
    words: list[str] = []
    for item in items:
        if item.kind not in {"word", "topic"}:
            break
        words.append(item.words)
    return [" ".join(words)] if words else []
