from hypothesis import given
from hypothesis import strategies as st

from stores.graph import Node, Relation, Subgraph
from workers.query.rank import Candidate, asked_for, context, fuse, words_weight

names = st.text("abc", min_size=1, max_size=3)
scores = st.none() | st.floats(0, 30)
candidates = st.lists(st.builds(Candidate, names, scores, st.none() | st.floats(-1, 1)), unique_by=lambda one: one.id)


def test_a_key_in_both_rankings_beats_either_leader() -> None:
    found = [
        Candidate("by words", words=10.0, meaning=0.2),
        Candidate("by meaning", words=None, meaning=0.6),
        Candidate("both", words=9.0, meaning=0.58),
    ]

    assert fuse(found)[0][0] == "both"


def test_words_that_are_sure_outweigh_meaning_that_is_not() -> None:
    # The words know one passage; the cosines are all alike.
    found = [Candidate("exact", words=20.0, meaning=0.31)]
    found += [Candidate(f"near {n}", words=3.0, meaning=0.33 - n / 100) for n in range(5)]

    assert fuse(found)[0] == ("exact", 1.0)


def test_meaning_that_is_sure_outweighs_words_that_are_not() -> None:
    found = [Candidate("paraphrase", words=4.5, meaning=0.9)]
    found += [Candidate(f"word {n}", words=5.0 - n / 10, meaning=0.2) for n in range(5)]

    assert fuse(found)[0][0] == "paraphrase"


def test_words_alone_keep_the_order_of_words() -> None:
    found = [Candidate(f"{n}", words=float(n)) for n in range(1, 9)]

    assert [key for key, _ in fuse(found)] == [f"{n}" for n in range(8, 0, -1)]


@given(candidates)
def test_the_order_is_fixed_best_first_and_ties_by_id(found: list[Candidate]) -> None:
    ranked = fuse(found)

    assert ranked == fuse(reversed(found))
    assert ranked == sorted(ranked, key=lambda item: (-item[1], item[0]))
    assert all(0 <= score <= 1 for _, score in ranked)
    assert {key for key, _ in ranked} == {one.id for one in found}


def test_a_list_that_is_not_there_has_no_weight() -> None:
    assert words_weight([], [1.0]) == 0
    assert words_weight([1.0], []) == 1


def test_overlap_is_the_share_of_the_words_that_were_asked_for() -> None:
    asked = asked_for("masked tables")

    assert asked.share("Masking the table hides it") == 1
    assert asked.share("the tables") == 0.5
    assert asked_for("").share("anything") == 0


def _around() -> Subgraph:
    nodes = [
        Node("Instruction", "a"),
        Node("SecurityVulnerability", "leak", {"name": "the key leaks"}),
        Node("Mitigation", "mask", {"name": "masking"}),
        Node("Function", "f", {"name": "sub_bytes"}),
        Node("Instruction", "far"),
    ]
    relations = [
        Relation("LEAKS_INFORMATION", "a", "leak"),
        Relation("MITIGATED_BY", "leak", "mask"),
        Relation("PART_OF", "a", "f"),
        Relation("PART_OF", "far", "f"),
    ]
    return Subgraph(nodes, {"a": 0, "leak": 1, "f": 1, "mask": 2, "far": 2}, relations, truncated=False)


def test_what_lies_around_is_ranked_by_relation_distance_and_words() -> None:
    by_leak = [node.id for node, _ in context(_around(), {"a"}, asked_for("key leak"))]
    by_mask = [node.id for node, _ in context(_around(), {"a"}, asked_for("masking"))]

    assert by_leak[0] == "leak"
    assert by_mask[0] == "mask"


def test_what_says_nothing_of_the_question_and_lies_far_is_left_out() -> None:
    found = {node.id for node, _ in context(_around(), {"a"}, asked_for("key leak"))}

    assert "far" not in found
    assert "f" not in found
    assert "a" not in found


def test_a_weak_relation_is_worth_less_than_a_strong_one() -> None:
    nodes = [Node("Entity", "seed"), Node("Entity", "strong", {"name": "x"}), Node("Entity", "weak", {"name": "x"})]
    relations = [
        Relation("RELATED_TO", "seed", "strong", {"weight": 0.9}),
        Relation("RELATED_TO", "seed", "weak", {"weight": 0.4}),
    ]
    around = Subgraph(nodes, {"seed": 0, "strong": 1, "weak": 1}, relations, truncated=False)

    found = context(around, {"seed"}, asked_for("x"))

    assert [node.id for node, _ in found] == ["strong", "weak"]
    assert found[0][1] > found[1][1]
