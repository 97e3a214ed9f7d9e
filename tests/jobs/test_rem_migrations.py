import copy
from typing import Any

import pytest

from jobs.errors import InvalidInput
from jobs.rem import SCHEMA_VERSION
from jobs.rem_migrations import MIGRATIONS, migrated, read_rem
from tests.workers.remforge.records import record


def to_two(data: dict[str, Any]) -> dict[str, Any]:
    """Give the mood a name and a scale."""
    data["header"]["schema_version"] = "rem/2"
    return data | {"mood": {"valence": data.pop("feeling") / 10}}


def to_three(data: dict[str, Any]) -> dict[str, Any]:
    """Add what was not looked at."""
    data["header"]["schema_version"] = "rem/3"
    data["mood"]["arousal"] = None
    return data


CHAIN = {"rem/1": to_two, "rem/2": to_three}
FIRST = {"header": {"schema_version": "rem/1"}, "feeling": 5}


def from_zero(data: dict[str, Any]) -> dict[str, Any]:
    data["header"]["schema_version"] = "rem/1"
    return data | {"labels": data.pop("tags")}


def test_a_record_of_today_is_read_as_it_is() -> None:
    rem = record(valence=0.5)

    assert read_rem(rem.model_dump(mode="json")) == rem


def test_an_old_record_goes_up_step_by_step() -> None:
    found = migrated(FIRST, migrations=CHAIN, current="rem/3")

    assert found == {"header": {"schema_version": "rem/3"}, "mood": {"valence": 0.5, "arousal": None}}


def test_it_enters_the_chain_where_it_is_and_goes_no_further_than_asked() -> None:
    second = {"header": {"schema_version": "rem/2"}, "mood": {"valence": 0.1}}

    assert migrated(second, migrations=CHAIN, current="rem/3")["mood"] == {"valence": 0.1, "arousal": None}
    assert migrated(FIRST, migrations=CHAIN, current="rem/2")["mood"] == {"valence": 0.5}


def test_what_is_given_stays_as_it_is() -> None:
    given = copy.deepcopy(FIRST)

    migrated(given, migrations=CHAIN, current="rem/3")

    assert given == FIRST


def test_a_migrated_record_is_validated() -> None:
    rem = record()
    old = rem.model_dump(mode="json")
    old["tags"] = old.pop("labels")
    old["header"]["schema_version"] = "rem/0"

    assert read_rem(old, migrations={"rem/0": from_zero}) == rem
    with pytest.raises(InvalidInput) as refused:
        read_rem(old | {"tags": [{"name": "x"}]}, migrations={"rem/0": from_zero})
    assert refused.value.field == "labels.0.score"


@pytest.mark.parametrize(
    ("version", "reason", "told"),
    [
        ("rem/4", "newer-version", "The record is rem/4; this farm reads up to rem/3."),
        ("rem/10", "newer-version", "The record is rem/10; this farm reads up to rem/3."),
        ("rem/0", "unknown-version", "There is no way from rem/0 to rem/3."),
        ("rem/01", "unknown-version", "The record says 'rem/01'; this farm reads rem/3."),
        ("report/1", "unknown-version", "The record says 'report/1'; this farm reads rem/3."),
        (1, "unknown-version", "The record says 1; this farm reads rem/3."),
        (None, "unknown-version", "The record says no version; this farm reads rem/3."),
    ],
)
def test_newer_and_unknown_versions_are_refused_and_both_are_named(version: object, reason: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        migrated({"header": {"schema_version": version}}, migrations=CHAIN, current="rem/3")

    assert (refused.value.message, refused.value.reason) == (told, reason)
    assert refused.value.field == "header.schema_version"


@pytest.mark.parametrize("data", [{}, {"header": None}, {"header": "rem/1"}])
def test_what_has_no_header_has_no_version(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="no version"):
        read_rem(data)


def test_a_migration_that_does_not_go_up_by_one_is_our_fault() -> None:
    with pytest.raises(ValueError, match="the migration from rem/1 led to rem/1"):
        migrated(FIRST, migrations={"rem/1": lambda data: data}, current="rem/3")


@pytest.mark.parametrize(("section", "name", "value"), [("sensorial", "valence", "0.5"), ("qualia", "text", True)])
def test_words_and_truths_are_no_numbers(section: str, name: str, value: object) -> None:
    data = record(valence=0.5).model_dump(mode="json")
    data[section][name] = value

    with pytest.raises(InvalidInput) as refused:
        read_rem(data)

    assert refused.value.field == f"{section}.{name}"


def test_the_migrations_that_ship_lead_to_the_version_of_today() -> None:
    today = int(SCHEMA_VERSION.partition("/")[2])

    assert set(MIGRATIONS) == {f"rem/{version}" for version in range(1, today)}
