"""What words of a question are linked to."""

import pytest

from jobs.knowledge import Label
from workers.query.linking import link
from workers.query.names import Named, Names
from workers.query.normal import normal
from workers.query.planner_link import Links
from workers.query.planner_tokens import tokens

SHA = {"aes128 build 6": "6a" * 32, "aes128 build 7": "7b" * 32, "compare build 7": "c7" * 32}
FIRMWARE = {name: f"firmware:{sha}" for name, sha in SHA.items()}
NAMES = Names(
    [
        *(Named(id_, Label.FIRMWARE, name) for name, id_ in FIRMWARE.items()),
        *(
            Named(f"function:{SHA[build][:12]}:{name}", Label.FUNCTION, name, FIRMWARE[build])
            for build in ("aes128 build 6", "aes128 build 7")
            for name in ("encrypt", "sub_bytes", "compare", "aes128_round_12")
        ),
        Named("campaign:0a0a0a0a-0000-4000-8000-000000000000", Label.CAMPAIGN, "Early-exit compare, Cortex-M4"),
        Named("mitigation:masking", Label.MITIGATION, "masking"),
        Named("entity:symbol:mix-columns", Label.ENTITY, "mix_columns"),
    ],
    mnemonics=["and", "eors"],
    files=["src/aes.c"],
)


def linked(question: str) -> Links:
    text = normal(question)
    return link(text, tokens(text, "en"), NAMES)


def ids(question: str) -> set[str]:
    return {thing.id for found in linked(question).linked for thing in found.things}


@pytest.mark.parametrize(
    "question",
    ["the aes128 build 7", "AES128_BUILD-7", "the AES of build 7", "el AES de build 7", "7b7b7b7b", "`aes128 build 7`"],
)
def test_a_build_is_found_by_its_name_its_parts_and_its_digest(question: str) -> None:
    assert ids(question) == {FIRMWARE["aes128 build 7"]}


def test_a_part_that_several_names_hold_links_them_all() -> None:
    assert ids("leaks of build 7") == {FIRMWARE["aes128 build 7"], FIRMWARE["compare build 7"]}


def test_a_second_number_belongs_to_the_same_head() -> None:
    assert ids("compare aes128 build 6 and 7") >= {FIRMWARE["aes128 build 6"], FIRMWARE["aes128 build 7"]}


@pytest.mark.parametrize(
    "question", ["function sub_bytes", "energy of subBytes", "sub bytes", "sub_bytse", "SUB-BYTES()"]
)
def test_a_function_is_found_in_every_build_whatever_its_spelling(question: str) -> None:
    (found,) = linked(question).linked

    assert found.label == Label.FUNCTION
    assert {thing.name for thing in found.things} == {"sub_bytes"}
    assert len(found.things) == 2


def test_a_typo_costs_certainty() -> None:
    (found,) = linked("energy of encyrpt").linked

    assert 0.8 <= found.score < 1


def test_a_common_word_is_a_name_only_where_the_question_says_so() -> None:
    assert ids("compare them") == set()
    assert {thing.name for found in linked("function compare").linked for thing in found.things} == {"compare"}
    assert {thing.name for found in linked("what is `compare`").linked for thing in found.things} == {"compare"}


def test_another_number_is_another_name() -> None:
    found = linked("energy of aes128_round_13 and build 9")

    assert found.linked == []
    assert found.unknown == ["aes128_round_13", "build 9"]


def test_code_is_recognised_by_its_pattern() -> None:
    found = linked("7b7b7b7b7b7b:8000123 and 0x10 at aes.c:42, line 7 of aes.c").linked

    assert [thing.id for one in found for thing in one.things] == ["7b7b7b7b7b7b:08000123"]
    assert [(one.condition.property, one.condition.value) for one in found if one.condition] == [
        ("address", 16),
        ("source_line", ("src/aes.c:42",)),
        ("source_line", ("src/aes.c:7",)),
    ]


def test_a_mnemonic_that_is_a_word_needs_a_sign() -> None:
    assert linked("energy and power").linked == []
    assert [one.condition.value for one in linked("AND instructions").linked if one.condition] == ["and"]
    assert [one.condition.value for one in linked("eors").linked if one.condition] == ["eors"]


def test_a_campaign_is_found_by_its_job_and_by_common_words_beside_its_kind() -> None:
    (campaign,) = NAMES.of(Label.CAMPAIGN)

    assert ids("campaign 0a0a0a0a-0000-4000-8000-000000000000") == {campaign.id}
    assert ids("the early-exit compare campaign") == {campaign.id}


def test_a_mitigation_is_found_in_spanish() -> None:
    assert ids("¿ayudó el enmascaramiento?") == {"mitigation:masking"}


@pytest.mark.parametrize("words", ["foo_bar", "function nothing_here", "`zzz`", "decrypt2", "nope.c:3"])
def test_what_looks_like_a_name_and_names_nothing_is_unknown(words: str) -> None:
    assert len(linked(f"energy of {words}").unknown) == 1


def test_a_known_name_that_looks_alike_is_offered() -> None:
    assert linked("energy of sub_bxtez").similar == [("sub_bxtez", "sub_bytes")]


def test_a_capital_letter_inside_a_sentence_may_be_a_name() -> None:
    assert linked("who was Turing").maybe == ["Turing"]
    assert linked("Energy of encrypt").maybe == []


def test_an_entity_whose_name_looks_like_code_is_known() -> None:
    found = linked("Which documents mention mix_columns?")

    assert [link.things[0].id for link in found.linked] == ["entity:symbol:mix-columns"]
    assert found.unknown == []
