"""The example records of the manual, made from files that this module draws itself.

    python -m workers.remforge.examples files FOLDER      # text.txt, image.png, audio.wav and video.mp4
    python -m workers.remforge.examples keep RECORDS.jsonl [FOLDER]

`files` writes what is to be forged; `keep` takes the forged records of these files, checks them, and writes each as
`text.json`, `image.json`, ... to where the manual has them. The files are equal for equal versions of the libraries.
"""

import json
import math
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from jobs.rem import Modality, Rem
from jobs.rem_migrations import read_rem

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "examples" / "rem"
FILES = {
    Modality.TEXT: "text.txt",
    Modality.IMAGE: "image.png",
    Modality.AUDIO: "audio.wav",
    Modality.VIDEO: "video.mp4",
}
TEXT = """\
Yesterday I walked down to the lake before sunrise. The air smelled of wet pine, and the stones were cold under my hands.
I remember how quiet it was: only a bird, far away. I felt calm and grateful. Tomorrow I will bring the camera.
"""
RATE_HZ, FRAMES_A_SECOND = 16_000, 10
WIDTH, HEIGHT = 320, 240


def draw(folder: Path) -> None:
    """Write one file of each modality into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILES[Modality.TEXT]).write_text(TEXT, encoding="utf-8")
    screen(640, 480).save(folder / FILES[Modality.IMAGE])
    _write_sound(folder / FILES[Modality.AUDIO])
    _write_film(folder / FILES[Modality.VIDEO])


def screen(width: int, height: int, *, moved: float = 0.0) -> Image.Image:
    """Draw an oscilloscope with two bursts on its trace; `moved` is how far they have run, as a share of the width."""
    picture = Image.new("RGB", (width, height), "#0a1f14")
    drawn = ImageDraw.Draw(picture)
    for line in range(1, 10):
        drawn.line([(line * width // 10, 0), (line * width // 10, height)], fill="#1d4a33")
        drawn.line([(0, line * height // 10), (width, line * height // 10)], fill="#1d4a33")
    across = np.arange(width) / width
    bursts = sum(np.exp(-(((across - center - moved + 0.5) % 1 - 0.5) ** 2) / 0.0016) for center in (0.3, 0.7))
    trace = height / 2 - 0.36 * height * bursts * np.sin(across * 240)
    drawn.line([(x, float(y)) for x, y in enumerate(trace)], fill="#7dff9b", width=2)
    return picture


def sound(seconds: float = 3.0) -> NDArray[np.int16]:
    """Return a rising triad of tones with silence between them, at RATE_HZ."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    note = np.minimum(2, at * 3 / seconds).astype(int)
    since = at - note * seconds / 3
    loudness = 0.5 * np.exp(-3 * since) * (since < 0.8)
    swung = loudness * np.sin(2 * math.pi * np.array([220.0, 277.18, 329.63])[note] * since)
    samples: NDArray[np.int16] = np.round(32767 * swung).astype(np.int16)
    return samples


def keep(records: Path, folder: Path) -> list[Path]:
    """Write the records of our files, one a modality; raise InvalidInput for what is no record, KeyError for a missing one."""
    rems = {rem.header.source.name: rem for rem in _read(records)}
    written = []
    for modality, name in FILES.items():
        target = folder / f"{modality.value}.json"
        target.write_text(pretty(rems[name]), encoding="utf-8")
        written.append(target)
    return written


def pretty(rem: Rem) -> str:
    """Return a record as JSON to be read by people."""
    return json.dumps(rem.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def _read(records: Path) -> Iterator[Rem]:
    for line in filter(str.strip, records.read_text(encoding="utf-8").split("\n")):
        yield read_rem(json.loads(line))


def _write_sound(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound().tobytes())


def _write_film(path: Path) -> None:
    """Write three seconds of moving bursts, and of a plain ground after a cut at two, with the sound."""
    with av.open(str(path), "w") as film:
        pictures = film.add_stream("mpeg4", rate=FRAMES_A_SECOND)
        pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        tones = film.add_stream("aac", rate=RATE_HZ, layout="mono")
        for at in range(3 * FRAMES_A_SECOND):
            shown = screen(WIDTH, HEIGHT, moved=at / 40) if at < 20 else Image.new("RGB", (WIDTH, HEIGHT), "#c2630f")
            film.mux(pictures.encode(av.VideoFrame.from_ndarray(np.asarray(shown), format="rgb24")))
        film.mux(pictures.encode(None))
        heard = av.AudioFrame.from_ndarray(sound()[None], format="s16", layout="mono")
        heard.sample_rate = RATE_HZ
        film.mux(tones.encode(heard))
        film.mux(tones.encode(None))


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["files", folder]:
            draw(Path(folder))
        case ["keep", records]:
            keep(Path(records), PUBLISHED)
        case ["keep", records, folder]:
            keep(Path(records), Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
