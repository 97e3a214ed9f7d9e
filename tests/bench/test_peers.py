"""What peers score: the best prefix of a ranking, of the kinds that are asked for; and how a load chooses questions."""

import pytest

from bench.load import zipf
from bench.peers.cut import abstention, scores
from bench.peers.texts import things
from bench.questions.corpus import make_corpus
from bench.questions.templates import Question

A, B, C, D = (f"0123456789ab:0800010{n}" for n in range(4))
OTHER = "ba9876543210:08000100"


def question(*ids: str, aside: str | None = None) -> Question:
    return Question("q", "en", "one-hop", "?", frozenset(ids), aside=aside)


def test_a_ranking_is_cut_where_it_scores_best() -> None:
    best, first = scores(question(A, B), [A, B, C, D])

    assert best == 1.0
    assert first == pytest.approx(2 / 3)


def test_other_kinds_and_what_a_comparison_starts_from_neither_help_nor_harm() -> None:
    ranked = ["campaign:1", OTHER, A, "function:1:f"]

    assert scores(question(A), ranked)[0] == pytest.approx(2 / 3)
    assert scores(question(A, aside="ba9876543210:"), ranked)[0] == 1.0


def test_a_ranking_without_a_right_thing_scores_nothing() -> None:
    assert scores(question(A), [B, C]) == (0.0, 0.0)
    assert scores(question(A), []) == (0.0, 0.0)


def test_the_bar_for_answering_keeps_nineteen_of_twenty_answerable_questions() -> None:
    answerable = [float(score) for score in range(100)]

    assert abstention(answerable, [1.0, 4.0, 5.0, 50.0]) == 0.5


def test_peers_read_of_everything_that_an_answer_may_name() -> None:
    corpus = make_corpus(600, 7)

    found = things(corpus)

    ids = {thing.id for thing in found}
    assert len(ids) == len(found)
    assert len({thing.name for thing in found}) == len(found)
    assert ids >= {id_ for build in corpus.builds for id_ in (*build.ids, build.firmware, build.campaign)}
    assert all(not thing.belongs or thing.belongs in ids for thing in found)


def test_the_first_question_of_a_zipf_load_comes_twice_as_often_as_the_second() -> None:
    shares = zipf(400, 1.0)

    assert sum(shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(2 * shares[1])
