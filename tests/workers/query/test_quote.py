from stores.graph import Node
from workers.query.phrase import WORDS
from workers.query.quote import quotes
from workers.query.rank import asked_for
from workers.query.retrieve import Passed


def passed(kind: str, text: str, node: Node | None = None) -> Passed:
    nodes = [node] if node is not None else []
    ids = tuple(one.id for one in nodes)
    return Passed(
        f"{kind}:1", kind, text, nodes, ids, ("document:notes",), 0.8, 0.7, 0.5, by_words=True, by_meaning=True
    )


SCOPE = Node("Entity", "entity:oscilloscope", {"name": "oscilloscope"})
ASKED = asked_for("What records voltages?")


def test_a_quotation_of_a_thing_does_not_say_its_name_twice() -> None:
    claim = quotes([passed("entity", "Oscilloscope: Records voltages over time.", SCOPE)], ASKED, WORDS["en"])[0]

    assert claim.text == "oscilloscope: “Records voltages over time.”"
    assert claim.evidence == (SCOPE.id,)


def test_things_of_which_passages_say_no_more_than_their_names_are_named_and_not_quoted() -> None:
    firmware = Node("Firmware", "firmware:7", {"name": "aes128 build 7"})
    found = [passed("entity", "firmware aes128 build 7", firmware), passed("entity", "oscilloscope", SCOPE)]

    claims = quotes(found, ASKED, WORDS["en"])

    assert [claim.text for claim in claims] == ["Related: aes128 build 7; oscilloscope."]
    assert claims[0].evidence == (firmware.id, SCOPE.id)


def test_a_part_of_a_document_is_quoted_word_for_word_with_its_document() -> None:
    claim = quotes([passed("chunk", "A scope records voltages. It is loud.")], ASKED, WORDS["en"])[0]

    assert claim.text.startswith("notes: “A scope records voltages.")
