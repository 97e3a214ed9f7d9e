from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import pytest

from jobs.knowledge import Label, Link
from stores.documents import Documents
from stores.graph import Condition, Graph, Hop, Selection
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from stores.memory_texts import MemoryTexts
from stores.vectors_exact import ExactVectors
from tests.workers.query.away import Away
from tests.workers.query.small_corpus import CAMPAIGN, CODE, FIRMWARE, SHA, TENANT, Corpus, campaign, instruction, whole
from workers.query.budget import Budget
from workers.query.execute import execute
from workers.query.gather import is_answer
from workers.query.outcome import Compared, Connected, Explained, Failed, Figured, Listed, Outcome, Surrounded
from workers.query.phrase import phrase
from workers.query.phrases_en import EN
from workers.query.plan import (
    Aggregate,
    Around,
    Compare,
    Connect,
    Explain,
    Extremum,
    Lookup,
    Open,
    Select,
    Step,
)
from workers.query.view import View

OF_7 = (Condition("firmware", "=", FIRMWARE[7]),)
LEAKING = (Hop(Link.LEAKS, Label.VULNERABILITY, where=(Condition("severity_rank", ">=", 2),)),)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    documents = MemoryDocuments()
    corpus = Corpus(documents, MemoryGraph(), ExactVectors(documents), MemoryTexts())
    corpus.write(*whole())
    return corpus


Ask = Callable[..., Outcome]


@pytest.fixture
def ask(corpus: Corpus) -> Ask:
    def ask(
        step: Step,
        *,
        hidden: tuple[str, ...] = (),
        graph: Graph | None = None,
        documents: Documents | None = None,
        budget: Budget | None = None,
        table: int = 100_000,
    ) -> Outcome:
        account = budget or Budget(monotonic, seconds=5)
        view = View(TENANT, hidden, graph or corpus.graph, documents or corpus.documents, account, table)
        return execute([step], view, hops=3)[0]

    return ask


def test_a_selection_returns_what_meets_it_and_counts_beyond_its_limit(ask: Ask) -> None:
    found = ask(Select(Selection(Label.INSTRUCTION, OF_7, LEAKING)))
    some = ask(Select(Selection(Label.INSTRUCTION, OF_7, limit=4)))

    assert isinstance(found, Listed)
    assert [node.id for node in found.nodes] == [instruction(7, "add_round_key", 0), instruction(7, "key_expand", 0)]
    assert found.total == 2
    assert isinstance(some, Listed)
    assert (len(some.nodes), some.total) == (4, 10)


def test_an_empty_selection_says_what_was_looked_at(ask: Ask) -> None:
    critical = (Hop(Link.LEAKS, Label.VULNERABILITY, where=(Condition("severity", "=", "critical"),)),)

    found = ask(Select(Selection(Label.INSTRUCTION, OF_7, critical)))

    assert isinstance(found, Listed)
    assert found.nodes == []
    assert found.checked is not None
    assert (found.checked.total, found.checked.unmeasured) == (10, None)
    assert found.checked.nodes[0].id == instruction(7, "sub_bytes", 0)


def test_a_threshold_on_what_nobody_measured_is_told_apart_from_one_nobody_meets(ask: Ask) -> None:
    hot = ask(Select(Selection(Label.INSTRUCTION, (*OF_7, Condition("avg_temperature", ">", 30)))))
    dear = ask(Select(Selection(Label.INSTRUCTION, (*OF_7, Condition("avg_energy", ">", 5)))))

    assert isinstance(hot, Listed)
    assert hot.checked is not None
    assert hot.checked.unmeasured == "avg_temperature"
    assert isinstance(dear, Listed)
    assert dear.checked is not None
    assert dear.checked.unmeasured is None


def test_what_follows_from_a_thing_is_checked_at_that_thing(ask: Ask) -> None:
    clean = instruction(7, "sub_bytes", 0)
    weaknesses = Selection(Label.INSTRUCTION, (Condition("id", "=", clean),), LEAKING, take=1)

    found = ask(Select(weaknesses))

    assert isinstance(found, Listed)
    assert found.checked is not None
    assert [node.id for node in found.checked.nodes] == [clean]


def test_an_extremum_keeps_its_order_and_names_a_tie(ask: Ask) -> None:
    by_energy = Selection(Label.INSTRUCTION, OF_7, order_by="avg_energy", descending=True, limit=2)
    by_power = Selection(Label.INSTRUCTION, OF_7, order_by="avg_power", limit=1)

    dearest, weakest = ask(Extremum(by_energy)), ask(Extremum(by_power))

    assert isinstance(dearest, Listed)
    assert [node.id for node in dearest.nodes] == [instruction(7, "sub_bytes", 1), instruction(7, "sub_bytes", 2)]
    assert dearest.tied is None
    assert isinstance(weakest, Listed)
    assert weakest.tied is not None
    assert weakest.tied.properties["avg_power"] == 10.0


def test_what_another_selection_has_is_left_out_and_the_rest_counted_beyond_the_limit(ask: Ask) -> None:
    quiet = Select(Selection(Label.INSTRUCTION, OF_7), (), Selection(Label.INSTRUCTION, OF_7, LEAKING))

    found = ask(quiet)
    some = ask(replace(quiet, selection=replace(quiet.selection, limit=3)))

    leaking = {instruction(7, "add_round_key", 0), instruction(7, "key_expand", 0)}
    every = {instruction(7, function, place) for function, code in CODE.items() for place in range(len(code))}
    assert isinstance(found, Listed)
    assert {node.id for node in found.nodes} == every - leaking
    assert found.total == 8
    assert isinstance(some, Listed)
    assert [node.id for node in some.nodes] == [node.id for node in found.nodes][:3]
    assert some.total == 8


def test_a_chain_may_be_left_out_of_a_chain_and_something_else_of_a_part(ask: Ask) -> None:
    parts = (Hop(Link.PART_OF, Label.INSTRUCTION, forward=False, where=(Condition("avg_energy", ">", 0.002),)),)
    leaking = (Hop(Link.PART_OF, Label.INSTRUCTION, forward=False), *LEAKING)
    functions = Select(Selection(Label.FUNCTION, OF_7, parts), (), Selection(Label.FUNCTION, (), leaking))
    loads = Selection(Label.INSTRUCTION, (Condition("mnemonic", "=", "ldrb"),))

    dear = ask(functions)
    others = ask(Select(Selection(Label.INSTRUCTION, OF_7), (), loads))

    assert isinstance(dear, Listed)
    # The leaks of the other build's sub_bytes are not this one's.
    assert [node.properties["name"] for node in dear.nodes] == ["sub_bytes"]
    assert isinstance(others, Listed)
    assert others.total == len(others.nodes) == 8
    assert not any(node.properties["mnemonic"] == "ldrb" for node in others.nodes)


def test_nothing_is_left_where_all_are_left_out(ask: Ask) -> None:
    found = ask(Select(Selection(Label.INSTRUCTION, OF_7), (), Selection(Label.INSTRUCTION, OF_7)))

    assert isinstance(found, Listed)
    assert (found.nodes, found.total) == ([], 0)
    assert found.checked is not None
    assert found.checked.total == 10


def test_a_difference_that_cannot_be_read_whole_is_said_to_be_cut_short(ask: Ask) -> None:
    first = (*OF_7, Condition("function", "in", ("sub_bytes", "add_round_key")))
    account = Budget(monotonic, seconds=5)

    without = Select(Selection(Label.INSTRUCTION, OF_7), (), Selection(Label.INSTRUCTION, first))
    found = ask(without, budget=account, table=6)

    assert isinstance(found, Listed)
    # By id the first six are of those left out; how many there are is known all the same.
    assert (len(found.nodes), found.total, account.truncated) == (0, 3, True)
    assert phrase(found, EN)[0].text == "Counted: 3 instructions."
    assert is_answer(found)


def test_figures_come_with_the_things_behind_them(ask: Ask) -> None:
    count = ask(Aggregate(Selection(Label.INSTRUCTION, OF_7, LEAKING), "count"))
    mean = ask(Aggregate(Selection(Label.INSTRUCTION, OF_7), "mean", of="avg_energy"))
    most = ask(Aggregate(Selection(Label.INSTRUCTION, OF_7), "maximum", of="max_abs_t"))

    assert isinstance(count, Figured)
    assert (count.groups[0].count, count.out_of, len(count.nodes)) == (2, 10, 2)
    assert isinstance(mean, Figured)
    assert mean.groups[0].count == 7
    assert {node.id for node in mean.nodes} == {
        instruction(7, function, place)
        for function, n in (("sub_bytes", 4), ("add_round_key", 3))
        for place in range(n)
    }
    assert list(mean.disputes) == [instruction(7, "sub_bytes", 0)]
    assert isinstance(most, Figured)
    assert [node.id for node in most.nodes] == [instruction(7, "add_round_key", 0)]


def test_groups_are_ordered_by_their_figure_and_cut_to_the_top(ask: Ask) -> None:
    step = Aggregate(Selection(Label.VULNERABILITY), "count", by="function", top=2)
    named = ask(Aggregate(Selection(Label.VULNERABILITY), "count", by="firmware"))

    found = ask(step)

    assert isinstance(found, Figured)
    assert [(group.key, group.count) for group in found.groups] == [("key_expand", 2), ("sub_bytes", 2)]
    assert isinstance(named, Figured)
    assert named.names == {FIRMWARE[6]: "build 6", FIRMWARE[7]: "build 7"}


def test_the_least_and_those_beyond_a_bound_are_chosen_by_their_figure(ask: Ask) -> None:
    mean = Aggregate(Selection(Label.INSTRUCTION, OF_7), "mean", of="avg_energy", by="function", top=1)
    counts = Aggregate(Selection(Label.VULNERABILITY), "count", by="function", having=(">", 1))

    most, least, several = ask(mean), ask(replace(mean, least=True)), ask(counts)

    assert isinstance(most, Figured)
    assert [group.key for group in most.groups] == ["sub_bytes"]
    assert isinstance(least, Figured)
    assert [group.key for group in least.groups] == ["add_round_key"]
    # What the figure is of, and what it stands for, are of the function that is named.
    assert {node.properties["function"] for node in least.nodes} == {"add_round_key"}
    assert [node.id for node in least.things] == [f"function:{SHA[7][:12]}:add_round_key"]
    assert isinstance(several, Figured)
    assert {group.key: group.count for group in several.groups} == {"sub_bytes": 2, "key_expand": 2}


def test_what_has_none_is_among_the_least(ask: Ask) -> None:
    leaking = Aggregate(Selection(Label.INSTRUCTION, OF_7, LEAKING), "count", by="function")

    least = ask(replace(leaking, top=1, least=True))
    few = ask(replace(leaking, having=("<", 1)))
    never = ask(replace(leaking, having=(">", 5)))
    findings = ask(Aggregate(Selection(Label.VULNERABILITY, OF_7), "count", by="function", top=2, least=True))

    for found in (least, few):
        assert isinstance(found, Figured)
        assert [(group.key, group.count) for group in found.groups] == [("sub_bytes", 0)]
        assert [node.properties["name"] for node in found.things] == ["sub_bytes"]
    assert isinstance(findings, Figured)
    # As many as the last that was asked for.
    assert [(group.key, group.count) for group in findings.groups] == [
        ("sub_bytes", 0),
        ("add_round_key", 1),
        ("key_expand", 1),
    ]
    assert isinstance(never, Figured)
    assert (never.groups, never.nodes) == ((), ())
    assert never.checked is not None


def test_a_comparison_reads_one_record_of_each_campaign(ask: Ask) -> None:
    account = Budget(monotonic, seconds=5)

    found = ask(Compare(CAMPAIGN[6], CAMPAIGN[7]), budget=account)

    assert isinstance(found, Compared)
    # Both ends, and both records.
    assert account.spent.statements == 2


def test_two_builds_are_compared_by_their_newest_campaigns(ask: Ask) -> None:
    found = ask(Compare(FIRMWARE[6], FIRMWARE[7]))

    assert isinstance(found, Compared)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.id, found.after.id) == (CAMPAIGN[6], CAMPAIGN[7])
    changed = {pair.after: pair.change for pair in found.pairs if pair.change != "unchanged"}
    assert changed == {
        instruction(7, "sub_bytes", 0): "better",
        instruction(7, "sub_bytes", 1): "better",
        instruction(7, "add_round_key", 0): "worse",
    }
    # Of what never leaked and stayed there is the number.
    assert (len(found.pairs), found.quiet) == (4, 6)
    assert (found.only_before, found.only_after, found.doubt) == (0, 0, None)


def test_a_comparison_may_be_of_one_function_or_of_energies(ask: Ask) -> None:
    one = ask(Compare(CAMPAIGN[6], CAMPAIGN[7], function="key_expand"))
    energies = ask(Compare(CAMPAIGN[6], CAMPAIGN[7], aspect="energy"))
    powers = ask(Compare(CAMPAIGN[6], CAMPAIGN[7], aspect="power"))

    assert isinstance(one, Compared)
    assert len(one.pairs) + one.quiet == 3
    assert isinstance(energies, Compared)
    # Nothing was measured of build 6.
    assert (energies.doubt, energies.only_after) == ("nothing", 7)
    assert isinstance(powers, Compared)
    assert {pair.change for pair in powers.pairs} == {"unchanged"}


def test_a_campaign_compared_with_itself_and_one_that_is_not_there_decide_nothing(ask: Ask) -> None:
    same, gone = ask(Compare(CAMPAIGN[6], CAMPAIGN[6])), ask(Compare(CAMPAIGN[6], "campaign:none"))

    assert isinstance(same, Compared)
    assert same.doubt == "same"
    assert isinstance(gone, Compared)
    assert gone.after is None


def test_an_explanation_gathers_findings_figures_and_what_lies_beside(ask: Ask) -> None:
    leak = ask(Explain(instruction(6, "sub_bytes", 0)))
    measured = ask(Explain(instruction(7, "sub_bytes", 1)))
    function = ask(Explain(f"function:{SHA[6][:12]}:sub_bytes"))

    assert isinstance(leak, Explained)
    assert [weak.id for weak in leak.weaknesses] == ["vulnerability:c6:0"]
    assert [told.campaign.id for told in leak.measured] == [CAMPAIGN[6]]
    assert [told.mitigation.id for told in leak.mitigations] == ["mitigation:masking"]
    assert [node.id for node in leak.neighbours] == [instruction(6, "sub_bytes", 1)]
    assert isinstance(measured, Explained)
    assert [(node.id, r, n) for node, r, n in measured.correlated] == [(instruction(7, "sub_bytes", 0), 0.9, 60)]
    assert [sample.batch for sample in measured.samples] == ["measurements:monday", "measurements:tuesday"]
    assert isinstance(function, Explained)
    assert [weak.id for weak in function.weaknesses] == ["vulnerability:c6:0", "vulnerability:c6:1"]


def test_ways_and_surroundings_stay_within_the_hops_that_are_allowed(ask: Ask) -> None:
    source = f"function:{SHA[6][:12]}:sub_bytes"
    way, none = ask(Connect(source, "mitigation:masking", hops=9)), ask(Connect(source, "mitigation:none"))
    around = ask(Around(instruction(6, "sub_bytes", 0), labels=(Label.VULNERABILITY,)))

    assert isinstance(way, Connected)
    assert [node.id for node in way.ways[0].nodes][0::3] == [source, "mitigation:masking"]
    assert isinstance(none, Connected)
    assert none.ways == []
    assert isinstance(around, Surrounded)
    assert [node.id for node in around.nodes] == ["vulnerability:c6:0"]


def test_a_hidden_batch_is_seen_nowhere(ask: Ask) -> None:
    hidden = (CAMPAIGN[7], "measurements:tuesday")

    looked = ask(
        Lookup((instruction(7, "key_expand", 0), instruction(7, "sub_bytes", 0)), ("avg_energy",)), hidden=hidden
    )
    compared = ask(Compare(CAMPAIGN[6], CAMPAIGN[7]), hidden=hidden)

    assert isinstance(looked, Listed)
    assert [node.id for node in looked.nodes] == [instruction(7, "sub_bytes", 0)]
    assert looked.disputes == {}
    assert isinstance(compared, Compared)
    assert compared.after is None


def test_a_store_that_is_away_fails_the_step_and_is_named(ask: Ask) -> None:
    without_graph, without_documents = Budget(monotonic, seconds=5), Budget(monotonic, seconds=5)

    failed = ask(Lookup(("mitigation:masking",)), graph=Away(), budget=without_graph)
    compared = ask(Compare(CAMPAIGN[6], CAMPAIGN[7]), documents=Away(), budget=without_documents)

    assert failed == Failed(Lookup(("mitigation:masking",)))
    assert without_graph.degraded == ("graph: did not answer",)
    assert isinstance(compared, Failed)
    assert without_documents.degraded == ("documents: did not answer",)


def test_no_step_reads_more_nodes_than_are_left(ask: Ask) -> None:
    account = Budget(monotonic, seconds=5, nodes=3)

    found = ask(Around(FIRMWARE[6], hops=3), budget=account)

    assert isinstance(found, Surrounded)
    assert len(found.nodes) <= 3
    assert account.truncated


def test_a_list_that_is_cut_for_want_of_nodes_says_so_and_a_comparison_leaves_the_others_theirs(ask: Ask) -> None:
    few, rest = Budget(monotonic, seconds=5, nodes=3), Budget(monotonic, seconds=5, nodes=20)

    found = ask(Select(Selection(Label.INSTRUCTION, OF_7)), budget=few)
    ask(Compare(CAMPAIGN[6], CAMPAIGN[7]), budget=rest)

    assert isinstance(found, Listed)
    assert (len(found.nodes), found.total, few.truncated) == (3, 10, True)
    assert rest.nodes_left == 18


def test_what_has_no_structure_is_left_to_passages(corpus: Corpus) -> None:
    view = View(TENANT, (), corpus.graph, corpus.documents, Budget(monotonic, seconds=5))

    assert execute([Open()], view, hops=3) == []
    assert view.budget.spent.statements == 0


def test_unmatched_instructions_with_findings_are_new_leaks() -> None:
    documents = MemoryDocuments()
    corpus = Corpus(documents, MemoryGraph(), ExactVectors(documents), MemoryTexts())
    later = campaign(7)
    moved = instruction(7, "add_round_key", 0)
    later.nodes[CAMPAIGN[7]] = [
        replace(node, properties={**node.properties, "line": 99}) if node.id == moved else node
        for node in later.nodes[CAMPAIGN[7]]
    ]
    corpus.write(campaign(6), later)
    view = View(TENANT, (), corpus.graph, corpus.documents, Budget(monotonic, seconds=5))

    found = execute([Compare(CAMPAIGN[6], CAMPAIGN[7])], view, hops=3)[0]

    assert isinstance(found, Compared)
    assert [pair.after for pair in found.new_leaks] == [moved]
    assert (found.only_before, found.only_after) == (1, 1)
