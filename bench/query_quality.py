"""Right answers: templates, paraphrases and questions without an answer, by us and by peers on the same texts."""

import os
from collections import defaultdict
from collections.abc import Sequence

from bench.peers.cut import abstention, scores
from bench.peers.lightrag import LightRag, is_installed
from bench.peers.ranking import Ranker, by_meaning, by_words
from bench.peers.texts import things
from bench.query_world import KEPT, Asker, encoder, place, take_in
from bench.questions.corpus import BenchCorpus, make_corpus
from bench.questions.paraphrases import SEED, paraphrases, unanswerable
from bench.questions.score import Score, macro, means, score
from bench.questions.templates import LANGUAGES, Question, questions
from bench.rows import emit

BENCH = "query-quality"
SIZE = 10_000
LIGHTRAG_SIZE = 1000
EACH = 4
ASKED_SEED = 1
TARGETS = {"templates": 0.95, "paraphrases": 0.85, "unanswerable": 0.9}


def run() -> None:
    """Print our scores by set, type and language, and those of the peers beside them."""
    corpus = make_corpus(SIZE, SEED)
    sets = {
        "templates": questions(corpus, seed=ASKED_SEED, each=EACH),
        "paraphrases": paraphrases(corpus),
        "unanswerable": unanswerable(),
    }
    with place() as stores:
        services = stores.services()
        take_in(services, corpus)
        ask = Asker(services)
        for name, asked in sets.items():
            ours(name, [score(question, ask(question.text, top_k=100)) for question in asked], corpus)
    found = things(corpus)
    peers: dict[str, Ranker] = {"bm25": by_words(found), "vectors": by_meaning(found, encoder(KEPT))}
    for name, ranker in peers.items():
        peer(name, ranker, sets, corpus)
    small = make_corpus(int(os.environ.get("BENCH_LIGHTRAG", LIGHTRAG_SIZE)), SEED)
    if not is_installed():
        emit(BENCH, "lightrag", absent="the extra `bench` is not installed")
        return
    both = {"templates": questions(small, seed=ASKED_SEED, each=EACH), "unanswerable": unanswerable()}
    with LightRag(things(small), encoder(KEPT)) as rag:
        emit(BENCH, "lightrag-insert", took_s=round(rag.inserted_s, 1), things=len(things(small)))
        for mode in ("naive", "mix"):
            peer(f"lightrag-{mode}", rag.ranker(mode), both, small)


def ours(name: str, found: Sequence[Score], corpus: BenchCorpus) -> None:
    """Print our scores of one set."""
    target = TARGETS[name]
    common = {"instructions": corpus.instructions}
    if name == "unanswerable":
        share = sum(one.abstention for one in found) / len(found)
        emit(BENCH, "ours-unanswerable", abstention=round(share, 4), questions=len(found), target=target, **common)
        for language, mean in means(found, lambda one: one.language).items():
            emit(BENCH, f"ours-unanswerable-{language}", abstention=round(mean.abstention, 4), questions=mean.questions)
        return
    groups = means(found, lambda one: one.type)
    emit(
        BENCH,
        f"ours-{name}",
        points=round(macro(groups), 4),
        f1=round(sum(mean.f1 for mean in groups.values()) / len(groups), 4),
        mistaken_abstention=round(sum(not one.abstention for one in found) / len(found), 4),
        questions=len(found),
        target=target,
        **common,
    )
    both = means(found, lambda one: f"{one.type} {one.language}")
    for key, mean in groups.items():
        figures = {"points": mean.points, "f1": mean.f1, "values_right": mean.value}
        figures |= {language: both[f"{key} {language}"].points for language in LANGUAGES if f"{key} {language}" in both}
        rounded = {what: round(value, 4) for what, value in figures.items() if value is not None}
        emit(BENCH, f"ours-{name}-{key}", **rounded, questions=mean.questions)
    for language, mean in means(found, lambda one: one.language).items():
        emit(BENCH, f"ours-{name}-{language}", points=round(mean.points, 4), questions=mean.questions)


def peer(name: str, ranker: Ranker, sets: dict[str, list[Question]], corpus: BenchCorpus) -> None:
    """Print what a ranking scores; figures that a question asks for are not counted against it."""
    tops: dict[str, list[float]] = {}
    for what, asked in sets.items():
        ranked = [ranker(question.text) for question in asked]
        tops[what] = [found[0][1] if found else 0.0 for found in ranked]
        if what == "unanswerable":
            continue
        by_type: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for question, found in zip(asked, ranked, strict=True):
            by_type[question.type].append(scores(question, [id_ for id_, _ in found]))
        best = {key: sum(one for one, _ in values) / len(values) for key, values in by_type.items()}
        first = {key: sum(one for _, one in values) / len(values) for key, values in by_type.items()}
        emit(
            BENCH,
            f"{name}-{what}",
            f1_at_best_cut=round(sum(best.values()) / len(best), 4),
            f1_at_10=round(sum(first.values()) / len(first), 4),
            by_type={key: round(value, 3) for key, value in sorted(best.items())},
            questions=len(asked),
            instructions=corpus.instructions,
        )
    share = abstention(tops["templates"], tops["unanswerable"])
    # LightRAG says no scores: it abstains where it finds nothing.
    how = "nothing found" if name.startswith("lightrag") else "below the score that keeps 95 % of templates"
    emit(BENCH, f"{name}-unanswerable", abstention=round(share, 4), how=how)
