"""A template: a question with holes. `build` is a build's whole name, `number` its number, which no other build has."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.questions.answers import Answerer
from bench.questions.draws import Draw


@dataclass(frozen=True, slots=True)
class Template:
    """A question with holes."""

    name: str
    type: str
    meaning: str
    answer: Answerer
    draw: Draw
    wordings: Mapping[str, tuple[str, ...]]


def template(name: str, type_: str, meaning: str, answer: Answerer, draw: Draw, *wordings: tuple[str, ...]) -> Template:
    """Return a template; the wordings are English, then Spanish."""
    english, spanish = wordings
    return Template(name, type_, meaning, answer, draw, {"en": english, "es": spanish})
