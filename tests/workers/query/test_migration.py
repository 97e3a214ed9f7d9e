"""Schemas are brought up to date once a process, and again where a store was away."""

from jobs.errors import StoreUnavailable
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from workers.query.migration import Migrations


class Counted(MemoryDocuments):
    """Documents that count their migrations, and are away as often as they are told."""

    def __init__(self, *, away: int = 0) -> None:
        super().__init__()
        self.asked = 0
        self._away = away

    def migrate(self) -> None:
        self.asked += 1
        if self.asked <= self._away:
            raise StoreUnavailable("It is away.")


def test_every_store_is_brought_up_to_date_once() -> None:
    migrations, stores = Migrations(), [Counted(), Counted()]

    for _ in range(3):
        migrations.run(*stores, MemoryGraph())

    assert [store.asked for store in stores] == [1, 1]


def test_a_store_that_is_away_holds_up_no_other_and_is_tried_again() -> None:
    migrations, away, there = Migrations(), Counted(away=2), Counted()

    for _ in range(4):
        migrations.run(away, there)

    assert (away.asked, there.asked) == (3, 1)


def test_another_process_does_not_know_and_asks_again() -> None:
    store = Counted()

    Migrations().run(store)
    Migrations().run(store)

    assert store.asked == 2
