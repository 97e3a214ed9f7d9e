"""The 32-bit encodings of data processing (A5.3.1, A5.3.3, A5.3.11, A5.3.12, A5.3.15)."""

from functools import partial

from renode.thumb import data, saturate, wide
from renode.thumb.micro import Op
from renode.thumb.row import MAIN, Row, rows

_constant = wide.modified_constant
_register = wide.shifted_register

ROWS: tuple[Row, ...] = (
    # Modified immediate (A5.3.1).
    *rows(
        MAIN,
        ("AND (immediate) T1", "A7.7.8", "11110 i 00000 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.AND)),
        ("TST (immediate) T1", "A7.7.188", "11110 i 00000 1 nnnn 0 iii 1111 iiiiiiii", partial(_constant, op=data.AND)),
        ("BIC (immediate) T1", "A7.7.15", "11110 i 00001 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.BIC)),
        ("ORR (immediate) T1", "A7.7.91", "11110 i 00010 s NNNN 0 iii dddd iiiiiiii", partial(_constant, op=data.ORR)),
        ("MOV (immediate) T2", "A7.7.76", "11110 i 00010 s 1111 0 iii dddd iiiiiiii", partial(_constant, op=data.MOV)),
        ("ORN (immediate) T1", "A7.7.89", "11110 i 00011 s NNNN 0 iii dddd iiiiiiii", partial(_constant, op=data.ORN)),
        ("MVN (immediate) T1", "A7.7.85", "11110 i 00011 s 1111 0 iii dddd iiiiiiii", partial(_constant, op=data.MVN)),
        ("EOR (immediate) T1", "A7.7.35", "11110 i 00100 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.EOR)),
        ("TEQ (immediate) T1", "A7.7.186", "11110 i 00100 1 nnnn 0 iii 1111 iiiiiiii", partial(_constant, op=data.EOR)),
        ("ADD (immediate) T3", "A7.7.3", "11110 i 01000 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.ADD)),
        (
            "ADD (SP plus immediate) T3",
            "A7.7.5",
            "11110 i 01000 s 1101 0 iii dddd iiiiiiii",
            partial(wide.sp_and_modified_constant, op=data.ADD),
        ),
        (
            "CMN (immediate) T1",
            "A7.7.25",
            "11110 i 01000 1 nnnn 0 iii 1111 iiiiiiii",
            partial(_constant, op=data.ADD, sums=True),
        ),
        ("ADC (immediate) T1", "A7.7.1", "11110 i 01010 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.ADC)),
        ("SBC (immediate) T1", "A7.7.124", "11110 i 01011 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.SBC)),
        ("SUB (immediate) T3", "A7.7.174", "11110 i 01101 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.SUB)),
        (
            "SUB (SP minus immediate) T2",
            "A7.7.176",
            "11110 i 01101 s 1101 0 iii dddd iiiiiiii",
            partial(wide.sp_and_modified_constant, op=data.SUB),
        ),
        (
            "CMP (immediate) T2",
            "A7.7.27",
            "11110 i 01101 1 nnnn 0 iii 1111 iiiiiiii",
            partial(_constant, op=data.SUB, sums=True),
        ),
        ("RSB (immediate) T2", "A7.7.119", "11110 i 01110 s nnnn 0 iii dddd iiiiiiii", partial(_constant, op=data.RSB)),
    ),
    # Plain binary immediate (A5.3.3).
    *rows(
        MAIN,
        (
            "ADD (immediate) T4",
            "A7.7.3",
            "11110 i 100000 nnnn 0 iii dddd iiiiiiii",
            partial(wide.plain_constant, op=data.ADD),
        ),
        (
            "ADD (SP plus immediate) T4",
            "A7.7.5",
            "11110 i 100000 1101 0 iii dddd iiiiiiii",
            partial(wide.sp_and_constant, op=data.ADD),
        ),
        ("ADR T3", "A7.7.7", "11110 i 100000 1111 0 iii dddd iiiiiiii", partial(wide.address, sign=1)),
        ("MOV (immediate) T3", "A7.7.76", "11110 j 100100 iiii 0 jjj dddd jjjjjjjj", wide.constant),
        (
            "SUB (immediate) T4",
            "A7.7.174",
            "11110 i 101010 nnnn 0 iii dddd iiiiiiii",
            partial(wide.plain_constant, op=data.SUB),
        ),
        (
            "SUB (SP minus immediate) T3",
            "A7.7.176",
            "11110 i 101010 1101 0 iii dddd iiiiiiii",
            partial(wide.sp_and_constant, op=data.SUB),
        ),
        ("ADR T2", "A7.7.7", "11110 i 101010 1111 0 iii dddd iiiiiiii", partial(wide.address, sign=-1)),
        ("MOVT T1", "A7.7.79", "11110 j 101100 iiii 0 jjj dddd jjjjjjjj", wide.top),
        ("SSAT T1", "A7.7.152", "11110 (0) 1100 h 0 nnnn 0 iii dddd ii (0) sssss", partial(saturate.one, op=Op.SSAT)),
        ("SBFX T1", "A7.7.126", "11110 (0) 110100 nnnn 0 iii dddd ii (0) wwwww", partial(wide.extract, signed=True)),
        ("BFI T1", "A7.7.14", "11110 (0) 110110 NNNN 0 iii dddd ii (0) jjjjj", wide.insert),
        ("BFC T1", "A7.7.13", "11110 (0) 110110 1111 0 iii dddd ii (0) jjjjj", wide.clear),
        ("USAT T1", "A7.7.213", "11110 (0) 1110 h 0 nnnn 0 iii dddd ii (0) sssss", partial(saturate.one, op=Op.USAT)),
        ("UBFX T1", "A7.7.193", "11110 (0) 111100 nnnn 0 iii dddd ii (0) wwwww", partial(wide.extract, signed=False)),
    ),
    # Shifted register (A5.3.11).
    *rows(
        MAIN,
        ("AND (register) T2", "A7.7.9", "11101010000 s nnnn (0) iii dddd ii tt mmmm", partial(_register, op=data.AND)),
        ("TST (register) T2", "A7.7.189", "111010100001 nnnn (0) iii 1111 ii tt mmmm", partial(_register, op=data.AND)),
        ("BIC (register) T2", "A7.7.16", "11101010001 s nnnn (0) iii dddd ii tt mmmm", partial(_register, op=data.BIC)),
        ("ORR (register) T2", "A7.7.92", "11101010010 s NNNN (0) iii dddd ii tt mmmm", partial(_register, op=data.ORR)),
        ("MOV (register) T3", "A7.7.77", "11101010010 s 1111 (0) 000 dddd 00 00 mmmm", wide.moved_register),
        (
            "LSL (immediate) T2",
            "A7.7.68",
            "11101010010 s 1111 (0) iii dddd ii 00 mmmm",
            partial(wide.constant_shift, t=0),
        ),
        (
            "LSR (immediate) T2",
            "A7.7.70",
            "11101010010 s 1111 (0) iii dddd ii 01 mmmm",
            partial(wide.constant_shift, t=1),
        ),
        (
            "ASR (immediate) T2",
            "A7.7.10",
            "11101010010 s 1111 (0) iii dddd ii 10 mmmm",
            partial(wide.constant_shift, t=2),
        ),
        (
            "ROR (immediate) T1",
            "A7.7.116",
            "11101010010 s 1111 (0) iii dddd ii 11 mmmm",
            partial(wide.constant_shift, t=3),
        ),
        ("RRX T1", "A7.7.118", "11101010010 s 1111 (0) 000 dddd 00 11 mmmm", wide.rotate_through_carry),
        ("ORN (register) T1", "A7.7.90", "11101010011 s NNNN (0) iii dddd ii tt mmmm", partial(_register, op=data.ORN)),
        ("MVN (register) T2", "A7.7.86", "11101010011 s 1111 (0) iii dddd ii tt mmmm", partial(_register, op=data.MVN)),
        ("EOR (register) T2", "A7.7.36", "11101010100 s nnnn (0) iii dddd ii tt mmmm", partial(_register, op=data.EOR)),
        ("TEQ (register) T1", "A7.7.187", "111010101001 nnnn (0) iii 1111 ii tt mmmm", partial(_register, op=data.EOR)),
        ("ADD (register) T3", "A7.7.4", "11101011000 s nnnn (0) iii dddd ii tt mmmm", partial(_register, op=data.ADD)),
        (
            "ADD (SP plus register) T3",
            "A7.7.6",
            "11101011000 s 1101 (0) iii dddd ii tt mmmm",
            partial(wide.sp_and_register, op=data.ADD),
        ),
        (
            "CMN (register) T2",
            "A7.7.26",
            "111010110001 nnnn (0) iii 1111 ii tt mmmm",
            partial(_register, op=data.ADD, sums=True),
        ),
        ("ADC (register) T2", "A7.7.2", "11101011010 s nnnn (0) iii dddd ii tt mmmm", partial(_register, op=data.ADC)),
        (
            "SBC (register) T2",
            "A7.7.125",
            "11101011011 s nnnn (0) iii dddd ii tt mmmm",
            partial(_register, op=data.SBC),
        ),
        (
            "SUB (register) T2",
            "A7.7.175",
            "11101011101 s nnnn (0) iii dddd ii tt mmmm",
            partial(_register, op=data.SUB),
        ),
        (
            "SUB (SP minus register) T1",
            "A7.7.177",
            "11101011101 s 1101 (0) iii dddd ii tt mmmm",
            partial(wide.sp_and_register, op=data.SUB),
        ),
        (
            "CMP (register) T3",
            "A7.7.28",
            "111010111011 nnnn (0) iii 1111 ii tt mmmm",
            partial(_register, op=data.SUB, sums=True),
        ),
        (
            "RSB (register) T1",
            "A7.7.120",
            "11101011110 s nnnn (0) iii dddd ii tt mmmm",
            partial(_register, op=data.RSB),
        ),
    ),
    # Register (A5.3.12), and miscellaneous operations (A5.3.15).
    *rows(
        MAIN,
        ("LSL (register) T2", "A7.7.69", "11111010000 s nnnn 1111 dddd 0000 mmmm", partial(wide.register_shift, t=0)),
        ("LSR (register) T2", "A7.7.71", "11111010001 s nnnn 1111 dddd 0000 mmmm", partial(wide.register_shift, t=1)),
        ("ASR (register) T2", "A7.7.11", "11111010010 s nnnn 1111 dddd 0000 mmmm", partial(wide.register_shift, t=2)),
        ("ROR (register) T2", "A7.7.117", "11111010011 s nnnn 1111 dddd 0000 mmmm", partial(wide.register_shift, t=3)),
        ("SXTH T2", "A7.7.184", "111110100000 1111 1111 dddd 1 (0) rr mmmm", partial(wide.extend, op=Op.SXTH)),
        ("UXTH T2", "A7.7.223", "111110100001 1111 1111 dddd 1 (0) rr mmmm", partial(wide.extend, mask=0xFFFF)),
        ("SXTB T2", "A7.7.182", "111110100100 1111 1111 dddd 1 (0) rr mmmm", partial(wide.extend, op=Op.SXTB)),
        ("UXTB T2", "A7.7.221", "111110100101 1111 1111 dddd 1 (0) rr mmmm", partial(wide.extend, mask=0xFF)),
        ("REV T2", "A7.7.113", "111110101001 nnnn 1111 dddd 1000 mmmm", partial(wide.unary, op=Op.REV)),
        ("REV16 T2", "A7.7.114", "111110101001 nnnn 1111 dddd 1001 mmmm", partial(wide.unary, op=Op.REV16)),
        ("RBIT T1", "A7.7.112", "111110101001 nnnn 1111 dddd 1010 mmmm", partial(wide.unary, op=Op.RBIT)),
        ("REVSH T2", "A7.7.115", "111110101001 nnnn 1111 dddd 1011 mmmm", partial(wide.unary, op=Op.REVSH)),
        ("CLZ T1", "A7.7.24", "111110101011 nnnn 1111 dddd 1000 mmmm", partial(wide.unary, op=Op.CLZ)),
    ),
)
