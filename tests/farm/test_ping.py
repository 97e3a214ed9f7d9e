from jobs.model import State
from jobs.queue import PING
from tests.farm.conftest import Farm


def test_a_ping_goes_to_a_worker_and_back(farm: Farm) -> None:
    farm.start("one")

    farm.submit(PING, echo="hello")

    job = farm.until("job", State.SUCCEEDED, State.FAILED)
    assert job.result == {"echo": "hello"}
    assert job.attempts == 1
    assert job.worker is not None
    assert job.worker.startswith("one@test:")
    assert farm.queue.depth("simulation") == 0
