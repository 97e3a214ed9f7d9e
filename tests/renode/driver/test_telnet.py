import pytest

from renode.driver.telnet import Telnet, escaped

RENODE = bytes((255, 253, 0, 255, 253, 31, 255, 251, 1, 255, 251, 3, 255, 252, 34))
"""What Renode's monitor begins with: DO binary, DO window size, WILL echo, WILL suppress go-ahead, WONT line mode."""
ANSWER = bytes((255, 251, 0, 255, 252, 31, 255, 253, 1, 255, 253, 3))


@pytest.mark.parametrize("size", [1, 2, 4, 100])
def test_negotiation_is_answered_and_is_no_text_however_it_is_cut(size: int) -> None:
    stream = b"a" + RENODE[:7] + RENODE[7:] + b"(monitor) "
    telnet = Telnet()

    read = [telnet.feed(stream[at : at + size]) for at in range(0, len(stream), size)]

    assert b"".join(text for text, _ in read) == b"a(monitor) "
    assert b"".join(answer for _, answer in read) == ANSWER


def test_an_escaped_byte_is_text_both_ways() -> None:
    assert Telnet().feed(b"a\xff\xffb") == (b"a\xffb", b"")
    assert escaped(b"a\xffb") == b"a\xff\xffb"


def test_what_is_inside_of_a_subnegotiation_is_no_text() -> None:
    # its end is escaped inside, too: IAC IAC is a byte of it
    assert Telnet().feed(b"a\xff\xfa\x1f\x00\xff\xff\x18\xff\xf0b") == (b"ab", b"")


def test_unknown_offers_are_declined_and_withdrawals_need_no_answer() -> None:
    assert Telnet().feed(bytes((255, 251, 70, 255, 253, 24, 255, 254, 1, 255, 241))) == (
        b"",
        bytes((255, 254, 70, 255, 252, 24)),
    )
