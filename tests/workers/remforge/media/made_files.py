"""Files that tests make: tones, clicks, films, pictures."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workers.remforge.decoding import RATE_HZ

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]


def seconds(length_s: float) -> Floats:
    """Return when the samples are."""
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def tone(hz: float, *, length_s: float = 2.0, peak: float = 0.5) -> Floats:
    return np.asarray(peak * np.sin(2 * np.pi * hz * seconds(length_s)))


def clicks(bpm: float, *, length_s: float = 8.0) -> Floats:
    samples = np.zeros(round(length_s * RATE_HZ))
    click = 0.8 * np.exp(-np.arange(800) / 100) * np.sin(2 * np.pi * 1000 * np.arange(800) / RATE_HZ)
    for start in np.arange(0.1, length_s - 0.1, 60 / bpm):
        at = round(start * RATE_HZ)
        samples[at : at + 800] += click
    return samples


def sound(samples: Floats, *, form: str = "wav", codec: str = "pcm_s16le", rate_hz: int = RATE_HZ) -> bytes:
    """Return a file of sound at RATE_HZ, coded at `rate_hz`."""
    to = io.BytesIO()
    with av.open(to, "w", format=form) as container:
        _sound(container, container.add_stream(codec, rate=rate_hz, layout="mono"), samples)
    return to.getvalue()


def film(
    frames: Sequence[Pixels],
    *,
    rate: int = 10,
    form: str = "mp4",
    codec: str = "mpeg4",
    samples: Floats | None = None,
    sound_codec: str = "aac",
) -> bytes:
    """Return a video of frames [h, w, 3], with sound if there is any."""
    # SVT-AV1 gives the thread that calls it real-time priority, where it may, and all that is started from there inherits
    # it: servers that never let go of a core. So it is called by a thread that ends.
    with ThreadPoolExecutor(1) as short_lived:
        made = short_lived.submit(_film, frames, samples, sound_codec, rate=rate, form=form, codec=codec)
        return made.result()


def _film(
    frames: Sequence[Pixels], samples: Floats | None, sound_codec: str, *, rate: int, form: str, codec: str
) -> bytes:
    to = io.BytesIO()
    with av.open(to, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        track = None if samples is None else container.add_stream(sound_codec, rate=RATE_HZ, layout="mono")
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
        if track is not None and samples is not None:
            _sound(container, track, samples)
    return to.getvalue()


def _sound(container: Any, stream: Any, samples: Floats) -> None:
    whole = (samples * 32767).astype(np.int16)[None]
    frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
    frame.sample_rate = RATE_HZ
    shape = stream.codec_context
    resampler = av.AudioResampler(shape.format, "mono", shape.sample_rate, frame_size=shape.frame_size or 1024)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def flat(colour: tuple[int, int, int], *, height: int = 72, width: int = 128) -> Pixels:
    return np.full((height, width, 3), colour, dtype=np.uint8)


RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def three_scenes() -> list[Pixels]:
    """Return a second each of red, green and blue, at 10 frames a second."""
    return [flat(colour) for colour in (RED, GREEN, BLUE) for _ in range(10)]


def scenery(width: int, height: int, *, seed: int = 7) -> Image.Image:
    """Return a picture with waves, an edge and noise: something of everything that scaling may do wrong."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.stack(
        [127 + 100 * np.sin(x / 97 + y / 211), 127 + 100 * np.cos(x / 53 - y / 71), 127 + 100 * np.sin(x * y / 9e5)], -1
    )
    waves += np.random.default_rng(seed).normal(0, 12, waves.shape)
    waves[height // 3 : height // 2, width // 4 : width // 2] = (250, 20, 30)
    return Image.fromarray(waves.clip(0, 255).astype(np.uint8))


def picture(image: Image.Image, form: str, **options: object) -> bytes:
    to = io.BytesIO()
    image.save(to, form, **options)
    return to.getvalue()
