"""Signs of a change: words for better, worse and the same, and builds that are set against each other."""

from typing import Final

from jobs.knowledge import Label
from workers.query.names import Named
from workers.query.normal import parts
from workers.query.planner_clause import Frame
from workers.query.planner_scope import Scope

PAIRED: Final = (Label.CAMPAIGN, Label.FIRMWARE)
_WEAK: Final = frozenset(
    [
        "still",
        "left",
        "remaining",
        "queda",
        "quedan",
        "quedo",
        "quedaron",
        "sigue",
        "siguen",
        "todavia",
        "aun",
        "igual",
        "continua",
        "continuan",
        "new",
        "remains",
        "remain",
        "stay",
        "stays",
        "mantiene",
        "mantienen",
        "permanece",
        "permanecen",
        "anymore",
        "ya",
        "no",
        "longer",
        "started",
        "introduced",
        "introduce",
        "appear",
        "appears",
    ]
)
_PAIRED_ONLY: Final = frozenset(
    {"break", "breaks", "open", "closed", "resist", "resists", "resisted", "resisting"}
    | {"appear", "appears", "aparece", "aparecen"}
)
"""What tells of a change only where two builds are named: `traces to break the key`."""
_FAILING: Final = frozenset({"fail", "fails", "failed", "failing", "unable", "forgot"})
_CURE: Final = frozenset({"cure", "cures", "remedy", "repair"})
_FIXED: Final = frozenset(
    {"fix", "fixed", "solved", "solve", "arreglo", "corrigio", "soluciono", "resolvio", "reduced", "reduce", "redujo"}
)
_HELPED: Final = frozenset(
    {"help", "helped", "helps", "worked", "works", "pay off", "paid off", "succeeded"}
    | {"ayudo", "ayudaron", "ha ayudado", "sirvio", "sirvieron", "ha servido", "funciono", "funcionaron"}
)
_AFFECT: Final = frozenset({"affect", "affected", "affected by", "afecto", "afectadas", "afectados", "afectada por"})
_PATCHED: Final = frozenset({"patched", "hardened"})
_LEFT: Final = frozenset({"queda", "quedan", "quedo", "quedaron", "left"})


def changed(frame: Frame, *, paired: bool, treatment: bool) -> str | None:  # noqa: C901, PLR0911, PLR0912 - one sign after another
    """Return how things changed if the clause says that they did: better, worse, unchanged, or that one build differs.

    `swap` is what leaks in the first of two builds and not in the second.
    """
    places = [at for at, item in enumerate(frame.items) if item.kind == "change" and at not in frame.used]
    places = [at for at in places if paired or frame.items[at].words not in _PAIRED_ONLY]
    places = [at for at in places if paired or treatment or frame.items[at].of != "paired"]
    said = list(dict.fromkeys(frame.items[at].value for at in places))
    negated = [at for at in frame.negated if at not in frame.used]
    leaking = bool(frame.leaks) or any(label == Label.VULNERABILITY for _, label in frame.things)
    rels = {item.value for item in frame.items if item.kind == "rel"}
    if not said and treatment and {"precedes", "follows"} <= rels:
        return "both"
    weak = bool(places) and all(frame.items[at].words in _WEAK for at in places)
    if weak and not (paired or treatment or frame.linked(*PAIRED)):
        return None
    if (
        weak
        and not treatment
        and not paired
        and frame.has("many")
        and all(frame.items[at].words in _LEFT for at in places)
    ):
        frame.used |= set(places)
        return None  # `how many are left in build 7`: how many it has
    if (
        weak
        and not treatment
        and not paired
        and any(
            frame.items[at + 1 : at + 2] and frame.items[at + 1].kind == "leak" and frame.items[at].words in _LEFT
            for at in places
        )
    ):
        return None  # `quedan expuestos`: they are
    if said:
        frame.used |= set(places)
        frame.used |= {at for at in negated if at + 1 in places}
        if any(at + 1 in places for at in negated) or _fails(frame, places):
            return "unchanged"
        return "unchanged" if "unchanged" in said else said[0]
    varied = frame.place("intent", "compare")
    if varied is not None and varied - 1 in negated and (paired or treatment):
        frame.used |= {varied, varied - 1}
        return "unchanged"  # `did not change`
    helping = frame.place("intent", "help")
    helping = frame.place("patch") if helping is None else helping
    if helping is not None and helping - 1 in negated and (paired or treatment):
        frame.used |= {helping, helping - 1}
        return "unchanged"
    if helping is not None and (paired or treatment) and _helped(frame, helping):
        return "better"
    if paired and (came := _treated(frame, negated)) is not None:
        return came
    if paired and (trend := frame.place("trend")) is not None and (leaking or not frame.props):
        frame.used.add(trend)
        return "worse" if frame.items[trend].value == "up" else "better"
    links = [at for at, item in enumerate(frame.items) if item.link is not None and item.value in PAIRED]
    for at in range(links[0], links[-1]) if paired and leaking and links else ():
        if frame.items[at].value in {">", "<"} and not any(one.kind == "number" for one in frame.items[at : at + 4]):
            frame.used.add(at)
            return "worse" if frame.items[at].value == ">" else "better"  # `leak in one more than in the other`
    extreme = frame.superlative
    if paired and extreme is not None and extreme.of == "leak" and (not frame.things or frame.has("intent", "compare")):
        return "worse" if extreme.direction == "max" else "better"
    for at, item in enumerate(frame.items):
        after = frame.items[at + 1 : at + 3]
        near = [*after, *frame.items[max(0, at - 1) : at]]
        less = item.kind in {"more", "fewer"} or (item.kind == "op" and item.value in {">", "<"})
        told = any(one.kind in {"leak", "leaknoun"} for one in near) or any(
            one.value == Label.VULNERABILITY for one in near
        )
        counts = any(one.kind == "number" for one in after)
        if less and (paired or treatment) and not counts and told:
            frame.used.add(at)
            return "worse" if item.kind == "more" or item.value == ">" else "better"
    if paired and leaking and any(links[0] < at < links[-1] for at in negated):
        frame.used |= set(negated)
        return "swap"
    return None


def _helped(frame: Frame, at: int) -> bool:
    """Say whether what a treatment helped is asked for: `what did build 8 fix`, `instructions where masking paid off`."""
    things = {label for _, label in frame.things}
    where = frame.has("ask", "where")
    asks = where or frame.has("ask", "which") or frame.items[0].kind == "thing"
    words = frame.items[at].words
    ours = things <= {Label.INSTRUCTION, Label.VULNERABILITY}
    return asks and ours and (words in _FIXED or (words in _HELPED and bool(things or where)))


def _fails(frame: Frame, places: list[int]) -> bool:
    """Say whether what was to get better did not: `which leaks did build 8 fail to remove`."""
    return any(at and frame.items[at].value == "better" and frame.items[at - 1].words in _FAILING for at in places)


def _treated(frame: Frame, negated: list[int]) -> str | None:
    """Return what came of a treatment: `unaffected by the step`, `did not cure`, `what was patched`."""
    for at in negated:
        after = frame.items[at + 1 : at + 2]
        if frame.items[at].words == "unaffected by" or (after and after[0].words in _CURE | _AFFECT):
            frame.used |= {at, at + 1}
            return "unchanged"
    repaired = frame.place("rel", "mitigated")
    if (
        repaired is not None
        and frame.has("ask", "which")
        and {label for _, label in frame.things} <= {Label.INSTRUCTION}
    ):
        frame.used.add(repaired)
        return "better"  # `which instructions does build 7 repair`
    subject = {"ask", "thing", "leak", "leaknoun"}
    patched = any(
        item.words in _PATCHED and frame.items[at - 1].kind in subject for at, item in enumerate(frame.items) if at
    )
    return "better" if patched and frame.has("ask", "which") else None


def numbered(frame: Frame, scope: Scope) -> list[Named]:
    """Return two builds of one family that are named by their numbers alone: `between 7 and 8`."""
    between = frame.place("between")
    ahead = range(between or 0, (between or 0) + 4 if between is not None else 0)
    free = [
        (at, item)
        for at, item in enumerate(frame.items)
        if item.quantity and item.quantity.unit is None and (at not in frame.used or at in ahead)
    ]
    wanted = [str(int(item.quantity.value)) for _, item in free if item.quantity and item.quantity.value % 1 == 0]
    if len(wanted) != 2 or len(free) != 2:
        return []
    firmware = scope.names.of(Label.FIRMWARE)
    first, second = ([thing for thing in firmware if number in parts(thing.name)[-1:]] for number in wanted)
    for one in first:
        for other in second:
            if parts(one.name)[:-1] == parts(other.name)[:-1]:
                frame.used |= {at for at, _ in free}
                return [one, other]
    return []
