"""Schemas of the stores of knowledge, brought up to date once per process."""

import structlog

from jobs.errors import StoreUnavailable
from stores.knowledge import Store

log = structlog.get_logger(__name__)


class Migrations:
    """Remembers which stores are up to date; a store that is away is tried again at the next job."""

    def __init__(self) -> None:
        self._done: set[int] = set()

    def run(self, *stores: Store) -> None:
        """Bring the stores up to date that are not known to be."""
        for store in stores:
            if id(store) in self._done:
                continue
            try:
                store.migrate()
            except StoreUnavailable as error:
                log.warning("store_not_migrated", store=type(store).__name__, error=error.message)
            else:
                self._done.add(id(store))
