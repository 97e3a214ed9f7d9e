"""The intermediates that may be attacked: what of a trace is known, what is guessed of it, and the truth.

Traces may be simulated or measured: `KnownValues` says what is known of them.
"""

import numpy as np

from jobs.attackable import find, span_of
from jobs.attacking import BLOCK_BYTES, GENERIC, Cpa
from jobs.payloads import CampaignRequest
from workers.simulation import chacha
from workers.simulation.aes_rounds import SHIFTED, before_second_key, key_before, round_keys
from workers.simulation.combination import combination
from workers.simulation.leakage import (
    ADD_HW,
    CARRIED_HW,
    INVERSE_HW,
    INVERSE_VALUE,
    MASKED_SBOX,
    OVERWRITTEN,
    SBOX_HW,
    SBOX_VALUE,
    XOR_HW,
)
from workers.simulation.targets import Bytes, Subkey, Targets, numbered
from workers.simulation.values import CampaignValues, KnownValues, reader


def targets_of(request: CampaignRequest) -> Targets:
    """Return what the attack of a campaign guesses; raise ValueError for a campaign without one."""
    if request.cpa is None:
        raise ValueError("the campaign asks for no attack")
    return targets_among(CampaignValues(request), request.cpa)


def targets_among(values: KnownValues, cpa: Cpa) -> Targets:
    """Return what an attack guesses that `values` allow; raise Unattackable for another."""
    if cpa.family in GENERIC:
        return combination(values, cpa)
    key = find(cpa.key, values.told)
    secret = None if key is None else values.constant(key.name).tobytes()
    if cpa.family == "chacha20":
        return _chacha(values, cpa, secret)
    if cpa.from_output:
        return _last_round(cpa, secret)
    return _first_round(values, cpa, secret)


def _first_round(values: KnownValues, cpa: Cpa, key: bytes | None) -> Targets:
    text = values.columns(cpa.plaintext)
    name = _standard(cpa)
    if cpa.intermediate == "aes128-masked-sbox-output":
        return _masked(values, cpa, text, key)
    models = (SBOX_HW, SBOX_VALUE)
    length = BLOCK_BYTES if key is None else len(key)

    def known(rows: Bytes, _outputs: Bytes) -> tuple[Bytes, ...]:
        plaintexts = rows[:, text]
        if key is None or length == BLOCK_BYTES:
            return (np.ascontiguousarray(plaintexts),)
        second = before_second_key(plaintexts, key[:BLOCK_BYTES])[:, : length - BLOCK_BYTES]
        return (np.concatenate([plaintexts, second], axis=1),)

    complete = name == "AES-128"
    return Targets(
        what=f"the output of the {name} first-round S-box"
        + (f" (second-round from key byte {BLOCK_BYTES} on)" if length > BLOCK_BYTES else ""),
        of="key",
        subkeys=numbered("key byte", length, models),
        known=known,
        truth=key,
        assumes=f"key bytes 16 to {length - 1} are attacked in the second round, with bytes 0 to 15 taken as found"
        if length > BLOCK_BYTES
        else (None if complete else "only the first 16 bytes meet the plaintext in the first round"),
        key_of=bytes if length == _key_length(cpa) else None,
    )


def _masked(values: KnownValues, cpa: Cpa, text: slice, key: bytes | None) -> Targets:
    if cpa.mask is None:
        return Targets(
            what="the output of the AES-128 first-round S-box, with its mask unknown and left out",
            of="key",
            subkeys=numbered("key byte", BLOCK_BYTES, (SBOX_HW, SBOX_VALUE)),
            known=lambda rows, _outputs: (np.ascontiguousarray(rows[:, text]),),
            truth=key,
            key_of=bytes,
        )
    of_mask = reader(values, span_of(cpa.mask, values.told), BLOCK_BYTES)
    return Targets(
        what=f"the output of the AES-128 first-round S-box under its mask, {cpa.mask}",
        of="key",
        subkeys=numbered("key byte", BLOCK_BYTES, (MASKED_SBOX,)),
        known=lambda rows, outputs: (np.ascontiguousarray(rows[:, text]), of_mask(rows, outputs)),
        truth=key,
        assumes="the masks of every execution are known, so what it finds is no leak by itself",
        conditional=True,
        pairing=MASKED_SBOX,
        key_of=bytes,
    )


def _last_round(cpa: Cpa, key: bytes | None) -> Targets:
    name = _standard(cpa)
    rounds = {"AES-128": 10, "AES-192": 12, "AES-256": 14}[name]
    of = f"round key {rounds}"
    paired = cpa.intermediate.endswith("-hd")

    def known(_rows: Bytes, outputs: Bytes) -> tuple[Bytes, ...]:
        # Ciphertext byte i comes from state byte SHIFTED[i], whose place then holds ciphertext byte SHIFTED[i].
        return (outputs, np.ascontiguousarray(outputs[:, SHIFTED])) if paired else (outputs,)

    return Targets(
        what=f"the distance between the input of the last S-box of {name} and the ciphertext byte that replaces it"
        if paired
        else f"the input of the last S-box of {name}",
        of=of,
        subkeys=numbered(f"{of} byte", BLOCK_BYTES, (OVERWRITTEN,) if paired else (INVERSE_HW, INVERSE_VALUE)),
        known=known,
        truth=None if key is None else round_keys(key)[-1].tobytes(),
        pairing=OVERWRITTEN if paired else None,
        key_of=key_before if name == "AES-128" else None,
    )


def _chacha(values: KnownValues, cpa: Cpa, key: bytes | None) -> Targets:
    spans = [span_of(cpa.counter, values.told)]
    nonce = span_of(cpa.nonce, values.told)
    spans += [nonce._replace(first=nonce.first + 4 * word, last=nonce.first + 4 * word + 4) for word in range(3)]
    varying = tuple(column for column, span in enumerate(spans) if span.varies)
    readers = [reader(values, spans[column], 4) for column in varying]
    first = tuple(
        Subkey(f"sum of constant and key word {column}, byte {byte}", (XOR_HW,))
        for column in varying
        for byte in range(4)
    )
    second = tuple(
        Subkey(f"key word {column + 4}, byte {byte}", (CARRIED_HW if byte else ADD_HW,))
        for column in varying
        for byte in range(4)
    )
    right: bytes | None = None
    words: tuple[int, ...] = ()
    if key is not None:
        words = tuple(chacha.words(key)[column + 4] for column in varying)
        right = chacha.bytes_of(tuple(chacha.sums(key)[column] for column in varying))

    def known(rows: Bytes, outputs: Bytes) -> tuple[Bytes, ...]:
        states = np.concatenate([read(rows, outputs) for read in readers], axis=1)
        if key is None:
            return (states,)
        addends = chacha.added(states, key, varying)
        carried = chacha.with_carries(addends, np.frombuffer(chacha.bytes_of(words), np.uint8), 4)
        return (np.concatenate([states, carried], axis=1),)

    return Targets(
        what="the quarter rounds of ChaCha20's first column round: d ^ (a + b), then c + d",
        of="key word",
        subkeys=first if key is None else first + second,
        known=known,
        truth=None if right is None else right + chacha.bytes_of(words),
        assumes=None
        if key is None
        else "key words 4 to 7 are attacked with the sums above and the bytes below taken as found",
        key_of=(lambda found: chacha.key_from(found[:16], found[16:]))
        if key is not None and len(varying) == 4
        else None,
    )


def _standard(cpa: Cpa) -> str:
    return f"AES-{cpa.family.removeprefix('aes')}"


def _key_length(cpa: Cpa) -> int:
    return int(cpa.family.removeprefix("aes")) // 8
