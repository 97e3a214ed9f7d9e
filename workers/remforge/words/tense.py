"""Which times the verbs of a clause show."""

from dataclasses import dataclass

from workers.remforge.words import grammar_en as en
from workers.remforge.words.entries import Entry

_FUTURE, _MODALS = frozenset(en.FUTURE_AUXILIARIES.split()), frozenset(en.MODALS.split())
_PERFECT, _PAST = frozenset(en.PERFECT_AUXILIARIES.split()), frozenset(en.PAST_AUXILIARIES.split())
_PRESENT, _BE = frozenset(en.PRESENT_AUXILIARIES.split()), frozenset(en.BE_FORMS.split())
_NOUN_NEXT, _SUBJECTS = frozenset(en.BEFORE_NOUNS.split()), frozenset(en.SUBJECTS.split())
_PLURALS = frozenset(["people", "children", "men", "women"])
_ES_PERFECT = frozenset(["he", "has", "ha", "hemos", "habéis", "han"])
_ES_GOING = frozenset(["voy", "vas", "va", "vamos", "vais", "van"])
_ES_STATES = frozenset(["estoy", "estás", "está", "estamos", "estáis", "están", "hay"])
_ES_NOUN_NEXT = frozenset(
    [
        "el",
        "un",
        "una",
        "mi",
        "tu",
        "su",
        "mis",
        "tus",
        "sus",
        "este",
        "esta",
        "estos",
        "estas",
        "ese",
        "esa",
        "del",
        "al",
    ]
)
_ES_EITHER = frozenset(["la", "los", "las"])
PERFECT = 0.75
"""`I have seen` is told from now, and is about what was."""


@dataclass(slots=True)
class Times:
    """How often a clause's verbs show each time; `bound` where it is about a certain moment (`is raining`, `está`)."""

    past: float = 0.0
    present: float = 0.0
    future: float = 0.0
    supposed: float = 0.0
    """Conditionals: neither of the three."""
    bound: bool = False


def times_en(forms: list[str], entries: list[Entry], first: int, last: int) -> Times:
    """Return the times of the English words [first, last) of a text."""
    times = Times()
    for place in range(first, last):
        form, tense = forms[place], entries[place].tense
        if form in _FUTURE or form.endswith("'ll"):
            times.future += 1
        elif form in _MODALS:
            times.supposed += 1
        elif form in _PERFECT:
            done = any(entries[k].tense in {"past", "participle", "ed"} for k in range(place + 1, min(place + 4, last)))
            times.past += PERFECT if done else 0
            times.present += 1 - PERFECT if done else 1
        elif form in _PAST:
            times.past += 1
        elif form in _PRESENT:
            _present_en(times, forms, entries, place, last)
        elif tense in {"past", "ed"} and _tells_past(forms, place, first):
            times.past += 1
        elif tense in {"third", "base"} and _tells_present(forms, entries, place, first):
            times.present += 1
    return times


def _present_en(times: Times, forms: list[str], entries: list[Entry], place: int, last: int) -> None:
    following = forms[place + 1 : min(place + 4, last)]
    if following[:2] == ["going", "to"]:
        times.future += 1
        return
    times.present += 1
    if forms[place] in _BE and any(entries[k].tense == "ing" for k in range(place + 1, min(place + 3, last))):
        times.bound = True


def _tells_past(forms: list[str], place: int, first: int) -> bool:
    """Tell `he walked` from `is called`, `had walked` and `the walked dog`."""
    before = forms[max(first, place - 2) : place]
    if any(form in _BE or form in _PERFECT or form in _PAST for form in before):
        return False
    return not before or (before[-1] not in _NOUN_NEXT and before[-1] != "to")


def _tells_present(forms: list[str], entries: list[Entry], place: int, first: int) -> bool:
    """Tell verbs from nouns of the same form by what stands before them."""
    before = forms[place - 1] if place > first else ""
    if entries[place].tense == "third":
        return bool(before) and before not in _NOUN_NEXT and before[0].isalpha()
    if place > first + 1 and (entries[place - 1].generic or entries[place - 1].degree):
        before = forms[place - 2]
    plural = (
        before.endswith("s")
        and "'" not in before
        and not entries[place - 1].stop
        and entries[place - 1].tense != "third"
    )
    return before in _SUBJECTS or before in _PLURALS or (plural and len(before) > 3)


def times_es(forms: list[str], entries: list[Entry], first: int, last: int) -> Times:
    """Return the times of the Spanish words [first, last) of a text."""
    times = Times()
    for place in range(first, last):
        form, tense = forms[place], entries[place].tense
        following = forms[place + 1] if place + 1 < last else ""
        before = forms[place - 1] if place > first else ""
        if form in _ES_PERFECT and following.endswith(("do", "to", "cho", "sto")):
            times.past += 1
        elif form in _ES_GOING and following == "a" and place + 2 < last and _infinitive(forms[place + 2]):
            times.future += 1
        elif tense == "present" and before not in _ES_NOUN_NEXT:
            times.present += 0.5 if before in _ES_EITHER else 1
            times.bound = times.bound or form in _ES_STATES
        elif tense == "past":
            times.past += 1
        elif tense == "future":
            times.future += 1
        elif tense in {"conditional", "subjunctive"}:
            times.supposed += 1
    return times


def _infinitive(form: str) -> bool:
    return form.removesuffix("se").removesuffix("me").endswith(("ar", "er", "ir", "ír"))
