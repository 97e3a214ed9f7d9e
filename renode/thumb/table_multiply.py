"""The 32-bit encodings of multiplication and division (A5.3.16, A5.3.17), without the DSP extension's."""

from functools import partial

from renode.thumb import multiply
from renode.thumb.micro import Op
from renode.thumb.row import MAIN, Row, rows

ROWS: tuple[Row, ...] = rows(
    MAIN,
    ("MUL T2", "A7.7.84", "111110110000 nnnn 1111 dddd 0000 mmmm", multiply.product),
    ("MLA T1", "A7.7.74", "111110110000 nnnn AAAA dddd 0000 mmmm", partial(multiply.with_sum, op=Op.ADD)),
    ("MLS T1", "A7.7.75", "111110110000 nnnn aaaa dddd 0001 mmmm", partial(multiply.with_sum, op=Op.SUB)),
    ("SMULL T1", "A7.7.149", "111110111000 nnnn bbbb tttt 0000 mmmm", partial(multiply.long_product, op=Op.SMULH)),
    ("SDIV T1", "A7.7.127", "111110111001 nnnn (1)(1)(1)(1) dddd 1111 mmmm", partial(multiply.quotient, op=Op.SDIV)),
    ("UMULL T1", "A7.7.204", "111110111010 nnnn bbbb tttt 0000 mmmm", partial(multiply.long_product, op=Op.UMULH)),
    ("UDIV T1", "A7.7.195", "111110111011 nnnn (1)(1)(1)(1) dddd 1111 mmmm", partial(multiply.quotient, op=Op.UDIV)),
    ("SMLAL T1", "A7.7.138", "111110111100 nnnn bbbb tttt 0000 mmmm", partial(multiply.long_sum, op=Op.SMULH)),
    ("UMLAL T1", "A7.7.203", "111110111110 nnnn bbbb tttt 0000 mmmm", partial(multiply.long_sum, op=Op.UMULH)),
)
