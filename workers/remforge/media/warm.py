"""What Python loads when it is first used is loaded now, while files may still be opened."""

import codecs
import importlib
import io
import pkgutil
import wave

import av
from PIL import Image

from workers.remforge.decoding import Decoded, View, Wanted
from workers.remforge.media.read import read

FORMS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "MPO")
MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F")
LEFT_OUT = {"av.__main__", "av.datasets"}
"""Of FFmpeg's wrapper: its command line, and what fetches files from the web."""
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252", "latin-1")


def warm() -> None:
    """Read one small file of each kind."""
    Image.init()
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name not in LEFT_OUT:
            importlib.import_module(module.name)
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    for form in FORMS:
        _read(_picture(Image.new("RGB", (16, 16)), form))
    for mode in MODES:
        _read(_picture(Image.new(mode, (16, 16)), "TIFF"))
    _read(_sound())
    _read("Café".encode("cp1252"))


def _read(data: bytes) -> Decoded:
    return read(io.BytesIO(data), name="", media_type="", wanted=Wanted((View(16, 16),), samples=True))


def _picture(image: Image.Image, form: str) -> bytes:
    to = io.BytesIO()
    image.save(to, form)
    return to.getvalue()


def _sound() -> bytes:
    to = io.BytesIO()
    with wave.open(to, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(250)) * 200)
    return to.getvalue()
