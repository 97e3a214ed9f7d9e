"""The 16-bit encodings (A5.2)."""

from functools import partial

from renode.thumb import data, flow, memory, narrow
from renode.thumb.micro import Op
from renode.thumb.row import BASE, MAIN, Row, rows

_constant_shift = narrow.constant_shift
_register_shift = narrow.register_shift
_registers = narrow.registers
_three = narrow.three_registers

ROWS: tuple[Row, ...] = (
    # Shift (immediate), add, subtract, move and compare (A5.2.1).
    *rows(
        BASE,
        ("MOV (register) T2", "A7.7.77", "0000000000 mmm ddd", narrow.moved_with_flags),
        ("LSL (immediate) T1", "A7.7.68", "00000 iiiii mmm ddd", partial(_constant_shift, t=0)),
        ("LSR (immediate) T1", "A7.7.70", "00001 iiiii mmm ddd", partial(_constant_shift, t=1)),
        ("ASR (immediate) T1", "A7.7.10", "00010 iiiii mmm ddd", partial(_constant_shift, t=2)),
        ("ADD (register) T1", "A7.7.4", "0001100 mmm nnn ddd", partial(_three, op=data.ADD)),
        ("SUB (register) T1", "A7.7.175", "0001101 mmm nnn ddd", partial(_three, op=data.SUB)),
        ("ADD (immediate) T1", "A7.7.3", "0001110 iii nnn ddd", partial(narrow.short_constant, op=data.ADD)),
        ("SUB (immediate) T1", "A7.7.174", "0001111 iii nnn ddd", partial(narrow.short_constant, op=data.SUB)),
        ("MOV (immediate) T1", "A7.7.76", "00100 ddd iiiiiiii", partial(narrow.long_constant, op=data.MOV)),
        ("CMP (immediate) T1", "A7.7.27", "00101 nnn iiiiiiii", partial(narrow.constant_comparison, op=data.SUB)),
        ("ADD (immediate) T2", "A7.7.3", "00110 ddd iiiiiiii", partial(narrow.long_constant, op=data.ADD)),
        ("SUB (immediate) T2", "A7.7.174", "00111 ddd iiiiiiii", partial(narrow.long_constant, op=data.SUB)),
    ),
    # Data processing (A5.2.2).
    *rows(
        BASE,
        ("AND (register) T1", "A7.7.9", "0100000000 mmm ddd", partial(_registers, op=data.AND)),
        ("EOR (register) T1", "A7.7.36", "0100000001 mmm ddd", partial(_registers, op=data.EOR)),
        ("LSL (register) T1", "A7.7.69", "0100000010 mmm ddd", partial(_register_shift, t=0)),
        ("LSR (register) T1", "A7.7.71", "0100000011 mmm ddd", partial(_register_shift, t=1)),
        ("ASR (register) T1", "A7.7.11", "0100000100 mmm ddd", partial(_register_shift, t=2)),
        ("ADC (register) T1", "A7.7.2", "0100000101 mmm ddd", partial(_registers, op=data.ADC)),
        ("SBC (register) T1", "A7.7.125", "0100000110 mmm ddd", partial(_registers, op=data.SBC)),
        ("ROR (register) T1", "A7.7.117", "0100000111 mmm ddd", partial(_register_shift, t=3)),
        ("TST (register) T1", "A7.7.189", "0100001000 mmm nnn", partial(narrow.comparison, op=data.AND)),
        ("RSB (immediate) T1", "A7.7.119", "0100001001 nnn ddd", partial(narrow.short_constant, op=data.RSB, i=0)),
        ("CMP (register) T1", "A7.7.28", "0100001010 mmm nnn", partial(narrow.comparison, op=data.SUB)),
        ("CMN (register) T1", "A7.7.26", "0100001011 mmm nnn", partial(narrow.comparison, op=data.ADD)),
        ("ORR (register) T1", "A7.7.92", "0100001100 mmm ddd", partial(_registers, op=data.ORR)),
        ("MUL T1", "A7.7.84", "0100001101 nnn ddd", narrow.product),
        ("BIC (register) T1", "A7.7.16", "0100001110 mmm ddd", partial(_registers, op=data.BIC)),
        ("MVN (register) T1", "A7.7.86", "0100001111 mmm ddd", partial(_registers, op=data.MVN)),
    ),
    # Special data instructions and branch and exchange (A5.2.3).
    *rows(
        BASE,
        ("ADD (register) T2", "A7.7.4", "01000100 d mmmm ddd", narrow.any_sum),
        ("ADD (SP plus register) T1", "A7.7.6", "01000100 d 1101 ddd", partial(narrow.any_sum, m=13)),
        ("ADD (SP plus register) T2", "A7.7.6", "010001001 mmmm 101", partial(narrow.any_sum, d=13)),
        ("ADD (SP plus register) T1", "A7.7.6", "010001001 1101 101", partial(narrow.any_sum, m=13, d=13)),
        ("CMP (register) T2", "A7.7.28", "01000101 n mmmm nnn", partial(narrow.any_comparison, op=data.SUB)),
        ("MOV (register) T1", "A7.7.77", "01000110 d mmmm ddd", narrow.any_move),
        ("BX T1", "A7.7.20", "010001110 mmmm (0)(0)(0)", narrow.exchange),
        ("BLX (register) T1", "A7.7.19", "010001111 mmmm (0)(0)(0)", narrow.call),
    ),
    # Loads and stores of single words (A5.2.4), and addresses (A5.2).
    *rows(
        BASE,
        ("LDR (literal) T1", "A7.7.44", "01001 ttt iiiiiiii", memory.literal),
        ("STR (register) T1", "A7.7.162", "0101000 mmm nnn ttt", partial(memory.indexed, kind=memory.STR)),
        ("STRH (register) T1", "A7.7.171", "0101001 mmm nnn ttt", partial(memory.indexed, kind=memory.STRH)),
        ("STRB (register) T1", "A7.7.164", "0101010 mmm nnn ttt", partial(memory.indexed, kind=memory.STRB)),
        ("LDRSB (register) T1", "A7.7.61", "0101011 mmm nnn ttt", partial(memory.indexed, kind=memory.LDRSB)),
        ("LDR (register) T1", "A7.7.45", "0101100 mmm nnn ttt", partial(memory.indexed, kind=memory.LDR)),
        ("LDRH (register) T1", "A7.7.57", "0101101 mmm nnn ttt", partial(memory.indexed, kind=memory.LDRH)),
        ("LDRB (register) T1", "A7.7.48", "0101110 mmm nnn ttt", partial(memory.indexed, kind=memory.LDRB)),
        ("LDRSH (register) T1", "A7.7.65", "0101111 mmm nnn ttt", partial(memory.indexed, kind=memory.LDRSH)),
        ("STR (immediate) T1", "A7.7.161", "01100 iiiii nnn ttt", partial(memory.scaled, kind=memory.STR)),
        ("LDR (immediate) T1", "A7.7.43", "01101 iiiii nnn ttt", partial(memory.scaled, kind=memory.LDR)),
        ("STRB (immediate) T1", "A7.7.163", "01110 iiiii nnn ttt", partial(memory.scaled, kind=memory.STRB)),
        ("LDRB (immediate) T1", "A7.7.46", "01111 iiiii nnn ttt", partial(memory.scaled, kind=memory.LDRB)),
        ("STRH (immediate) T1", "A7.7.170", "10000 iiiii nnn ttt", partial(memory.scaled, kind=memory.STRH)),
        ("LDRH (immediate) T1", "A7.7.55", "10001 iiiii nnn ttt", partial(memory.scaled, kind=memory.LDRH)),
        ("STR (immediate) T2", "A7.7.161", "10010 ttt iiiiiiii", partial(memory.scaled, kind=memory.STR)),
        ("LDR (immediate) T2", "A7.7.43", "10011 ttt iiiiiiii", partial(memory.scaled, kind=memory.LDR)),
        ("ADR T1", "A7.7.7", "10100 ddd iiiiiiii", narrow.address),
        ("ADD (SP plus immediate) T1", "A7.7.5", "10101 ddd iiiiiiii", narrow.sp_plus_constant),
    ),
    # Miscellaneous (A5.2.5).
    *rows(
        BASE,
        ("ADD (SP plus immediate) T2", "A7.7.5", "101100000 iiiiiii", narrow.sp_plus_constant),
        ("SUB (SP minus immediate) T1", "A7.7.176", "101100001 iiiiiii", narrow.sp_minus_constant),
        ("SXTH T1", "A7.7.184", "1011001000 mmm ddd", partial(narrow.unary, op=Op.SXTH)),
        ("SXTB T1", "A7.7.182", "1011001001 mmm ddd", partial(narrow.unary, op=Op.SXTB)),
        ("UXTH T1", "A7.7.223", "1011001010 mmm ddd", partial(narrow.masked, mask=0xFFFF)),
        ("UXTB T1", "A7.7.221", "1011001011 mmm ddd", partial(narrow.masked, mask=0xFF)),
        ("PUSH T1", "A7.7.101", "1011010 m rrrrrrrr", memory.push),
        ("CPS T1", "A7.7.29", "10110110011 i (0)(0) f f", flow.system),
        ("REV T1", "A7.7.113", "1011101000 mmm ddd", partial(narrow.unary, op=Op.REV)),
        ("REV16 T1", "A7.7.114", "1011101001 mmm ddd", partial(narrow.unary, op=Op.REV16)),
        ("REVSH T1", "A7.7.115", "1011101011 mmm ddd", partial(narrow.unary, op=Op.REVSH)),
        ("POP T1", "A7.7.99", "1011110 p rrrrrrrr", memory.pop),
        ("BKPT T1", "A7.7.17", "10111110 iiiiiiii", flow.breakpoint_),
        ("NOP T1", "A7.7.88", "10111111 0000 0000", flow.hint),
        ("YIELD T1", "A7.7.263", "10111111 0001 0000", flow.stops),
        ("WFE T1", "A7.7.261", "10111111 0010 0000", flow.stops),
        ("WFI T1", "A7.7.262", "10111111 0011 0000", flow.stops),
        ("SEV T1", "A7.7.129", "10111111 0100 0000", flow.hint),
        ("Unallocated hint T1", "A5.2.5", "10111111 hhhh 0000", flow.hint),
    ),
    *rows(
        MAIN,
        ("CBZ T1", "A7.7.21", "10110 0 i 1 iiiii nnn", partial(flow.compare_and_branch, op=Op.BRANCH_ZERO)),
        ("CBNZ T1", "A7.7.21", "10111 0 i 1 iiiii nnn", partial(flow.compare_and_branch, op=Op.BRANCH_NONZERO)),
        ("IT T1", "A7.7.38", "10111111 cccc mmmm", flow.if_then),
    ),
    # Loads and stores of several words, conditional branch, supervisor call (A5.2, A5.2.6).
    *rows(
        BASE,
        ("STM T1", "A7.7.159", "11000 nnn rrrrrrrr", memory.store_many),
        ("LDM T1", "A7.7.41", "11001 nnn rrrrrrrr", memory.load_many),
        ("B T1", "A7.7.12", "1101 cccc iiiiiiii", flow.branch_if),
        ("UDF T1", "A7.7.194", "1101 1110 iiiiiiii", flow.trap),
        ("SVC T1", "A7.7.178", "1101 1111 iiiiiiii", flow.trap),
        ("B T2", "A7.7.12", "11100 iiiiiiiiiii", flow.branch),
    ),
)
