from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from dasein.patience import CAP_S, FIRST_S, Patience, again_after_s, retry_after_s


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def patient(limit_s: float, *, chance: float = 1.0) -> tuple[Patience, Time]:
    time = Time()
    return Patience(limit_s, clock=lambda: time.now, sleep=time.sleep, chance=lambda: chance), time


def test_pauses_double_up_to_a_cap() -> None:
    patience, time = patient(100)

    for _ in range(8):
        assert patience.pause()

    assert time.slept[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert time.slept[-1] == CAP_S


def test_chance_shortens_a_pause_by_up_to_half() -> None:
    patience, time = patient(100, chance=0.0)

    patience.pause()

    assert time.slept == [FIRST_S / 2]


def test_patience_ends_before_the_limit_is_overrun() -> None:
    patience, time = patient(1)

    while patience.pause():
        pass

    assert sum(time.slept) <= 1
    assert sum(time.slept) > 0.3


def test_the_servers_word_goes_before_ours() -> None:
    patience, time = patient(10)

    assert patience.pause(3)
    assert not patience.pause(30)
    assert time.slept == [3]


def test_a_success_renews_patience() -> None:
    patience, time = patient(1)
    while patience.pause():
        pass

    patience.renew()

    assert patience.pause()
    assert time.slept[-1] == FIRST_S


@pytest.mark.parametrize(("header", "seconds"), [("0", 0), ("17", 17), (None, None), ("soon", None), ("-1", None)])
def test_retry_after_is_seconds(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


def test_retry_after_is_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)

    assert retry_after_s(format_datetime(later, usegmt=True)) == pytest.approx(90, abs=5)
    assert retry_after_s(format_datetime(later - timedelta(days=1), usegmt=True)) == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3", "RateLimit": '"a";r=0;t=9'}, 3),
        ({"RateLimit": '"a";r=0;t=9'}, 9),
        ({"RateLimit": '"a";r=0;t=9, "b";r=0;t=20, "c";r=1;t=99'}, 20),
        ({"RateLimit": "limit=100, remaining=0, reset=7"}, 7),
        ({"RateLimit-Limit": "100", "RateLimit-Remaining": "0", "RateLimit-Reset": "11"}, 11),
        ({"RateLimit": '"a";r=5;t=9'}, None),
        ({"RateLimit-Remaining": "2", "RateLimit-Reset": "11"}, None),
        ({"RateLimit": "nonsense", "RateLimit-Remaining": "0", "RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_farm_says_in_several_ways_for_how_long_it_wants_to_be_left_alone(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert again_after_s(headers) == seconds
