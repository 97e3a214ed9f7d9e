import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from structlog.testing import capture_logs

from jobs.errors import DeadlineExceeded, StoreUnavailable
from tests.servers import eventually
from tests.workers.remforge.models.houses import IDLE_S, House, On
from tests.workers.remforge.models.small_models import spec
from workers.remforge.inference import Output, Role
from workers.remforge.models.batcher import Batcher
from workers.remforge.models.catalogue import PAUSE_S
from workers.remforge.models.model import Spec

A, B, C = Role.SENTENCES, Role.CAPTION, Role.AFFECT


@contextmanager
def opened(*specs: Spec, budget_bytes: int = 2500, guard: On | None = None) -> Iterator[House]:
    house = House(*specs, budget_bytes=budget_bytes, guard=guard)
    try:
        yield house
    finally:
        house.registry.close()


def test_a_model_is_loaded_when_it_is_first_used_and_stays() -> None:
    with opened(spec(A), spec(B)) as house:
        card = house.registry.card(A)
        before = house.states()
        house.use(A)
        house.use(A)

        assert card is not None
        assert card.role == A
        assert (before, house.states()) == ({A: "known", B: "known"}, {A: "loaded", B: "known"})
        assert house.loads() == [A]
        assert house.registry.used_bytes == 1000


def test_of_sixteen_who_ask_at_once_one_loads(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with opened(spec(A, load_waits=str(gate))) as house, ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(house.use, A) for _ in range(16)]
        eventually(lambda: house.registry.state()[0].leases == 16, what="all wait")
        state = house.states()
        gate.touch()
        for future in asked:
            future.result()

        assert state == {A: "loading"}
        assert house.loads() == [A]


def test_the_longest_unused_model_makes_room() -> None:
    with opened(spec(A), spec(B), spec(C)) as house:
        for role in (A, B, A, C):
            house.use(role)

        assert house.states() == {A: "loaded", B: "known", C: "loaded"}
        eventually(lambda: house.loader.models[B].closed, what="its memory is given back")
        assert not house.loader.models[A].closed
        assert house.registry.used_bytes == 2000


def test_pinned_models_are_loaded_at_the_start_and_never_unloaded() -> None:
    with opened(spec(A, pinned=True), spec(B), spec(C)) as house:
        house.registry.preload(patience_s=20)
        preloaded = house.states()
        for role in (B, C):
            house.use(role)
        house.clock.now = 10 * IDLE_S
        house.registry.sweep()

        assert preloaded == {A: "loaded", B: "known", C: "known"}
        assert house.states() == {A: "loaded", B: "known", C: "known"}
        assert house.loads() == [A, B, C]


def test_a_model_that_is_lent_is_not_unloaded_and_who_needs_its_room_waits_for_it() -> None:
    with opened(spec(A), spec(B), budget_bytes=1500) as house, ThreadPoolExecutor(1) as pool:
        with house.registry.lease(A, deadline=monotonic() + 20) as batcher:
            waiting = pool.submit(house.use, B)
            eventually(lambda: house.registry._slots[A].wanted, what="the other waits")
            still = batcher.submit(["a text"], deadline=monotonic() + 20)
        waiting.result()

        assert isinstance(still[0], Output)
        assert house.states() == {A: "known", B: "loaded"}


def test_who_waits_for_room_in_vain_is_told_to_try_later_and_nothing_is_taken_from_anybody() -> None:
    with opened(spec(A), spec(B), budget_bytes=1500) as house:
        with house.registry.lease(A, deadline=monotonic() + 20), pytest.raises(StoreUnavailable):
            house.use(B, within_s=0.05)
        house.use(A)

        assert house.loads() == [A]
        assert house.states() == {A: "loaded", B: "known"}


def test_a_model_whose_room_is_waited_for_is_not_lent_again_before() -> None:
    with opened(spec(A), spec(B), budget_bytes=1500) as house, ThreadPoolExecutor(2) as pool:
        with house.registry.lease(A, deadline=monotonic() + 20):
            waiting = pool.submit(house.use, B)
            eventually(lambda: house.registry._slots[A].wanted, what="the other waits")
            again = pool.submit(house.use, A)
            with pytest.raises(StoreUnavailable):
                house.use(A, within_s=0.05)
        waiting.result()
        again.result()

        assert house.loads() == [A, B, A]


def test_a_model_larger_than_the_budget_is_refused_with_the_reason() -> None:
    with opened(spec(A, bytes=3 << 20), spec(B, pinned=True, bytes=1 << 20), budget_bytes=3 << 20) as house:
        house.registry.preload(patience_s=20)

        with pytest.raises(StoreUnavailable, match=r"needs 3.0 MiB, and 2.0 are left"):
            house.use(A)

        assert house.states() == {A: "unavailable", B: "loaded"}
        assert house.registry.card(A) is None
        assert house.loads() == [B]


def test_a_model_that_idles_is_unloaded_and_loaded_again_when_it_is_used() -> None:
    with opened(spec(A)) as house:
        house.use(A)
        house.clock.now = IDLE_S - 1
        house.registry.sweep()
        early = house.states()
        with house.registry.lease(A, deadline=monotonic() + 20):
            house.clock.now = 3 * IDLE_S
            house.registry.sweep()
            lent = house.states()
        house.clock.now += IDLE_S
        house.registry.sweep()
        late = house.states()
        house.use(A)

        assert (early, lent, late) == ({A: "loaded"}, {A: "loaded"}, {A: "known"})
        assert house.loads() == [A, A]
        [state] = house.registry.state()
        assert (state.batches, state.items) == (2, 2)


def test_what_cannot_be_had_is_said_and_not_tried_again_for_a_while() -> None:
    with opened(spec(A, missing=True)) as house:
        with capture_logs() as logs:
            cards = [house.registry.card(A) for _ in range(3)]
            with pytest.raises(StoreUnavailable, match="The folder is empty"):
                house.use(A)
        house.clock.now = PAUSE_S
        with capture_logs() as later:
            house.registry.card(A)

        assert cards == [None] * 3
        assert house.registry.why_not(A) == "The folder is empty."
        assert house.registry.why_not(B) == "No model is set up for caption."
        assert [line["event"] for line in logs] == [line["event"] for line in later] == ["model_unavailable"]
        [state] = house.registry.state()
        assert (state.state, state.reason, state.model) == ("unavailable", "The folder is empty.", None)


def test_a_load_that_fails_is_told_to_all_who_wait_for_it_and_frees_its_room() -> None:
    with opened(spec(A, load_breaks=True), guard=On("cuda:0")) as house:
        with capture_logs() as logs, pytest.raises(StoreUnavailable, match="could not be loaded"):
            house.use(A)

        assert "model_not_loaded" in [line["event"] for line in logs]
        assert house.registry.used_bytes == 0


def test_what_does_not_fit_onto_the_gpu_after_all_goes_onto_the_cpu_and_says_so() -> None:
    with opened(spec(A, fits_cuda=False), guard=On("cuda:1")) as house:
        house.use(A)

        note = "on the CPU: it did not fit onto cuda:1"
        assert [device for _, device in house.loader.loaded] == ["cuda:1", "cpu"]
        assert house.registry.degraded() == (f"sentences: {note}",)
        [state] = house.registry.state()
        assert (state.state, state.reason) == ("loaded", note)
        card = house.registry.card(A)
        assert card is not None
        assert card.model.device == "cpu"


def test_where_a_model_was_put_and_why_is_said() -> None:
    with opened(spec(A), guard=On("cpu", "on the CPU: no room")) as house, opened(spec(A), guard=On("cuda:0")) as other:
        house.use(A)
        other.use(A)

        assert house.registry.degraded() == ("sentences: on the CPU: no room",)
        assert other.registry.degraded() == ()
        card = other.registry.card(A)
        assert card is not None
        assert card.model.device == "cuda:0"


def test_a_load_that_takes_longer_than_the_deadline_goes_on_for_the_next_one(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with opened(spec(A, load_waits=str(gate))) as house:
        with pytest.raises(DeadlineExceeded):
            house.use(A, within_s=0.05)
        gate.touch()
        house.use(A)

        assert house.loads() == [A]
        assert house.registry.state()[0].leases == 0


def test_a_broken_model_is_unloaded_and_rests() -> None:
    with opened(spec(A, breaks_after=12)) as house:
        with house.registry.lease(A, deadline=monotonic() + 20) as batcher:
            warm(batcher)
            batcher.submit(["good"], deadline=monotonic() + 20)
        with pytest.raises(StoreUnavailable):
            house.use(A)
        with pytest.raises(StoreUnavailable, match="It stopped working"):
            house.use(A)

        assert house.registry.broken
        assert house.states() == {A: "unavailable"}
        eventually(lambda: house.loader.models[A].closed, what="it is closed")


def warm(batcher: Batcher) -> None:
    eventually(lambda: not batcher._warm_up and batcher._proven is not None, what="it is warm")
    eventually(lambda: len(batcher.model.batches) == 11, what="it is warm")  # type: ignore[attr-defined]


def test_the_size_that_fitted_is_remembered_while_a_model_is_unloaded() -> None:
    with opened(spec(A, fits=2)) as house:
        for _ in range(2):
            with house.registry.lease(A, deadline=monotonic() + 20) as batcher:
                batcher.submit(["a text"] * 8, deadline=monotonic() + 20)
            house.clock.now += 2 * IDLE_S
            house.registry.sweep()

        assert house.registry.state()[0].safe_batch == 2
        eventually(lambda: house.loader.models[A].closed, what="it is closed")
        assert max(map(len, house.loader.models[A].batches)) == 2


def test_many_threads_over_three_models_and_room_for_one_all_get_through() -> None:
    with opened(spec(A), spec(B), spec(C), budget_bytes=1500) as house:
        barrier = threading.Barrier(9)

        def work(role: Role) -> None:
            barrier.wait()
            for _ in range(5):
                house.use(role)

        with ThreadPoolExecutor(9) as pool:
            for future in [pool.submit(work, role) for role in (A, B, C) * 3]:
                future.result()

        assert house.registry.used_bytes == 1000
        assert [state.leases for state in house.registry.state()] == [0, 0, 0]
        assert sum(state.items for state in house.registry.state()) == 45


def test_two_models_for_one_role_are_refused() -> None:
    with pytest.raises(ValueError, match="one role"):
        House(spec(A), spec(A, bytes=7))
