"""Things of one name in what was found: told apart by their firmware, and silent where another of them answers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from stores.graph import Node
from workers.query.budget import FAILED
from workers.query.outcome import Connected, Explained, Failed, Figured, Listed, Outcome, Surrounded
from workers.query.titles import WITHIN, title
from workers.query.view import View


def telling(outcomes: Sequence[Outcome], said: Mapping[int, str]) -> list[Outcome]:
    """Leave out what found nothing where another step for the same words of the question found something.

    `said`: by the identity of a step, its line; steps for the things that share a name read alike.
    """
    found = {_line(outcome, said) for outcome in outcomes if _found(outcome)}
    kept: list[Outcome] = []
    seen: set[tuple[type[Outcome], str]] = set()
    for outcome in outcomes:
        line = _line(outcome, said)
        silent = not _found(outcome) and not isinstance(outcome, Failed)
        if silent and line[1] and (line in found or (line in seen and not isinstance(outcome, Explained))):
            continue
        seen.add(line)
        kept.append(outcome)
    return kept


def apart(outcomes: Sequence[Outcome], view: View) -> list[Outcome]:
    """Mark the things that sentences would call the same, so that their titles say which firmware they are of."""
    things = {node.id: node for outcome in outcomes for node in _subjects(outcome)}
    names = Counter(title(node) for node in things.values())
    alike = [node for node in things.values() if names[title(node)] > 1 and node.properties.get("firmware")]
    if not alike:
        return list(outcomes)
    try:
        known = view.nodes({str(node.properties["firmware"]) for node in alike})
    except FAILED:
        return list(outcomes)
    marked = {
        node.id: replace(node, properties={**node.properties, WITHIN: title(firmware)})
        for node in alike
        if (firmware := known.get(str(node.properties["firmware"]))) is not None
    }
    return [_marked(outcome, marked) for outcome in outcomes]


def _line(outcome: Outcome, said: Mapping[int, str]) -> tuple[type[Outcome], str]:
    return type(outcome), said.get(id(outcome.step), "")


def _found(outcome: Outcome) -> bool:
    match outcome:
        case Listed(total=total):
            return bool(total)
        case Figured(groups=groups):
            return any(group.count for group in groups)
        case Explained(weaknesses=weaknesses):
            return bool(weaknesses)
        case Connected(ways=ways):
            return bool(ways)
        case Surrounded(nodes=nodes):
            return bool(nodes)
    return True


def _subjects(outcome: Outcome) -> Iterable[Node]:
    match outcome:
        case Listed(nodes=nodes):
            return nodes
        case Explained(node=node) | Surrounded(centre=node):
            return [node] if node is not None else []
        case Connected(ends=ends):
            return [end for end in ends if end is not None]
    return ()


def _marked(outcome: Outcome, marked: Mapping[str, Node]) -> Outcome:
    def mark(node: Node | None) -> Node | None:
        return marked.get(node.id, node) if node is not None else None

    match outcome:
        case Listed(nodes=nodes):
            return replace(outcome, nodes=[marked.get(node.id, node) for node in nodes])
        case Explained(node=node):
            return replace(outcome, node=mark(node))
        case Surrounded(centre=centre):
            return replace(outcome, centre=mark(centre))
        case Connected(ends=(source, target)):
            return replace(outcome, ends=(mark(source), mark(target)))
    return outcome
