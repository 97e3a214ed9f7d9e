import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from jobs.errors import DeadlineExceeded, StoreUnavailable
from tests.servers import eventually
from tests.workers.remforge.models.small_models import VIEW, SmallLoader, SmallModel, spec
from workers.remforge.inference import Output, Refused, Role
from workers.remforge.models import warm_up
from workers.remforge.models.batcher import QUEUED_BATCHES, Batcher, Tally

WORDS = [f"{'la' * (n % 11)} word {n}" for n in range(60)]


class Served:
    """A model and its batcher."""

    def __init__(self, *, wait_s: float = 0.0, warm: bool = False, **settings: Any) -> None:
        self.model: SmallModel = SmallLoader().load(spec(**settings), device="cpu")
        self.tally = Tally()
        samples = warm_up.items(self.model) if warm else ()
        self.batcher = Batcher(self.model, self.tally, warm_up=samples, wait_s=wait_s)

    def run(self, texts: list[str], within_s: float = 20.0) -> list[Output | Refused]:
        return self.batcher.submit(texts, deadline=monotonic() + within_s)


@pytest.fixture
def served() -> Iterator[Served]:
    one = Served()
    yield one
    one.batcher.close()


def vectors(results: list[Output | Refused]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array([result.vector for result in results if isinstance(result, Output)], np.float32)


def test_results_come_in_the_order_of_the_items_and_equal_those_of_one_by_one(served: Served) -> None:
    together = served.run(WORDS)
    batched = len(served.model.batches)
    alone = [result for text in WORDS for result in served.run([text])]

    assert batched < len(WORDS) / 3
    assert max(len({served.model.bucket(text) for text in batch}) for batch in served.model.batches) == 1
    np.testing.assert_allclose(vectors(together), vectors(alone), atol=1e-4)
    assert len(vectors(together)) == len(WORDS)


def test_no_batch_costs_more_than_the_budget_padding_included() -> None:
    served = Served(budget=64)

    served.run(WORDS)
    served.batcher.close()

    assert max(len(batch) * max(map(len, batch)) for batch in served.model.batches) <= 64


def test_callers_share_batches(tmp_path: Path) -> None:
    served, gate = Served(), tmp_path / "gate"
    texts = [f"text {n:02}" for n in range(12)]

    with ThreadPoolExecutor(13) as pool:
        first = pool.submit(served.run, [f"wait:{gate} "])
        eventually(lambda: served.model.batches, what="the model is busy")
        later = [pool.submit(served.run, [text]) for text in texts]
        eventually(lambda: len(served.batcher._queue) == 12, what="all wait")
        gate.touch()
        results = [future.result() for future in later]
        first.result()
    served.batcher.close()

    assert [sorted(batch) for batch in served.model.batches[1:]] == [texts]
    np.testing.assert_allclose(vectors([result for [result] in results]), vectors(SmallResults.of(texts)), atol=1e-4)


class SmallResults:
    """What the model makes of texts when nothing stands between."""

    @staticmethod
    def of(texts: list[str]) -> list[Output | Refused]:
        model = SmallLoader().load(spec(), device="cpu")
        return [output for text in texts for output in model.finish(model.encode(model.prepare([text])))]


def test_an_idle_model_waits_a_moment_for_a_full_batch() -> None:
    served = Served(wait_s=20.0, budget=40)
    barrier = threading.Barrier(4)

    def run(text: str) -> None:
        barrier.wait()
        served.run([text])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, ["ten letter"] * 4))
    served.batcher.close()

    assert served.model.batches == [["ten letter"] * 4]


@pytest.mark.parametrize(
    ("bad", "reason"), [("poison", "internal"), ("refuse", "unreadable"), ("nan", "not-finite"), ("", "internal")]
)
def test_one_bad_item_of_33_is_refused_and_no_other(served: Served, bad: str, reason: str) -> None:
    texts = [f"text {n:02}" for n in range(33)]
    expected = vectors(SmallResults.of(texts[:16] + texts[17:]))
    texts[16] = bad

    with capture_logs() as logs:
        results = served.run(texts)

    assert [index for index, result in enumerate(results) if isinstance(result, Refused)] == [16]
    assert isinstance(results[16], Refused)
    assert results[16].reason == reason
    np.testing.assert_allclose(vectors(results), expected, atol=1e-4)
    assert [line["event"] for line in logs] == (["model_failed"] if reason == "internal" else [])


def test_a_batch_that_does_not_fit_is_halved_and_the_size_that_does_is_remembered() -> None:
    served = Served(fits=5)
    texts = [f"text {n:02}" for n in range(40)]

    first = served.run(texts)
    too_large = sum(len(batch) > 5 for batch in served.model.batches)
    served.run(texts)
    served.batcher.close()

    assert len(vectors(first)) == 40
    assert too_large > 0
    assert sum(len(batch) > 5 for batch in served.model.batches) == too_large
    assert list(served.tally.safe.values()) == [5]


def test_an_item_that_does_not_fit_alone_is_refused() -> None:
    served = Served(fits=0)

    results = served.run(["a", "b"])
    served.batcher.close()

    assert [result.reason for result in results if isinstance(result, Refused)] == ["out-of-memory"] * 2


def test_a_deadline_ends_the_wait_and_what_waited_is_not_computed(served: Served, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(served.run, [f"wait:{gate} "])
        eventually(lambda: served.model.batches, what="the model is busy")

        with pytest.raises(DeadlineExceeded):
            served.run(["late"], within_s=0.05)
        gate.touch()
        first.result()

    assert isinstance(served.run(["next"])[0], Output)
    assert not any("late" in batch for batch in served.model.batches)


def test_who_brings_more_than_may_wait_waits_at_the_door(tmp_path: Path) -> None:
    served, gate = Served(budget=10), tmp_path / "gate"
    texts = [f"t{n:04}" for n in range(100)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(served.run, [f"wait:{gate} "])
        eventually(lambda: served.model.batches, what="the model is busy")
        second = pool.submit(served.run, texts)
        eventually(lambda: len(served.batcher._queue) >= 8, what="the queue is full")

        with pytest.raises(DeadlineExceeded):
            served.run(["other"], within_s=0.05)
        waiting = len(served.batcher._queue)
        gate.touch()
        results = second.result()
        first.result()
    served.batcher.close()

    assert waiting == QUEUED_BATCHES * 10 // 5
    np.testing.assert_allclose(vectors(results), vectors(SmallResults.of(texts)), atol=1e-4)


def test_a_full_batch_is_prepared_while_the_device_works_and_a_smaller_one_waits_for_company(tmp_path: Path) -> None:
    served, gates = Served(budget=80), [tmp_path / "gate1", tmp_path / "gate2"]
    full, small = [f"text {n:03}" for n in range(10)], ["ab", "cd"]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(served.run, [f"wait:{gates[0]} "])]
        eventually(lambda: served.model.batches, what="the model is busy")
        done.append(pool.submit(served.run, [f"wait:{gates[1]} "]))
        eventually(lambda: len(served.batcher._queue) == 1, what="a second waits")
        done += [pool.submit(served.run, texts) for texts in (full, small)]
        eventually(lambda: len(served.batcher._queue) == 13, what="all wait")
        gates[0].touch()
        eventually(lambda: len(served.model.batches) == 2, what="the second is run")
        eventually(lambda: len(served.model.prepared) == 3, what="the third is prepared")
        before = [list(batch) for batch in served.model.prepared]
        gates[1].touch()
        for future in done:
            future.result()
    served.batcher.close()

    assert sorted(map(str, before[2])) == full
    assert len(served.model.prepared) == 4
    assert len(served.model.batches) == 4


def test_one_item_for_each_bucket_warms_a_model_up_and_is_not_counted() -> None:
    served = Served(warm=True)
    lengths = [5 * 2**power - 1 for power in range(11)]

    eventually(lambda: len(served.model.batches) == 11, what="it is warm")
    served.batcher.close()

    assert [[len(text) for text in batch] for batch in served.model.batches] == [[length] for length in lengths]
    assert (served.tally.batches, served.tally.items) == (0, 0)


def test_pictures_are_warmed_up_with_one_of_their_size() -> None:
    model = SmallLoader().load(spec(Role.IMAGE), device="cpu")

    [picture] = warm_up.items(model)

    assert not isinstance(picture, str)
    assert picture.shape == (VIEW.crop, VIEW.crop, 3)


def test_a_model_that_fails_what_it_could_do_before_is_broken_and_refuses_no_item() -> None:
    served = Served(warm=True, breaks_after=12)
    eventually(lambda: len(served.model.batches) == 11, what="it is warm")
    served.run(["good"])

    with capture_logs() as logs, pytest.raises(StoreUnavailable):
        served.run(["also good"])
    with pytest.raises(StoreUnavailable):
        served.run(["good"])
    served.batcher.close()

    assert served.batcher.broken
    assert {line["event"] for line in logs} == {"model_failed"}


def test_poison_does_not_make_a_model_broken() -> None:
    served = Served(warm=True)
    eventually(lambda: len(served.model.batches) == 11, what="it is warm")

    [result] = served.run(["poison"])
    served.batcher.close()

    assert isinstance(result, Refused)
    assert served.batcher.broken is None


def test_who_waits_for_a_model_that_is_closed_is_told(tmp_path: Path) -> None:
    served, gate = Served(), tmp_path / "gate"
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(served.run, [f"wait:{gate} "])
        eventually(lambda: served.model.batches, what="the model is busy")
        second = pool.submit(served.run, ["next"])
        eventually(lambda: served.batcher._queue, what="another waits")
        closing = pool.submit(served.batcher.close)

        with pytest.raises(StoreUnavailable):
            second.result()
        gate.touch()
        closing.result()
        first.exception()

    assert served.model.closed
