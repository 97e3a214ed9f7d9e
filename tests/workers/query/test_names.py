"""The catalogue of names: exact, by parts, misspelt, and read from a graph."""

import pytest

from jobs.knowledge import Label, Link
from stores.graph import Node, Relation
from workers.query.names import Named, Names, load_names

SHA = "ab" * 32
BUILD = Named(f"firmware:{SHA}", Label.FIRMWARE, "aes128 build 7")


def functions(*found: str) -> list[Named]:
    return [Named(f"function:{SHA[:12]}:{name}", Label.FUNCTION, name, BUILD.id) for name in found]


def test_a_name_is_found_whatever_stands_between_its_letters() -> None:
    names = Names([*functions("sub_bytes")])

    assert [thing.name for thing in names.exact("subbytes")] == ["sub_bytes"]


def test_one_name_may_belong_to_several_things() -> None:
    other = Named("function:cdcdcdcdcdcd:sub_bytes", Label.FUNCTION, "sub_bytes")

    assert len(Names([*functions("sub_bytes"), other]).exact("subbytes")) == 2


def test_parts_of_a_name_find_it_and_not_what_only_adds_to_it() -> None:
    masked = Named("firmware:cd", Label.FIRMWARE, "aes128 build 7 masked")
    names = Names([BUILD, masked])

    assert names.holding(["aes", "7"], {Label.FIRMWARE}) == [BUILD]
    assert names.holding(["masked"], {Label.FIRMWARE}) == [masked]
    assert names.holding(["aes", "8"], {Label.FIRMWARE}) == []


def test_a_misspelt_name_is_found_but_never_another_number() -> None:
    names = Names(functions("sub_bytes_12", "mix_columns"))

    assert names.similar("mixcolums")[0][1] == "mixcolumns"
    assert names.similar("subytes12")[0][1] == "subbytes12"
    assert names.similar("subbytes13") == []


def test_the_start_of_a_digest_finds_its_firmware() -> None:
    names = Names([BUILD])

    assert names.digest("ababab") == [BUILD]
    assert names.digest("ac") == []


def test_files_are_found_by_the_end_of_their_path() -> None:
    names = Names([], files=["src/aes.c", "lib/aes.c", "lib/faes.c"])

    assert names.files_like("aes.c") == ["lib/aes.c", "src/aes.c"]
    assert names.files_like("lib/aes.c") == ["lib/aes.c"]


def test_a_secret_names_the_bytes_that_it_holds() -> None:
    names = Names([], secrets=["key bytes 0-2, 5", "key byte 3", "nonce"])

    assert names.secrets_of(1) == ["key bytes 0-2, 5"]
    assert names.secrets_of(5) == ["key bytes 0-2, 5"]
    assert names.secrets_of(4) == []
    assert names.secrets_of(None) == ["key byte 3", "key bytes 0-2, 5"]


def nodes() -> list[Node]:
    return [
        Node(Label.FIRMWARE, BUILD.id, {"name": BUILD.name, "sha256": SHA, "core": "cortex-m4"}),
        Node(Label.FUNCTION, f"function:{SHA[:12]}:encrypt", {"name": "encrypt", "firmware": BUILD.id}),
        Node(Label.INSTRUCTION, f"{SHA[:12]}:00000010", {"mnemonic": "EORS", "file": "src/aes.c", "address": 16}),
        Node(Label.CAMPAIGN, "campaign:j", {"name": "first", "firmware": BUILD.id, "created_at": 5.0, "tags": ",a,b,"}),
        Node(Label.VULNERABILITY, "vulnerability:j:1", {"secret": "key byte 3", "campaign": "campaign:j"}),
        Node(Label.MITIGATION, "mitigation:masking", {"name": "masking"}),
    ]


def test_the_catalogue_is_read_from_a_graph_without_what_is_hidden() -> None:
    memory = pytest.importorskip("stores.memory_graph")
    graph = memory.MemoryGraph()
    link = Relation(Link.MITIGATED_BY, "vulnerability:j:1", "mitigation:masking", {})
    graph.merge("t", nodes(), [link], batch="one")
    graph.merge("t", [Node(Label.FUNCTION, "function:x:secret", {"name": "secret"})], [], batch="two")

    names = load_names(graph, "t", hidden={"two"})

    assert {thing.name for thing in names.things} == {"aes128 build 7", "encrypt", "first", "masking"}
    assert names.mnemonics == {"eors": "EORS"}
    assert names.files == ("src/aes.c",)
    assert names.secrets == ("key byte 3",)
    assert names.mitigated == {"mitigation:masking": ("campaign:j",)}
    found = names.get("campaign:j")
    assert found is not None
    assert (found.at, found.tags, found.firmware) == (5.0, ("a", "b"), BUILD.id)
    assert not names.truncated


def test_a_catalogue_that_is_cut_says_so() -> None:
    memory = pytest.importorskip("stores.memory_graph")
    graph = memory.MemoryGraph()
    graph.merge("t", nodes(), [], batch="one")

    names = load_names(graph, "t", hidden=(), limit=2)

    assert names.truncated
    assert len(names) == 2
