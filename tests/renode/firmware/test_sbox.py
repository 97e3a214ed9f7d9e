import re

from renode.firmware.sbox import header, inverse, multiply, substitute


def test_products_are_those_of_the_standard() -> None:
    assert multiply(0x57, 0x83) == 0xC1
    assert multiply(0x57, 0x13) == 0xFE


def test_every_byte_but_zero_times_its_inverse_is_one() -> None:
    assert [multiply(a, inverse(a)) for a in range(256)] == [0] + [1] * 255


def test_substitutions_are_those_of_the_standard() -> None:
    chosen = {0x00: 0x63, 0x01: 0x7C, 0x53: 0xED, 0x9A: 0xB8, 0xFF: 0x16}

    assert {a: substitute(a) for a in chosen} == chosen
    assert sorted(map(substitute, range(256))) == list(range(256))


def test_the_header_holds_the_table_in_order() -> None:
    numbers = [int(text, 16) for text in re.findall(r"0x([0-9a-f]{2})\b", header())]

    assert numbers == [substitute(a) for a in range(256)]
