"""Which of two languages a question is in: English or Spanish."""

import re
from typing import Literal

from workers.query.normal import normal

Language = Literal["en", "es"]

_ENGLISH_WORDS = """
hello hi help the a an of in on at to from by with without for and or not no is are was were be been do does
did has have had which what who where when why how many much that this these those it its their they there
than then more most less least over above under below between any all each every per about show list give
tell find me my you can could would should will may please also but if as into during since before after
until only same other another us we i so such some both either neither via top which's what's
"""
ENGLISH = frozenset(_ENGLISH_WORDS.split())
_SPANISH_WORDS = """
el la los las un una unos unas de del al en con sin por para y e o u ni no es son era eran fue fueron ser
esta estan hay ha han que cual cuales quien quienes donde cuando como cuanto cuanta cuantos cuantas porque
se su sus le les lo me mi tu te nos este esta estos estas ese esa esos esas aquel mas menos muy entre sobre
bajo desde hasta segun cada todo todos toda todas algun alguna algunos algunas ningun ninguna tiene tienen
tuvo muestra muestrame dame dime lista listame busca ensena ensename tambien pero si ya solo mismo misma
otro otra a antes despues durante mayor menor peor mejor puede pueden
"""
SPANISH = frozenset(_SPANISH_WORDS.split())
_BOTH = ENGLISH & SPANISH
_WORD = re.compile(r"[^\W\d_]+(?![\w(])", re.UNICODE)
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")
_CODE = re.compile(r"[\d_:/\\]")
_SPANISH_END = re.compile(
    r"(?:cion|ciones|sion|siones|dad|dades|miento|mientos|mente|ando|iendo|aron|ieron|ada|adas|ado|ados|ida|idas|ido|"
    r"idos|ia|ias|io|ios|ores|os|as|an|en|es|a|o)$"
)
_STRONG_END = re.compile(r"(?:cion|ciones|miento|mientos|mente|ando|iendo|aron|ieron|adas|ados|idas|idos|dad|dades)$")
_ENGLISH_END = re.compile(r"(?:tion|tions|ing|ings|ment|ments|ness|ly|est|ed|ity|ities|er|ers|ct|ck|gh|th|ht|y|w|k)$")


def _words(text: str) -> list[str]:
    """Return the words of a text that are no code."""
    plain = (piece for piece in _QUOTED.sub(" ", normal(text).text).split() if not _CODE.search(piece))
    return [word for piece in plain for word in _WORD.findall(piece)]


def language_of(text: str) -> Language:
    """Return the language that a text looks like; English when nothing speaks for either. Words of code do not count."""
    if re.search("[¿¡]", text):
        return "es"
    score = 0.0  # above zero: Spanish
    accents = re.search("[áéíóúñü]", text.lower())
    score += 2.0 if accents else 0.0
    for word in _words(text):
        if word in _BOTH:
            continue
        if word in SPANISH:
            score += 1.0
        elif word in ENGLISH:
            score -= 1.0
        elif _STRONG_END.search(word):
            score += 0.6
        elif _ENGLISH_END.search(word):
            score -= 0.5
        elif len(word) > 3 and _SPANISH_END.search(word):
            score += 0.3
    return "es" if score > 0 else "en"
