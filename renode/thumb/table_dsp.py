"""The DSP extension's other encodings (A5.3.3, A5.3.11, A5.3.12, A5.3.15 to A5.3.17)."""

from functools import partial

from renode.thumb import dsp
from renode.thumb.micro import Op
from renode.thumb.row import DSP, Row, rows

_extend_add = dsp.extend_and_add

ROWS: tuple[Row, ...] = (
    # Saturation of halves (A5.3.3) and packing (A5.3.11).
    *rows(
        DSP,
        (
            "SSAT16 T1",
            "A7.7.153",
            "11110 (0) 110010 nnnn 0000 dddd 00 (0)(0) ssss",
            partial(dsp.saturated_halves, op=Op.SSAT16),
        ),
        (
            "USAT16 T1",
            "A7.7.214",
            "11110 (0) 111010 nnnn 0000 dddd 00 (0)(0) ssss",
            partial(dsp.saturated_halves, op=Op.USAT16),
        ),
        ("PKHBT, PKHTB T1", "A7.7.93", "111010101100 nnnn (0) iii dddd ii t 0 mmmm", dsp.pack),
    ),
    # Extension (A5.3.12).
    *rows(
        DSP,
        ("SXTAH T1", "A7.7.181", "111110100000 NNNN 1111 dddd 1 (0) rr mmmm", partial(_extend_add, op=Op.SXTH)),
        ("UXTAH T1", "A7.7.220", "111110100001 NNNN 1111 dddd 1 (0) rr mmmm", partial(_extend_add, mask=0xFFFF)),
        (
            "SXTAB16 T1",
            "A7.7.180",
            "111110100010 NNNN 1111 dddd 1 (0) rr mmmm",
            partial(dsp.extend_bytes_and_add, signed=True),
        ),
        ("SXTB16 T1", "A7.7.183", "111110100010 1111 1111 dddd 1 (0) rr mmmm", partial(dsp.extend_bytes, signed=True)),
        (
            "UXTAB16 T1",
            "A7.7.219",
            "111110100011 NNNN 1111 dddd 1 (0) rr mmmm",
            partial(dsp.extend_bytes_and_add, signed=False),
        ),
        ("UXTB16 T1", "A7.7.222", "111110100011 1111 1111 dddd 1 (0) rr mmmm", partial(dsp.extend_bytes, signed=False)),
        ("SXTAB T1", "A7.7.179", "111110100100 NNNN 1111 dddd 1 (0) rr mmmm", partial(_extend_add, op=Op.SXTB)),
        ("UXTAB T1", "A7.7.218", "111110100101 NNNN 1111 dddd 1 (0) rr mmmm", partial(_extend_add, mask=0xFF)),
    ),
    # Miscellaneous operations (A5.3.15).
    *rows(
        DSP,
        (
            "QADD T1",
            "A7.7.102",
            "111110101000 nnnn 1111 dddd 1000 mmmm",
            partial(dsp.saturated_sum, op=Op.QADD, overflow=Op.ADD_OVERFLOW),
        ),
        (
            "QDADD T1",
            "A7.7.106",
            "111110101000 nnnn 1111 dddd 1001 mmmm",
            partial(dsp.saturated_sum, op=Op.QADD, overflow=Op.ADD_OVERFLOW, doubles=True),
        ),
        (
            "QSUB T1",
            "A7.7.109",
            "111110101000 nnnn 1111 dddd 1010 mmmm",
            partial(dsp.saturated_sum, op=Op.QSUB, overflow=Op.SUB_OVERFLOW),
        ),
        (
            "QDSUB T1",
            "A7.7.107",
            "111110101000 nnnn 1111 dddd 1011 mmmm",
            partial(dsp.saturated_sum, op=Op.QSUB, overflow=Op.SUB_OVERFLOW, doubles=True),
        ),
        ("SEL T1", "A7.7.128", "111110101010 nnnn 1111 dddd 1000 mmmm", dsp.select),
    ),
    # Multiplications to one word (A5.3.16).
    *rows(
        DSP,
        (
            "SMLABB, SMLABT, SMLATB, SMLATT T1",
            "A7.7.136",
            "111110110001 nnnn AAAA dddd 00 x y mmmm",
            dsp.half_product_sum,
        ),
        ("SMULBB, SMULBT, SMULTB, SMULTT T1", "A7.7.148", "111110110001 nnnn 1111 dddd 00 x y mmmm", dsp.half_product),
        ("SMLAD T1", "A7.7.137", "111110110010 nnnn AAAA dddd 000 x mmmm", partial(dsp.dual_product_sum, op=Op.ADD)),
        ("SMUAD T1", "A7.7.147", "111110110010 nnnn 1111 dddd 000 x mmmm", partial(dsp.dual_product, op=Op.ADD)),
        ("SMLAWB, SMLAWT T1", "A7.7.141", "111110110011 nnnn AAAA dddd 000 y mmmm", dsp.word_product_sum),
        ("SMULWB, SMULWT T1", "A7.7.150", "111110110011 nnnn 1111 dddd 000 y mmmm", dsp.word_product),
        ("SMLSD T1", "A7.7.142", "111110110100 nnnn AAAA dddd 000 x mmmm", partial(dsp.dual_product_sum, op=Op.SUB)),
        ("SMUSD T1", "A7.7.151", "111110110100 nnnn 1111 dddd 000 x mmmm", partial(dsp.dual_product, op=Op.SUB)),
        ("SMMLA T1", "A7.7.144", "111110110101 nnnn AAAA dddd 000 r mmmm", dsp.high_product_sum),
        ("SMMUL T1", "A7.7.146", "111110110101 nnnn 1111 dddd 000 r mmmm", dsp.high_product),
        ("SMMLS T1", "A7.7.145", "111110110110 nnnn aaaa dddd 000 r mmmm", dsp.high_product_difference),
        ("USADA8 T1", "A7.7.212", "111110110111 nnnn AAAA dddd 0000 mmmm", dsp.differences),
        ("USAD8 T1", "A7.7.211", "111110110111 nnnn 1111 dddd 0000 mmmm", partial(dsp.parallel, op=Op.USAD8)),
    ),
    # Multiplications to two words (A5.3.17).
    *rows(
        DSP,
        (
            "SMLALBB, SMLALBT, SMLALTB, SMLALTT T1",
            "A7.7.139",
            "111110111100 nnnn bbbb tttt 10 x y mmmm",
            dsp.long_half_product_sum,
        ),
        (
            "SMLALD T1",
            "A7.7.140",
            "111110111100 nnnn bbbb tttt 110 x mmmm",
            partial(dsp.long_dual_product_sum, op=Op.ADD),
        ),
        (
            "SMLSLD T1",
            "A7.7.143",
            "111110111101 nnnn bbbb tttt 110 x mmmm",
            partial(dsp.long_dual_product_sum, op=Op.SUB),
        ),
        ("UMAAL T1", "A7.7.202", "111110111110 nnnn bbbb tttt 0110 mmmm", dsp.product_and_two_words),
    ),
)
