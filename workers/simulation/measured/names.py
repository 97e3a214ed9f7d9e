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


def found(there: Iterable[str], wanted: Mapping[str, str], also: Iterable[str] = ()) -> dict[str, str]:
    """Return our name -> the file's name, of what is `there`: as the request says, else by the names that are usual.

    What `also` names keeps its name, unless one of ours stands for it. Raise Refusal where the request names something
    that is not there.
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
    kept = sorted(set(also) & set(names) - taken - set(chosen))
    return chosen | dict(zip(kept, kept, strict=True))


def our_name(name: str, read: Iterable[str], wanted: Mapping[str, str]) -> str:
    """Return our name for what may be called by the file's; `read` are ours for all that was read.

    A name that stands for nothing is returned as it is.
    """
    there = set(read)
    if name in there:
        return name
    stands_for = [our for our, theirs in wanted.items() if theirs == name]
    stands_for += [our for our, usual in KNOWN.items() if name.casefold() in usual]
    return next((our for our in stands_for if our in there), name)


def left_out(there: Iterable[str], chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Return a note on what the file holds and nobody asked for."""
    others = sorted(set(there) - set(chosen.values()))
    return (f"not read: {', '.join(others[:20])}",) if others else ()
