from stores.graph import Node
from tests.workers.query.small_corpus import FIRMWARE
from tests.workers.query.small_farm import Farm
from workers.query.abstain import understood
from workers.query.apart import telling
from workers.query.outcome import Explained
from workers.query.plan import Explain, Open, Reading


def test_a_sentence_says_which_firmware_it_is_about_where_two_have_the_name() -> None:
    answer = Farm.full().ask("Why does key_expand leak?")

    told = [claim for claim in answer.claims if "key_expand leaks the key" in claim.text]
    assert [claim.text.split(" leaks")[0] for claim in told] == ["key_expand (build 6)", "key_expand (build 7)"]
    assert all("within" not in item.properties for item in answer.cited)


def test_the_one_of_two_of_a_name_without_findings_is_silent_where_the_other_has_some() -> None:
    answer = Farm.full().ask("Why does sub_bytes leak?")

    assert answer.claims[0].text.startswith("sub_bytes (build 6) leaks")
    assert "No finding" not in answer.answer
    assert answer.looked_for == ("why: sub_bytes",)


def test_all_are_told_where_none_found_anything() -> None:
    steps = [Explain("function:a:one"), Explain("function:b:one")]
    outcomes = [Explained(step, Node("Function", step.id, {"name": "one"})) for step in steps]

    assert telling(outcomes, {id(step): "why: one" for step in steps}) == outcomes


def test_instructions_that_read_alike_are_told_apart_by_address_and_build() -> None:
    answer = Farm.full().ask("What is the average power of the instruction at 0x00000100?")

    assert "0x00000100, build 6)" in answer.answer
    assert "0x00000100, build 7)" in answer.answer
    assert {item.properties["firmware"] for item in answer.cited if item.kind == "Instruction"} == set(
        FIRMWARE.values()
    )


def reading(unknown: tuple[str, ...], *notes: str) -> Reading:
    said = ("passages about the question", *notes)
    return Reading("q", "en", "q", (), unknown, (Open(),), 0.0, said=said)


def test_a_word_that_stands_in_the_evidence_is_not_unknown() -> None:
    before = reading(("EFM32", "PIC18"), "EFM32 is not known; did you mean EFR32?", "Nothing is recorded about PIC18")

    after = understood(before, ["The detector of the EFM32 trips at 2.1 volts."])

    assert after.unknown == ("PIC18",)
    assert after.said == ("passages about the question", "Nothing is recorded about PIC18")


def test_no_name_is_proposed_instead_of_itself() -> None:
    before = reading(("EFM32",), "EFM32 is not known; did you mean efm32?", "AVR is not known; did you mean ARM?")

    assert understood(before, ()).said == ("passages about the question", "AVR is not known; did you mean ARM?")
