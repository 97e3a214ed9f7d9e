"""A question in English or Spanish becomes typed steps: a pure function of the question and of the names that are known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from jobs.knowledge import Label
from jobs.questions import QueryRequest
from workers.query import lexicon
from workers.query.language import language_of
from workers.query.linking import link
from workers.query.names import Names
from workers.query.normal import Normal, normal
from workers.query.plan import Compare, Lookup, Mention, Open, Reading, Select, Step
from workers.query.planner_asked import not_recorded
from workers.query.planner_chain import TEXTUAL
from workers.query.planner_clause import Frame
from workers.query.planner_clauses import clauses
from workers.query.planner_figures import Before
from workers.query.planner_frame import frame
from workers.query.planner_item import Item
from workers.query.planner_items import items
from workers.query.planner_link import Linked, Links
from workers.query.planner_scope import Scope, scope_of, things_of
from workers.query.planner_steps import steps
from workers.query.planner_time import times
from workers.query.planner_tokens import Token, tokens
from workers.query.saying import note, say

MAX_STEPS: Final = 12
MAX_MENTIONS: Final = 200
BARE: Final = 0.75
LITTLE: Final = 0.4
"""The part of a question below which steps that account for no more are not what it asks."""
_OURS: Final = frozenset(
    {"topic", "link", "thing", "prop", "leak", "leaknoun", "super", "agg", "patch", "sev", "vkind", "secret", "share"}
)
"""Meanings that a question has if it is about anything that is known here."""
_EMPTY: Final = frozenset(
    {"ask", "comma", "cue", "unit", "them", "group", "groupby", "secret", "between", "more", "fewer"}
)
_LIGHT: Final = frozenset({"rel", "intent", "prop", "thing", "patch", "neg", "sev", "level", "kind", "agg", "super"})


_PRONOUN: Final = frozenset({"ask", "prop", "them", "agg", "many", "much", "rel"})


def plan(request: QueryRequest, names: Names, *, today: float) -> Reading:
    """Return what a question asks; `today` is the time, in seconds since the epoch, that `yesterday` is counted from."""
    text = normal(request.question)
    language = language_of(request.question)
    spoken = request.language or language
    since, until, spans = times(text, today=today)
    pieces = [token for token in tokens(text, language) if not any(start <= token.start < end for start, end in spans)]
    links = link(text, pieces, names)
    scope = scope_of(request.filters, names)
    scope.since = max((one for one in (scope.since, since) if one is not None), default=None)
    scope.until = min((one for one in (scope.until, until) if one is not None), default=None)
    made, frames = _steps(pieces, links, scope, request)
    unknown = [*links.unknown, *(links.maybe if made else ()), *scope.unknown]
    absent = [item.words for one in frames for item in one.items if item.kind == "absent"]
    absent += not_recorded(frames, made) if not absent else []
    notes = [f"similar|{wrong}|{right}" for wrong, right in links.similar]
    notes += [f"absent|{words}" for words in absent] + scope.notes
    notes += ["truncated"] if names.truncated and unknown else []
    covered = _coverage(frames)
    bare = bool(made) and all(
        isinstance(step, Select) and not step.selection.where and not step.selection.hops for step in made
    )
    made = [] if absent else made
    if made and (_coverage(frames, word=1.0) < BARE if bare else covered < LITTLE):
        made = []
    confidence = _confidence(frames, links, covered, scope, structured=bool(made))
    said_steps: tuple[Step, ...] = tuple(made[:MAX_STEPS]) or (Open(),)

    def title(id_: str) -> str:
        named = names.get(id_)
        return named.name if named is not None else id_

    return Reading(
        question=request.question,
        language=language,
        normal=text.key,
        mentions=_mentions(text, pieces, links),
        unknown=tuple(dict.fromkeys([*unknown, *absent])),
        steps=said_steps,
        confidence=confidence,
        words=lexicon.words_for_search([lexicon.corrected(match) for match in lexicon.ATOM.findall(text.text)[:300]]),
        said=(
            *(say(step, spoken, title=title) for step in said_steps),
            *(note(code, spoken) for code in dict.fromkeys(notes)),
        ),
    )


def _steps(
    pieces: Sequence[Token], links: Links, scope: Scope, request: QueryRequest
) -> tuple[list[Step], list[Frame]]:
    """Return the steps of all clauses; what one names holds for those behind it that name nothing of the kind."""
    made: list[Step] = []
    frames: list[Frame] = []
    before = Before()
    whole = clauses(items(pieces, links), pieces)
    fixed = scope.firmware
    for place, said in enumerate(whole):
        clause = _completed(said, whole[place - 1]) if place else said
        whole[place] = clause
        one = frame(clause, [linked for linked in links.linked if not linked.takes])
        frames.append(one)
        own = things_of(one.links, Label.FIRMWARE, Label.CAMPAIGN)
        inside = replace(scope, notes=scope.notes, unknown=scope.unknown)
        if own and not fixed:
            inside.firmware = inside.campaigns = ()
            firmware = tuple(thing.id for thing in own if thing.label == Label.FIRMWARE)
            campaigns = tuple(thing.id for thing in own if thing.label == Label.CAMPAIGN)
            scope.firmware, scope.campaigns = firmware, campaigns
        known = len(scope.notes)
        found, before = steps(one, inside, request, before)
        if any(code.split("|")[0] in {"unit", "figure"} for code in scope.notes[known:]):
            found = []  # what is compared was not understood: without it the question would be another one
        for step in found:
            last = made[-1] if made else None
            if isinstance(step, Lookup) and isinstance(last, Lookup) and step.ids == last.ids and step.properties:
                made[-1] = Lookup(step.ids, tuple(dict.fromkeys((*last.properties, *step.properties))))
            elif isinstance(step, Compare) and isinstance(last, Compare) and _narrows(step, last):
                made[-1] = step
            elif step not in made:
                made.append(step)
    return made, frames


def _narrows(step: Compare, last: Compare) -> bool:
    """Say whether a comparison asks a part of the one before: `compare 6 with 7 and tell which got worse`."""
    return last.only is None and step.only is not None and (last.before, last.after) == (step.before, step.after)


def _completed(clause: list[Item], before: Sequence[Item]) -> list[Item]:
    """Return `and in build 6?` as the question before it, asked of what it names."""
    named = [item for item in clause if item.link is not None]
    things = [item for item in before if item.kind == "thing"]
    kinds = {item.kind for item in clause}
    if "super" in kinds and things and named and not kinds & {"thing", "ask"}:
        return [*clause, things[0]]  # `and the slowest of build 8`
    if not named and any(item.kind == "prop" for item in clause) and all(item.kind in _PRONOUN for item in clause):
        # `and what was its verdict`: of what the question before it names
        return [*(item for item in before if item.link is not None), *clause]
    if not named or len(named) < len([item for item in clause if item.kind not in {"ask", "cue", "rel", "them"}]):
        return clause
    labels = {item.value for item in named}
    if not any(item.kind in {"thing", "many", "much", "prop", "leak", "leaknoun", "super"} for item in before):
        return clause
    return [*(item for item in before if item.link is None or item.value not in labels), *named]


def _coverage(frames: Sequence[Frame], *, word: float = 0.5) -> float:
    """Return which part of what the question says was made something of."""
    total = used = 0.0
    for one in frames:
        for at, item in enumerate(one.items):
            if item.kind in _EMPTY or (item.kind == "op" and at not in one.used):
                continue  # `at most` without a number is no comparison
            weight = word if item.kind == "word" else 0.5 if item.kind in _LIGHT else 1.0
            total += weight
            used += weight if at in one.used or item.kind in {"rel", "intent", "kind", "patch", "group"} else 0.0
    return used / total if total else 0.0


def _confidence(frames: Sequence[Frame], links: Links, covered: float, scope: Scope, *, structured: bool) -> float:
    if not structured:
        kinds = {item.kind for one in frames for item in one.items}
        documentary = bool(kinds & {"topic"}) or any(not linked.takes for linked in links.linked)
        documentary |= any(label in TEXTUAL for one in frames for _, label in one.things)
        if "absent" in kinds or (not kinds & _OURS and not links.linked):
            return 0.0
        return 0.3 if documentary else 0.15
    scores = [linked.score for linked in links.linked if linked.takes]
    certain = sum(scores) / len(scores) if scores else 1.0
    refused = any(
        code.split("|")[0] in {"unit", "figure", "branches", "pair", "average", "group"} for code in scope.notes
    )
    unsaid = any(at not in one.used for one in frames for at in one.negated)
    certain *= 0.5 if links.unknown or scope.unknown else 1.0
    return round(covered * certain * (0.5 if refused else 1.0) * (0.4 if unsaid else 1.0), 4)


def _mentions(text: Normal, pieces: Sequence[Token], links: Links) -> tuple[Mention, ...]:
    found: list[Mention] = []
    for linked in links.linked:
        found += _of_link(text, pieces, linked)
        if len(found) >= MAX_MENTIONS:
            break
    return tuple(found[:MAX_MENTIONS])


def _of_link(text: Normal, pieces: Sequence[Token], linked: Linked) -> list[Mention]:
    start, end = text.span(pieces[linked.start].start, pieces[linked.end - 1].end)
    words = text.original[start:end]
    return [Mention(words, start, end, thing.id, thing.label, linked.score) for thing in linked.things]
