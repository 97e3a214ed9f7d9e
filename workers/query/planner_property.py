"""Properties of things that are named: of an instruction, of a campaign, of a build's campaigns."""

from typing import Final

from jobs.knowledge import Label
from workers.query.plan import Lookup, Select, Step
from workers.query.planner_chain import Wanted, selections
from workers.query.planner_clause import Frame
from workers.query.planner_scope import WITHIN, Scope, naming, scoped, things_of
from workers.query.planner_vocabulary import MEASURED, on

_COUNTS: Final = frozenset({"samples", "executions", "traces"})
_BACKING: Final = frozenset({"back", "support", "stand", "underlie", "underpin"})
_FIGURED: Final = frozenset({"agg", "many", "much", "super", "either", "leak", "leaknoun", "more"})


def of_named(frame: Frame, scope: Scope, target: str | None) -> list[Step] | None:  # noqa: C901, PLR0911 - one question after another, in the order that decides
    """Plan `what is the average energy of this instruction`: properties of things that are named."""
    extreme = frame.superlative
    if (
        frame.comparisons
        or frame.by
        or frame.top is not None
        or (extreme is not None and extreme.sure and target is not None)
    ):
        return None
    concepts = [value for _, value in frame.props]
    leaks = [frame.items[at] for at in frame.leaks]
    measured = [concept for concept in concepts if on(concept, Label.INSTRUCTION) and concept in MEASURED]
    if one_instruction(frame) and measured and target in {None, Label.INSTRUCTION, Label.VULNERABILITY}:
        # `how strong is its leak in |t|`: a figure of the instruction
        frame.used |= {at for at, item in enumerate(frame.items) if item.kind in _FIGURED}
        concepts = _counted(frame) or concepts
        names = tuple(dict.fromkeys(name for one in concepts if (name := on(one, Label.INSTRUCTION)) is not None))
        return _of_instruction(frame, scope, names)
    if _opcode(frame, concepts) and not leaks and not frame.severity:
        return _of_instruction(frame, scope, ("mnemonic",))
    if (target is not None and not (target == Label.CAMPAIGN and _of_campaign(frame))) or leaks or frame.severity:
        return None
    if not concepts:
        return None
    for label in (
        Label.INSTRUCTION,
        Label.VULNERABILITY,
        Label.MEASUREMENT,
        Label.CAMPAIGN,
        Label.MITIGATION,
        Label.FIRMWARE,
        Label.FUNCTION,
        Label.DOCUMENT,
    ):
        things = things_of(frame.links, label)
        worst = extreme is not None and frame.items[extreme.at].of == "worst"
        if label == Label.CAMPAIGN and not things and not worst and not frame.linked(Label.FUNCTION):
            builds = {thing.id for thing in things_of(frame.links, Label.FIRMWARE)}
            things = [thing for thing in scope.names.of(label) if thing.firmware in builds]
        asked = tuple(dict.fromkeys(name for concept in concepts if (name := on(concept, label)) is not None))
        if label == Label.MITIGATION and "severity" in concepts:
            continue
        if things and asked and len(asked) >= len([one for one in concepts if one != "kind"]):
            if scope.firmware and (inside := [thing for thing in things if thing.firmware in scope.firmware]):
                things = inside
            frame.used |= {at for at, item in enumerate(frame.items) if item.kind in {"agg", "many", "much"}}
            return [Lookup(tuple(thing.id for thing in things), asked)]
    return None


def one_instruction(frame: Frame) -> bool:
    """Say whether the clause is about instructions that it names by id or address."""
    links = frame.linked(Label.INSTRUCTION)
    exact = [link for link in links if link.things or link.condition_name == "address"]
    asks = any(item.kind == "rel" and item.value in WITHIN for item in frame.items)
    return bool(exact) and len(exact) == len(links) and not asks


def _counted(frame: Frame) -> list[str]:
    """Return the count that is asked, which another figure only explains: `how many samples back the energy`."""
    at = frame.place("many")
    following = frame.items[at + 1 : at + 3] if at is not None else []
    told = len(following) == 2 and following[0].value in _COUNTS
    told = told and (following[1].words in _BACKING or following[0].words.endswith(("back", "behind")))
    return [following[0].value] if told and len(frame.props) == 2 else []


def _opcode(frame: Frame, concepts: list[str]) -> bool:
    """Say whether it is asked which opcode an instruction is."""
    words = [frame.items[at].words for at, _ in frame.things]
    return words == ["opcode"] and not concepts and frame.has("ask", "which") and one_instruction(frame)


def _of_instruction(frame: Frame, scope: Scope, properties: tuple[str, ...]) -> list[Step]:
    """Plan figures of instructions: by their ids, or wherever there is code at an address."""
    things = things_of(frame.links, Label.INSTRUCTION)
    if things:
        return [Lookup(tuple(thing.id for thing in things), properties)]
    asked = Wanted(Label.INSTRUCTION)
    asked.where += [naming(link) for link in frame.linked(Label.INSTRUCTION)]
    for link in frame.linked(Label.FIRMWARE):
        asked.needs[Label.FIRMWARE].append(naming(link))
    scoped(asked, scope)
    made, _ = selections(asked)
    return [Select(one, properties) for one in made]


def _of_campaign(frame: Frame) -> bool:
    """Say whether the clause asks about the campaign of something that is named, and not which campaign."""
    which = any(
        item.kind == "ask" and frame.items[at + 1 : at + 2] and frame.items[at + 1].value == Label.CAMPAIGN
        for at, item in enumerate(frame.items)
    )
    return bool(frame.linked(Label.FIRMWARE, Label.CAMPAIGN)) and not which and frame.superlative is None
