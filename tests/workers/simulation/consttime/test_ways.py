"""The tree of ways, and what executions touched on them."""

import numpy as np
import numpy.typing as npt

from renode.trace import TOUCH, Footprint, Stop
from workers.simulation.consttime.addresses import Addresses
from workers.simulation.consttime.ways import MOST_LEADERS, Ways, common

Access = tuple[int, int]
"""Position and address."""


def footprint(*pcs: int, touched: tuple[Access, ...] = ()) -> Footprint:
    touches: npt.NDArray[np.void] = np.zeros(len(touched), TOUCH)
    touches["position"] = [position for position, _ in touched]
    touches["address"] = [address for _, address in touched]
    touches["size"] = 4
    return Footprint(np.array(pcs, np.uint32), touches, Stop.DONE, pcs[-1], len(pcs), b"")


def test_executions_that_go_one_way_have_no_parting() -> None:
    ways = Ways(footprint(2, 4, 6))

    ways.add(1, footprint(2, 4, 6))

    assert list(ways.partings()) == []


def test_the_place_of_a_parting_is_the_last_instruction_in_common_with_both_ways_behind_it() -> None:
    ways = Ways(footprint(2, 4, 6, 8))
    for row in (1, 2):
        ways.add(row, footprint(2, 4, 10))
    ways.add(3, footprint(2, 4, 6, 8))

    (parted,) = ways.partings()

    assert (parted.pc, parted.position, parted.rows) == (4, 1, (0, 1))
    assert parted.ways == ((6, 2), (10, 2))


def test_executions_that_left_together_and_part_later_are_told_apart_as_well() -> None:
    ways = Ways(footprint(2, 4))
    ways.add(1, footprint(2, 6, 8, 10))
    ways.add(2, footprint(2, 6, 8, 12))
    ways.add(3, footprint(2, 6, 8, 10))

    parted = {one.pc: one for one in ways.partings()}

    assert parted[2].ways == ((4, 1), (6, 3))
    assert parted[8].ways == ((10, 2), (12, 1))
    assert parted[8].rows == (1, 2)


def test_who_left_earlier_is_not_counted_among_those_that_came_to_a_later_place() -> None:
    ways = Ways(footprint(2, 4, 6, 8))
    ways.add(1, footprint(2, 20))
    ways.add(2, footprint(2, 4, 6, 30))

    parted = {one.pc: one.ways for one in ways.partings()}

    assert parted == {2: ((4, 2), (20, 1)), 6: ((8, 1), (30, 1))}


def test_an_execution_that_ends_where_another_goes_on_has_no_next_instruction() -> None:
    ways = Ways(footprint(2, 4, 6))
    ways.add(1, footprint(2, 4))

    (parted,) = ways.partings()

    assert (parted.pc, parted.ways) == (4, ((6, 1), (0, 1)))


def test_no_more_leaders_are_kept_than_there_is_room_for_and_all_are_counted() -> None:
    ways = Ways(footprint(2, 4))
    for row in range(1, 3 * MOST_LEADERS):
        ways.add(row, footprint(2, 100 + 2 * row, 4))

    (parted,) = ways.partings()

    assert sum(count for _, count in parted.ways) == 3 * MOST_LEADERS
    assert len(ways.root.children) == MOST_LEADERS - 1


def test_what_is_in_common_ends_at_the_first_difference_or_with_the_shorter_one() -> None:
    long = np.array([2, 4, 6], np.uint32)

    assert common(long, np.array([2, 4, 8], np.uint32)) == 2
    assert common(long, long[:1]) == 1
    assert common(long, long) == 3


def test_an_address_that_differs_is_told_by_its_instruction_with_its_span() -> None:
    ways, addresses = Ways(footprint(2, 4, 2, touched=((0, 0x100), (1, 0x200), (2, 0x104)))), Addresses(None)
    other = footprint(2, 4, 2, touched=((0, 0x100), (1, 0x200), (2, 0x110)))

    addresses.add(1, other, ways.add(1, other))
    same = footprint(2, 4, 2, touched=((0, 0x100), (1, 0x200), (2, 0x104)))
    addresses.add(2, same, ways.add(2, same))

    ((which, moved),) = addresses.moved.items()
    assert which == (2, False)
    assert (moved.first, moved.rows, moved.executions) == (2, (0, 1), 1)
    assert (moved.least, moved.greatest) == (0x104, 0x110)


def test_another_address_in_the_same_line_is_told_apart_from_one_in_another() -> None:
    reference = footprint(2, 4, touched=((0, 0x100), (1, 0x200)))
    ways, addresses = Ways(reference), Addresses(16)
    near = footprint(2, 4, touched=((0, 0x108), (1, 0x300)))

    addresses.add(1, near, ways.add(1, near))

    assert {pc: moved.other_lines for (pc, _), moved in addresses.moved.items()} == {2: 0, 4: 1}


def test_behind_a_parting_an_execution_is_compared_with_those_that_went_its_way() -> None:
    ways, addresses = Ways(footprint(2, 4, touched=((1, 0x100),))), Addresses(None)
    for row, address in ((1, 0x500), (2, 0x504)):
        one = footprint(2, 6, touched=((1, address),))
        addresses.add(row, one, ways.add(row, one))

    ((which, moved),) = addresses.moved.items()
    assert which == (6, False)
    assert moved.rows == (1, 2)


def test_a_load_that_only_one_of_them_does_is_a_difference() -> None:
    ways, addresses = Ways(footprint(2, 4, touched=((0, 0x100), (1, 0x100)))), Addresses(16)
    without = footprint(2, 4, touched=((1, 0x100),))

    addresses.add(1, without, ways.add(1, without))

    ((which, moved),) = addresses.moved.items()
    assert which == (2, False)
    assert (moved.least, moved.greatest, moved.other_lines) == (0x100, 0x100, 1)
