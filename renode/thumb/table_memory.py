"""The 32-bit encodings of loads and stores (A5.3.5 to A5.3.10)."""

from functools import partial

from renode.thumb import flow, memory
from renode.thumb.row import MAIN, Row, rows

_offset, _signed, _indexed = memory.wide_offset, memory.wide_signed_offset, memory.wide_indexed
_literal, _user = memory.wide_literal, memory.unprivileged

_LDR, _LDRB, _LDRH, _LDRSB, _LDRSH = memory.LDR, memory.LDRB, memory.LDRH, memory.LDRSB, memory.LDRSH
_STR, _STRB, _STRH = memory.STR, memory.STRB, memory.STRH

ROWS: tuple[Row, ...] = (
    # Several words (A5.3.5).
    *rows(
        MAIN,
        ("STM T2", "A7.7.159", "1110100010 w 0 nnnn (0) m (0) rrrrrrrrrrrrr", memory.wide_store_many),
        ("LDM T2", "A7.7.41", "1110100010 w 1 nnnn p m (0) rrrrrrrrrrrrr", memory.wide_load_many),
        ("POP T2", "A7.7.99", "111010001011 1101 p m (0) rrrrrrrrrrrrr", partial(memory.wide_load_many, w=1)),
        (
            "STMDB T1",
            "A7.7.160",
            "1110100100 w 0 nnnn (0) m (0) rrrrrrrrrrrrr",
            partial(memory.wide_store_many, before=True),
        ),
        (
            "PUSH T2",
            "A7.7.101",
            "111010010010 1101 (0) m (0) rrrrrrrrrrrrr",
            partial(memory.wide_store_many, w=1, before=True),
        ),
        (
            "LDMDB T1",
            "A7.7.42",
            "1110100100 w 1 nnnn p m (0) rrrrrrrrrrrrr",
            partial(memory.wide_load_many, before=True),
        ),
    ),
    # Pairs, exclusive ones, table branches (A5.3.6).
    *rows(
        MAIN,
        ("STREX T1", "A7.7.167", "111010000100 nnnn tttt dddd iiiiiiii", memory.store_exclusive),
        ("LDREX T1", "A7.7.52", "111010000101 nnnn tttt (1)(1)(1)(1) iiiiiiii", memory.load_exclusive),
        (
            "STRD (immediate) T1",
            "A7.7.166",
            "1110100 p u 1 w 0 nnnn tttt ssss iiiiiiii",
            partial(memory.pair, loads=False),
        ),
        (
            "LDRD (immediate) T1",
            "A7.7.50",
            "1110100 p u 1 w 1 NNNN tttt ssss iiiiiiii",
            partial(memory.pair, loads=True),
        ),
        ("LDRD (literal) T1", "A7.7.51", "1110100 p u 1 w 1 1111 tttt ssss iiiiiiii", memory.pair_literal),
        (
            "STREXB T1",
            "A7.7.168",
            "111010001100 nnnn tttt (1)(1)(1)(1) 0100 dddd",
            partial(memory.store_exclusive, width=1),
        ),
        (
            "STREXH T1",
            "A7.7.169",
            "111010001100 nnnn tttt (1)(1)(1)(1) 0101 dddd",
            partial(memory.store_exclusive, width=2),
        ),
        ("TBB, TBH T1", "A7.7.185", "111010001101 nnnn (1)(1)(1)(1)(0)(0)(0)(0) 000 h mmmm", flow.table_branch),
        (
            "LDREXB T1",
            "A7.7.53",
            "111010001101 nnnn tttt (1)(1)(1)(1) 0100 (1)(1)(1)(1)",
            partial(memory.load_exclusive, width=1),
        ),
        (
            "LDREXH T1",
            "A7.7.54",
            "111010001101 nnnn tttt (1)(1)(1)(1) 0101 (1)(1)(1)(1)",
            partial(memory.load_exclusive, width=2),
        ),
    ),
    # Words (A5.3.7).
    *rows(
        MAIN,
        ("LDR (literal) T2", "A7.7.44", "11111000 u 101 1111 tttt iiiiiiiiiiii", partial(_literal, kind=_LDR)),
        ("LDR (immediate) T3", "A7.7.43", "111110001101 NNNN tttt iiiiiiiiiiii", partial(_offset, kind=_LDR)),
        ("LDR (immediate) T4", "A7.7.43", "111110000101 NNNN tttt 1 p u w iiiiiiii", partial(_signed, kind=_LDR)),
        ("POP T3", "A7.7.99", "111110000101 1101 tttt 1 0 1 1 00000100", memory.pop_one),
        ("LDRT T1", "A7.7.67", "111110000101 NNNN tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_LDR)),
        ("LDR (register) T2", "A7.7.45", "111110000101 NNNN tttt 000000 ii mmmm", partial(_indexed, kind=_LDR)),
    ),
    # Halfwords (A5.3.8).
    *rows(
        MAIN,
        ("LDRH (literal) T1", "A7.7.56", "11111000 u 011 1111 tttt iiiiiiiiiiii", partial(_literal, kind=_LDRH)),
        ("LDRH (immediate) T2", "A7.7.55", "111110001011 NNNN tttt iiiiiiiiiiii", partial(_offset, kind=_LDRH)),
        ("LDRH (immediate) T3", "A7.7.55", "111110000011 NNNN tttt 1 p u w iiiiiiii", partial(_signed, kind=_LDRH)),
        ("LDRHT T1", "A7.7.58", "111110000011 NNNN tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_LDRH)),
        ("LDRH (register) T2", "A7.7.57", "111110000011 NNNN tttt 000000 ii mmmm", partial(_indexed, kind=_LDRH)),
        ("LDRSH (literal) T1", "A7.7.64", "11111001 u 011 1111 tttt iiiiiiiiiiii", partial(_literal, kind=_LDRSH)),
        ("LDRSH (immediate) T1", "A7.7.63", "111110011011 NNNN tttt iiiiiiiiiiii", partial(_offset, kind=_LDRSH)),
        ("LDRSH (immediate) T2", "A7.7.63", "111110010011 NNNN tttt 1 p u w iiiiiiii", partial(_signed, kind=_LDRSH)),
        ("LDRSHT T1", "A7.7.66", "111110010011 NNNN tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_LDRSH)),
        ("LDRSH (register) T2", "A7.7.65", "111110010011 NNNN tttt 000000 ii mmmm", partial(_indexed, kind=_LDRSH)),
    ),
    # Bytes, and memory hints where no register is loaded (A5.3.9).
    *rows(
        MAIN,
        ("LDRB (literal) T1", "A7.7.47", "11111000 u 001 1111 tttt iiiiiiiiiiii", partial(_literal, kind=_LDRB)),
        ("LDRB (immediate) T2", "A7.7.46", "111110001001 NNNN tttt iiiiiiiiiiii", partial(_offset, kind=_LDRB)),
        ("LDRB (immediate) T3", "A7.7.46", "111110000001 NNNN tttt 1 p u w iiiiiiii", partial(_signed, kind=_LDRB)),
        ("LDRBT T1", "A7.7.49", "111110000001 NNNN tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_LDRB)),
        ("LDRB (register) T2", "A7.7.48", "111110000001 NNNN tttt 000000 ii mmmm", partial(_indexed, kind=_LDRB)),
        ("LDRSB (literal) T1", "A7.7.60", "11111001 u 001 1111 tttt iiiiiiiiiiii", partial(_literal, kind=_LDRSB)),
        ("LDRSB (immediate) T1", "A7.7.59", "111110011001 NNNN tttt iiiiiiiiiiii", partial(_offset, kind=_LDRSB)),
        ("LDRSB (immediate) T2", "A7.7.59", "111110010001 NNNN tttt 1 p u w iiiiiiii", partial(_signed, kind=_LDRSB)),
        ("LDRSBT T1", "A7.7.62", "111110010001 NNNN tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_LDRSB)),
        ("LDRSB (register) T2", "A7.7.61", "111110010001 NNNN tttt 000000 ii mmmm", partial(_indexed, kind=_LDRSB)),
        ("PLD (literal) T1", "A7.7.95", "11111000 u 001 1111 1111 iiiiiiiiiiii", flow.hint),
        ("PLD (immediate) T1", "A7.7.94", "111110001001 NNNN 1111 iiiiiiiiiiii", flow.hint),
        ("PLD (immediate) T2", "A7.7.94", "111110000001 NNNN 1111 1100 iiiiiiii", flow.hint),
        ("PLD (register) T1", "A7.7.96", "111110000001 NNNN 1111 000000 ii mmmm", memory.preload_indexed),
        ("PLI (literal) T3", "A7.7.97", "11111001 u 001 1111 1111 iiiiiiiiiiii", flow.hint),
        ("PLI (immediate) T1", "A7.7.97", "111110011001 NNNN 1111 iiiiiiiiiiii", flow.hint),
        ("PLI (immediate) T2", "A7.7.97", "111110010001 NNNN 1111 1100 iiiiiiii", flow.hint),
        ("PLI (register) T1", "A7.7.98", "111110010001 NNNN 1111 000000 ii mmmm", memory.preload_indexed),
    ),
    # Stores of single words (A5.3.10).
    *rows(
        MAIN,
        ("STR (immediate) T3", "A7.7.161", "111110001100 nnnn tttt iiiiiiiiiiii", partial(_offset, kind=_STR)),
        ("STR (immediate) T4", "A7.7.161", "111110000100 nnnn tttt 1 p u w iiiiiiii", partial(_signed, kind=_STR)),
        ("PUSH T3", "A7.7.101", "111110000100 1101 tttt 1 1 0 1 00000100", memory.push_one),
        ("STRT T1", "A7.7.173", "111110000100 nnnn tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_STR)),
        ("STR (register) T2", "A7.7.162", "111110000100 nnnn tttt 000000 ii mmmm", partial(_indexed, kind=_STR)),
        ("STRB (immediate) T2", "A7.7.163", "111110001000 nnnn tttt iiiiiiiiiiii", partial(_offset, kind=_STRB)),
        ("STRB (immediate) T3", "A7.7.163", "111110000000 nnnn tttt 1 p u w iiiiiiii", partial(_signed, kind=_STRB)),
        ("STRBT T1", "A7.7.165", "111110000000 nnnn tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_STRB)),
        ("STRB (register) T2", "A7.7.164", "111110000000 nnnn tttt 000000 ii mmmm", partial(_indexed, kind=_STRB)),
        ("STRH (immediate) T2", "A7.7.170", "111110001010 nnnn tttt iiiiiiiiiiii", partial(_offset, kind=_STRH)),
        ("STRH (immediate) T3", "A7.7.170", "111110000010 nnnn tttt 1 p u w iiiiiiii", partial(_signed, kind=_STRH)),
        ("STRHT T1", "A7.7.172", "111110000010 nnnn tttt 1 1 1 0 iiiiiiii", partial(_user, kind=_STRH)),
        ("STRH (register) T2", "A7.7.171", "111110000010 nnnn tttt 000000 ii mmmm", partial(_indexed, kind=_STRH)),
    ),
)
