"""Which language a text is in: English, Spanish, or neither of them."""

from collections import Counter
from dataclasses import dataclass

from workers.remforge.words.entries import Language
from workers.remforge.words.lexicon import lexicon
from workers.remforge.words.spanish import conjugated
from workers.remforge.words.tokens import NUMBER

_ENGLISH_WORDS = """
the a an and but or of in on at to from by with for is are was were be been am do does did have has had i my you your he she it his her its we
our they their them this that these those there here what which who when where why how not no if then than as so will would can could should must
may about into over under after before because while very all every some any more most only just i'm don't it's didn't isn't can't hello thanks
please
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_SPANISH_WORDS = """
el la los las un una unos unas y e o u pero de del al en con sin por para sobre es son soy era fue ser está estoy estaba están hay he ha había
yo mi mis me tú tu te él ella nos se su sus lo le les este esta esto ese esa eso aquel que qué como cuando donde porque si no muy más todo todos
todas cada algo nada ya también hasta desde entre mientras aunque nunca siempre así ni hola gracias
"""
_SPANISH = frozenset(_SPANISH_WORDS.split())
_OTHERS_WORDS = """
et les des est une dans pour pas sur avec qui au aux ce cette nous vous il elle mais où être ont du sont je ne plus par leur tout c'est de la le un en que se si me tu y a
não uma com os do da em um ao são mais foi também você das dos pelo pela muito mas eu seu sua isso quando até nas nos à o e está
di che è della per non sono gli del nella anche più il ed questo questa una nel dei delle lo ha come mi ti noi
der die das und ist nicht ein eine mit zu den von auf für ich sie es im dem wir auch sich war als wie oder aber
de het een van dat niet zijn voor met op ook maar och att det som på är inte jag
"""
_OTHERS = frozenset(_OTHERS_WORDS.split())
_DIACRITICS = frozenset("ñáéíóú")
_MARKS = "¿¡"
ENOUGH = 0.2
"""Of the words; prose has 0.4 and more function words."""
TYPES = 20_000
"""Of words, the commonest, are looked at."""
MIXED = 0.3
"""From this share of the evidence on, the other language is worth a word."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of a text, None where it is neither, and the share of the evidence that speaks for the other one."""

    language: Language | None
    other: float = 0.0


def spoken(text: str, counts: Counter[str]) -> Spoken:
    """Return the language of a text from its words and how often they occur.

    Evidence: 1 for a function word of one language (half where other languages of Europe have it too), 0.5 for a word
    of one lexicon alone and for one that neither has and that has Spanish diacritics, 2 for `¿`, 2 for `¡`.
    The language is the one with more evidence, if that is a fifth of the words, and more than what speaks for others.
    """
    english, spanish = lexicon("en"), lexicon("es")
    score = {"en": 0.0, "es": 0.0, "other": 0.0}
    words = 0
    for form, count in counts.most_common(TYPES):
        if form == NUMBER:
            continue
        words += count
        functional = {"en": form in _ENGLISH, "es": form in _SPANISH, "other": form in _OTHERS}
        owners = [name for name, held in functional.items() if held]
        for name in owners:
            score[name] += count / len(owners)
        if owners:
            continue
        known = {"en": english.entry(form).known, "es": spanish.entry(form).known or form in conjugated()}
        if known["en"] != known["es"]:
            score["en" if known["en"] else "es"] += count / 2
        elif not _DIACRITICS.isdisjoint(form):
            score["es"] += count / 2
    score["es"] += 2 * sum(mark in text for mark in _MARKS)
    best: Language = "en" if score["en"] > score["es"] else "es"
    second: Language = "es" if best == "en" else "en"
    if words == 0 or score[best] < ENOUGH * words or score[best] <= max(score["other"], score[second], 0.0):
        return Spoken(None)
    return Spoken(best, score[second] / (score[best] + score[second]))
