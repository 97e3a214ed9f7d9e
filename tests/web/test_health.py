"""Who asks whether the process is ready, and what they are told."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from jobs.identity import Role
from stores.graph import Node
from stores.memory import MemoryJobs
from stores.memory_graph import MemoryGraph
from tests.web.api_v2.test_farm import SilentJobs
from tests.web.conftest import make_farm
from tests.web.identity import Closed

READY = "/health/ready"


class LostGraph(MemoryGraph):
    """Does not answer."""

    def nodes(self, tenant: str, ids: Sequence[str], *, hidden: Collection[str] = ()) -> dict[str, Node]:
        raise StoreUnavailable(f"the graph of {tenant} at 10.0.0.1 is gone: {ids}, {hidden}")


class Health:
    """An application whose graph is lost, and which checks keys."""

    def __init__(self, root: Path, jobs: MemoryJobs | None = None) -> None:
        self.closed = Closed(root / "keys")
        self.farm = make_farm(
            root,
            jobs=jobs,
            graph=LostGraph(),
            clock=self.closed.clock,
            accounts=self.closed.accounts,
            authenticate=self.closed.authentication,
        )
        self.key = self.closed.key(Role.VIEWER)

    def client(self, key: str | None) -> FlaskClient:
        client = self.farm.client
        if key is not None:
            client.environ_base["HTTP_X_API_KEY"] = key
        return client

    def stop(self) -> None:
        self.farm.hub.stop()
        self.closed.farm.hub.stop()


@pytest.fixture
def health(tmp_path: Path) -> Iterator[Health]:
    health = Health(tmp_path)
    yield health
    health.stop()


def test_a_known_caller_is_told_which_store_does_not_answer(health: Health) -> None:
    answer = health.client(health.key).get(READY)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "up", "failing": ["graph"]})


@pytest.mark.parametrize("key", [None, "dsn_aaaaaaaa_nobody"])
def test_anybody_else_is_told_that_the_process_is_up_and_nothing_more(health: Health, key: str | None) -> None:
    answer = health.client(key).get(READY)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "up"})


def test_what_keeps_a_process_from_taking_jobs_is_named_to_known_callers_alone(tmp_path: Path) -> None:
    health = Health(tmp_path, SilentJobs())

    told, hidden = (health.client(key).get(READY) for key in (health.key, None))

    health.stop()
    assert (told.status_code, hidden.status_code) == (503, 503)
    assert told.get_json(force=True)["detail"] == "Not ready: these do not answer: jobs, graph."
    assert hidden.get_json(force=True)["detail"] == "Not ready."
