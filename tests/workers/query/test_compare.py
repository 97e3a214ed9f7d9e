import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.query.compare import Side, changes, energy_difference, matched, rho_difference, t_difference


def side(thing: str, *, text: str = "ldrb r3, [r2]", place: str = "aes.c:41", **more: object) -> Side:
    return Side(thing, "sub_bytes", place, text, **more)  # type: ignore[arg-type]


def test_instructions_of_one_firmware_are_the_same_by_address() -> None:
    before = [side("f:01"), side("f:02", text="eors r3, r4")]
    after = [side("f:02", text="eors r3, r4"), side("f:03")]

    assert [(a.id, b.id) for a, b in matched(before, after, same_firmware=True)] == [("f:02", "f:02")]


def test_instructions_of_two_builds_are_the_same_by_what_and_where_they_are() -> None:
    before = [side("old:10"), side("old:12", text="eors r3, r4"), side("old:14", place="aes.c:50")]
    after = [side("new:20", text="eors r3, r4"), side("new:22"), side("new:24", place="aes.c:51")]

    pairs = {(a.id, b.id) for a, b in matched(before, after, same_firmware=False)}

    assert pairs == {("old:10", "new:22"), ("old:12", "new:20")}


def test_equal_instructions_of_one_line_are_told_apart_by_their_order() -> None:
    before = [side("old:10"), side("old:20"), side("old:30")]
    after = [side("new:40"), side("new:50")]

    pairs = [(a.id, b.id) for a, b in matched(before, after, same_firmware=False)]

    assert pairs == [("old:10", "new:40"), ("old:20", "new:50")]


def test_a_fall_of_t_beyond_chance_is_better_and_one_within_it_is_unchanged() -> None:
    pairs = [
        (side("a1", value=20.0, n=1000), side("a2", value=2.0, n=1000)),
        (side("b1", value=5.0, n=1000), side("b2", value=4.0, n=1000)),
        (side("c1", value=2.0, n=1000), side("c2", value=20.0, n=1000)),
    ]

    judged = {pair.after: pair for pair in changes(pairs, "t")}

    assert {key: pair.change for key, pair in judged.items()} == {"a2": "better", "b2": "unchanged", "c2": "worse"}
    assert judged["a2"].sure
    assert not judged["b2"].sure
    assert judged["a2"].z == pytest.approx(-18 / math.sqrt(2))


def test_more_instructions_need_a_larger_difference() -> None:
    pair = (side("a1", value=6.0, n=1000), side("a2", value=2.0, n=1000))
    others = [(side(f"x{n}", value=1.0, n=9), side(f"y{n}", value=1.0, n=9)) for n in range(200)]

    assert changes([pair], "t")[0].change == "better"
    assert {judged.change for judged in changes([pair, *others], "t")} == {"unchanged"}


def test_what_never_leaked_and_stayed_may_be_left_out() -> None:
    pairs = [
        (side("a1", value=1.0, n=9), side("a2", value=1.0, n=9)),
        (side("b1", value=1.0, n=9), side("b2", value=40.0, n=9)),
        (side("c1", value=1.0, n=9, rank=2), side("c2", value=1.0, n=9, rank=2)),
    ]

    told = changes(pairs, "t", quiet=False)

    assert [pair.after for pair in told] == ["b2", "c2"]
    assert told == [pair for pair in changes(pairs, "t") if pair.after != "a2"]


def test_a_changed_severity_decides_before_the_statistic() -> None:
    risen = (side("a1", value=4.4, n=1000, rank=0), side("a2", value=4.6, n=1000, rank=3))

    judged = changes([risen], "t")[0]

    assert (judged.change, judged.sure) == ("worse", False)


def test_a_larger_campaign_is_scaled_to_the_lesser_one() -> None:
    # Four times the traces double a t that did not change.
    same = t_difference(side("a", value=10.0, n=1000), side("b", value=20.0, n=4000))

    assert same == pytest.approx(0)


@given(st.floats(0, 40), st.floats(0, 40), st.integers(0, 10_000), st.integers(0, 10_000))
def test_changes_are_the_same_in_both_directions(a: float, b: float, n: int, m: int) -> None:
    there = t_difference(side("a", value=a, n=n), side("b", value=b, n=m))
    back = t_difference(side("b", value=b, n=m), side("a", value=a, n=n))

    assert there is not None
    assert back is not None
    assert there == pytest.approx(-back, abs=1e-9)


def test_what_was_not_measured_is_not_compared() -> None:
    assert t_difference(side("a"), side("b", value=1.0, n=9)) is None
    assert rho_difference(side("a", value=0.5, n=3), side("b", value=0.5, n=9)) is None
    assert energy_difference(side("a", value=1.0, n=9), side("b", value=2.0, sd=0.1, n=9)) is None
    assert changes([(side("a"), side("b"))], "t")[0].change == "unchanged"


def test_correlations_are_compared_after_fisher_and_energies_after_welch() -> None:
    fallen = rho_difference(side("a", value=0.9, n=500), side("b", value=0.1, n=500))
    spent = energy_difference(side("a", value=1.0, sd=0.1, n=50), side("b", value=2.0, sd=0.1, n=50))

    assert fallen is not None
    assert fallen == pytest.approx((math.atanh(0.1) - math.atanh(0.9)) / math.sqrt(2 / 497))
    assert spent is not None
    assert spent > 15
    assert energy_difference(side("a", value=1.0, sd=0.1, n=50), side("b", value=1.0, sd=0.1, n=50)) == 0


def test_modelled_power_differs_from_one_percent_on() -> None:
    pairs = [
        (side("a1", value=100.0), side("a2", value=100.5)),
        (side("b1", value=100.0), side("b2", value=90.0)),
    ]

    assert {pair.after: pair.change for pair in changes(pairs, "power")} == {"a2": "unchanged", "b2": "better"}


def test_the_worst_comes_first() -> None:
    pairs = [
        (side("a1", value=9.0, n=100, rank=3), side("a2", value=1.0, n=100)),
        (side("b1", value=1.0, n=100), side("b2", value=9.0, n=100, rank=3)),
        (side("c1", value=9.0, n=100, rank=2), side("c2", value=9.0, n=100, rank=2)),
        (side("d1", value=1.0, n=100), side("d2", value=30.0, n=100, rank=4)),
    ]

    assert [pair.after for pair in changes(pairs, "t")] == ["d2", "b2", "a2", "c2"]
