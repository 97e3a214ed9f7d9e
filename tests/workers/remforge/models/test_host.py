import json
import multiprocessing
import socket
import stat
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from signal import SIGTERM
from threading import Event

import numpy as np
import pytest

from jobs.errors import DeadlineExceeded, InvalidInput, StoreUnavailable
from stores.models_files import ModelFiles
from tests.servers import eventually
from tests.workers.remforge.models.hosts import MAX_S, Host, options, until_busy, vectors
from tests.workers.remforge.models.small_models import VIEW, SmallLoader, spec
from workers.remforge.inference import Output, Refused, Role
from workers.remforge.models.client import HostModels
from workers.remforge.models.embedding_cache import Counts
from workers.remforge.models.frames import HEAD, MAGIC, receive, send
from workers.remforge.models.host import EXIT_BROKEN, EXIT_CUT_OFF, _lock
from workers.remforge.models.options import HostOptions, parsed, socket_path
from workers.remforge.models.server import GREETING

SHARED: list[HostModels] = []


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Start a host that most tests share, in a folder whose path is too long for a socket."""
    folder = tmp_path_factory.mktemp("x" * 90)
    specs = [
        spec(Role.SENTENCES, journal=str(folder / "journal")),
        spec(Role.IMAGE, pinned=True),
        spec(Role.AFFECT, missing=True),
    ]
    one = Host(options(folder, *specs, offline=True, threads=2, models_folder=folder / "models"))
    one.start()
    yield one
    one.close()


@pytest.fixture
def own_host(tmp_path: Path) -> Iterator[Host]:
    """Start a host that a test may end."""
    one = Host(options(tmp_path, spec(journal=str(tmp_path / "journal")), grace_s=30.0))
    one.start()
    yield one
    one.close()


def test_texts_and_pictures_become_what_the_model_makes_of_them(host: Host) -> None:
    client = host.client()
    texts = [f"text {n}" for n in range(20)]
    pictures = np.random.default_rng(7).integers(0, 256, (3, VIEW.crop, VIEW.crop, 3), np.uint8)
    model, eyes = (SmallLoader().load(spec(role), device="cpu") for role in (Role.SENTENCES, Role.IMAGE))

    results = vectors(client, texts)
    seen = vectors(client, list(pictures), Role.IMAGE)

    assert_close(results, model.finish(model.encode(model.prepare(texts))))
    assert_close(seen, eyes.finish(eyes.encode(eyes.prepare(list(pictures)))))


def assert_close(rows: list[list[float]], outputs: list[Output]) -> None:
    expected = [output.vector for output in outputs if output.vector is not None]
    np.testing.assert_allclose(np.array(rows), np.array(expected), atol=1e-4)


def test_what_the_host_was_started_with_reaches_the_loader(host: Host) -> None:
    card = host.client().card(Role.SENTENCES)

    assert card is not None
    assert card.test_only
    assert json.loads(card.model.version) == {
        "offline": True,
        "threads": 2,
        "cache_dir": str(host.options.models_folder),
    }


def test_a_role_without_a_model_says_why(host: Host) -> None:
    client = host.client()

    assert client.card(Role.AFFECT) is None
    assert client.why_not(Role.AFFECT) == "The folder is empty."
    assert client.card(Role.SOUND) is None
    assert client.why_not(Role.SOUND) == "No model is set up for sound."
    assert client.degraded() == ()
    with pytest.raises(StoreUnavailable, match="The folder is empty"):
        client.run(Role.AFFECT, ["text"], deadline_s=MAX_S)


def test_one_bad_item_is_refused_and_its_neighbours_are_not(host: Host) -> None:
    results = host.client().run(Role.SENTENCES, ["good", "poison", "well", "refuse"], deadline_s=MAX_S)

    assert [type(result) for result in results] == [Output, Refused, Output, Refused]
    assert [result.reason for result in results if isinstance(result, Refused)] == ["internal", "unreadable"]


def test_items_of_another_kind_are_an_error_of_the_caller(host: Host) -> None:
    with pytest.raises(InvalidInput):
        host.client().run(Role.SENTENCES, [np.zeros((8, 8, 3), np.uint8)], deadline_s=MAX_S)


def test_the_same_content_is_computed_once(host: Host) -> None:
    client = host.client()

    first = vectors(client, ["once", "twice", "once"])
    again = vectors(client, ["twice"])

    assert (first[0], first[1]) == (first[2], again[0])
    assert client.counts == Counts(hits=2, misses=2)
    assert sum(batch.count("once") for batch in host.encodes()) == 1


def test_a_deadline_is_kept_and_the_host_goes_on(host: Host, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    client = host.client()

    with pytest.raises(DeadlineExceeded):
        client.run(Role.SENTENCES, [f"wait:{gate} late"], deadline_s=0.2)
    gate.touch()

    assert len(vectors(client, ["after a deadline"])) == 1


def ask_in_a_child(text: str) -> list[list[float]]:
    return vectors(SHARED[0], [f"{text} {n}" for n in range(8)])


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_processes_that_were_forked_share_batches_and_get_their_own_results(host: Host, tmp_path: Path) -> None:
    gate, names = tmp_path / "gate", ["abcd", "efgh", "ijkl", "mnop"]
    client = host.client()
    SHARED[:] = [client]
    vectors(client, ["the parent has a connection"])
    before = len(host.encodes())

    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(4, context) as children, ThreadPoolExecutor(1) as pool:
        first = pool.submit(vectors, host.client(), [f"wait:{gate} share"])
        eventually(lambda: len(host.encodes()) > before, within_s=MAX_S, what="the model is busy")
        asked = [children.submit(ask_in_a_child, name) for name in names]
        eventually(lambda: host.state().models[0].leases == 5, within_s=MAX_S, what="all wait together")
        gate.touch()
        answers = [future.result() for future in asked]
        first.result()
    batches = [batch for batch in host.encodes()[before:] if not batch[0].startswith("wait:")]

    alone = [vectors(client, [f"{name} {n}" for n in range(8)]) for name in names]
    np.testing.assert_allclose(answers, alone, atol=1e-6)
    assert sum(map(len, batches)) == 32
    assert max(len({text[:4] for text in batch}) for batch in batches) > 1
    assert len(vectors(client, ["the parent still has it"])) == 1


def test_malformed_messages_are_refused_without_ending_the_host(host: Host) -> None:
    client = host.client()
    vectors(client, ["before"])

    for raw in (b"GET / HTTP/1.1\r\n\r\n", HEAD.pack(MAGIC, 1 << 31, 0), HEAD.pack(MAGIC, 2, 0) + b"[]", b"D"):
        assert error_of(host, raw) == "invalid-input"
    for header in ({}, {"op": "run"}, {"op": "run", "role": "cook", "items": [], "deadline_s": 1}):
        with socket.socket(socket.AF_UNIX) as stream:
            greeted(stream, host)
            send(stream, header)
            reply = receive(stream, wait_s=MAX_S, frame_s=MAX_S)
            assert reply is not None
            assert reply.header["error"]["code"] == "invalid-input"

    assert len(vectors(client, ["before", "after"])) == 2


def greeted(stream: socket.socket, host: Host) -> None:
    stream.connect(str(host.options.socket))
    greeting = receive(stream, wait_s=MAX_S, frame_s=MAX_S)
    assert greeting is not None
    assert greeting.header == GREETING


def error_of(host: Host, raw: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as stream:
        greeted(stream, host)
        stream.sendall(raw)
        stream.shutdown(socket.SHUT_WR)
        reply = receive(stream, wait_s=MAX_S, frame_s=MAX_S)
        assert reply is not None
        return str(reply.header["error"]["code"])


def test_the_socket_is_this_users_alone_and_lies_where_its_path_is_short(host: Host) -> None:
    host.client().card(Role.SENTENCES)
    path = host.options.socket

    assert len(str(path)) < 100
    assert host.options.folder not in path.parents
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_short_path_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert socket_path(tmp_path, "a") == tmp_path.resolve() / "run" / "models-a.sock"
    with pytest.raises(ValueError, match="cannot name"):
        socket_path(tmp_path, "../a")


def test_the_state_is_written_for_all_to_read(host: Host) -> None:
    vectors(host.client(), ["a state"])
    eventually(lambda: host.state().models[0].state == "loaded", what="the state is written")
    eventually(lambda: host.state().models[2].state == "unavailable", what="all were looked at")
    state = host.state()

    assert host.process is not None
    assert (state.node, state.pid, state.device) == ("a", host.process.pid, "cpu")
    assert (state.budget_bytes, state.used_bytes) == (10_000, 2000)
    assert [(model.role, model.state, model.pinned) for model in state.models] == [
        ("sentences", "loaded", False),
        ("image", "loaded", True),
        ("affect", "unavailable", False),
    ]
    assert state.models[0].model is not None
    assert state.cache_misses > 0


def test_told_to_end_the_host_finishes_what_is_under_way(own_host: Host, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(vectors, own_host.client(), [f"wait:{gate} drain"])
        until_busy(own_host)
        own_host.tell(SIGTERM)
        eventually(lambda: not own_host.options.socket.exists(), what="nobody else is let in")
        with pytest.raises(StoreUnavailable):
            vectors(own_host.client(patience_s=0), ["late"])
        gate.touch()

        assert len(asked.result()) == 1
    assert own_host.wait() == 0
    assert ModelFiles(tmp_path).read(0) == []
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["models-a.lock"]


def test_what_takes_longer_than_the_grace_is_cut_off(tmp_path: Path) -> None:
    host = Host(options(tmp_path, spec(journal=str(tmp_path / "journal")), grace_s=0.1))
    host.start()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(vectors, host.client(), [f"wait:{tmp_path / 'never'} "])
        until_busy(host)

        assert host.stop() == EXIT_CUT_OFF
        with pytest.raises(StoreUnavailable):
            asked.result()
    host.close()


def test_a_host_whose_model_is_broken_ends_to_be_started_anew(tmp_path: Path) -> None:
    host = Host(options(tmp_path, spec(pinned=True, breaks_after=12, journal=str(tmp_path / "journal"))))
    host.start()
    client = host.client()
    eventually(lambda: len(host.encodes()) == 11, within_s=MAX_S, what="it is warm")
    vectors(client, ["good"])

    with pytest.raises(StoreUnavailable, match="stopped working"):
        vectors(client, ["also good"])

    assert host.wait() == EXIT_BROKEN
    host.close()


def test_results_outlive_the_host(own_host: Host) -> None:
    texts = [f"text {n}" for n in range(5)]
    first = vectors(own_host.client(), texts)
    stopped = own_host.stop()
    before = own_host.encodes()

    own_host.start()
    client = own_host.client()
    again = vectors(client, texts)
    eventually(lambda: own_host.state().cache_hits == 5, what="the state is written")
    state = own_host.state()

    assert stopped == 0
    assert again == first
    assert client.counts == Counts(hits=5, misses=0)
    assert own_host.encodes() == before
    assert (state.cache_misses, state.models[0].state) == (0, "known")


def test_test_models_are_refused_where_they_are_not_allowed(tmp_path: Path) -> None:
    host = Host(options(tmp_path, spec(), allow_test_models=False))
    host.start()

    assert host.client().why_not(Role.SENTENCES) == "Test models are for tests."
    host.close()


def test_two_hosts_do_not_serve_one_socket(tmp_path: Path) -> None:
    stopping = Event()
    stopping.set()

    with _lock(tmp_path / "lock", stopping) as first, _lock(tmp_path / "lock", stopping) as second:
        assert (first, second) == (True, False)
    with _lock(tmp_path / "lock", stopping) as third:
        assert third


def test_the_command_line_carries_all_options(tmp_path: Path) -> None:
    given = HostOptions(
        folder=tmp_path,
        node="worker-1",
        specs=(spec(pinned=True), spec(Role.IMAGE)),
        cache=tmp_path / "cache",
        cache_bytes=1,
        budget_bytes=2,
        device="cuda:1",
        idle_s=3.5,
        grace_s=4.5,
        threads=5,
        offline=True,
        allow_test_models=True,
        models_folder=tmp_path / "models",
        loader="a:b",
        gpu_cleanup=True,
        log_level="WARNING",
        log_file=tmp_path / "host.log",
        log_limit_bytes=5000,
        log_files=2,
    )

    assert parsed(given.arguments()) == (given, None)
    assert parsed([*given.arguments(), "--supervisor", "7"]) == (given, 7)
    plain = options(tmp_path, spec())
    assert parsed(plain.arguments()) == (plain, None)


@pytest.mark.parametrize("wrong", [("--device", "gpu"), ("--node", "../a"), ("--specs", '[{"role": "cook"}]')])
def test_a_wrong_command_line_is_refused(
    tmp_path: Path, wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed([*options(tmp_path, spec()).arguments(), *wrong])

    assert wrong[0] in capsys.readouterr().err
