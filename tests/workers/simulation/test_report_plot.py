import io

import numpy as np
import pytest
from PIL import Image

from tests.workers.simulation.reports import VARIANTS, Variant, synthetic, without_key
from workers.simulation.report_plot import plain, to_png


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_picture_has_its_size_and_is_not_blank(variant: Variant) -> None:
    drawn = picture(to_png(synthetic(variant)))

    assert drawn.size == (1600, 1200)
    assert len(drawn.resize((400, 300)).getcolors(2**24) or []) > 20


def test_an_unknown_key_is_said_and_not_drawn() -> None:
    known, unknown = to_png(synthetic()), to_png(without_key(synthetic()))

    corner = (880, 880, 1560, 1140)
    inked = [int((np.asarray(picture(data).crop(corner).convert("L")) < 200).sum()) for data in (known, unknown)]
    assert inked[0] > 3 * inked[1] > 0


def test_only_characters_that_the_font_has_are_drawn() -> None:
    assert plain("\u03c1 of a\tb \U0001f600 漢 $x$") == "\u03c1 of a?b ? ? $x$"
