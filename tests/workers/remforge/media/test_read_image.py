import numpy as np
import pytest
from PIL import Image, ImageCms

from jobs.errors import InvalidInput
from jobs.rem import ImageQualia, Modality
from tests.workers.remforge.media.made_files import picture, scenery
from tests.workers.remforge.media.reading import VIEW, read_bytes
from workers.remforge.media.rgb import to_rgb

RED = (255, 0, 0)


def looks(data: bytes) -> ImageQualia:
    found = read_bytes(data).image
    assert found is not None
    return found


def colours(data: bytes) -> dict[str, float]:
    return {one.hex: one.share for one in looks(data).dominant_colors or ()}


def halves(mode: str, left: float | tuple[int, ...], right: float | tuple[int, ...]) -> Image.Image:
    image = Image.new(mode, (60, 40), left)
    image.paste(right, (30, 0, 60, 40))
    return image


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
        ("JPEG2000", "image/jp2"),
        ("PPM", "image/x-portable-anymap"),
    ],
)
def test_each_kind_of_picture_is_known_by_its_content(form: str, media_type: str) -> None:
    read = read_bytes(picture(Image.new("RGB", (90, 60), (40, 160, 220)), form), name="picture")

    assert (read.modality, read.media_type, read.warnings) == (Modality.IMAGE, media_type, ())
    assert read.image is not None
    assert (read.image.width, read.image.height) == (90, 60)
    assert np.abs(read.views[VIEW].astype(int) - (40, 160, 220)).max() <= 4


def test_a_picture_half_red_half_blue_is_so() -> None:
    found = looks(picture(halves("RGB", RED, (0, 0, 255)), "PNG"))

    assert {one.hex: one.share for one in found.dominant_colors or ()} == {"#ff0000": 0.5, "#0000ff": 0.5}
    assert found.brightness == pytest.approx((0.2126 + 0.0722) / 2, abs=1e-3)
    assert found.contrast == pytest.approx(0.2126 - 0.0722, abs=1e-3)
    assert found.saturation == 1
    assert found.color_diversity == pytest.approx(1 / 9, abs=1e-6)


@pytest.mark.parametrize(
    ("image", "form"),
    [
        (halves("CMYK", (0, 255, 255, 0), (0, 0, 0, 0)), "JPEG"),
        (halves("CMYK", (0, 255, 255, 0), (0, 0, 0, 0)), "TIFF"),
        (halves("RGBA", (255, 0, 0, 255), (0, 0, 0, 0)), "PNG"),
        (halves("P", 1, 0), "PNG"),
        (halves("RGBA", (255, 0, 0, 255), (0, 0, 0, 0)), "WEBP"),
    ],
)
def test_red_beside_white_or_nothing_is_red_and_white(image: Image.Image, form: str) -> None:
    if image.mode == "P":
        image.putpalette([0, 0, 255, *RED])
        image.info["transparency"] = 0

    found = colours(picture(image, form, **({"lossless": True} if form == "WEBP" else {})))

    assert len(found) == 2
    assert {tuple(round(int(one[at : at + 2], 16) / 64) for at in (1, 3, 5)) for one in found} == {(4, 0, 0), (4, 4, 4)}
    assert all(share == pytest.approx(0.5, abs=0.05) for share in found.values())


@pytest.mark.parametrize(
    ("image", "form"),
    [
        (halves("1", 0, 1), "PNG"),
        (halves("L", 0, 255), "PNG"),
        (halves("LA", (0, 255), (255, 255)), "PNG"),
        (Image.fromarray(np.repeat([[0, 0xFFFF]], 30, axis=1).repeat(40, 0).astype(np.uint16)), "PNG"),
        (Image.fromarray(np.repeat([[0, 0xFFFF]], 30, axis=1).repeat(40, 0).astype(np.int32)), "TIFF"),
        (Image.fromarray(np.repeat([[0.0, 1.0]], 30, axis=1).repeat(40, 0).astype(np.float32)), "TIFF"),
    ],
)
def test_black_beside_white_has_full_contrast_in_every_grey_mode(image: Image.Image, form: str) -> None:
    found = looks(picture(image, form))

    assert (found.brightness, found.contrast) == pytest.approx((0.5, 1), abs=1e-6)
    assert {one.hex for one in found.dominant_colors or ()} == {"#000000", "#ffffff"}


def test_sixteen_bits_of_grey_are_scaled_rather_than_cut() -> None:
    grey = Image.fromarray(np.full((40, 60), 0x8080, dtype=np.uint16))

    assert colours(picture(grey, "PNG")) == {"#808080": 1.0}


def test_lab_becomes_the_colour_that_it_is() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.applyTransform(
        Image.new("RGB", (60, 40), (150, 120, 90)), ImageCms.buildTransform(srgb, lab, "RGB", "LAB")
    )
    assert image is not None

    read = read_bytes(picture(image, "TIFF"))

    assert np.abs(read.views[VIEW].astype(int) - (150, 120, 90)).max() <= 3


def test_values_without_a_range_are_stretched_with_a_warning() -> None:
    values = np.array([[-5.0, np.nan], [np.inf, 15.0]], dtype=np.float32)

    image, warnings = to_rgb(Image.fromarray(values))

    assert np.asarray(image)[..., 0].tolist() == [[0, 64], [64, 255]]
    assert len(warnings) == 2


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "RGB", "L"])
def test_a_large_picture_that_is_reduced_first_looks_as_a_small_one(mode: str) -> None:
    small = halves("L", 255, 40)
    small.putalpha(halves("L", 0, 255))
    image = small.convert("RGBA")
    if mode == "P":
        image = image.quantize(4)
    elif mode in {"RGB", "L"}:
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255,) * 4), image)

    found = [
        looks(picture(image.convert(mode).resize(size, Image.Resampling.NEAREST), "PNG"))
        for size in ((60, 40), (1200, 800))
    ]

    assert {one.hex for one in found[0].dominant_colors or ()} == {"#ffffff", "#282828"}
    assert found[0].dominant_colors == found[1].dominant_colors
    assert found[0].brightness == pytest.approx(found[1].brightness, abs=1e-3)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_is_turned_as_its_camera_was_held(turn: int) -> None:
    upright = np.zeros((40, 60, 3), dtype=np.uint8)
    upright[:20, :30] = RED
    undo = {2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1)}
    undo |= {6: lambda a: np.rot90(a, 1), 7: lambda a: np.rot90(a.swapaxes(0, 1), 2), 8: lambda a: np.rot90(a, -1)}
    stored = Image.fromarray(np.ascontiguousarray(undo.get(turn, lambda a: a)(upright)))
    exif = Image.Exif()
    exif[274] = turn

    read = read_bytes(picture(stored, "JPEG", exif=exif, quality=95))

    assert read.image is not None
    assert (read.image.width, read.image.height) == (60, 40)
    view = read.views[VIEW][0].astype(int)
    assert np.abs(view[:28, :28] - (254, 0, 0)).mean() < 3
    assert view[40:].mean() < 3
    assert view[:, 40:].mean() < 3


def test_of_an_animation_the_first_picture_is_looked_at() -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in (RED, (0, 255, 0), (0, 0, 255))]

    read = read_bytes(picture(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert read.modality is Modality.IMAGE
    assert read.warnings == ("Of several pictures in the file the first was looked at.",)
    assert np.abs(read.views[VIEW].astype(int) - RED).max() == 0


def test_a_wrong_name_is_a_warning_and_the_content_decides() -> None:
    read = read_bytes(picture(scenery(64, 64), "PNG"), name="a.jpg", media_type="audio/mpeg")

    assert read.media_type == "image/png"
    assert len(read.warnings) == 2
    assert all(one.endswith("by its content it is image/png.") for one in read.warnings)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_picture_that_ends_early_is_refused(form: str, share: float) -> None:
    data = picture(scenery(160, 120), form)

    with pytest.raises(InvalidInput) as refused:
        read_bytes(data[: max(16, int(len(data) * share))])

    assert refused.value.reason == "truncated"


def test_a_picture_with_rubbish_inside_is_broken() -> None:
    data = bytearray(picture(scenery(160, 120), "PNG"))
    begin = data.index(b"IDAT") + 4
    data[begin : begin + 400] = np.random.default_rng(7).bytes(400)

    with pytest.raises(InvalidInput) as refused:
        read_bytes(bytes(data))

    assert refused.value.reason == "broken"


def test_a_long_thin_picture_costs_no_more_than_it_shows() -> None:
    read = read_bytes(picture(Image.new("L", (1, 1_000_000), 255), "PNG"))

    assert read.image is not None
    assert (read.image.width, read.image.height) == (1, 1_000_000)
    assert read.image.texture_complexity is None
    assert read.views[VIEW].min() == 255
