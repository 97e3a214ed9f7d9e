import numpy as np
import pytest

from tests.workers.remforge.media.made_files import flat
from workers.remforge.media.attention import SIDE, attention, saliency
from workers.remforge.media.colours import diversity, dominant
from workers.remforge.media.image_measures import RING, STEP, luma, measure_image, texture


def noise(seed: int = 7) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (96, 128, 3), dtype=np.uint8)


def test_one_colour_has_no_contrast_no_texture_and_draws_no_eye() -> None:
    found = measure_image(flat((100, 100, 100)), width=128, height=72)

    assert found.brightness == pytest.approx(100 / 255)
    assert found.contrast == pytest.approx(0, abs=1e-6)
    assert (found.saturation, found.color_diversity, found.texture_complexity) == (0, 0, 0)
    assert found.attention is None
    assert [(one.hex, one.share) for one in found.dominant_colors or ()] == [("#646464", 1.0)]


def test_noise_has_nearly_all_colours_and_patterns() -> None:
    assert diversity(noise()) > 0.98
    assert (texture(luma(noise())) or 0) > 0.75


def test_texture_is_the_entropy_of_patterns_counted_one_by_one() -> None:
    grey = luma(noise()[:20, :24])
    counts = np.zeros(10)
    for y in range(1, 19):
        for x in range(1, 23):
            bits = [grey[y + dy, x + dx] - grey[y, x] >= STEP for dy, dx in RING]
            changes = sum(bits[at] != bits[at - 1] for at in range(8))
            counts[sum(bits) if changes <= 2 else 9] += 1
    shares = counts[counts > 0] / counts.sum()

    assert texture(grey) == pytest.approx(-(shares * np.log2(shares)).sum() / np.log2(10))


def test_texture_grows_from_plain_over_stripes_to_noise() -> None:
    stripes = flat((0, 0, 0))
    stripes[:, ::4] = 255

    values = [texture(luma(pixels)) or 0.0 for pixels in (flat((9, 9, 9)), stripes, noise())]

    assert values == sorted(values)
    assert values[0] < values[1] < values[2]


def test_five_colours_are_told_by_how_much_they_cover() -> None:
    pixels = flat((0, 0, 0), height=100, width=100)
    parts = {(255, 0, 0): 40, (0, 0, 255): 30, (0, 200, 0): 15, (250, 250, 250): 10}
    row = 0
    for colour, rows in parts.items():
        pixels[row : row + rows] = colour
        row += rows

    assert [(one.hex, one.share) for one in dominant(pixels)] == [
        ("#ff0000", 0.4),
        ("#0000ff", 0.3),
        ("#00c800", 0.15),
        ("#fafafa", 0.1),
        ("#000000", 0.05),
    ]


def test_colours_of_noise_are_at_most_five_and_always_the_same() -> None:
    found = dominant(noise())

    assert found == dominant(noise())
    assert 2 <= len(found) <= 5
    assert sum(one.share for one in found) <= 1 + 1e-5


@pytest.mark.parametrize(("x", "y"), [(20, 20), (100, 20), (100, 56)])
def test_attention_goes_to_the_odd_thing(x: int, y: int) -> None:
    pixels = flat((90, 90, 90))
    pixels[y - 4 : y + 4, x - 4 : x + 4] = (250, 240, 40)

    found = attention(luma(pixels))

    assert found is not None
    assert found.center == pytest.approx((x / 128, y / 72), abs=0.02)
    assert 0 < found.spread < 0.1


def test_in_noise_nothing_stands_out() -> None:
    assert attention(luma(noise())) is None


def test_saliency_is_a_share_of_the_whole() -> None:
    weights = saliency(luma(noise()))

    assert weights.shape == (SIDE, SIDE)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
