"""Instructions with similar profiles, on stores in memory, against cosines computed here."""

from pathlib import Path

import numpy as np
import pytest

from jobs.errors import NotFound
from jobs.knowledge import Label
from jobs.questions import SimilarAnswer, SimilarRequest
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from stores.graph import Node
from tests.workers.query.knowledge import memory_services
from workers.query.profiles import rows_of, standardised
from workers.query.services import QueryServices
from workers.query.similar import AT_ONCE, SPACE, similar

TENANT = "lab"


def name(number: int) -> str:
    return f"777777777777:{number:08x}"


def profiles(count: int, *, seed: int = 7) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Return records of `count` instructions, in three families."""
    rng = np.random.default_rng(seed)
    families = rng.gamma(2, 50, (3, 72))
    return {
        name(number): (families[number % 3] * rng.uniform(0.9, 1.1, 72)).astype(np.float32) for number in range(count)
    }


@pytest.fixture
def services(tmp_path: Path) -> QueryServices:
    return memory_services(tmp_path)


def measure(
    services: QueryServices, batch: str, measured: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]]
) -> None:
    """Write what an ingestion leaves of a batch."""
    nodes = [
        Node(Label.INSTRUCTION, key, {"mnemonic": "ldrb", "operands": "r3, [r2]", "function": "f"}) for key in measured
    ]
    services.graph.merge(TENANT, nodes, [], batch=batch)
    records = [Record(f"{batch}|{key}", {}, batch, key) for key in measured]
    services.documents.put(TENANT, Shelf.PROFILES, records)
    services.vectors.upsert(TENANT, SPACE, rows_of({f"{batch}|{key}": profile for key, profile in measured.items()}))


def hide(services: QueryServices, *batches: str) -> None:
    services.documents.put(TENANT, Shelf.CORPUS, [Record(CORPUS, {"version": 4, "hidden": list(batches)})])


def ask(services: QueryServices, number: int = 0, *, limit: int = 10) -> SimilarAnswer:
    return similar(SimilarRequest(instruction=name(number), limit=limit), tenant=TENANT, services=services)


def test_the_nearest_by_cosine_come_first(services: QueryServices) -> None:
    measured = profiles(30)
    measure(services, "measurements:a", measured)
    vectors = standardised(np.stack(list(measured.values())))
    cosines = vectors[1:] @ vectors[0]
    expected = [name(index + 1) for index in np.argsort(-cosines)[:5]]

    found = ask(services, limit=5).similar

    assert [each.id for each in found] == expected
    np.testing.assert_allclose([each.score for each in found], np.sort(cosines)[::-1][:5], atol=1e-5)
    assert {each.sources for each in found} == {("measurements:a",)}
    assert {each.title for each in found} == {"ldrb r3, [r2] (f)"}


def test_of_several_batches_the_best_pair_of_profiles_counts(services: QueryServices) -> None:
    first, second = profiles(6), profiles(6, seed=8)
    second[name(3)] = first[name(0)]
    measure(services, "measurements:a", first)
    measure(services, "measurements:b", second)

    found = ask(services)

    assert (found.similar[0].id, found.similar[0].score) == (name(3), 1.0)
    assert found.similar[0].sources == ("measurements:a", "measurements:b")
    assert len({each.id for each in found.similar}) == len(found.similar) == 5
    assert name(0) not in {each.id for each in found.similar}


def test_many_batches_of_one_neighbour_do_not_crowd_the_others_out(services: QueryServices) -> None:
    measured = profiles(12)
    measure(services, "measurements:a", measured)
    for number in range(20 * AT_ONCE):
        measure(services, f"measurements:again-{number}", {name(3): measured[name(0)]})

    found = ask(services, limit=10).similar

    assert len(found) == 10
    assert found[0].id == name(3)


def test_hidden_batches_are_as_if_they_were_not_there(services: QueryServices) -> None:
    measured = profiles(9)
    measure(services, "measurements:a", {key: measured[key] for key in list(measured)[:5]})
    measure(services, "measurements:b", measured)
    hide(services, "measurements:b")

    found = ask(services)

    assert {each.id for each in found.similar} == {name(number) for number in range(1, 5)}
    assert {each.sources for each in found.similar} == {("measurements:a",)}
    assert found.data_version == 4
    with pytest.raises(NotFound):
        ask(services, 7)


def test_an_instruction_of_which_nothing_was_measured_is_not_found(services: QueryServices) -> None:
    measure(services, "measurements:a", profiles(3))
    services.documents.put(TENANT, Shelf.PROFILES, [Record(f"campaign:c|{name(77)}", {}, "campaign:c", name(77))])

    for number in (77, 99):
        with pytest.raises(NotFound) as raised:
            ask(services, number)

        assert raised.value.field == "instruction"


def test_an_instruction_alone_has_no_similar_ones(services: QueryServices) -> None:
    measure(services, "measurements:a", profiles(1))

    assert ask(services).similar == ()


def test_another_tenants_instructions_are_not_there(services: QueryServices) -> None:
    measure(services, "measurements:a", profiles(3))

    with pytest.raises(NotFound):
        similar(SimilarRequest(instruction=name(0)), tenant="other", services=services)


def test_a_repeated_question_gives_the_same_bytes(services: QueryServices) -> None:
    measure(services, "measurements:a", profiles(30))

    assert ask(services).model_dump_json() == ask(services).model_dump_json()
