"""What will happen is drawn from the seed alone, and everything does."""

from itertools import pairwise

from tests.chaos.acts import SHARE, Fault, Targets, plan

TARGETS = Targets(
    workers=("simulation1", "ingest1"),
    web=("web",),
    stores=("redis", "graph"),
    ways=("web-redis", "ingest1-graph"),
    skewed=("ingest1",),
    disk=("disk",),
)


def test_the_same_seed_plans_the_same_and_another_one_does_not() -> None:
    first, again, other = (plan(seed, seconds=60, every_s=2, targets=TARGETS) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_everything_happens_to_everything_before_anything_does_twice() -> None:
    possible = {(fault, target) for fault in Fault for target in TARGETS.of(fault)}

    acts = plan(3, seconds=200, every_s=2, targets=TARGETS)

    begun = [(act.fault, act.target) for act in acts]
    assert set(begun[: len(possible)]) == possible
    assert len(begun) > len(possible)


def test_acts_come_in_their_order_within_the_time_and_none_outlasts_its_share() -> None:
    acts = plan(4, seconds=20, every_s=1, targets=TARGETS)

    assert all(one.at_s < other.at_s for one, other in pairwise(acts))
    assert all(0 < act.at_s < 20 and act.lasts_s <= 20 / SHARE for act in acts)


def test_only_the_faults_that_are_wanted_happen() -> None:
    acts = plan(5, seconds=60, every_s=1, targets=TARGETS, faults=(Fault.CUT, Fault.SKEW))

    assert {act.fault for act in acts} == {Fault.CUT, Fault.SKEW}
    assert {act.target for act in acts if act.fault is Fault.SKEW} == {"ingest1"}


def test_where_nothing_can_be_had_nothing_happens() -> None:
    nothing = Targets(workers=(), web=(), stores=(), ways=(), skewed=(), disk=())

    assert plan(6, seconds=60, every_s=1, targets=nothing) == []
