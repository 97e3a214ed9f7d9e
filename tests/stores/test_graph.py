"""What every graph does; each test runs against memory, FalkorDB and Neo4j."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from jobs.errors import Conflict, InvalidInput, OutOfBudget
from stores.copying import CopiedGraph
from stores.graph import Condition, Graph, Hop, Node, Relation, Selection, Summary, Value
from stores.graph_falkordb import LONGEST_S
from stores.memory_graph import MemoryGraph
from tests.stores.graph_servers import (  # noqa: F401  # fixtures
    _neo4j_graph,
    falkor_graph,
    falkor_server,
    memory_graph,
    neo4j_graph,
    neo4j_server,
)

SEED = 7
ADAPTERS = ["memory", "falkor", "neo4j"]


@pytest.fixture(params=ADAPTERS)
def graph(request: pytest.FixtureRequest) -> Graph:
    """Return an empty graph of every kind that there is."""
    found: Graph = request.getfixturevalue(f"{request.param}_graph")
    return found


@pytest.fixture(params=ADAPTERS[1:])
def served(request: pytest.FixtureRequest) -> Graph:
    """Return an empty graph of every kind that has a server."""
    found: Graph = request.getfixturevalue(f"{request.param}_graph")
    return found


def instruction(node_id: str, **properties: Value) -> Node:
    return Node("Instruction", node_id, properties)


def ids(nodes: Any) -> list[str]:
    return [node.id for node in nodes]


def where(name: str, operator: Any, value: Any) -> Selection:
    return Selection("Instruction", (Condition(name, operator, value),))


def test_what_was_merged_comes_back_as_it_was(graph: Graph) -> None:
    text = "\"quoted\" 'single' `tick` back\\slash\nnew\ttab $x {y} é € 😀 \x01\x1d"
    given = instruction("i1", mnemonic=text, address=2**40 + 1, avg_energy=0.1, whole=2.0, tiny=1e-7, far=-(1e300**0.5))
    relation = Relation("PRECEDES", "i1", "i2", {"weight": 0.75, "batch_id": "b"})

    graph.merge("ana", [given, instruction("i2", flag=True)], [relation], batch="b")

    assert graph.nodes("ana", ["i2", "nope", "i1"]) == {"i2": instruction("i2", flag=True), "i1": given}
    assert list(graph.nodes("ana", ["i2", "i1"])) == ["i2", "i1"]
    assert graph.neighbourhood("ana", ["i1"], hops=1).relations == [relation]
    assert graph.counts("ana") == {"Instruction": 2}


def test_an_id_may_be_any_text(graph: Graph) -> None:
    strange = ["a|b", "'; MATCH (n) DETACH DELETE n //", '"}) RETURN 1', "é\\", "x`y", "*", "-a", "{b}", "ß", "x" * 900]

    graph.merge("ana", [instruction(one) for one in strange], [], batch="b' OR 1=1")

    assert ids(graph.nodes("ana", strange).values()) == strange
    assert set(ids(graph.select("ana", where("id", "in", tuple(strange))))) == set(strange)
    assert ids(graph.select("ana", where("id", "contains", '"}'))) == ['"}) RETURN 1']
    assert graph.remove("ana", "b' OR 1=1") == len(strange)


def test_text_is_found_as_it_is_written_whatever_an_index_makes_of_it(graph: Graph) -> None:
    texts = [
        "",
        " ",
        "a",
        "A",
        " a",
        "a ",
        "a\n",
        "\n",
        "a\x01b",
        "\x01",
        "x" * 5000,
        "a,b",
        "a|b",
        "*",
        "-a",
        "é",
        "É",
        "ss",
        "ß",
    ]
    # This label's property is indexed.
    graph.merge("ana", [instruction(f"i{at:02d}", mnemonic=text) for at, text in enumerate(texts)], [], batch="b")
    graph.merge("ana", [instruction("n", mnemonic=1)], [], batch="b")

    def found(operator: str, value: Any) -> list[Value]:
        return [node.properties["mnemonic"] for node in graph.select("ana", where("mnemonic", operator, value))]

    for text in texts:
        assert found("=", text) == [text]
        assert found("in", (text, "zz", 7)) == [text]
        assert found("starts", text) == [one for one in texts if one.startswith(text)]
        assert found("contains", text) == [one for one in texts if text in one]
        assert found(">=", text) == [one for one in texts if one >= text]
        assert found("<", text) == [one for one in texts if one < text]


@pytest.mark.parametrize("strange", ["i1 ", " i1", "i1\n", "i1\x01", ""])
def test_an_id_that_cannot_be_finds_nothing(graph: Graph, strange: str) -> None:
    graph.merge("ana", [instruction("i1"), instruction("i2")], [Relation("PRECEDES", "i1", "i2")], batch="b")

    assert graph.nodes("ana", [strange]) == {}
    assert graph.neighbourhood("ana", [strange], hops=1).nodes in ([], ())
    assert graph.ways("ana", strange, "i2", hops=2) == []
    assert graph.select("ana", where("id", "=", strange)) == []
    with pytest.raises(InvalidInput):
        graph.merge("ana", [instruction(strange)], [], batch="b")
    with pytest.raises(InvalidInput):
        graph.merge("ana", [], [], batch=strange)


def test_merging_again_changes_nothing_and_adds_what_is_new(graph: Graph) -> None:
    nodes = [instruction("i1", mnemonic="add", line=1), instruction("i2")]
    relations = [Relation("PRECEDES", "i1", "i2", {"weight": 1.0})]

    for _ in range(2):
        graph.merge("ana", nodes, relations, batch="b1")
    graph.merge("ana", [instruction("i1", line=2)], [Relation("PRECEDES", "i1", "i2", {"overlap": 3})], batch="b2")

    assert graph.counts("ana") == {"Instruction": 2}
    assert graph.nodes("ana", ["i1"])["i1"] == instruction("i1", mnemonic="add", line=2)
    around = graph.neighbourhood("ana", ["i1"], hops=1)
    assert around.relations == [Relation("PRECEDES", "i1", "i2", {"weight": 1.0, "overlap": 3})]


def test_one_call_may_name_a_thing_twice(graph: Graph) -> None:
    links = [Relation("PRECEDES", "i1", "i1", {"weight": 1}), Relation("PRECEDES", "i1", "i1", {"overlap": 2})]

    graph.merge("ana", [instruction("i1", line=1), instruction("i1", mnemonic="add")], links, batch="b")

    assert graph.nodes("ana", ["i1"])["i1"].properties == {"line": 1, "mnemonic": "add"}
    assert graph.neighbourhood("ana", ["i1"], hops=1).relations == [
        Relation("PRECEDES", "i1", "i1", {"weight": 1, "overlap": 2})
    ]


def test_a_relation_that_misses_an_end_is_not_made(graph: Graph) -> None:
    graph.merge(
        "ana", [instruction("i1")], [Relation("PRECEDES", "i1", "i2"), Relation("PRECEDES", "i0", "i1")], batch="b"
    )
    graph.merge("ana", [instruction("i2")], [], batch="b")

    assert graph.neighbourhood("ana", ["i1"], hops=2).relations == []


def test_an_id_has_one_label(graph: Graph) -> None:
    graph.merge("ana", [instruction("x")], [], batch="b")

    with pytest.raises(Conflict):
        graph.merge("ana", [Node("Function", "x")], [], batch="b")

    assert graph.counts("ana") == {"Instruction": 1}


def test_tenants_do_not_see_each_other_though_their_ids_are_equal(graph: Graph) -> None:
    for tenant, energy in (("ana", 1.5), ("bo", 2.5)):
        nodes = [instruction("i1", avg_energy=energy), instruction("i2", avg_energy=energy)]
        graph.merge(tenant, nodes, [Relation("PRECEDES", "i1", "i2", {"weight": energy})], batch="b")
    chain = Selection("Instruction", hops=(Hop("PRECEDES", "Instruction"),), take=1)

    for tenant, energy in (("ana", 1.5), ("bo", 2.5)):
        seen = [
            *graph.select(tenant, Selection("Instruction")),
            *graph.select(tenant, chain),
            *graph.nodes(tenant, ["i1", "i2"]).values(),
            *graph.neighbourhood(tenant, ["i1"], hops=3).nodes,
            *graph.ways(tenant, "i1", "i2", hops=3)[0].nodes,
        ]
        assert len(seen) == 9
        assert {node.properties["avg_energy"] for node in seen} == {energy}
        assert [one.properties for one in graph.neighbourhood(tenant, ["i1"], hops=3).relations] == [{"weight": energy}]
        assert graph.summarise(tenant, Selection("Instruction"), of="avg_energy")[0].total == 2 * energy
        assert graph.counts(tenant) == {"Instruction": 2}
    assert graph.remove("ana", "b") == 3
    assert graph.counts("bo") == {"Instruction": 2}
    graph.merge("ana", [instruction("i9")], [], batch="b")
    graph.erase("bo")
    assert (graph.counts("ana"), graph.counts("bo")) == ({"Instruction": 1}, {})
    graph.erase("bo")


def test_all_of_a_tenant_is_read_page_by_page(graph: Graph) -> None:
    nodes = [instruction(f"i{number}", line=number) for number in range(7)]
    relations = [Relation("PRECEDES", f"i{number}", f"i{number + 1}", {"weight": number}) for number in range(6)]
    graph.merge("ana", nodes, [*relations, Relation("PRECEDES", "i0", "i5", {})], batch="b")
    graph.merge("bo", nodes[:2], relations[:1], batch="b")

    read: list[Node] = []
    after = -1
    while page := graph.page("ana", after=after, limit=3):
        read += [node for _, node in page]
        after = page[-1][0]
    found = graph.relations("ana", ["i0", "i3", "i6", "nope"])

    assert sorted(read, key=lambda node: node.id) == nodes
    assert found == [relations[0], Relation("PRECEDES", "i0", "i5", {}), relations[3]]
    assert len(graph.page("bo", after=-1, limit=9)) == 2
    assert graph.page("nobody", after=-1, limit=9) == []
    assert graph.relations("nobody", ["i0"]) == []


def test_all_of_a_tenant_is_copied_with_its_batches_and_can_be_put_back(graph: CopiedGraph) -> None:
    nodes = [instruction(f"i{number}", line=number) for number in range(5)]
    relations = [Relation("PRECEDES", f"i{number}", f"i{number + 1}", {"weight": number}) for number in range(4)]
    graph.merge("ana", nodes, relations, batch="b")
    graph.merge("ana", nodes[:2], relations[:1], batch="a")

    def copied() -> list[tuple[object, list[str]]]:
        found: list[tuple[object, list[str]]] = []
        place: int | None = -1
        while place is not None:
            piece = graph.copy("ana", after=place, limit=2)
            found += [(thing, sorted(batches)) for thing, batches in (*piece.nodes, *piece.relations)]
            place = piece.place
        return sorted(found, key=str)

    there = copied()
    tenants = graph.tenants()
    graph.erase("ana")
    gone = graph.tenants()
    graph.merge_all("ana", {"b": (nodes, []), "a": (nodes[:2], [])})
    graph.merge_all("ana", {"b": ([], relations), "a": ([], relations[:1])})

    both = [nodes[0], nodes[1], relations[0]]
    alone = [*nodes[2:], *relations[1:]]
    assert there == sorted([*((one, ["a", "b"]) for one in both), *((one, ["b"]) for one in alone)], key=str)
    assert copied() == there
    assert ("ana" in tenants, "ana" in gone) == (True, False)


def test_a_tenant_that_has_nothing_is_empty(graph: Graph) -> None:
    assert graph.select("ana", Selection("Instruction")) == []
    assert graph.summarise("ana", Selection("Instruction"), of="line") == [Summary(None, 0)]
    assert graph.summarise("ana", Selection("Instruction"), by="line") == []
    assert graph.nodes("ana", ["i1"]) == {}
    assert graph.neighbourhood("ana", ["i1"], hops=2).nodes in ([], ())
    assert graph.ways("ana", "i1", "i2", hops=2) == []
    assert graph.remove("ana", "b") == 0
    graph.revise("ana", [instruction("i1", line=1)])
    assert graph.counts("ana") == {}


def test_revising_replaces_and_removes_properties_of_what_is_there(graph: Graph) -> None:
    graph.merge("ana", [instruction("i1", line=1, mnemonic="add", avg_energy=1.0)], [], batch="b")

    graph.revise("ana", [instruction("i1", line=2, mnemonic=None), instruction("new", line=3)])

    assert graph.nodes("ana", ["i1", "new"]) == {"i1": instruction("i1", line=2, avg_energy=1.0)}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (("mnemonic", "=", "add"), ["i1"]),
        (("mnemonic", "<>", "add"), ["i2", "i4"]),
        (("mnemonic", "in", ("add", "Add", "5")), ["i1", "i2"]),
        (("mnemonic", "in", ()), []),
        (("mnemonic", "contains", "d"), ["i1", "i2"]),
        (("mnemonic", "contains", "A"), ["i2"]),
        (("mnemonic", "starts", "a"), ["i1"]),
        (("mnemonic", ">=", "a"), ["i1"]),
        (("mnemonic", "<", 7), ["i4"]),
        (("mnemonic", "<>", 5), ["i1", "i2"]),
        (("line", "=", 2), ["i2"]),
        (("line", "=", 2.0), ["i2"]),
        (("line", "=", "2"), []),
        (("line", ">", 1.5), ["i2", "i3"]),
        (("line", "<=", 2), ["i1", "i2"]),
        (("line", "contains", "2"), []),
        (("flag", "=", True), ["i1"]),
        (("flag", "=", 1), ["i3"]),
        (("flag", "<>", True), ["i2", "i3"]),
        (("id", "=", "i2"), ["i2"]),
        (("id", "in", ("i2", "i4", "zz")), ["i2", "i4"]),
        (("id", ">", "i2"), ["i3", "i4"]),
        (("nothing", "<>", 1), []),
    ],
)
def test_conditions_compare_values_of_one_kind(graph: Graph, condition: tuple[str, Any, Any], found: list[str]) -> None:
    nodes = [
        instruction("i1", mnemonic="add", line=1, flag=True),
        instruction("i2", mnemonic="Add", line=2, flag=False),
        instruction("i3", line=3.5, flag=1),
        instruction("i4", mnemonic=5),
    ]
    graph.merge("ana", nodes, [], batch="b")

    assert ids(graph.select("ana", where(*condition))) == found


def test_selections_follow_chains_and_take_any_position(graph: Graph) -> None:
    nodes = [
        *(instruction(f"i{number}", line=number, firmware="f1") for number in range(4)),
        *(
            Node("SecurityVulnerability", f"v{number}", {"severity": severity})
            for number, severity in enumerate(("high", "low"))
        ),
        Node("Campaign", "c1", {"name": "one"}),
        Node("Campaign", "c2", {"name": "two"}),
    ]
    relations = [
        Relation("LEAKS_INFORMATION", "i0", "v0"),
        Relation("LEAKS_INFORMATION", "i1", "v0"),
        Relation("LEAKS_INFORMATION", "i2", "v1"),
        Relation("MEASURED_IN", "v0", "c1"),
        Relation("MEASURED_IN", "v1", "c2"),
        Relation("MEASURED_IN", "i3", "c1"),
    ]
    graph.merge("ana", nodes, relations, batch="b")
    leaks = Hop("LEAKS_INFORMATION", "SecurityVulnerability", where=(Condition("severity", "=", "high"),))
    measured = Hop("MEASURED_IN", "Campaign", where=(Condition("name", "=", "one"),))
    chain = Selection("Instruction", hops=(leaks, measured))
    backward = Selection(
        "Campaign",
        (Condition("id", "=", "c1"),),
        (
            Hop("MEASURED_IN", "SecurityVulnerability", forward=False),
            Hop("LEAKS_INFORMATION", "Instruction", forward=False),
        ),
        take=2,
        order_by="line",
        descending=True,
    )

    assert [ids(graph.select("ana", replace(chain, take=take))) for take in range(3)] == [["i0", "i1"], ["v0"], ["c1"]]
    assert ids(graph.select("ana", backward)) == ["i1", "i0"]
    assert graph.summarise("ana", replace(backward, limit=1), of="line")[0].count == 2
    there_and_back = Selection(
        "Instruction",
        (Condition("line", "=", 0),),
        (leaks, Hop("LEAKS_INFORMATION", "Instruction", forward=False)),
        take=2,
    )
    assert ids(graph.select("ana", there_and_back)) == ["i0", "i1"]


def test_an_order_leaves_out_what_has_no_value_and_breaks_ties_by_id(graph: Graph) -> None:
    values: dict[str, Value] = {"i5": 2, "i4": 2.0, "i3": -1.5, "i2": "b", "i1": "a", "i6": True}
    graph.merge(
        "ana", [*(instruction(key, line=value) for key, value in values.items()), instruction("i0")], [], batch="b"
    )
    selection = Selection("Instruction", order_by="line")

    assert ids(graph.select("ana", selection)) == ["i1", "i2", "i6", "i3", "i4", "i5"]
    assert ids(graph.select("ana", replace(selection, descending=True))) == ["i4", "i5", "i3", "i6", "i2", "i1"]
    assert ids(graph.select("ana", replace(selection, limit=2))) == ["i1", "i2"]
    assert ids(graph.select("ana", Selection("Instruction", limit=3))) == ["i0", "i1", "i2"]


def test_the_first_of_many_are_the_first_of_all(graph: Graph) -> None:
    rng = random.Random(SEED)
    for tenant, values in (
        ("ana", [rng.gauss(0, 1) for _ in range(3000)]),
        # What a server comes upon first is the least, and what comes next is much alike.
        ("bo", [*range(1500), *[5000] * 1500]),
    ):
        known = {f"i{number:04d}": round(value, 9) for number, value in enumerate(values)}
        graph.merge(tenant, [instruction(key, avg_energy=value) for key, value in known.items()], [], batch="b")
        for descending in (False, True):
            wanted = sorted(known, key=lambda key: (-known[key] if descending else known[key], key))
            for limit in (1, 10, 300, 2999):
                selection = Selection("Instruction", order_by="avg_energy", descending=descending, limit=limit)

                assert ids(graph.select(tenant, selection)) == wanted[:limit]


def test_summaries_count_and_describe(graph: Graph) -> None:
    lines: list[tuple[str, Value]] = [("add", 1), ("add", 2), ("add", 4.5), ("mul", 7), ("mul", "x"), ("eor", True)]
    nodes = [instruction(f"i{number}", mnemonic=name, line=value) for number, (name, value) in enumerate(lines)]
    graph.merge("ana", [*nodes, instruction("i9", line=3)], [], batch="b")
    every = Selection("Instruction", limit=1)

    [whole] = graph.summarise("ana", every, of="line")
    grouped = graph.summarise("ana", every, of="line", by="mnemonic")

    assert (whole.key, whole.count, whole.total, whole.minimum, whole.maximum) == (None, 5, 17.5, 1, 7)
    assert whole.mean == pytest.approx(3.5)
    assert whole.sd == pytest.approx(2.345207879911715)
    assert [(one.key, one.count) for one in grouped] == [("add", 3), ("mul", 1), (None, 1)]
    assert (grouped[1].mean, grouped[1].sd) == (7, None)
    assert graph.summarise("ana", every, by="mnemonic") == [
        Summary("add", 3),
        Summary("mul", 2),
        Summary("eor", 1),
        Summary(None, 1),
    ]
    assert graph.summarise("ana", every) == [Summary(None, 7)]
    assert graph.summarise("ana", where("line", ">", 100), of="line") == [Summary(None, 0)]


def test_a_neighbourhood_is_ordered_by_distance_and_id(graph: Graph) -> None:
    nodes = [instruction(key) for key in "abcdef"]
    pairs = ["ba", "bd", "dc", "ce", "ef", "ad"]
    graph.merge("ana", nodes, [Relation("PRECEDES", *pair) for pair in pairs], batch="b")

    around = graph.neighbourhood("ana", ["b", "nope"], hops=2)

    assert ids(around.nodes) == ["b", "a", "d", "c"]
    assert around.distances == {"b": 0, "a": 1, "d": 1, "c": 2}
    assert [one.source + one.target for one in around.relations] == ["ad", "ba", "bd", "dc"]
    assert not around.truncated
    cut = graph.neighbourhood("ana", ["b"], hops=2, limit=2)
    assert (ids(cut.nodes), cut.truncated) == (["b", "a"], True)
    assert ids(graph.neighbourhood("ana", ["f", "b"], hops=0).nodes) == ["b", "f"]


def test_a_hub_costs_no_more_than_the_limit(graph: Graph) -> None:
    spokes = [instruction(f"i{number:05d}") for number in range(5000)]
    links = [Relation("MEASURED_IN", spoke.id, "hub") for spoke in spokes]
    links += [Relation("MENTIONS", "hub", spoke.id) for spoke in spokes]
    graph.merge("ana", [Node("Campaign", "hub"), *spokes], links, batch="b")

    for seed, distance in (("hub", 1), ("i00007", 2)):
        around = graph.neighbourhood("ana", [seed], hops=3, limit=100, budget_s=LONGEST_S)

        assert len(around.nodes) == 100
        assert around.truncated
        assert max(around.distances.values()) == distance
        assert len(around.relations) == 2 * 99


def test_ways_are_the_shortest_in_a_fixed_order(graph: Graph) -> None:
    nodes = [instruction(key) for key in "abcdefgz"]
    pairs = ["ab", "ca", "bd", "cd", "de", "ae", "fg"]
    relations = [Relation("PRECEDES", *pair) for pair in pairs]
    relations += [Relation("CORRELATES_WITH", "b", "a", {"weight": 0.9})]
    graph.merge("ana", nodes, relations, batch="b")

    found = graph.ways("ana", "a", "d", hops=4)

    assert ["".join(ids(way.nodes)) for way in found] == ["abd", "acd", "aed"]
    assert found[0].relations == [
        Relation("CORRELATES_WITH", "b", "a", {"weight": 0.9}),
        Relation("PRECEDES", "b", "d"),
    ]
    assert ["".join(ids(way.nodes)) for way in graph.ways("ana", "d", "a", hops=2, limit=2)] == ["dba", "dca"]
    assert graph.ways("ana", "a", "d", hops=1) == []
    assert graph.ways("ana", "a", "f", hops=5) == []
    assert [ids(way.nodes) for way in graph.ways("ana", "z", "z", hops=1)] == [["z"]]


def test_what_belongs_to_hidden_batches_alone_is_not_seen(graph: Graph) -> None:
    graph.merge(
        "ana", [instruction("a", line=1), instruction("b", line=2)], [Relation("PRECEDES", "a", "b")], batch="old"
    )
    fresh = [Relation("PRECEDES", "b", "c"), Relation("CORRELATES_WITH", "a", "b"), Relation("PRECEDES", "a", "b")]
    graph.merge("ana", [instruction("b"), instruction("c", line=3)], fresh, batch="new")
    chain = Selection("Instruction", hops=(Hop("PRECEDES", "Instruction"),), take=1)

    assert ids(graph.select("ana", chain)) == ["b", "c"]
    assert ids(graph.select("ana", chain, hidden={"new"})) == ["b"]
    assert graph.summarise("ana", Selection("Instruction"), of="line", hidden=["new"])[0].count == 2
    assert graph.nodes("ana", ["a", "c"], hidden=["new"]).keys() == {"a"}
    around = graph.neighbourhood("ana", ["a"], hops=3, hidden=["new"])
    assert (ids(around.nodes), [one.kind for one in around.relations]) == (["a", "b"], ["PRECEDES"])
    assert graph.neighbourhood("ana", ["c"], hops=1, hidden=["new"]).nodes in ([], ())
    assert graph.ways("ana", "a", "c", hops=3, hidden=["new"]) == []
    assert len(graph.ways("ana", "a", "c", hops=3, hidden=["other"])) == 1
    assert graph.select("ana", Selection("Instruction"), hidden=["new", "old"]) == []


def test_a_removed_batch_leaves_nothing_and_takes_nothing_of_others(graph: Graph) -> None:
    graph.merge("ana", [instruction("a"), instruction("b")], [Relation("PRECEDES", "a", "b")], batch="old")
    fresh = [Relation("PRECEDES", "a", "b"), Relation("PRECEDES", "b", "c"), Relation("UNHEARD_OF", "a", "b")]
    graph.merge("ana", [instruction("b"), instruction("c")], fresh, batch="new")
    graph.merge("ana", [], [Relation("PRECEDES", "c", "a")], batch="third")

    # c, b -> c, a -> b of the unheard kind; and c -> a, which has lost an end.
    assert graph.remove("ana", "new") == 4
    assert graph.remove("ana", "new") == 0
    around = graph.neighbourhood("ana", ["a"], hops=3)
    assert (ids(around.nodes), [one.kind for one in around.relations]) == (["a", "b"], ["PRECEDES"])
    assert ids(graph.select("ana", Selection("Instruction"), hidden=["new"])) == ["a", "b"]
    assert graph.remove("ana", "old") == 3
    assert graph.counts("ana") == {}


def test_several_batches_at_once_are_as_if_they_came_one_after_the_other(graph: Graph) -> None:
    parts = {
        "one": ([instruction("a", line=1), instruction("e", mnemonic="add")], [Relation("PRECEDES", "a", "e")]),
        "two": (
            [instruction("b"), instruction("e", line=9)],
            [Relation("PRECEDES", "b", "e"), Relation("PRECEDES", "a", "e")],
        ),
        "three": ([], [Relation("PRECEDES", "b", "a"), Relation("PRECEDES", "b", "nowhere")]),
    }
    for batch, (nodes, relations) in parts.items():
        graph.merge("ben", nodes, relations, batch=batch)

    graph.merge_all("ana", parts)
    graph.merge_all("ana", parts)
    graph.merge_all("ana", {})

    def state(tenant: str, *hidden: str) -> tuple[Any, Any]:
        found = graph.neighbourhood(tenant, ["a", "b", "e"], hops=1, hidden=hidden)
        return found.nodes, found.relations

    for hidden in ((), ("one",), ("two",), ("three",), ("one", "two"), ("one", "two", "three")):
        assert state("ana", *hidden) == state("ben", *hidden), hidden
    assert graph.nodes("ana", ["e"])["e"] == instruction("e", mnemonic="add", line=9)


def test_several_batches_are_removed_as_one_after_the_other(graph: Graph) -> None:
    for tenant in ("ana", "ben"):
        graph.merge(tenant, [instruction("a"), instruction("e")], [Relation("PRECEDES", "a", "e")], batch="one")
        graph.merge(tenant, [instruction("b"), instruction("e")], [Relation("PRECEDES", "a", "e")], batch="two")
        graph.merge(tenant, [instruction("e"), instruction("c")], [Relation("PRECEDES", "c", "e")], batch="three")

    graph.remove("ana", "one", "two", "never there")
    for batch in ("one", "two"):
        graph.remove("ben", batch)

    assert graph.remove("ana") == 0
    assert ids(graph.select("ana", Selection("Instruction"))) == ["c", "e"]
    assert graph.neighbourhood("ana", ["e"], hops=1) == graph.neighbourhood("ben", ["e"], hops=1)
    graph.remove("ana", "three")
    assert graph.counts("ana") == {}


def test_large_batches_are_written_and_removed_in_pieces(graph: Graph) -> None:
    nodes = [instruction(f"i{number:05d}") for number in range(6000)]
    links = [Relation("PRECEDES", one.id, other.id) for one, other in pairwise(nodes)]
    graph.merge("ana", nodes, links, batch="big")
    graph.merge("ana", nodes[:5500], links[:5500], batch="other")

    assert graph.counts("ana") == {"Instruction": 6000}
    assert graph.remove("ana", "big") == 500 + 500
    assert graph.counts("ana") == {"Instruction": 5500}
    assert graph.remove("ana", "other") == 5500 + 5499


@pytest.mark.parametrize(
    "bad",
    [
        lambda graph: graph.merge("ana", [Node("Bad Label", "x")], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", **{"a`b": 1})], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", uid="y")], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", line=float("nan"))], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", line=float("inf"))], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", line=2**63)], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", line=None)], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("x", name="zero\0byte")], [], batch="b"),
        lambda graph: graph.merge("ana", [instruction("half\ud800")], [], batch="b"),
        lambda graph: graph.merge("a|b", [instruction("x")], [], batch="b"),
        lambda graph: graph.merge("ana", [], [Relation("A-B", "x", "y")], batch="b"),
        lambda graph: graph.revise("ana", [instruction("x", **{"1st": 1})]),
        lambda graph: graph.select("ana", Selection("Instruction) DETACH DELETE (n")),
        lambda graph: graph.select("ana", Selection("Instruction", limit=0)),
        lambda graph: graph.select("ana", Selection("Instruction", limit=10**6)),
        lambda graph: graph.select("ana", Selection("Instruction", take=1)),
        lambda graph: graph.select("ana", Selection("Instruction", order_by="a b")),
        lambda graph: graph.select("ana", where("a b", "=", 1)),
        lambda graph: graph.select("ana", where("line", "in", 1)),
        lambda graph: graph.select("ana", where("line", "=", (1, 2))),
        lambda graph: graph.select("ana", where("line", "=", None)),
        lambda graph: graph.select("ana", where("line", "contains", 1)),
        lambda graph: graph.select("ana", where("line", "<", value=True)),
        lambda graph: graph.summarise("ana", Selection("Instruction"), of="a b"),
        lambda graph: graph.summarise("ana", Selection("Instruction"), by="a b"),
        lambda graph: graph.neighbourhood("ana", ["x"], hops=99),
        lambda graph: graph.neighbourhood("ana", ["x"], hops=1, limit=0),
        lambda graph: graph.ways("ana", "x", "y", hops=-1),
    ],
)
def test_what_means_nothing_is_refused_by_name(graph: Graph, bad: Any) -> None:
    graph.merge("ana", [instruction("i1", line=1)], [], batch="b")

    with pytest.raises(InvalidInput) as refusal:
        bad(graph)

    assert refusal.value.field


def test_migrations_run_twice_and_at_the_same_time(served: Graph) -> None:
    served.merge("ana", [instruction("i1")], [], batch="b")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(served.migrate) for _ in range(8)]:
            done.result()
    served.migrate()

    assert served.counts("ana") == {"Instruction": 1}


def test_first_writers_of_a_tenant_do_not_disturb_each_other(served: Graph) -> None:
    parts = [[instruction(f"i{number}") for number in range(start, start + 5)] for start in range(0, 40, 4)]

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(served.merge, "bo", part, [], batch=f"b{at}") for at, part in enumerate(parts)]:
            done.result()

    assert served.counts("bo") == {"Instruction": 41}


def test_what_takes_too_long_is_given_up(graph: Graph) -> None:
    nodes = [instruction(f"i{number:04d}", line=number) for number in range(3000)]
    graph.merge("ana", nodes, [Relation("PRECEDES", node.id, nodes[0].id) for node in nodes], batch="b")

    chain = tuple(Hop("PRECEDES", "Instruction", forward=forward) for forward in (True, False, True, False))
    with pytest.raises(OutOfBudget):
        graph.select("ana", Selection("Instruction", hops=chain), budget_s=1e-9)
    with pytest.raises(OutOfBudget):
        graph.summarise("ana", Selection("Instruction", hops=chain), of="line", budget_s=1e-9)
    with pytest.raises(OutOfBudget):
        graph.ways("ana", "i0001", "i0002", hops=3, budget_s=1e-9)
    assert graph.neighbourhood("ana", ["i0000"], hops=3, budget_s=1e-9).truncated


def test_servers_answer_as_memory_does(served: Graph) -> None:
    rng = random.Random(SEED)
    for round_number in range(6):
        reference = MemoryGraph()
        tenant = "ana" if round_number % 2 else "bo"
        served.erase(tenant)
        for batch in ("b0", "b1", "b2"):
            nodes, relations = _some(rng)
            for graph in (reference, served):
                graph.merge(tenant, nodes, relations, batch=batch)
        if rng.random() < 0.3:
            assert served.remove(tenant, "b1") == reference.remove(tenant, "b1")
        for _ in range(6):
            hidden = rng.sample(["b0", "b1", "b2"], rng.choice([0, 0, 1, 2]))
            selection = _selection(rng)
            assert served.select(tenant, selection, hidden=hidden) == reference.select(tenant, selection, hidden=hidden)
            by = rng.choice([None, "mnemonic"])
            got, wanted = (
                one.summarise(tenant, selection, of="line", by=by, hidden=hidden) for one in (served, reference)
            )
            assert [_rounded(one) for one in got] == [_rounded(one) for one in wanted]
            seeds, hops, limit = rng.sample(IDS, 2), rng.randrange(4), rng.choice([1, 3, 6, 100])
            got_near, near = (
                one.neighbourhood(tenant, seeds, hops=hops, limit=limit, hidden=hidden) for one in (served, reference)
            )
            assert (list(got_near.nodes), list(got_near.relations)) == (list(near.nodes), list(near.relations))
            assert (got_near.distances, got_near.truncated) == (near.distances, near.truncated)
            ways = [one.ways(tenant, *seeds, hops=4, limit=3, hidden=hidden) for one in (served, reference)]
            assert ways[0] == ways[1]
        assert served.counts(tenant) == reference.counts(tenant)


IDS = [f"n{number}" for number in range(12)]
LABELS = ("Instruction", "Function", "Campaign")
KINDS = ("PART_OF", "PRECEDES", "MEASURED_IN")


def _label(node_id: str) -> str:
    return LABELS[int(node_id[1:]) % len(LABELS)]


def _some(rng: random.Random) -> tuple[list[Node], list[Relation]]:
    nodes = []
    for one in rng.sample(IDS, 6):
        properties: dict[str, Value] = {
            "line": rng.choice([1, 2, 2.5, -3]),
            "mnemonic": rng.choice(["add", "Add", "mul"]),
        }
        dropped = rng.choice([*properties, None])
        nodes.append(Node(_label(one), one, {name: value for name, value in properties.items() if name != dropped}))
    relations = [
        Relation(rng.choice(KINDS), rng.choice(IDS), rng.choice(IDS), {"weight": rng.choice([0.5, 0.75])})
        for _ in range(12)
    ]
    return nodes, relations


def _conditions(rng: random.Random) -> tuple[Condition, ...]:
    every = [
        Condition("line", rng.choice(("<", "<=", ">", ">=", "=", "<>")), rng.choice([1, 2, 2.5])),
        Condition("mnemonic", rng.choice(("contains", "starts", "=", "<>")), rng.choice(["a", "A", "add"])),
        Condition("id", "in", tuple(rng.sample(IDS, 6))),
    ]
    return tuple(rng.sample(every, rng.choice([0, 0, 1, 2])))


def _selection(rng: random.Random) -> Selection:
    hops = tuple(
        Hop(rng.choice(KINDS), rng.choice(LABELS), rng.random() < 0.5, _conditions(rng) if rng.random() < 0.3 else ())
        for _ in range(rng.choice([0, 1, 1, 2, 3]))
    )
    return Selection(
        rng.choice(LABELS),
        _conditions(rng),
        hops,
        rng.randrange(len(hops) + 1),
        rng.choice([None, "line", "mnemonic"]),
        rng.random() < 0.5,
        rng.choice([1, 3, 100]),
    )


def _rounded(one: Summary) -> tuple[Any, ...]:
    figures = (one.total, one.mean, one.sd, one.minimum, one.maximum)
    return (one.key, one.count, *(None if value is None else round(value, 9) + 0.0 for value in figures))
