"""Files of every kind for benchmarks, each with content of its own: pictures, texts, sounds, videos."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from bench.remforge_pictures import photo
from workers.remforge.decoding import RATE_HZ

TOLD = """
the oscilloscope shows two bursts and i was worried about a hot probe tomorrow we will try masking again the bright lake lay
quiet under a cold sky they heard loud music in the crowd she remembered how the coffee smelled and smiled he touched the
rough board and thought that it might break i want to go home now nobody knows why the signal fell last night
"""
WORDS = TOLD.split()
MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".txt": "text/plain",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
}
TENTHS = (".jpg", ".txt", ".jpg", ".txt", ".png", ".txt", ".jpg", ".txt", ".jpg", ".wav")
"""What ten files in a row are."""
VIDEO_EACH = 50
PICTURE = (640, 480)
SOUND_S = 3.0
VIDEO_S, FRAME_RATE = 2, 10


def mixed(folder: Path, count: int, *, seed: int) -> list[Path]:
    """Make files: half of them pictures, four tenths texts, a tenth sounds, and now and then a video."""
    rng = np.random.default_rng(seed)
    paths = []
    for number in range(count):
        ending = ".mp4" if number % VIDEO_EACH == VIDEO_EACH - 1 else TENTHS[number % len(TENTHS)]
        path = folder / f"{seed}-{number}{ending}"
        if ending == ".jpg":
            photo(path, size=PICTURE, seed=int(rng.integers(2**31)))
        elif ending == ".png":
            drawing(path, rng)
        elif ending == ".txt":
            path.write_text(text(rng, sentences=int(rng.integers(1, 6))), encoding="utf-8")
        elif ending == ".wav":
            sound(path, rng)
        else:
            video(path, rng)
        paths.append(path)
    return paths


def text(rng: np.random.Generator, *, sentences: int) -> str:
    """Return sentences of 5 to 14 words."""
    words = [" ".join(rng.choice(WORDS, rng.integers(5, 15))) for _ in range(sentences)]
    return " ".join(f"{sentence.capitalize()}." for sentence in words)


def drawing(path: Path, rng: np.random.Generator, *, size: tuple[int, int] = PICTURE, cells: int = 8) -> None:
    """Write a picture of soft patches of colour."""
    patches = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
    patches.resize(size, Image.Resampling.BICUBIC).save(path)


def sound(path: Path, rng: np.random.Generator) -> None:
    """Write a tone in noise as WAV."""
    at_s = np.arange(int(SOUND_S * RATE_HZ)) / RATE_HZ
    heard = 0.3 * np.sin(2 * np.pi * rng.uniform(100, 400) * at_s) + 0.05 * rng.standard_normal(len(at_s))
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        samples = np.clip(heard * 32767, -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])


def video(path: Path, rng: np.random.Generator) -> None:
    """Write a video of two scenes."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FRAME_RATE)
        stream.width, stream.height, stream.pix_fmt = *PICTURE, "yuv420p"
        stream.time_base = Fraction(1, FRAME_RATE)
        scenes = rng.integers(0, 256, (2, 3), dtype=np.uint8)
        for number in range(VIDEO_S * FRAME_RATE):
            colour = scenes[2 * number // (VIDEO_S * FRAME_RATE)]
            pixels = np.ascontiguousarray(np.broadcast_to(colour, (*PICTURE[::-1], 3)))
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
