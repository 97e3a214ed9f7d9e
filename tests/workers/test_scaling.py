"""What a worker says of its pool."""

from types import SimpleNamespace

from celery.concurrency.prefork import TaskPool

from workers.scaling import processes_of


def test_a_pool_that_runs_says_how_many_processes_it_has() -> None:
    pool = TaskPool(2)
    pool._pool = SimpleNamespace(_processes=2)  # type: ignore[attr-defined]  # not in its stubs

    assert processes_of(pool) == pool.num_processes == 2


def test_a_pool_that_was_stopped_has_none_to_tell_of() -> None:
    assert processes_of(TaskPool(2)) is None
