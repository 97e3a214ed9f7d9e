import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.rem import Modality
from tests.workers.remforge.media import odd_child
from tests.workers.remforge.media.made_files import film, picture, scenery, sound, three_scenes, tone
from tests.workers.remforge.media.reading import VIEW, WANTED, read_bytes
from workers.remforge.decoding import Decoded, View, Wanted
from workers.remforge.media.pool import DecoderPool

ROOT = Path(__file__).parents[4]
ODD_PROGRAM = [sys.executable, odd_child.__file__]


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(2, memory_bytes=1 << 30, cpu_s=60, deadline_s=120) as made:
        yield made


@pytest.fixture(scope="module")
def odd_pool() -> Iterator[DecoderPool]:
    with DecoderPool(1, memory_bytes=1 << 28, cpu_s=60, deadline_s=120, program=ODD_PROGRAM) as made:
        yield made


def decode(pool: DecoderPool, path: Path, *, name: str = "", wanted: Wanted = WANTED) -> Decoded:
    return pool.decode(path, name=name, media_type="", wanted=wanted)


def outcome(pool: DecoderPool, path: Path, name: str) -> str:
    """Return the media type of what is read, or the reason why it is not."""
    try:
        return decode(pool, path, name=name).media_type
    except InvalidInput as error:
        return str(error.reason)


def reason(pool: DecoderPool, path: Path, *, name: str = "") -> str | None:
    with pytest.raises(InvalidInput) as refused:
        decode(pool, path, name=name)
    return refused.value.reason


@pytest.mark.parametrize(
    ("modality", "data"),
    [
        (Modality.TEXT, "mañana".encode("cp1252")),
        (Modality.IMAGE, picture(scenery(120, 90), "JPEG")),
        (Modality.IMAGE, picture(scenery(120, 90), "TIFF", compression="jpeg")),
        (Modality.IMAGE, picture(scenery(120, 90), "AVIF")),
        (Modality.AUDIO, sound(tone(440), form="ogg", codec="libopus", rate_hz=48_000)),
        (Modality.VIDEO, film(three_scenes(), codec="libx264", samples=tone(440))),
        (Modality.VIDEO, film(three_scenes(), form="webm", codec="libvpx-vp9")),
        (Modality.VIDEO, film(three_scenes(), form="matroska", codec="libsvtav1")),
    ],
)
def test_what_a_child_reads_is_what_is_read_without_one(
    pool: DecoderPool, tmp_path: Path, modality: Modality, data: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)

    apart, here = decode(pool, path), read_bytes(data)

    assert apart.modality is modality
    assert (apart.text, apart.image, apart.audio, apart.video) == (here.text, here.image, here.audio, here.video)
    assert (apart.media_type, apart.warnings) == (here.media_type, here.warnings)
    assert set(apart.views) == set(here.views)
    for view, pixels in here.views.items():
        np.testing.assert_array_equal(apart.views[view], pixels)
    if here.samples is None:
        assert apart.samples is None
    else:
        np.testing.assert_array_equal(apart.samples, here.samples)


def test_many_files_by_several_threads_come_back_in_order(pool: DecoderPool, tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(64)]
    for number, path in enumerate(paths):
        path.write_bytes(picture(scenery(40 + number, 40), "PNG") if number % 2 else f"file {number}".encode())

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda path: decode(pool, path), paths))

    for number, one in enumerate(found):
        if number % 2:
            assert one.image is not None
            assert one.image.width == 40 + number
        else:
            assert one.text == f"file {number}"
    assert len(pool.children()) == 2


def test_files_that_cannot_be_read_leave_the_child_that_tried(pool: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")
    decode(pool, path)
    children = pool.children()
    path.write_bytes(picture(scenery(120, 90), "JPEG")[:2000])

    reasons = {reason(pool, path) for _ in range(8)}

    assert reasons == {"truncated"}
    assert set(children) <= set(pool.children())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("killed", "too-costly"),
        ("hoards", "too-costly"),
        *((name, "broken") for name in ("crashed", "left", "raised", "chatters")),
        *((name, "broken") for name in ("noise", "long", "no-json", "other-json", "odd-reason", "huge")),
        *((name, "broken") for name in ("more", "pictures", "no-utf-8", "no-number")),
    ],
)
def test_a_child_that_breaks_or_talks_nonsense_costs_its_file_alone(
    odd_pool: DecoderPool, tmp_path: Path, name: str, expected: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")
    decode(odd_pool, path)
    (before,) = odd_pool.children()

    assert reason(odd_pool, path, name=name) == expected

    assert odd_pool.children() == []
    assert not Path(f"/proc/{before}").exists()
    assert decode(odd_pool, path).text == "words"


def test_a_child_that_is_lost_costs_none_of_its_neighbours_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(picture(scenery(120, 90), "JPEG"))
    names = ["killed" if number % 8 == 3 else "picture" for number in range(24)]

    with (
        DecoderPool(3, memory_bytes=1 << 30, cpu_s=60, deadline_s=120, program=ODD_PROGRAM) as odd,
        ThreadPoolExecutor(3) as threads,
    ):
        found = list(threads.map(lambda name: outcome(odd, path, name), names))

    assert found == ["too-costly" if name == "killed" else "image/jpeg" for name in names]


@pytest.mark.parametrize(("name", "cpu_s", "deadline_s"), [("spins", 1, 120), ("sleeps", 60, 0.5), ("half", 60, 0.5)])
def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, name: str, cpu_s: int, deadline_s: float) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")

    with DecoderPool(1, memory_bytes=1 << 28, cpu_s=cpu_s, deadline_s=deadline_s, program=ODD_PROGRAM) as pool:
        assert reason(pool, path, name=name) == "too-costly"
        assert pool.children() == []


def test_a_picture_that_takes_more_memory_than_it_may_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(picture(scenery(64, 64).resize((4000, 4000)), "PNG", compress_level=1))
    words = tmp_path / "words"
    words.write_bytes(b"words")

    with DecoderPool(1, memory_bytes=48 << 20, cpu_s=60, deadline_s=120) as pool:
        assert reason(pool, path) == "too-costly"
        assert decode(pool, words).text == "words"


def test_a_child_that_died_while_idle_is_replaced_without_blaming_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")

    with DecoderPool(1, memory_bytes=1 << 28, cpu_s=60, deadline_s=120) as pool:
        decode(pool, path)
        (before,) = pool.children()
        end(before)

        assert decode(pool, path).text == "words"
        assert pool.children() != [before]


def test_a_child_that_has_read_its_share_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")

    with DecoderPool(1, memory_bytes=1 << 28, cpu_s=60, deadline_s=120, retired_after=3) as pool:
        children = []
        for _ in range(4):
            assert decode(pool, path).text == "words"
            children.append(pool.children())

    assert children[0] == children[1]
    assert children[2] == []
    assert len(children[3]) == 1


def end(pid: int) -> None:
    """Kill a process and wait until it is gone."""
    watched = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGKILL)
        assert select.select([watched], [], [], 30)[0]
    finally:
        os.close(watched)


@pytest.mark.parametrize("kept", ["idle", "spins", "sleeps"])
def test_children_end_with_their_parent(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")
    busy = tmp_path / "busy"
    os.mkfifo(busy)
    program = str(Path(__file__).parent / "short_parent.py")
    command = [sys.executable, program, str(path), f"{kept} {busy}", odd_child.__file__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        # Opens when the child opens its end.
        busy.read_bytes()
        watched = os.pidfd_open(child)
        try:
            parent.kill()
            assert select.select([watched], [], [], 30)[0]
        finally:
            os.close(watched)


def test_no_descriptor_is_left_over_after_many_files(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(picture(scenery(40, 30), "TIFF"))
    bad.write_bytes(picture(scenery(40, 30), "WEBP")[:-9])
    one = DecoderPool(1, memory_bytes=1 << 28, cpu_s=60, deadline_s=120)
    decode(one, good)
    (child,) = one.children()

    def descriptors() -> list[int]:
        return [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in ("self", child)]

    before = descriptors()
    for _ in range(150):
        decode(one, good)
        assert reason(one, bad) == "truncated"

    assert descriptors() == before
    one.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before[0] - 3
    assert not Path(f"/proc/{child}").exists()


def test_a_closed_pool_reads_nothing_and_closing_twice_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")
    pool = DecoderPool(2, memory_bytes=1 << 28, cpu_s=60, deadline_s=120)
    decode(pool, path)
    children = pool.children()

    pool.close()
    pool.close()

    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    with pytest.raises(RuntimeError, match="closed"):
        decode(pool, path)


def test_a_program_that_does_not_start_is_our_fault_rather_than_the_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")

    with (
        DecoderPool(1, memory_bytes=1 << 28, cpu_s=60, deadline_s=120, program=[sys.executable, "-c", "1 / 0"]) as pool,
        pytest.raises(RuntimeError, match="ZeroDivisionError"),
    ):
        decode(pool, path)


def test_what_is_no_file_and_views_that_cannot_be_are_mistakes_of_the_caller(pool: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")

    with pytest.raises(ValueError, match="shorter side"):
        decode(pool, path, wanted=Wanted((View(64, 65),)))
    with pytest.raises(ValueError, match="no file"):
        decode(pool, Path("/dev/null"))
    with pytest.raises(FileNotFoundError):
        decode(pool, tmp_path / "nowhere")
    assert VIEW in decode(pool, _pictured(tmp_path)).views


def _pictured(folder: Path) -> Path:
    path = folder / "picture"
    path.write_bytes(picture(scenery(40, 30), "PNG"))
    return path
