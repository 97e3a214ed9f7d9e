"""Files of every kind, made here: a drawn oscilloscope, a tone, a blinking video, a diary."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

RATE_HZ = 16_000
DIARY = (
    "I saw two bright bursts on the oscilloscope this morning. The probe felt hot, and I was worried about mix_columns. "
    "Tomorrow I will try masking."
)
DIARIO = "Ayer vi dos ráfagas brillantes en la pantalla. Tuve miedo de quemar la placa, pero mañana probaré otra vez."


def picture(path: Path, *, size: tuple[int, int] = (640, 480), bursts: int = 2) -> Path:
    """Draw a dark screen with a green trace of some bursts."""
    image = Image.new("RGB", size, (12, 16, 14))
    draw = ImageDraw.Draw(image)
    width, height = size
    for line in range(1, 10):
        draw.line([(line * width // 10, 0), (line * width // 10, height)], fill=(40, 60, 50))
        draw.line([(0, line * height // 10), (width, line * height // 10)], fill=(40, 60, 50))
    x = np.arange(width)
    envelope = sum(np.exp(-(((x - width * (n + 1) / (bursts + 1)) / (width / 30)) ** 2)) for n in range(bursts))
    y = height / 2 - 0.4 * height * envelope * np.sin(x / 2)
    draw.line(list(zip(x.tolist(), np.asarray(y).tolist(), strict=True)), fill=(60, 255, 90), width=2)
    image.save(path)
    return path


def tone(path: Path, *, hz: float = 440.0, seconds: float = 2.0) -> Path:
    """Write a sine as WAV."""
    samples = (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def video(path: Path, *, seconds: int = 2, rate: int = 10) -> Path:
    """Write a video whose first half is red and whose second is blue."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = Fraction(1, rate)
        for number in range(seconds * rate):
            colour = (200, 20, 20) if number < seconds * rate / 2 else (20, 20, 200)
            pixels = np.broadcast_to(np.array(colour, np.uint8), (240, 320, 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts = number
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def text(path: Path, words: str = DIARY) -> Path:
    """Write a text."""
    path.write_text(words, encoding="utf-8")
    return path
