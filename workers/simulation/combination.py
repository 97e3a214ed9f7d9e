"""The attack on two named variables: their exclusive-or, their sum, the distance between them.

A variable that never changes is the secret, and its bytes are guessed. Where both vary, their combination is known; then
the guess is a constant offset of it: 0 where the two meet as they are, and else a secret that came in before they met.
"""

from jobs.attackable import span_of
from jobs.attacking import Cpa
from workers.simulation.chacha import with_carries
from workers.simulation.leakage import ADD_HW, ADDED_HW, CARRIED_HW, JOINED_HD, JOINED_HW, XOR_HD, XOR_HW
from workers.simulation.targets import Bytes, Subkey, Targets, numbered
from workers.simulation.values import KnownValues, constant_of, reader


def combination(values: KnownValues, cpa: Cpa) -> Targets:
    """Return the targets of an attack on xor, add or hd of two variables."""
    if cpa.variables is None:
        raise ValueError(f"{cpa.intermediate} combines two variables")
    spans = [span_of(text, values.told) for text in cpa.variables]
    length = max(span.length for span in spans)
    names = list(cpa.variables)
    secret = next((span for span in spans if not span.varies), None)
    if secret is not None and spans[0] is secret:
        spans, names = spans[::-1], names[::-1]
    left = reader(values, spans[0], length)
    right = reader(values, spans[1], length)
    word = cpa.word_bytes
    sign = {"xor": "^", "hd": "and", "add": "+"}[cpa.intermediate]
    what = f"the distance between {names[0]} and {names[1]}" if sign == "and" else f"{names[0]} {sign} {names[1]}"
    if secret is not None:
        value = constant_of(values, secret, length)
        ranked = cpa.key is not None

        def with_guess(rows: Bytes, outputs: Bytes) -> tuple[Bytes, ...]:
            varied = left(rows, outputs)
            carries = cpa.intermediate == "add" and word > 1
            return (with_carries(varied, value, word) if carries else varied,)

        return Targets(
            what=what,
            of=names[1],
            subkeys=_guessed(cpa, f"{names[1]} byte", length),
            known=with_guess,
            truth=value.tobytes() if ranked else None,
            assumes="the bytes below each one of a word are taken as found" if word > 1 else None,
        )

    def of_both(rows: Bytes, outputs: Bytes) -> tuple[Bytes, ...]:
        one, other = left(rows, outputs), right(rows, outputs)
        if cpa.intermediate == "add":
            return (with_carries(one, other, word) + other,)
        return (one ^ other,)

    return Targets(
        what=what,
        of="offset",
        subkeys=numbered(
            "offset of byte", length, ({"xor": JOINED_HW, "hd": JOINED_HD, "add": ADDED_HW}[cpa.intermediate],)
        ),
        known=of_both,
        truth=None,
        met=bytes(length),
        assumes="both are known: the guess is a constant that comes in as well, and 0 means that there is none",
    )


def _guessed(cpa: Cpa, name: str, length: int) -> tuple[Subkey, ...]:
    if cpa.intermediate != "add":
        return numbered(name, length, (XOR_HD if cpa.intermediate == "hd" else XOR_HW,))
    return tuple(
        Subkey(f"{name} {index}", (CARRIED_HW if index % cpa.word_bytes else ADD_HW,)) for index in range(length)
    )
