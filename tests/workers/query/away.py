"""A store that does not answer, whatever it is asked."""

from typing import Any, NoReturn

from jobs.errors import StoreUnavailable


class Away:
    """As if its server were gone."""

    def __init__(self) -> None:
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> NoReturn:
            self.asked += 1
            raise StoreUnavailable("The store is away.")

        return fail
