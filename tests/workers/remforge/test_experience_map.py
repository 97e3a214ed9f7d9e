import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from jobs.rem import Modality, Rem
from tests.workers.remforge.records import record, sequence
from workers.remforge.experience_map import BAND, COLORS, area, plain, to_png
from workers.remforge.sequence import report

AXES_TOP, AXES_HEIGHT, SCALE_TOP = 700 * (1 - 0.155 - 0.655), 700 * 0.655, 1.14
"""Where the plot lies in the picture, in pixels, and the valence at its upper edge."""
LEGEND = 0.845


def picture(rems: list[Rem], title: str = "A week") -> NDArray[np.uint8]:
    data = to_png(report(rems, title=title, job="job"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def row(valence: float) -> int:
    return round(AXES_TOP + AXES_HEIGHT * (SCALE_TOP - valence) / (SCALE_TOP - BAND[0]))


def heights(drawn: NDArray[np.uint8], modality: Modality) -> NDArray[np.int64]:
    """Return the rows of the plot in which there is a modality's colour."""
    wanted = [int(COLORS[modality][at : at + 2], 16) for at in (1, 3, 5)]
    near = np.abs(drawn[: int(LEGEND * 700)].astype(int) - wanted).max(axis=2) < 25
    return np.flatnonzero(near.any(axis=1))


@pytest.mark.parametrize("records", [0, 1, 24, 400])
def test_the_picture_has_its_size_and_is_not_blank(records: int) -> None:
    drawn = picture(sequence(records))

    assert drawn.shape == (700, 1200, 3)
    assert (drawn < 128).any()


def test_equal_reports_are_equal_bytes() -> None:
    made = [to_png(report(sequence(24), title="A week", job="job")) for _ in range(2)]

    assert made[0] == made[1]


@pytest.mark.parametrize("valence", [-1.0, -0.4, 0.0, 0.7, 1.0])
def test_a_record_lies_at_its_valence(valence: float) -> None:
    found = heights(picture([record(valence=valence, arousal=0.5)]), Modality.TEXT)

    assert abs((found[0] + found[-1]) / 2 - row(valence)) <= 1.5


def test_a_record_whose_valence_is_not_known_lies_in_the_band_alone() -> None:
    found = heights(picture([record("a.wav", Modality.AUDIO, arousal=0.5)]), Modality.AUDIO)

    assert row(BAND[1]) < found[0] <= found[-1] < row(BAND[0])


def test_more_arousal_is_a_larger_point() -> None:
    small, large = (heights(picture([record(valence=0.5, arousal=one)]), Modality.TEXT) for one in (0.1, 0.9))

    assert len(large) > 1.5 * len(small)
    assert area(None) == area(0.0) < area(0.1)


def test_a_point_is_hollow_where_arousal_is_not_known() -> None:
    known, unknown = (picture([record(valence=0.5, arousal=one)]) for one in (0.0, None))

    middle = (row(0.5), round(1200 * (0.076 + 0.904 / 2)))
    assert unknown[middle].min() > 245
    assert known[middle].min() < 100


def test_a_picture_has_a_ring_of_its_colour() -> None:
    rem = record("a.jpg", Modality.IMAGE, arousal=0.5)
    made = report([rem], title="", job="job")
    color = made.records[0].color
    assert color is not None

    drawn = np.asarray(Image.open(io.BytesIO(to_png(made))).convert("RGB"))

    wanted = tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
    band = drawn[row(BAND[1]) : row(BAND[0])]
    assert (band == wanted).all(axis=2).sum() > 50


@pytest.mark.parametrize("name", ["$\\frac{$", "\u200b\u202e\x00\n", "\U0001f600 漢字", " "])
def test_titles_and_headlines_of_any_kind_can_be_drawn(name: str) -> None:
    rems = [record(f"{at}.txt", valence=at / 10, headline=name, seed=at) for at in range(5)]

    assert picture(rems, title=name).shape == (700, 1200, 3)


def test_only_characters_that_the_font_has_are_drawn() -> None:
    assert plain("\u03c1 of a\tb\u202f% 漢 \u200b$x$") == "\u03c1 of a b % ? ?$x$"
