"""Seats of those who stay, by tenant and by key."""

from contextlib import ExitStack

import pytest

from jobs.identity import LOCAL, Principal, Role
from stores.memory import MemoryJobs
from web.refusals import TooManyStreams, TooManyWaiters
from web.seats import SeatLimits, Seats
from web.waiting import Hub

ANNA = Principal("acme", Role.VIEWER, "anna", key="aaaaaaaa")
BERT = Principal("acme", Role.VIEWER, "bert", key="bbbbbbbb")
TOKEN = Principal("acme", Role.VIEWER, "carl")
OTHER = Principal("other", Role.VIEWER, "anna", key="cccccccc")


def test_a_key_takes_so_many_seats_and_gives_them_back() -> None:
    seats = Seats(SeatLimits(per_key=2))
    with seats.take(ANNA), seats.take(ANNA):
        with pytest.raises(TooManyStreams, match="one key"), seats.take(ANNA):
            pass
        with seats.take(BERT), seats.take(TOKEN):
            pass

    with seats.take(ANNA):
        pass
    assert seats.taken == 0


def test_a_tenant_takes_so_many_seats_whoever_holds_them() -> None:
    seats = Seats(SeatLimits(per_tenant=2, per_key=2))

    with seats.take(ANNA), seats.take(BERT), seats.take(OTHER):
        with pytest.raises(TooManyStreams, match="one tenant"), seats.take(TOKEN):
            pass
        with pytest.raises(TooManyStreams), seats.take(ANNA):
            pass

    assert seats.taken == 0


def test_zero_is_any_number_and_a_farm_without_keys_needs_no_seats() -> None:
    endless, tight = Seats(SeatLimits()), Seats(SeatLimits(per_tenant=1, per_key=1))

    with ExitStack() as held:
        for _ in range(50):
            held.enter_context(endless.take(ANNA))
            held.enter_context(tight.take(LOCAL))

    assert (endless.taken, tight.taken) == (0, 0)


def test_who_waits_in_the_hub_holds_a_seat_until_it_leaves_and_none_when_it_was_refused() -> None:
    seats = Seats(SeatLimits(per_key=2))
    hub = Hub(MemoryJobs(), limit=1, read_s=0.2, seat=lambda: seats.take(ANNA))
    waiter = hub.enter("one")

    with pytest.raises(TooManyWaiters):
        hub.enter("two")
    with seats.take(ANNA):
        pass
    waiter.close()
    waiter.close()

    assert seats.taken == 0
    hub.stop()
