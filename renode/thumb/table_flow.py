"""The 32-bit encodings of branches and of miscellaneous control (A5.3.4)."""

from renode.thumb import flow, memory
from renode.thumb.row import BASE, MAIN, Row, rows

ROWS: tuple[Row, ...] = (
    *rows(
        BASE,
        ("BL T1", "A7.7.18", "11110 s iiiiiiiiii 11 j 1 k iiiiiiiiiii", flow.wide_call),
        ("MSR T1", "A7.7.83", "11110011100 (0) nnnn 10 (0) 0 mm (0)(0) ssssssss", flow.system),
        ("MRS T1", "A7.7.82", "11110011111 (0)(1)(1)(1)(1) 10 (0) 0 dddd ssssssss", flow.status),
        ("DSB T1", "A7.7.34", "111100111011 (1)(1)(1)(1) 10 (0) 0 (1)(1)(1)(1) 0100 oooo", flow.hint),
        ("DMB T1", "A7.7.33", "111100111011 (1)(1)(1)(1) 10 (0) 0 (1)(1)(1)(1) 0101 oooo", flow.hint),
        ("ISB T1", "A7.7.37", "111100111011 (1)(1)(1)(1) 10 (0) 0 (1)(1)(1)(1) 0110 oooo", flow.synchronise),
        ("UDF T2", "A7.7.194", "111101111111 iiii 1010 iiiiiiiiiiii", flow.trap),
    ),
    *rows(
        MAIN,
        ("B T3", "A7.7.12", "11110 s cccc iiiiii 10 j 0 k iiiiiiiiiii", flow.wide_branch_if),
        ("B T4", "A7.7.12", "11110 s iiiiiiiiii 10 j 1 k iiiiiiiiiii", flow.wide_branch),
        ("NOP T2", "A7.7.88", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 0000 0000", flow.hint),
        ("YIELD T2", "A7.7.263", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 0000 0001", flow.stops),
        ("WFE T2", "A7.7.261", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 0000 0010", flow.stops),
        ("WFI T2", "A7.7.262", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 0000 0011", flow.stops),
        ("SEV T2", "A7.7.129", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 0000 0100", flow.hint),
        ("DBG T1", "A7.7.32", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 1111 oooo", flow.hint),
        ("Unallocated hint T2", "A5.3.4", "111100111010 (1)(1)(1)(1) 10 (0) 0 (0) 000 hhhh hhhh", flow.hint),
        (
            "CLREX T1",
            "A7.7.23",
            "111100111011 (1)(1)(1)(1) 10 (0) 0 (1)(1)(1)(1) 0010 (1)(1)(1)(1)",
            memory.clear_exclusive,
        ),
    ),
)
