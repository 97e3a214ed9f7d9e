"""Captures on real workers: through the queue of their pool to a worker without a recorder, which says why."""

from pathlib import Path

from jobs.model import State
from jobs.queue import CAPTURE, CAPTURING, PING
from stores.folders_redis import RedisFolders
from tests.farm.conftest import Farm
from tests.servers import eventually


def test_a_worker_without_a_recorder_says_why_and_fails_what_comes_all_the_same(farm: Farm, tmp_path: Path) -> None:
    device = tmp_path / "monje_virtual"
    farm.device = str(device)
    farm.start("beside", queue=CAPTURE)
    farm.submit(PING, "other")
    farm.submit(CAPTURING, "job", samples=10)

    job = farm.until("job", State.FAILED, within_s=60)

    assert job.error is not None
    assert (job.error.code, job.error.field) == ("device-unavailable", "device")
    assert job.error.message == f"This worker has no recorder: there is no {device}."
    assert job.attempts == 1
    eventually(lambda: farm.workers.abilities(["beside@test"]), what="it says so")
    assert farm.workers.abilities(["beside@test"])["beside@test"]["monje_virtual"].absent == f"there is no {device}"
    # Of other pools it takes nothing.
    assert farm.jobs.get("other").state is State.QUEUED

    device.write_bytes(bytes(8192))

    def says_so() -> bool:
        ability = farm.workers.abilities(["beside@test"])["beside@test"]["monje_virtual"]
        return ability.absent == f"{device} has magic 0, this reader knows 1162497615"

    eventually(says_so, what="it looked again")

    # Web looks into another folder: whoever asks for a capture is told so.
    RedisFolders(farm.redis).tell("another", machine="web")

    def knows() -> bool:
        said = farm.workers.abilities(["beside@test"])["beside@test"]
        told = "Its data folder has no id (is it mounted?), and web looks into another."
        return {name: ability.absent for name, ability in said.items()} == {"monje_virtual": told, "data_folder": told}

    eventually(knows, what="it says that nobody would find its records")
