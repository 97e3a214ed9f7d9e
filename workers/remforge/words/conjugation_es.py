"""Forms of Spanish verbs with their tense and whether they are of the first person."""

from collections.abc import Iterator
from dataclasses import dataclass

from workers.remforge.words.grammar_es import IRREGULAR, VERBS

_AR = {
    "present": "o* as a amos* áis an",
    "past": "é* aste ó asteis aron aba abas ábamos* abais aban",
    "future": "aré* arás ará aremos* aréis arán",
    "conditional": "aría arías aríamos* aríais arían",
    "subjunctive": "ara aras áramos* aran ase ases asen",
    "other": "e es emos éis en ad ando ado ada ados adas ar",
}
_ER = {
    "present": "o* es e emos* éis en",
    "past": "í* iste ió imos* isteis ieron ía ías íamos* íais ían",
    "future": "eré* erás erá eremos* eréis erán",
    "conditional": "ería erías eríamos* eríais erían",
    "subjunctive": "iera ieras iéramos* ieran iese ieses iesen",
    "other": "a as amos áis an ed iendo ido ida idos idas er",
}
_IR = {
    "present": "o* es e imos* ís en",
    "past": _ER["past"],
    "future": "iré* irás irá iremos* iréis irán",
    "conditional": "iría irías iríamos* iríais irían",
    "subjunctive": _ER["subjunctive"],
    "other": "a as amos áis an id iendo ido ida idos idas ir",
}
_ENDINGS = {"ar": _AR, "er": _ER, "ir": _IR, "ír": _IR}
_STRESSED = frozenset(["o*", "as", "a", "an", "es", "e", "en"])
"""Endings that leave the stress on the stem, where it changes."""
_BEFORE_E = {"c": "qu", "g": "gu", "z": "c"}
_BEFORE_O = {"g": "j", "gu": "g", "c": "zc"}
_CHANGED = {"ie": "e", "ue": "o", "i": "e", "u": "o"}


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a verb: `tense` is past, present, future, conditional, subjunctive (of the past) or other."""

    lemma: str
    tense: str
    first: bool


def forms() -> dict[str, Form]:
    """Return every form that the verbs of the grammar have; where two verbs share one, the first named has it."""
    found: dict[str, Form] = {}
    for line in IRREGULAR.strip().splitlines():
        lemma, *parts = line.split("|")
        for part in parts:
            tense, *words = part.split()
            for word in words:
                found.setdefault(word.rstrip("*"), Form(lemma.strip(), tense, word.endswith("*")))
        found.setdefault(lemma.strip(), Form(lemma.strip(), "other", first=False))
    for word in VERBS.split():
        lemma, *changes = word.split(":")
        for written, form in _regular(lemma, *changes):
            found.setdefault(written, form)
    return found


def _regular(lemma: str, stressed: str = "", third: str = "") -> Iterator[tuple[str, Form]]:
    stem, kind = lemma[:-2], lemma[-2:]
    for tense, endings in _ENDINGS[kind].items():
        for ending in endings.split():
            changed = _stem(stem, ending, tense, stressed, third)
            plain = ending.rstrip("*")
            yield _spelled(changed, plain, kind), Form(lemma, tense, ending.endswith("*"))


def _stem(stem: str, ending: str, tense: str, stressed: str, third: str) -> str:
    if ending in _STRESSED and tense in {"present", "other"}:
        return _with(stem, stressed)
    # `sintió`, `durmieron`, `sintiera`, `sintiendo`
    return _with(stem, third) if third and ending.startswith(("ió", "ie")) else stem


def _with(stem: str, change: str) -> str:
    """Change the last `e` or `o` of a stem; `y` is put at its end."""
    if change in {"", "y"}:
        return stem + change
    before, vowel, after = stem.rpartition("u" if stem == "jug" else _CHANGED[change])
    return before + change + after if vowel else stem


def _spelled(stem: str, ending: str, kind: str) -> str:
    """Keep the sound of a stem's last consonant: `toqué`, `llegué`, `crucé`, `cojo`, `crezco`."""
    last = "gu" if stem.endswith("gu") and kind != "ar" else stem[-1:]
    front = ending[0] in "eéií"
    if kind == "ar" and front and last in _BEFORE_E:
        return stem[: -len(last)] + _BEFORE_E[last] + ending
    if kind != "ar" and not front and last in _BEFORE_O:
        sibilant = last == "c" and stem[-2:-1] not in "aeiouáéíóú"
        return stem[: -len(last)] + ("z" if sibilant else _BEFORE_O[last]) + ending
    if kind != "ar" and stem[-1:] in "aeou" and not stem.endswith(("gu", "qu")) and ending[:2] in {"ió", "ie"}:
        return stem + "y" + ending[1:]
    return stem + ending
