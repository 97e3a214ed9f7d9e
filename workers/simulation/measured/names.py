"""What files call what they hold: the names that ChipWhisperer, lascar, scared and people give to the same things."""

from collections.abc import Iterable, Mapping

from workers.simulation.measured.source import SAMPLES, Refusal

GROUP = "group"
KNOWN: Mapping[str, tuple[str, ...]] = {
    SAMPLES: ("samples", "leakages", "traces", "trace", "leakage", "power", "waves"),
    "plaintext": ("plaintext", "plaintexts", "textin", "textins", "texts_in", "plain", "pt", "input"),
    "ciphertext": ("ciphertext", "ciphertexts", "textout", "textouts", "texts_out", "cipher", "ct", "output"),
    "key": ("key", "keys", "keylist", "knownkey", "k"),
    "mask": ("mask", "masks"),
    "nonce": ("nonce", "nonces", "iv"),
    GROUP: ("group", "groups", "set", "sets"),
}
"""Our name -> what it may be called, the likeliest first; case does not matter."""
SETS = {"fixed": 0, "f": 0, "random": 1, "r": 1}


def found(there: Iterable[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return our name -> the file's name, of what is `there`: as the request says, else by the names that are usual.

    Raise Refusal where the request names something that is not there.
    """
    names = list(there)
    chosen = {}
    for ours, theirs in wanted.items():
        if theirs not in names:
            told = ", ".join(sorted(names)[:20]) or "nothing"
            raise Refusal("no-such-value", f"The file has no {theirs!r}; it has: {told}.", field=f"values.{ours}")
        chosen[ours] = theirs
    folded = {name.casefold(): name for name in reversed(names)}
    taken = set(chosen.values())
    for ours, usual in KNOWN.items():
        free = [folded[name] for name in usual if name in folded and folded[name] not in taken]
        if ours not in chosen and free:
            chosen[ours] = free[0]
            taken.add(free[0])
    return chosen


def left_out(there: Iterable[str], chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Return a note on what the file holds and nobody asked for."""
    others = sorted(set(there) - set(chosen.values()))
    return (f"not read: {', '.join(others[:20])}",) if others else ()
