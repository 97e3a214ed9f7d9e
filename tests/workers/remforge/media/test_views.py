import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.workers.remforge.media.made_files import picture, scenery
from tests.workers.remforge.media.reading import read_bytes
from workers.remforge.decoding import View, Wanted
from workers.remforge.media.views import cut

CLIP = View(224, 224)


def by_transformers(data: bytes) -> NDArray[np.float64]:
    """Return [224, 224, 3] as the processor of CLIP cuts it, before it is normalised."""
    # Takes seconds: only the process that runs this waits for it.
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil  # noqa: PLC0415

    processor = CLIPImageProcessorPil(
        size={"shortest_edge": 224}, crop_size=224, do_normalize=False, do_rescale=False, resample=3
    )
    pixels = processor(Image.open(io.BytesIO(data)), return_tensors="np")["pixel_values"][0]
    return np.asarray(np.moveaxis(pixels, 0, -1), dtype=np.float64)


@pytest.mark.parametrize("size", [(1920, 1080), (700, 1000), (640, 480), (300, 300), (224, 301)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_view_is_what_the_processor_of_clip_makes(size: tuple[int, int], form: str) -> None:
    data = picture(scenery(*size), form, **({"quality": 90} if form == "JPEG" else {"compress_level": 1}))

    view = read_bytes(data, wanted=Wanted((CLIP,))).views[CLIP]

    assert view.shape == (1, 224, 224, 3)
    assert view.dtype == np.uint8
    assert np.abs(view[0] - by_transformers(data)).mean() <= (1.5 if form == "JPEG" else 0.3)


def test_each_view_that_is_asked_for_is_given() -> None:
    views = (View(256, 224), View(96, 96), View(64, 32))

    read = read_bytes(picture(scenery(400, 300), "JPEG"), wanted=Wanted(views))

    assert {view: pixels.shape for view, pixels in read.views.items()} == {
        view: (1, view.crop, view.crop, 3) for view in views
    }


def test_a_smaller_crop_is_the_middle_of_a_larger_one() -> None:
    image = scenery(400, 300)

    np.testing.assert_array_equal(cut(image, View(128, 64)), cut(image, View(128, 128))[32:96, 32:96])


def test_of_a_wide_picture_only_the_middle_is_seen() -> None:
    wide = Image.new("RGB", (3000, 100), (255, 0, 0))
    wide.paste((0, 0, 255), (1450, 0, 1550, 100))

    assert np.abs(cut(wide, View(64, 64)).astype(int)[:, 4:-4] - (0, 0, 255)).max() == 0
