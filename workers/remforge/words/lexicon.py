"""The lexicons that there are."""

from workers.remforge.words.english import english
from workers.remforge.words.entries import Language, Lexicon
from workers.remforge.words.spanish import spanish


def lexicon(language: Language) -> Lexicon:
    """Return the lexicon of a language."""
    return english() if language == "en" else spanish()
