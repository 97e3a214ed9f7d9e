from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from jobs.errors import StoreUnavailable
from tests.workers.remforge.models.houses import House, On
from tests.workers.remforge.models.small_models import SmallLoader, spec
from workers.remforge.inference import Output, Role
from workers.remforge.models.embedding_cache import EmbeddingCache
from workers.remforge.models.model import Spec
from workers.remforge.models.service import Ran, Service


class Farm:
    """A service with what it works with."""

    def __init__(self, folder: Path, *specs: Spec) -> None:
        self.cache = EmbeddingCache(folder / "cache", limit_bytes=1 << 24, clock=lambda: 0.0)
        self.house = House(*specs, guard=On("cuda:0"))
        self.service = Service(self.house.registry, self.cache)

    def run(self, *texts: str) -> Ran:
        return self.service.run(Role.SENTENCES, texts, deadline=monotonic() + 20)

    def close(self) -> None:
        self.house.registry.close()
        self.cache.close()

    @property
    def loader(self) -> SmallLoader:
        return self.house.loader


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    one = Farm(tmp_path, spec())
    yield one
    one.close()


def test_what_was_refused_is_tried_again_and_what_was_not_is_not(farm: Farm) -> None:
    farm.run("good", "refuse")
    again = farm.run("good", "refuse")

    assert (again.hits, again.misses) == (1, 1)


def test_results_that_are_all_there_need_no_model(farm: Farm, tmp_path: Path) -> None:
    farm.run("a", "b")
    other = Farm(tmp_path, spec())

    ran = other.run("b", "a", "b")
    other.close()

    assert (ran.hits, ran.misses, other.loader.loaded) == (3, 0, [])
    assert ran.card == other.house.registry.card(Role.SENTENCES)


def test_a_model_that_runs_in_another_precision_has_results_of_that_precision_alone(tmp_path: Path) -> None:
    one = Farm(tmp_path, spec(runs_in="float16"))
    first = one.run("a")
    one.close()
    again = Farm(tmp_path, spec(runs_in="float16"))

    second = again.run("a")
    third = again.run("a", "b")
    again.close()

    assert [ran.card.model.dtype for ran in (first, second, third)] == ["float16"] * 3
    assert [(ran.hits, ran.misses) for ran in (first, second, third)] == [(0, 1), (1, 0), (1, 1)]
    batches = again.loader.models[Role.SENTENCES].batches
    assert (["a"] in batches, ["b"] in batches) == (False, True)
    assert all(isinstance(result, Output) for result in third.results)


def test_a_role_that_nobody_set_up_is_away(farm: Farm) -> None:
    with pytest.raises(StoreUnavailable, match="No model is set up for caption"):
        farm.service.run(Role.CAPTION, ["a"], deadline=monotonic() + 20)
