import hashlib
import json
import wave
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from jobs.errors import InvalidInput
from jobs.rem import Modality
from tests.workers.remforge.records import record
from workers.remforge.examples import FILES, RATE_HZ, draw, keep, main
from workers.remforge.validate import check


def test_a_file_of_each_modality_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    main(["files", str(tmp_path / "one")])
    draw(tmp_path / "two")

    digests = [
        {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (tmp_path / folder).iterdir()}
        for folder in ("one", "two")
    ]
    assert digests[0] == digests[1]
    assert set(digests[0]) == set(FILES.values())


def test_the_files_hold_what_they_should(tmp_path: Path) -> None:
    draw(tmp_path)

    with Image.open(tmp_path / "image.png") as picture:
        bright = np.asarray(picture.convert("L")) > 150
    with wave.open(str(tmp_path / "audio.wav")) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (RATE_HZ, 3 * RATE_HZ)
    with av.open(str(tmp_path / "video.mp4")) as film:
        assert [stream.type for stream in film.streams] == ["video", "audio"]
        pictures = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    # Two bursts: the trace leaves the middle of the screen around 0.3 and 0.7 of its width alone.
    assert [bool(bright[:160, round(640 * at) - 20 : round(640 * at) + 20].any()) for at in (0.1, 0.3, 0.5, 0.7)] == [
        False,
        True,
        False,
        True,
    ]
    changes = [float(np.abs(after.astype(int) - before).mean()) for before, after in pairwise(pictures)]
    assert len(pictures) == 30
    assert int(np.argmax(changes)) + 1 == 20


def test_the_records_of_our_files_are_kept_readable_and_valid(tmp_path: Path) -> None:
    rems = [record("other.txt"), *(record(name, modality) for modality, name in FILES.items())]
    (tmp_path / "records.jsonl").write_text("\n".join(rem.model_dump_json() for rem in rems) + "\n")

    written = keep(tmp_path / "records.jsonl", tmp_path)

    assert sorted(file.name for file in written) == ["audio.json", "image.json", "text.json", "video.json"]
    assert all(check(file).problems == () for file in written)
    kept = json.loads((tmp_path / "audio.json").read_text())
    assert kept == record("audio.wav", Modality.AUDIO).model_dump(mode="json")


def test_what_is_no_record_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").write_text('{"header": {"schema_version": "rem/1"}}\n')

    with pytest.raises(InvalidInput, match="This is no record"):
        keep(tmp_path / "records.jsonl", tmp_path)
