import json
from typing import Any

import pytest

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.knowledge import Space as Spaces
from jobs.questions import Answer, Filters, Mode
from jobs.report import Severity
from stores.graph import Node, Selection
from stores.memory_graph import MemoryGraph
from stores.vectors import Space
from tests.workers.query.away import Away
from tests.workers.query.small_corpus import (
    CAMPAIGN,
    FIRMWARE,
    SHA,
    TENANT,
    campaign,
    document,
    instruction,
    measurements,
)
from tests.workers.query.small_farm import Farm
from workers.query.breaker import GRAPH_REST_S

LEAKS = "Which instructions leak in build 7?"
TABLES = "What hides the index of the substitution table?"


@pytest.fixture(scope="module")
def farm() -> Farm:
    return Farm.full()


def canonical(answer: Answer) -> str:
    told = answer.model_dump(mode="json", exclude={"cached", "processing_time_s", "timings"})
    return json.dumps(told, sort_keys=True)


def test_a_question_with_two_parts_is_answered_in_both_with_evidence_for_each_sentence(farm: Farm) -> None:
    answer = farm.ask("Which instructions leak the key in build 7, and did the patch help?")

    found, verdict, *changes = answer.claims
    assert found.value == 2
    assert found.evidence == (instruction(7, "add_round_key", 0), instruction(7, "key_expand", 0))
    assert verdict.text.startswith("In part.")
    assert {change.text.split(":")[0] for change in changes} == {"Better", "Worse", "Unchanged"}
    assert all(claim.evidence for claim in answer.claims)
    assert {thing for claim in answer.claims for thing in claim.evidence} == set(answer.evidence)
    assert answer.answer.splitlines() == [claim.text for claim in answer.claims]
    assert answer.evidence == tuple(item.id for item in answer.cited)
    assert {"campaign:c7", "graph"} <= set(answer.sources)
    assert (answer.abstained, answer.degraded, answer.truncated, answer.data_version) == (False, (), False, 1)


def test_the_same_question_gives_the_same_bytes_in_every_process() -> None:
    questions = [LEAKS, TABLES, f"Why does {instruction(6, 'sub_bytes', 0)} leak?", "¿Ayudó el parche de build 7?"]

    for mode in Mode:
        first = [canonical(Farm.full().ask(question, mode=mode)) for question in questions]
        assert first == [canonical(Farm.full().ask(question, mode=mode)) for question in questions]


def test_a_spanish_question_has_a_spanish_answer_and_a_language_can_be_asked_for(farm: Farm) -> None:
    spanish = farm.ask("¿Qué instrucciones de build 7 tienen fugas?")
    asked = farm.ask(LEAKS, language="es")

    assert (spanish.language, spanish.claims[0].text[:20]) == ("es", "Hay 2 instrucciones:")
    assert asked.claims[0].text == spanish.claims[0].text
    assert asked.evidence == farm.ask(LEAKS).evidence


def test_nothing_that_meets_a_question_is_an_answer_and_no_abstention(farm: Farm) -> None:
    answer = farm.ask("Which instructions of build 7 have critical leaks?")

    assert not answer.abstained
    assert answer.claims[0].text.startswith("No instruction meets this")
    assert "10 instructions looked at" in answer.answer
    assert answer.evidence == (FIRMWARE[7],)
    assert 0 < answer.confidence < 1


@pytest.mark.parametrize(
    "question",
    ["Which instructions leak in build 99?", "Who won the football championship?", "¿Qué filtra kyber_decaps?"],
)
@pytest.mark.parametrize("mode", [Mode.MIX, Mode.HYBRID, Mode.LOCAL, Mode.GLOBAL])
def test_what_nobody_knows_is_not_answered(farm: Farm, question: str, mode: Mode) -> None:
    answer = farm.ask(question, mode=mode)

    assert answer.abstained
    assert answer.evidence == ()
    assert answer.confidence == 0
    assert "build 7" in answer.answer
    assert answer.looked_for


@pytest.mark.parametrize(
    "question",
    ["What is the leakage of kyber?", "Which functions of build 7 are recursive?", "¿Quién compiló build 6?"],
)
def test_what_is_read_only_in_part_is_not_answered_with_everything(farm: Farm, question: str) -> None:
    answer = farm.ask(question)

    assert answer.abstained
    assert answer.evidence == ()


def test_a_plan_that_answers_stands_alone(farm: Farm) -> None:
    stores = {name: Away() for name in ("texts", "vectors")}
    alone = Farm(farm.corpus, farm.catalogue, stores)
    leaking = {instruction(7, "add_round_key", 0), instruction(7, "key_expand", 0)}

    for question, evidence in (
        (LEAKS, leaking),
        # Its tie with what comes next is told, and is no part of the answer.
        ("Which instruction of build 7 has the lowest power?", {instruction(7, "sub_bytes", 0)}),
        ("Which instructions of build 7 do not leak?", None),
    ):
        answer = alone.ask(question)

        assert answer.degraded == ()
        assert not answer.abstained
        found = {item.id for item in answer.cited if item.kind == "Instruction"}
        assert found == evidence if evidence is not None else not found & leaking
    assert {store.asked for store in stores.values()} == {0}


def test_a_passage_with_nothing_but_the_name_of_a_thing_answers_no_question_about_it(farm: Farm) -> None:
    answer = farm.ask("When was the oscilloscope amplifier of sub_bytes sold to the museum?")

    assert answer.abstained


def test_a_name_that_is_unknown_is_named(farm: Farm) -> None:
    answer = farm.ask("Which instructions leak in build 99?")

    assert answer.unknown == ("build 99",)
    assert "Nothing is known of build 99." in answer.answer


def test_evidence_keeps_the_order_that_was_asked_for(farm: Farm) -> None:
    answer = farm.ask("Which 3 instructions of build 7 have the lowest energy?")

    assert answer.evidence == (
        instruction(7, "add_round_key", 2),
        instruction(7, "sub_bytes", 3),
        instruction(7, "add_round_key", 0),
    )


def test_what_was_never_measured_is_not_answered_but_says_what_was_looked_at(farm: Farm) -> None:
    hot = farm.ask("Which instructions of build 7 are above 30 degrees?")
    one = farm.ask(f"What is the energy of {instruction(6, 'sub_bytes', 0)}?")

    assert hot.abstained
    assert "No value of temperature" in hot.answer
    assert one.abstained
    assert "energy is not recorded" in one.answer


def test_a_corpus_without_anything_says_so() -> None:
    answer = Farm().ask(LEAKS)

    assert answer.abstained
    assert answer.data_version == 0
    assert "Nothing has been ingested yet." in answer.answer


def test_contradicting_measurements_are_listed_with_their_batches(farm: Farm) -> None:
    answer = farm.ask(f"What is the energy of {instruction(7, 'sub_bytes', 0)}?")
    agreed = farm.ask(f"What is the energy of {instruction(7, 'sub_bytes', 1)}?")

    assert answer.claims[0].conflicting
    assert "measurements:monday 2.100" in answer.answer
    assert "measurements:tuesday 2.500" in answer.answer
    assert set(answer.sources) == {"campaign:c7", "graph", "measurements:monday", "measurements:tuesday"}
    assert not agreed.claims[0].conflicting
    assert agreed.confidence > answer.confidence


def test_an_open_question_is_answered_by_the_passage_that_speaks_of_it(farm: Farm) -> None:
    answer = farm.ask(TABLES)

    assert answer.evidence[0] == "chunk:report:0"
    assert "Masking the table hides that index" in answer.answer or "substitution table with an index" in answer.answer
    assert answer.claims[0].evidence == ("chunk:report:0",)
    assert set(answer.cited[0].found_by) == {"words", "meaning"}
    assert answer.sources[0] == "document:report"
    scores = [item.score for item in answer.cited]
    assert scores == sorted(scores, reverse=True)


def test_naive_finds_by_meaning_alone(farm: Farm) -> None:
    answer = farm.ask(TABLES, mode=Mode.NAIVE)

    assert answer.evidence[0] == "chunk:report:0"
    assert {way for item in answer.cited for way in item.found_by} == {"meaning"}
    assert set(answer.timings) <= {"embed", "vector", "documents", "graph"}


def test_local_stays_around_what_is_named(farm: Farm) -> None:
    answer = farm.ask("What should I know about the key and masking?", mode=Mode.LOCAL)

    assert "mitigation:masking" in {item.id for item in answer.cited} | set(answer.claims[0].evidence)
    assert not any(item.id.startswith("chunk:") for item in answer.cited)


def test_the_budget_that_was_used_is_told_and_what_it_cut_short(farm: Farm) -> None:
    around = farm.ask(f"What is around {instruction(6, 'sub_bytes', 0)}?", max_nodes=3, max_hops=1)

    assert around.truncated
    assert around.spent.nodes >= 3
    assert around.spent.hops <= 1
    assert around.spent.statements >= 1
    assert len(around.evidence) <= 4


def test_filters_hold_for_plans_and_for_passages(farm: Farm) -> None:
    only_6 = farm.ask("Which instructions leak?", filters=Filters(firmware=("build 6",)))
    critical = farm.ask("leaks the key", mode=Mode.NAIVE, filters=Filters(severity=(Severity.CRITICAL,)))
    tagged, other = (farm.ask(TABLES, mode=Mode.NAIVE, filters=Filters(tag=tag)) for tag in ("notes", "nightly"))
    late = farm.ask(TABLES, mode=Mode.NAIVE, filters=Filters(since=1_900_000_000))

    assert {thing.split(":")[0] for thing in only_6.evidence} == {SHA[6][:12]}
    assert {item.id for item in critical.cited} == {"vulnerability:c6:0"}
    assert {item.id for item in tagged.cited} >= {"chunk:report:0"}
    assert other.abstained
    assert late.abstained


def test_tenants_see_nothing_of_each_other(farm: Farm) -> None:
    for question in (LEAKS, TABLES, "What is masking?"):
        answer = farm.ask(question, tenant="other")

        assert answer.abstained
        assert answer.evidence == ()

        assert "aes-tvla" not in canonical(answer)


@pytest.mark.parametrize(
    ("store", "question", "named", "evidence"),
    [
        ("texts", TABLES, "words: did not answer", "chunk:report:0"),
        ("vectors", TABLES, "vector: did not answer", "chunk:report:0"),
        ("encoder", TABLES, "embed: did not answer", "chunk:report:0"),
        ("graph", TABLES, "graph: did not answer", "chunk:report:0"),
        ("texts", LEAKS, None, instruction(7, "key_expand", 0)),
    ],
)
def test_what_is_away_is_named_and_the_rest_answers(
    store: str, question: str, named: str | None, evidence: str
) -> None:
    farm = Farm.full()
    farm.stores[store] = _Model() if store == "encoder" else Away()

    answer = farm.ask(question)

    assert answer.degraded == ((named,) if named else ())
    assert not answer.abstained
    assert evidence in answer.evidence
    assert answer.confidence <= Farm.full().ask(question).confidence


class _Model(Away):
    model = "words-1"
    dimensions = 128


def test_names_of_an_older_version_serve_when_the_graph_is_away_and_are_said_to() -> None:
    farm = Farm.full()
    farm.ask(LEAKS)
    farm.corpus.write(document("other", ["Nothing of interest."]))
    farm.stores["graph"] = Away()

    answer = farm.ask(LEAKS)

    assert answer.degraded == ("graph: did not answer", "names: of data version 1")
    assert answer.abstained
    assert "could not be looked up" in answer.answer


def test_vectors_of_another_model_are_not_asked(farm: Farm) -> None:
    encoder = _Model()
    encoder.model = "words-2"
    other = Farm(farm.corpus, farm.catalogue, {"encoder": encoder})

    answer = other.ask(TABLES)

    assert answer.degraded == ("vector: made by another model than the encoder's",)
    assert encoder.asked == 0
    assert answer.evidence[0] == "chunk:report:0"


def test_without_the_record_of_the_corpus_nothing_is_answered() -> None:
    farm = Farm.full()
    farm.stores["documents"] = Away()

    with pytest.raises(StoreUnavailable):
        farm.ask(LEAKS)


def test_a_batch_that_is_hidden_is_in_no_part_of_an_answer() -> None:
    farm = Farm.full()
    farm.corpus.say(hidden=(CAMPAIGN[7], "document:report"), version=2)

    for question in (LEAKS, TABLES, "Compare build 6 and build 7", "What is masking?", "overview of the leaks"):
        text = canonical(farm.ask(question, top_k=100))
        assert "c7" not in text
        assert "chunk:report" not in text
        assert instruction(7, "key_expand", 0) not in text


class _Growing(MemoryGraph):
    """A batch becomes visible while the graph is being read."""

    def __init__(self, farm: Farm, times: int) -> None:
        super().__init__()
        self.farm, self.times, self.busy = farm, times, False

    def select(self, tenant: str, selection: Selection, **more: Any) -> list[Node]:
        if self.times and not self.busy:
            self.times, self.busy = self.times - 1, True
            self.farm.corpus.write(campaign(7), measurements(f"m{self.times}"))
            self.busy = False
        return super().select(tenant, selection, **more)


def test_a_question_is_answered_again_when_the_data_changed_under_it() -> None:
    farm = Farm()
    farm.corpus.graph = _Growing(farm, times=1)
    farm.corpus.write(campaign(6))

    answer = farm.ask(LEAKS)

    assert answer.data_version == 2
    assert not answer.abstained
    assert set(answer.claims[0].evidence) == {instruction(7, "add_round_key", 0), instruction(7, "key_expand", 0)}


def test_data_that_never_holds_still_is_not_answered_from() -> None:
    farm = Farm()
    farm.corpus.graph = _Growing(farm, times=99)
    farm.corpus.write(campaign(6))

    with pytest.raises(StoreUnavailable, match="changes faster"):
        farm.ask(LEAKS)
    # Names that were read while a batch was being written serve nobody.
    assert farm.catalogue.older(TENANT) is None


class _Slow(MemoryGraph):
    def select(self, tenant: str, selection: Selection, **more: Any) -> list[Node]:
        if more.get("budget_s", 5) <= 5:
            raise OutOfBudget("The graph took too long.")
        return super().select(tenant, selection, **more)


def test_a_part_that_runs_out_of_time_says_so() -> None:
    farm = Farm()
    farm.corpus.graph = _Slow()
    farm.corpus.write(campaign(7), document())

    answer = farm.ask(LEAKS)

    assert "graph: out of time" in answer.degraded
    assert answer.truncated
    assert "could not be looked up now" in answer.answer


def test_figures_over_all_findings_answer_a_general_question_in_global_mode(farm: Farm) -> None:
    answer = farm.ask("What is the general state of our security, roughly?", mode=Mode.GLOBAL)

    assert any(claim.text.startswith("Findings by severity") for claim in answer.claims)
    assert set(answer.evidence) >= {"vulnerability:c6:0", "vulnerability:c7:1"}


@pytest.mark.parametrize("mode", [Mode.MIX, Mode.HYBRID, Mode.LOCAL])
def test_figures_over_all_findings_do_not_answer_for_a_thing_nobody_knows(farm: Farm, mode: Mode) -> None:
    answer = farm.ask("What is the leakage of the kyber decapsulation?", mode=mode)

    assert not any(claim.text.startswith("Findings by") for claim in answer.claims)


def test_every_figure_of_evidence_comes_from_the_stores(farm: Farm) -> None:
    answer = farm.ask(LEAKS)

    assert answer.cited[0].kind == "Instruction"
    assert answer.cited[0].properties["firmware"] == FIRMWARE[7]
    assert answer.cited[0].title == "eors r3, r4 (add_round_key, aes.c:20, 0x00000108)"
    assert answer.cited[0].sources == ("campaign:c7", "measurements:monday", "measurements:tuesday")


@pytest.mark.parametrize(
    "question",
    [
        "What is the average energy of the instruction at 0x08000123 in build 7?",
        "What secret does the instruction at 0x08000123 leak?",
        "¿Cuál es la energía media de la instrucción en 0x08000123 de build 7?",
    ],
)
def test_a_place_in_code_that_is_not_there_is_said_not_to_be_and_nothing_else_is_told(
    farm: Farm, question: str
) -> None:
    answer = farm.ask(question)

    assert answer.abstained
    assert "0x08000123, " in answer.claims[-1].text
    assert answer.claims[-1].text.startswith(("There is no instruction", "No hay ninguna instrucción"))
    assert {item.kind for item in answer.cited} <= {"Firmware"}
    assert not answer.truncated


def test_what_was_never_measured_takes_no_passages(farm: Farm) -> None:
    answer = farm.ask("Which function consumes the most energy in build 6?")

    assert answer.abstained
    assert answer.confidence == 0
    assert len(answer.claims) == 2
    assert answer.claims[1].text.startswith("No value of energy is recorded")


def test_what_is_of_no_function_wins_no_comparison_of_functions() -> None:
    farm = Farm.full()
    stray = Node("Instruction", f"{SHA[7][:12]}:00000900", {"firmware": FIRMWARE[7], "avg_energy": 9.0})
    farm.corpus.graph.merge(TENANT, [stray], [], batch="measurements:monday")
    farm.corpus.say(version=2)

    answer = farm.ask("Which function consumes the most energy in build 7?")

    assert answer.claims[0].text.startswith("Mean of energy by function: sub_bytes: ")
    assert answer.claims[0].evidence[0].endswith(":sub_bytes")
    assert stray.id not in answer.evidence


def test_a_part_of_a_document_is_named_by_its_document_and_how_it_begins(farm: Farm) -> None:
    answer = farm.ask("What was the oscilloscope calibrated with?")

    assert (
        answer.cited[0].title
        == "report: The oscilloscope was calibrated in March with a reference resistor of one ohm."
    )


def test_a_space_that_lost_its_vectors_is_named_where_passages_by_words_show_it() -> None:
    farm = Farm.full()
    space = Space(Spaces.CHUNKS, farm.corpus.encoder.model, farm.corpus.encoder.dimensions)
    farm.corpus.vectors.drop(TENANT, space)

    answer = farm.ask("What was the oscilloscope calibrated with?")

    assert answer.degraded == ("vector: chunk_embeddings is empty",)
    assert answer.evidence[0] == "chunk:report:2"


def test_a_graph_that_did_not_answer_is_left_alone_for_a_while_and_then_asked_again() -> None:
    away, now = Away(), [100.0]
    farm = Farm.full()
    farm.stores = {"timer": lambda: now[0]}
    whole = farm.ask(LEAKS)
    farm.stores["graph"] = away

    first = farm.ask(LEAKS)
    asked = away.asked
    second = farm.ask(LEAKS)

    assert first.degraded == second.degraded == ("graph: did not answer",)
    assert away.asked == asked > 0
    del farm.stores["graph"]
    assert farm.ask(LEAKS).degraded
    now[0] += GRAPH_REST_S
    assert canonical(farm.ask(LEAKS)) == canonical(whole)


def test_long_texts_of_evidence_are_cut_short() -> None:
    farm = Farm.full()
    long = Node("Chunk", "chunk:report:2", {"document": "document:report", "text": "volt " * 400})
    farm.corpus.graph.merge(TENANT, [long], [], batch="document:report")
    farm.corpus.say(version=2)

    told = farm.ask("What was the oscilloscope calibrated with?").cited[0]

    assert len(told.properties["text"]) <= 300
    assert len(told.title) < 100


def test_leakage_of_code_that_was_declared_public_is_told_to_be_no_finding() -> None:
    farm, open_code = Farm.full(), instruction(7, "key_expand", 2)
    campaign_7 = farm.corpus.graph.nodes(TENANT, [CAMPAIGN[7]], hidden=())[CAMPAIGN[7]]
    counted = {**campaign_7.properties, "max_abs_t": 11.0}
    farm.corpus.graph.merge(TENANT, [Node("Campaign", CAMPAIGN[7], counted)], [], batch=CAMPAIGN[7])
    farm.corpus.say(version=2)

    answer = farm.ask("Which instruction has the highest |t| in build 7?")

    # Of two instructions only that with |t| 12 has more than what the campaign counts.
    leaking = instruction(7, "add_round_key", 0)
    assert answer.claims[1].text.startswith("Declared public in aes-tvla-7, and no finding there: eors r3, r4")
    assert answer.claims[1].text.endswith("what it counts has at most |t| 11.")
    assert answer.claims[1].evidence == (leaking, CAMPAIGN[7])
    assert "Declared public" not in farm.ask(f"What is the |t| of {open_code}?").answer
    assert "Declared public" in farm.ask(f"Why does {leaking} leak?").answer
    assert "Declarado público" in farm.ask(f"¿Por qué {leaking} tiene fugas?").answer
