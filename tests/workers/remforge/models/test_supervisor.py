import os
import signal
import subprocess
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from jobs.errors import StoreUnavailable
from tests.servers import eventually
from tests.workers.remforge.models.hosts import LOADER, MAX_S, PATIENCE_S, PYTHONPATH, options, until_busy, vectors
from tests.workers.remforge.models.small_models import journal, spec
from workers.remforge.inference import Role
from workers.remforge.models.client import HostModels
from workers.remforge.models.own_processes import identity, is_alive
from workers.remforge.models.supervisor import Supervisor, UnsafePool, check_pool, cuda_initialised

ORPHANED = """
import sys
from pathlib import Path
from workers.remforge.inference import Role
from workers.remforge.models.model import Spec
from workers.remforge.models.options import HostOptions
from workers.remforge.models.supervisor import Supervisor

folder = Path(sys.argv[1])
options = HostOptions(folder=folder, node="a", specs=(Spec(Role.SENTENCES, "small:{}"),), cache=folder / "cache",
    cache_bytes=1 << 20, budget_bytes=10000, device="cpu", loader=sys.argv[2], allow_test_models=True)
supervisor = Supervisor(options)
supervisor.start()
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", PYTHONPATH)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[HostModels]:
    one = HostModels(options(tmp_path).socket, patience_s=PATIENCE_S)
    yield one
    one.close()


def test_a_host_that_is_killed_during_a_request_is_away_and_then_serves_again(
    tmp_path: Path, client: HostModels
) -> None:
    gate, log = tmp_path / "gate", tmp_path / "journal"
    supervisor = Supervisor(options(tmp_path, spec(journal=str(log))), backoff_s=0.05)
    with capture_logs() as logs, ThreadPoolExecutor(1) as pool:
        supervisor.start()
        asked = pool.submit(vectors, client, [f"wait:{gate} "])
        until_busy(log)
        first = supervisor.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        with pytest.raises(StoreUnavailable, match="The model host did not answer"):
            asked.result()
        gate.touch()
        again = vectors(client, ["text", f"wait:{gate} "])
        second = supervisor.pid
        supervisor.stop()

    assert len(again) == 2
    assert second not in {None, first}
    assert identity(second or 0) is None
    assert not options(tmp_path).socket.exists()
    assert journal(log, "load") == [["cpu"], ["cpu"]]
    assert [line["event"] for line in logs if line["event"].startswith("model_host")] == [
        "model_host_started",
        "model_host_ended",
        "model_host_started",
    ]


def test_a_host_ends_when_its_supervisor_is_killed(tmp_path: Path, client: HostModels) -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHANED, str(tmp_path), LOADER], stdin=subprocess.PIPE)
    vectors(client, ["text"])
    [record] = (tmp_path / "run").glob("models-a-*.pid")
    host = identity(int(record.stem.rpartition("-")[2]))
    assert host is not None

    parent.kill()
    parent.wait()
    eventually(lambda: not is_alive(host), within_s=MAX_S, what="the host is gone")

    assert parent.stdin is not None
    parent.stdin.close()
    assert not options(tmp_path).socket.exists()
    assert not record.exists()


def test_a_host_that_cannot_start_is_tried_again_and_can_be_stopped_all_the_same(tmp_path: Path) -> None:
    supervisor = Supervisor(options(tmp_path, spec(), loader="nowhere:at_all"), backoff_s=0.01)

    with capture_logs() as logs:
        supervisor.start()
        eventually(lambda: len(ended(logs)) >= 2, within_s=MAX_S, what="it was tried twice")
        supervisor.stop()

    assert [line["again_in_s"] for line in ended(logs)[:2]] == [0.01, 0.02]
    assert identity(supervisor.pid or 0) is None


def ended(logs: Sequence[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    return [line for line in logs if line["event"] == "model_host_ended"]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_that_was_forked_does_not_stop_its_parents_host(tmp_path: Path, client: HostModels) -> None:
    supervisor = Supervisor(options(tmp_path, spec()))
    supervisor.start()
    vectors(client, ["text"])

    child = os.fork()
    if child == 0:
        supervisor.stop()
        os._exit(0)
    os.waitpid(child, 0)

    assert len(vectors(client, ["text", "more"])) == 2
    card = client.card(Role.SENTENCES)
    assert card is not None
    assert card.model.name == "small-sentences"
    supervisor.stop()


@pytest.mark.parametrize("pool", ["prefork", "processes", "celery.concurrency.prefork:TaskPool"])
def test_a_pool_of_processes_may_be_used(pool: str) -> None:
    check_pool(pool, cuda_initialised=False)


@pytest.mark.parametrize(
    "pool", ["solo", "threads", "gevent", "eventlet", "celery.concurrency.thread:TaskPool", "custom"]
)
def test_a_pool_that_enforces_no_time_limits_is_refused(pool: str) -> None:
    with pytest.raises(UnsafePool, match="time limits"):
        check_pool(pool, cuda_initialised=False)


def test_a_process_that_used_cuda_must_not_fork_a_pool() -> None:
    with pytest.raises(UnsafePool, match="CUDA"):
        check_pool("prefork", cuda_initialised=True)


def test_the_parts_of_a_pool_and_of_its_supervisor_import_no_torch() -> None:
    program = (
        "import sys, workers.remforge.models.supervisor as s, workers.remforge.models.client;"
        "print(s.cuda_initialised(), 'torch' in sys.modules, 'pynvml' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["False", "False", "False"]
    assert not cuda_initialised()
