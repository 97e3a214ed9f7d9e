"""Sums of predictions: against plain NumPy, exact under any split, and finding what no class sums hold."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from workers.simulation.aes import INVERSE_SBOX, SBOX
from workers.simulation.leakage import JOINED_HW, MASKED_SBOX, OVERWRITTEN, SBOX_HW, XOR_HW, Leakage, Pairing
from workers.simulation.moments import LIMIT, MAX_COUNT
from workers.simulation.peaks import keep_peaks
from workers.simulation.prediction import PredictionSums
from workers.simulation.ranks import interval, noise_floor

Bytes = npt.NDArray[np.uint8]
Traces = npt.NDArray[np.int16]
GUESSES = np.arange(256, dtype=np.uint8)


def draw(seed: int, traces: int, samples: int, bytes_: int = 2) -> tuple[Traces, Bytes, Bytes]:
    rng = np.random.default_rng(seed)
    measured = rng.integers(-LIMIT, LIMIT + 1, (traces, samples)).astype(np.int16)
    values, partners = (rng.integers(0, 256, (traces, bytes_), dtype=np.uint8) for _ in range(2))
    return measured, values, partners


def summed(pairing: Pairing, traces: Traces, values: Bytes, partners: Bytes) -> PredictionSums:
    out = PredictionSums(pairing, traces.shape[1], values.shape[1])
    out.update(traces, values, partners)
    return out


def predictions(table: Bytes, values: Bytes, partners: Bytes) -> npt.NDArray[np.float64]:
    """One by one, as the formula says: [traces, 256]."""
    return np.array(
        [[int(table[v ^ g] ^ w).bit_count() for g in range(256)] for v, w in zip(values, partners, strict=True)],
        np.float64,
    )


@pytest.mark.parametrize(("pairing", "table"), [(MASKED_SBOX, SBOX), (OVERWRITTEN, INVERSE_SBOX)])
def test_correlations_agree_with_two_passes(pairing: Pairing, table: Bytes) -> None:
    traces, values, partners = draw(1, 300, 40)
    traces[:, 7] = 5
    sums = summed(pairing, traces, values, partners)

    for byte in range(2):
        h = predictions(table, values[:, byte], partners[:, byte])
        x = traces - traces.mean(axis=0)
        h -= h.mean(axis=0)
        norm = np.sqrt((h**2).sum(axis=0))[:, None] * np.sqrt((x**2).sum(axis=0))
        expected = np.divide(h.T @ x, norm, out=np.zeros_like(norm), where=norm > 1e-9)

        found = sums.correlations(byte, pairing)

        np.testing.assert_allclose(found, expected, atol=2e-6)
        assert not found[:, 7].any()


def test_products_are_exact_where_every_trace_is_as_large_as_it_may_be() -> None:
    """Predictions of 8 times samples of 511, 4,096 of them: the largest sum that one block makes."""
    traces = np.full((9000, 3), LIMIT, np.int16)
    values, partners = np.zeros((9000, 1), np.uint8), np.full((9000, 1), SBOX[0] ^ 0xFF, np.uint8)

    sums = summed(MASKED_SBOX, traces, values, partners)

    assert (sums.products[0, 0] == 9000 * 8 * LIMIT).all()
    assert sums.predicted[0, 0, 0] == 9000 * 8
    assert sums.predicted[1, 0, 0] == 9000 * 64


def test_any_split_merged_in_any_order_gives_the_same_bits() -> None:
    traces, values, partners = draw(2, 6000, 17)
    whole = dict(summed(OVERWRITTEN, traces, values, partners).arrays())
    cuts = list(pairwise([0, 1, 700, 701, 4800, 6000]))

    for order in (cuts, cuts[::-1]):
        merged, updated = (PredictionSums(OVERWRITTEN, 17, 2) for _ in range(2))
        for low, high in order:
            rows = slice(low, high)
            part = summed(OVERWRITTEN, traces[rows], values[rows], partners[rows])
            merged.add(dict(part.arrays()))
            updated.update(traces[rows], values[rows], partners[rows])

        assert merged.count == updated.count == 6000
        for sums in (merged, updated):
            arrays = dict(sums.arrays())
            assert all(np.array_equal(arrays[name], whole[name]) for name in whole)


def test_peaks_are_the_largest_correlations() -> None:
    sums = summed(MASKED_SBOX, *draw(3, 400, 1300))
    allowed = np.random.default_rng(3).random(1300) < 0.5

    for among in (None, allowed):
        rho, sample = sums.peaks(MASKED_SBOX, among=among, bytes_=[1])

        table = sums.correlations(1, MASKED_SBOX)
        table[:, slice(0, 0) if among is None else ~among] = 0
        assert np.array_equal(sample[0], np.abs(table).argmax(axis=1))
        assert np.array_equal(rho[0], table[np.arange(256), sample[0]])


def test_a_known_mask_gives_the_key_away_and_an_unknown_one_does_not() -> None:
    rng = np.random.default_rng(4)
    plaintexts, masks = (rng.integers(0, 256, (1500, 1), dtype=np.uint8) for _ in range(2))
    traces = np.rint(4 * rng.normal(0, 1, (1500, 5))).astype(np.int16)
    traces[:, 2] += 4 * np.bitwise_count(SBOX[plaintexts[:, 0] ^ 0x9C] ^ masks[:, 0]).astype(np.int16)

    known, _ = summed(MASKED_SBOX, traces, plaintexts, masks).peaks(MASKED_SBOX)
    unknown, _ = summed(MASKED_SBOX, traces, plaintexts, np.zeros_like(masks)).peaks(MASKED_SBOX)

    assert np.abs(known[0]).argmax() == 0x9C
    assert interval(float(known[0, 0x9C]), 1500)[0] > np.sort(np.abs(known[0]))[-2]
    assert np.abs(unknown).max() < noise_floor(1500)


def test_the_distance_to_the_byte_that_replaces_it_gives_a_last_round_key_away() -> None:
    rng = np.random.default_rng(5)
    ciphertexts = rng.integers(0, 256, (1500, 2), dtype=np.uint8)
    traces = np.rint(4 * rng.normal(0, 1, (1500, 9))).astype(np.int16)
    distance = np.bitwise_count(INVERSE_SBOX[ciphertexts[:, 0] ^ 0x3D] ^ ciphertexts[:, 1])
    traces[:, 6] += 4 * distance.astype(np.int16)

    rho, sample = summed(OVERWRITTEN, traces, ciphertexts[:, :1], ciphertexts[:, 1:]).peaks(OVERWRITTEN)

    assert np.abs(rho[0]).argmax() == 0x3D
    assert sample[0, 0x3D] == 6


@pytest.mark.parametrize("right", [0x3D, 0x00])
def test_samples_that_show_what_is_known_itself_are_left_out(right: int) -> None:
    """The known byte is handled at sample 1, its join with the secret at sample 3, where a secret of 0 hides."""
    rng = np.random.default_rng(6)
    known = rng.integers(0, 256, 4000, dtype=np.uint8)
    x = rng.normal(0, 0.5, (4000, 5))
    x[:, 1] += np.bitwise_count(known)
    x[:, 3] += np.bitwise_count(known ^ right)
    hypotheses = np.bitwise_count(known[:, None] ^ GUESSES[None, :]).astype(np.float64)
    rho = np.corrcoef(hypotheses.T, x.T)[:256, 256:].astype(np.float32)

    def peaks(leakage: Leakage) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        best, sample = np.zeros(256, np.float32), np.zeros(256, np.int32)
        for start in (0, 2):
            keep_peaks(leakage, rho[:, start : start + 2 + start], start, best, sample)
        return best, sample

    plain, _ = peaks(JOINED_HW)
    best, sample = peaks(XOR_HW)

    assert plain[0] > 0.9
    assert sample[0] not in {1, 3}
    assert best[0] < 0.1
    if right:
        assert int(best.argmax()) == right
        assert sample[right] == 3
        assert best[right ^ 0xFF] < 0.1  # mirrored, so not as good a guess
    else:
        assert best.max() < 0.1  # honestly nothing


def test_random_traces_give_no_byte_away_more_often_than_chance() -> None:
    """A best guess stands out when its interval is above the second: in 192 attacks on noise that is rare."""
    stood_out = 0
    for seed in range(12):
        sums = summed(MASKED_SBOX, *draw(100 + seed, 300, 40, bytes_=16))
        rho, _ = sums.peaks(MASKED_SBOX)
        heights = np.sort(np.abs(rho), axis=1)
        low = np.array([interval(float(height), 300)[0] for height in heights[:, -1]])
        stood_out += int(((low > heights[:, -2]) & (heights[:, -1] > noise_floor(300))).sum())

    assert stood_out == 0


def test_what_does_not_fit_is_refused_and_adds_nothing() -> None:
    traces, values, partners = draw(7, 20, 6)
    sums = PredictionSums(MASKED_SBOX, 6, 2)

    with pytest.raises(ValueError, match="partners must be uint8"):
        sums.update(traces, values, partners[:, :1])
    with pytest.raises(ValueError, match=r"traces must be \[n, 6\]"):
        sums.update(traces[:, :5], values, partners)
    with pytest.raises(ValueError, match="differ in shape or pairing"):
        sums.merge(PredictionSums(OVERWRITTEN, 6, 2))
    with pytest.raises(ValueError, match="of their pairing alone"):
        sums.peaks(SBOX_HW)
    with pytest.raises(ValueError, match="shapes differ"):
        sums.add(dict(sums.arrays()) | {"totals": np.zeros((2, 5), np.int64)})

    assert sums.count == 0
    assert not sums.totals.any()


def test_more_traces_than_are_exact_are_refused() -> None:
    sums = PredictionSums(MASKED_SBOX, 2, 1)
    sums.add(dict(sums.arrays()) | {"count": np.array(MAX_COUNT)})

    with pytest.raises(OverflowError, match="exact up to"):
        sums.update(np.ones((1, 2), np.int16), np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8))
