"""What a word means where it stands: its neighbours decide between its meanings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from jobs.knowledge import Label
from workers.query.lexicon_words import STOP
from workers.query.planner_item import Item
from workers.query.planner_link import CUES
from workers.query.planner_tokens import Token
from workers.query.planner_vocabulary import MEASURED

BUILT: Final = frozenset({Label.FIRMWARE, Label.CAMPAIGN})
_REACHING: Final = ("reach", "alcan", "lleg", "amount", "top")
_WHICH: Final = frozenset({"which", "what", "que", "cual", "cuales", "many", "cuantas"})
_OPENING: Final = frozenset({"from", "de", "desde", "within", "in"})
_TILL: Final = frozenset({"to", "a", "hasta", "through", "till", "until"})
_ADDRESS: Final = frozenset({"address", "direccion"})
_ANY_SECRET: Final = frozenset({"secret", "secrets", "secreto", "secretos"})
_BEHIND: Final = frozenset({"behind", "detras de"})
_OF_A_FIGURE: Final = {"peor": "worst", "mejor": "effectiveness"}
_WEAKNESS: Final = Label.VULNERABILITY
_AT_MOST: Final = frozenset({"at most", "como mucho", "como maximo", "a lo sumo", "a lo mas", "cuando mucho"})
_FIX: Final = frozenset({"fix", "patch", "arreglo", "correccion", "parche"})
_WORSE: Final = frozenset({"worse", "peor", "peores"})
_RESPONSIBLE: Final = frozenset({"responsible", "responsable", "responsables"})
_CODE: Final = frozenset({"thing", "leak", "leaknoun"})
_STAYING: Final = frozenset({"sigue", "siguen", "siguio", "siguieron", "seguia", "seguian"})
_DISTINCT: Final = frozenset({"distintas", "distintos", "diferentes", "different"})


def ranged(found: Sequence[Item], at: int, tokens: Sequence[Token]) -> list[Item]:
    """Return `from 40 to 50 °C` as `between 40 and 50 °C`."""
    item, after = found[at], found[at + 1] if at + 1 < len(found) else None
    if item.value == "<=" and at and _opens(found[at - 1], tokens) and after is not None and after.quantity is not None:
        return []  # `from 40 up to 50 °C`
    if after is not None and after.value == "<=" and at + 2 < len(found) and _opens(item, tokens):
        ahead = found[at + 2].quantity is not None
        return [Item("between", item.start, item.start, "between", "between"), item] if ahead else [item]
    if item.quantity is None or after is None or after.quantity is None or after.start - item.end > 1:
        return [item]
    told = any(one.kind == "between" for one in found[max(0, at - 2) : at])
    units = {one.quantity.unit for one in (item, after) if one.quantity} - {None}
    opened = item.start > 0 and tokens[item.start - 1].text in _OPENING
    joined = after.start == item.end or tokens[item.end].text in _TILL
    if told or not joined or not units or (after.start == item.end + 1 and not opened):
        return [item]
    return [Item("between", item.start, item.start, "between", "between"), item]


def _opens(item: Item, tokens: Sequence[Token]) -> bool:
    """Say whether a number begins a range: `from 40`."""
    return item.quantity is not None and item.start > 0 and tokens[item.start - 1].text in _OPENING


def extracts(found: Sequence[Item]) -> Callable[[Item], Item]:
    """Return how `from which builds can key byte 3 be extracted` is read: what gives a secret away leaks it."""
    secret = any(one.link is not None and one.link.condition_name == "secret" for one in found)
    told = any(one.kind in {"leak", "leaknoun"} or one.value == "key_bytes" for one in found)
    kind = "filler" if told else "leak" if secret else "word"
    return lambda one: (
        one
        if one.kind != "extract"
        else replace(one, kind="filler" if kind == "word" and one.words in STOP else kind, value="leak")
    )


def judged(found: Sequence[Item]) -> Callable[[Item], Item]:
    """Return how `is build 8 safe` is read where it is all that is asked: the verdict; of code, whether it leaks."""
    alone = all(one.kind in {"link", "cue", "safe", "word", "break", "ask", "number"} for one in found)
    built = any(one.value in BUILT for one in found if one.link is not None)
    named = any(one.link is not None for one in found)
    kind, value = ("prop", "verdict") if built else ("leak", "leak")
    return lambda one: replace(one, kind=kind, value=value) if one.kind == "safe" and alone and named else one


def is_order(found: Sequence[Item], at: int) -> bool:
    """Say whether a number is the order of a test: `tvla-2`."""
    number, before = found[at].quantity, found[at - 1] if at else None
    near = number is not None and before is not None and before.value == "tvla" and before.end == found[at].start
    return near and number is not None and abs(number.value) in {1.0, 2.0} and number.unit is None


def numbered(found: Sequence[Item], at: int) -> Item:
    """Return a test with the order that stands behind it."""
    item = found[at]
    number = found[at + 1].quantity if at + 1 < len(found) and is_order(found, at + 1) else None
    return item if number is None else replace(item, value=f"tvla-{abs(number.value):.0f}")


def split(found: Sequence[Item], at: int) -> list[Item]:
    """Part `the most critical weaknesses` into a count and a severity, where something has the most of them."""
    item = found[at]
    average = item.kind == "level" and item.value == "MEDIUM" and item.words.startswith("consumo")
    if average and not any(one.value == Label.PATTERN for one in found):
        mean = replace(item, kind="agg", value="mean", of="", also=())
        return [mean, replace(item, kind="prop", value="energy", of="", also=())]
    severity = {"most critical": "critical", "most severe": "high", "most serious": "high"}.get(item.words)
    after = found[at + 1] if at + 1 < len(found) else None
    weak = after is not None and (after.kind in {"leak", "leaknoun"} or after.value == "SecurityVulnerability")
    if severity is None or not weak or not any(one.kind == "thing" for one in found[:at]):
        return [item]
    return [replace(item, of=""), Item("sev", item.start, item.end, item.words, severity)]


def in_context(found: Sequence[Item], at: int, tokens: Sequence[Token]) -> Item:  # noqa: C901, PLR0911, PLR0912 - one question after another, in the order that decides
    """Return an item with the meaning that its neighbours leave it."""
    item = found[at]
    before = found[at - 1] if at else None
    after = found[at + 1] if at + 1 < len(found) else None
    if item.kind == "agg" and item.value == "mean" and item.words in {"media", "medias", "medio", "medios"}:
        near = [other for other in (before, after) if other is not None]
        if any(other.kind == "sev" or (other.kind == "prop" and other.value == "severity") for other in near) or (
            before is not None and before.kind == "thing" and before.value in {"SecurityVulnerability", "EnergyPattern"}
        ):
            return replace(item, kind="sev", value="medium")
    if item.kind == "leak" and item.words in {"leak", "leaks"}:
        asks = before is not None and (
            before.kind
            in {"many", "sev", "super", "either", "agg", "group", "groupby", "more", "level", "neg", "vkind"}
            or (before.kind == "ask" and before.words not in {"what", "who", "where"})
        )
        direct = before is not None and before.end == item.start
        known = item.start > 0 and tokens[item.start - 1].text in {"the", "any", "all", "of", "these", "those", "there"}
        if (asks and (direct or known or (before is not None and before.kind in {"many", "sev", "super"}))) or known:
            return replace(item, kind="leaknoun")
    if item.kind in {"orabove", "orbelow"} and after is not None and after.kind == "number":
        return replace(item, kind="op", value=item.value.removesuffix("="), of="")  # `above 10 and below 20`
    if item.kind == "op" and item.words.startswith(_REACHING):
        ahead = found[at + 1 : at + 5]
        if not any(one.kind == "number" for one in ahead):
            if item.words.startswith("top"):
                return replace(item, kind="super", value="max")  # `topping the list`
            return replace(item, kind="cue")  # `what temperature does it reach`
    if item.kind == "intent" and item.words == "por que" and after is not None and after.kind == "thing":
        follows = at + 2 < len(found) and found[at + 2].link is not None and found[at + 2].start == after.end
        if after.start == item.end and not follows:
            return replace(item, kind="ask", value="which")  # `por qué campaña fue medida`
    counted = any(near is not None and near.kind in {"thing", "many", "leaknoun"} for near in (before, after))
    if (
        item.kind == "intent"
        and item.words in _DISTINCT
        and counted
        and not any(one.kind == "between" for one in found)
    ):
        return replace(item, kind="cue")  # `how many different functions`
    if item.kind in {"orabove", "orbelow"} and item.words.split()[-1] in _WORSE and not _graded(before):
        return replace(item, kind="change", value="worse")  # `new or worse leaks`
    if item.kind == "absent" and item.words in _RESPONSIBLE and before is not None and before.kind in _CODE:
        return replace(item, kind="cue")  # `which instructions are responsible for it`
    if item.words in _ADDRESS and after is not None and after.link is not None and after.value == Label.INSTRUCTION:
        return replace(item, kind="cue")  # `the address 0x8000`
    below = [one.kind for one in found[at + 1 : at + 3]] == ["op", "number"]
    if item.kind == "change" and below:
        return replace(item, kind="cue")  # `stay below 5 uJ`
    if item.kind == "secret" and item.words in _ANY_SECRET and before is not None and before.kind == "leak":
        return replace(item, kind="cue")  # `leak secrets`: whatever they are
    if item.kind == "op" and item.words in _AT_MOST and not any(one.kind == "number" for one in found[at + 1 : at + 5]):
        return replace(item, kind="either", value="max", of="")  # `how long does it take at most`
    if (
        item.kind == "patch"
        and item.words in _FIX
        and before is not None
        and before.kind == "ask"
        and not _changes(found)
    ):
        return replace(item, kind="thing", value=Label.MITIGATION)  # `what was the fix for it`
    if item.kind == "rel" and item.words in _BEHIND and before is not None and before.value == "source_line":
        return replace(item, kind="cue")  # `the line behind this address`
    if item.kind == "change" and item.words in _OF_A_FIGURE and _measured(after) and not _compares(found):
        return replace(item, kind="super", value="max", of=_OF_A_FIGURE[item.words])  # `con peor latencia`
    if item.kind == "intent" and "wrong" in item.words and any(one.value == _WEAKNESS for one in found):
        return replace(item, kind="cue")  # `the findings, what is wrong with it`
    if item.kind == "share" and before is not None and before.kind == "super":
        return replace(item, kind="cue")  # `the largest share of the energy`
    if item.kind == "rel" and item.words in _STAYING and len({one.link for one in found if one.value in BUILT}) > 1:
        return replace(item, kind="change", value="unchanged")  # `siguen con la misma fuga en una que en otra`
    if item.kind == "topic" and item.value == "attack" and any(one.value in {"key_bytes", "cpa"} for one in found):
        return replace(item, kind="cue")  # `key bytes that the attack recovered`
    if item.kind == "absent" and item.words == "current" and after is not None and after.kind in {"thing", "link"}:
        return replace(item, kind="cue")  # `the current build`
    if item.kind == "thing" and after is not None and after.link is not None and _names(item, after, tokens):
        return replace(item, kind="cue")
    if item.kind == "thing" and before is not None and before.link is not None and before.value == item.value:
        named = before.link.things and item.start == before.end and item.value != "Instruction"
        return replace(item, kind="cue") if named else item
    return item


def _measured(item: Item | None) -> bool:
    return item is not None and item.kind == "prop" and item.value in MEASURED


def _changes(found: Sequence[Item]) -> bool:
    return any(one.kind in {"change", "trend"} or one.value in {"help", "compare"} for one in found)


def _compares(found: Sequence[Item]) -> bool:
    return any(one.kind == "intent" and one.value == "compare" for one in found)


def _graded(item: Item | None) -> bool:
    """Say whether something stands there that has more of its kind above it."""
    return item is not None and (item.kind in {"sev", "number", "level"} or item.value == "severity")


def _names(thing: Item, link: Item, tokens: Sequence[Token]) -> bool:
    """Say whether a kind only introduces a name: `function encrypt`, `the instruction at 0x8000`."""
    linked = link.link
    if linked is None or thing.value != link.value:
        return False
    asked = thing.start > 0 and tokens[thing.start - 1].text in _WHICH
    if thing.value == "Instruction":
        exact = bool(linked.things) or (linked.condition is not None and linked.condition.property == "address")
        singular = not thing.words.endswith("s") or exact
        near = link.start - thing.end <= 2 and tokens[thing.end].text not in {"that", "que"}
        return near and singular and linked.condition_name not in {"mnemonic", "file"} and not asked
    return link.start == thing.end and (
        not asked or (CUES.get(thing.words) == link.value and not thing.words.endswith("s"))
    )
