"""The DSP extension's parallel additions and subtractions (A5.3.13, A5.3.14)."""

from functools import partial

from renode.thumb import dsp
from renode.thumb.micro import Op
from renode.thumb.row import DSP, Row, rows

ROWS: tuple[Row, ...] = (
    # Parallel addition and subtraction, signed (A5.3.13).
    *rows(
        DSP,
        (
            "SADD16 T1",
            "A7.7.121",
            "111110101 001 nnnn 1111 dddd 00 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.SADD16, ge=Op.SADD16_GE),
        ),
        (
            "SASX T1",
            "A7.7.123",
            "111110101 010 nnnn 1111 dddd 00 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.SASX, ge=Op.SASX_GE),
        ),
        (
            "SSAX T1",
            "A7.7.154",
            "111110101 110 nnnn 1111 dddd 00 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.SSAX, ge=Op.SSAX_GE),
        ),
        (
            "SSUB16 T1",
            "A7.7.156",
            "111110101 101 nnnn 1111 dddd 00 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.SSUB16, ge=Op.SSUB16_GE),
        ),
        (
            "SADD8 T1",
            "A7.7.122",
            "111110101 000 nnnn 1111 dddd 00 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.SADD8, ge=Op.SADD8_GE),
        ),
        (
            "SSUB8 T1",
            "A7.7.157",
            "111110101 100 nnnn 1111 dddd 00 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.SSUB8, ge=Op.SSUB8_GE),
        ),
        ("QADD16 T1", "A7.7.103", "111110101 001 nnnn 1111 dddd 00 01 mmmm", partial(dsp.parallel, op=Op.QADD16)),
        ("QASX T1", "A7.7.105", "111110101 010 nnnn 1111 dddd 00 01 mmmm", partial(dsp.parallel, op=Op.QASX)),
        ("QSAX T1", "A7.7.108", "111110101 110 nnnn 1111 dddd 00 01 mmmm", partial(dsp.parallel, op=Op.QSAX)),
        ("QSUB16 T1", "A7.7.110", "111110101 101 nnnn 1111 dddd 00 01 mmmm", partial(dsp.parallel, op=Op.QSUB16)),
        ("QADD8 T1", "A7.7.104", "111110101 000 nnnn 1111 dddd 00 01 mmmm", partial(dsp.parallel, op=Op.QADD8)),
        ("QSUB8 T1", "A7.7.111", "111110101 100 nnnn 1111 dddd 00 01 mmmm", partial(dsp.parallel, op=Op.QSUB8)),
        ("SHADD16 T1", "A7.7.130", "111110101 001 nnnn 1111 dddd 00 10 mmmm", partial(dsp.parallel, op=Op.SHADD16)),
        ("SHASX T1", "A7.7.132", "111110101 010 nnnn 1111 dddd 00 10 mmmm", partial(dsp.parallel, op=Op.SHASX)),
        ("SHSAX T1", "A7.7.133", "111110101 110 nnnn 1111 dddd 00 10 mmmm", partial(dsp.parallel, op=Op.SHSAX)),
        ("SHSUB16 T1", "A7.7.134", "111110101 101 nnnn 1111 dddd 00 10 mmmm", partial(dsp.parallel, op=Op.SHSUB16)),
        ("SHADD8 T1", "A7.7.131", "111110101 000 nnnn 1111 dddd 00 10 mmmm", partial(dsp.parallel, op=Op.SHADD8)),
        ("SHSUB8 T1", "A7.7.135", "111110101 100 nnnn 1111 dddd 00 10 mmmm", partial(dsp.parallel, op=Op.SHSUB8)),
    ),
    # Parallel addition and subtraction, unsigned (A5.3.14).
    *rows(
        DSP,
        (
            "UADD16 T1",
            "A7.7.190",
            "111110101 001 nnnn 1111 dddd 01 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.UADD16, ge=Op.UADD16_GE),
        ),
        (
            "UASX T1",
            "A7.7.192",
            "111110101 010 nnnn 1111 dddd 01 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.UASX, ge=Op.UASX_GE),
        ),
        (
            "USAX T1",
            "A7.7.215",
            "111110101 110 nnnn 1111 dddd 01 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.USAX, ge=Op.USAX_GE),
        ),
        (
            "USUB16 T1",
            "A7.7.216",
            "111110101 101 nnnn 1111 dddd 01 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.USUB16, ge=Op.USUB16_GE),
        ),
        (
            "UADD8 T1",
            "A7.7.191",
            "111110101 000 nnnn 1111 dddd 01 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.UADD8, ge=Op.UADD8_GE),
        ),
        (
            "USUB8 T1",
            "A7.7.217",
            "111110101 100 nnnn 1111 dddd 01 00 mmmm",
            partial(dsp.parallel_with_flags, op=Op.USUB8, ge=Op.USUB8_GE),
        ),
        ("UQADD16 T1", "A7.7.205", "111110101 001 nnnn 1111 dddd 01 01 mmmm", partial(dsp.parallel, op=Op.UQADD16)),
        ("UQASX T1", "A7.7.207", "111110101 010 nnnn 1111 dddd 01 01 mmmm", partial(dsp.parallel, op=Op.UQASX)),
        ("UQSAX T1", "A7.7.208", "111110101 110 nnnn 1111 dddd 01 01 mmmm", partial(dsp.parallel, op=Op.UQSAX)),
        ("UQSUB16 T1", "A7.7.209", "111110101 101 nnnn 1111 dddd 01 01 mmmm", partial(dsp.parallel, op=Op.UQSUB16)),
        ("UQADD8 T1", "A7.7.206", "111110101 000 nnnn 1111 dddd 01 01 mmmm", partial(dsp.parallel, op=Op.UQADD8)),
        ("UQSUB8 T1", "A7.7.210", "111110101 100 nnnn 1111 dddd 01 01 mmmm", partial(dsp.parallel, op=Op.UQSUB8)),
        ("UHADD16 T1", "A7.7.196", "111110101 001 nnnn 1111 dddd 01 10 mmmm", partial(dsp.parallel, op=Op.UHADD16)),
        ("UHASX T1", "A7.7.198", "111110101 010 nnnn 1111 dddd 01 10 mmmm", partial(dsp.parallel, op=Op.UHASX)),
        ("UHSAX T1", "A7.7.199", "111110101 110 nnnn 1111 dddd 01 10 mmmm", partial(dsp.parallel, op=Op.UHSAX)),
        ("UHSUB16 T1", "A7.7.200", "111110101 101 nnnn 1111 dddd 01 10 mmmm", partial(dsp.parallel, op=Op.UHSUB16)),
        ("UHADD8 T1", "A7.7.197", "111110101 000 nnnn 1111 dddd 01 10 mmmm", partial(dsp.parallel, op=Op.UHADD8)),
        ("UHSUB8 T1", "A7.7.201", "111110101 100 nnnn 1111 dddd 01 10 mmmm", partial(dsp.parallel, op=Op.UHSUB8)),
    ),
)
