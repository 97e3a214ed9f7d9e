"""Templates: what is asked, what it means, how it is worded, and the questions that come of it.

Every template has a type, one line of meaning, an answer from the raw corpus and wordings in both languages.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.questions.corpus import BenchCorpus
from bench.questions.gold import Gold, Params
from bench.questions.template import Template
from bench.questions.templates_far import AGGREGATE, COMPARE, EXTREMUM, TWO_HOP
from bench.questions.templates_near import LOOKUP, ONE_HOP, THRESHOLD

LIST = (*LOOKUP, *THRESHOLD, *ONE_HOP, *TWO_HOP, *EXTREMUM, *AGGREGATE, *COMPARE)
TEMPLATES: Mapping[str, Template] = {template.name: template for template in LIST}
TYPES = ("lookup", "threshold", "one-hop", "two-hop", "extremum", "aggregate", "compare")
LANGUAGES = ("en", "es")
MOST = 60
"""Things that an answer may name; what has more is not asked."""
TRIES = 200
SPANISH = {
    "critical": "críticos",
    "high": "de severidad alta",
    "medium": "de severidad media",
    "low": "de severidad baja",
}
ENGLISH = {"critical": "critical", "high": "high severity", "medium": "medium severity", "low": "low severity"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its exact answer. For an unanswerable one the right answer is to abstain."""

    id: str
    language: str
    type: str
    text: str
    gold_ids: frozenset[str]
    gold_value: float | None = None
    unit: str | None = None
    answerable: bool = True
    gold_text: str | None = None
    aside: str | None = None
    """Ids that begin so are neither right nor wrong."""


def ask(corpus: BenchCorpus, name: str, params: Params, *, id_: str, language: str, text: str) -> Question:
    """Return a question with its gold; raises ValueError where the answer is empty or too long to be asked for."""
    template = TEMPLATES[name]
    found = gold_of(corpus, template, params)
    if not 1 <= len(found.ids) <= MOST:
        msg = f"{id_}: {len(found.ids)} things answer it"
        raise ValueError(msg)
    return Question(
        id=id_,
        language=language,
        type=template.type,
        text=text,
        gold_ids=found.ids,
        gold_value=found.value,
        unit=found.unit,
        gold_text=found.text,
        aside=found.aside,
    )


def gold_of(corpus: BenchCorpus, template: Template, params: Params) -> Gold:
    """Return what a template's right answer is."""
    build = corpus.build(params["build"]) if "build" in params else corpus.builds[0]
    return template.answer(corpus, build, params)


def questions(corpus: BenchCorpus, *, seed: int, each: int = 4) -> list[Question]:
    """Return up to `each` different questions for every template and language; the wordings take turns."""
    made = []
    for template in LIST:
        rng = np.random.default_rng([seed, corpus.seed, zlib.crc32(template.name.encode())])
        for language in LANGUAGES:
            seen: set[str] = set()
            for _ in range(TRIES):
                if len(seen) == each:
                    break
                params = template.draw(corpus, rng)
                wordings = template.wordings[language]
                text = wording(wordings[len(seen) % len(wordings)], params, corpus, language)
                if text in seen or not 1 <= len(gold_of(corpus, template, params).ids) <= MOST:
                    continue
                id_ = f"{template.name}-{language}-{len(seen)}"
                made.append(ask(corpus, template.name, params, id_=id_, language=language, text=text))
                seen.add(text)
    return made


def wording(pattern: str, params: Params, corpus: BenchCorpus, language: str) -> str:
    """Fill a pattern; Spanish writes numbers with a comma."""
    shown = dict(params)
    shown["number"] = corpus.build(params["build"]).number
    if "before" in params:
        shown["earlier"] = corpus.build(params["before"]).number
    if "severity" in params:
        shown["severity"] = (SPANISH if language == "es" else ENGLISH)[params["severity"]]
    for name in ("amount", "upper"):
        if name in params:
            number = f"{params[name]:g}"
            shown[name] = number.replace(".", ",") if language == "es" else number
    return pattern.format(**shown)
