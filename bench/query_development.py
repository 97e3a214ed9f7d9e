"""Right answers to the questions that the planner was developed on, voice by voice: how it was made, not how good it is."""

from bench.query_quality import SIZE
from bench.query_world import Asker, place, take_in
from bench.questions.corpus import make_corpus
from bench.questions.paraphrases import DEVELOPMENT, SEED, paraphrases, unanswerable
from bench.questions.score import Score, macro, means, score
from bench.rows import emit

BENCH = "query-development"


def run() -> None:
    """Print points and F1 by voice, by type and by language, and the share of right abstentions."""
    corpus = make_corpus(SIZE, SEED)
    with place() as stores:
        services = stores.services()
        take_in(services, corpus)
        ask = Asker(services)
        asked = [*paraphrases(corpus, DEVELOPMENT), *unanswerable(DEVELOPMENT)]
        found = [score(question, ask(question.text, top_k=100)) for question in asked]
    for voice in dict.fromkeys(one.id.partition("-")[0] for one in found):
        mine = [one for one in found if one.id.startswith(f"{voice}-")]
        answerable = [one for one in mine if one.type != "unanswerable"]
        groups = means(answerable, lambda one: one.type)
        emit(
            BENCH,
            voice,
            points=round(macro(groups), 4),
            f1=round(sum(mean.f1 for mean in groups.values()) / len(groups), 4),
            by_type={key: round(mean.f1, 3) for key, mean in groups.items()},
            by_language={key: round(mean.f1, 3) for key, mean in means(answerable, _language).items()},
            abstention=round(
                sum(one.abstention for one in mine if one.type == "unanswerable") / (len(mine) - len(answerable)), 4
            ),
            questions=len(mine),
        )


def _language(one: Score) -> str:
    return one.language
