import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.rem import Modality
from tests.workers.remforge.media.made_files import film, flat, scenery, sound, three_scenes, tone
from tests.workers.remforge.media.reading import VIEW, outcome, read_bytes
from workers.remforge.decoding import RATE_HZ
from workers.remforge.media.limits import MAX_FRAMES, MAX_KEYFRAMES
from workers.remforge.media.scenes import Scenes


@pytest.mark.parametrize(
    ("form", "codec", "media_type"),
    [
        ("mp4", "mpeg4", "video/mp4"),
        ("mp4", "libx264", "video/mp4"),
        ("mov", "mpeg4", "video/quicktime"),
        ("avi", "mjpeg", "video/x-msvideo"),
        ("matroska", "mpeg4", "video/x-matroska"),
        ("webm", "libvpx", "video/webm"),
        ("mpegts", "mpeg2video", "video/mp2t"),
    ],
)
def test_two_hard_cuts_are_found_and_each_scene_gives_a_picture(form: str, codec: str, media_type: str) -> None:
    rate = 25 if codec == "mpeg2video" else 10
    scenes = [frame for frame in three_scenes() for _ in range(rate // 10)]

    read = read_bytes(film(scenes, form=form, codec=codec, rate=rate))

    assert (read.modality, read.media_type, read.warnings, read.audio) == (Modality.VIDEO, media_type, (), None)
    assert read.video is not None
    second = len(scenes) / 3 / rate
    assert read.video.scene_cuts == pytest.approx((second, 2 * second), abs=0.1)
    assert (read.video.width, read.video.height) == (128, 72)
    assert read.video.frame_rate == pytest.approx(rate)
    assert read.video.duration_s == pytest.approx(3 * second, abs=0.15)
    assert [one.at_s for one in read.video.keyframes] == [0, *(read.video.scene_cuts or ())]
    assert read.views[VIEW].shape == (3, 64, 64, 3)
    assert read.views[VIEW].mean(axis=(1, 2)).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_video_tells_of_its_sound() -> None:
    read = read_bytes(film(three_scenes(), samples=tone(440, length_s=3)))

    assert read.audio is not None
    assert read.audio.f0_mean_hz == pytest.approx(440, rel=0.01)
    assert read.samples is not None
    assert len(read.samples) == pytest.approx(3 * RATE_HZ, abs=2000)


def test_a_still_video_has_no_cut_and_no_motion() -> None:
    read = read_bytes(film([flat((90, 120, 60))] * 20))

    assert read.video is not None
    assert (read.video.scene_cuts, len(read.video.keyframes)) == ((), 1)
    assert read.video.motion == pytest.approx(0, abs=0.002)


def test_motion_is_the_mean_change_of_luma() -> None:
    scenes = Scenes()
    for number in range(5):
        scenes.see(number * 0.2, flat((100 + 10 * number,) * 3, height=36, width=64))

    assert scenes.motion == pytest.approx(10 / 255, rel=1e-4)


def test_a_flash_is_no_scene_of_its_own() -> None:
    scenes = Scenes()
    dark, bright = flat((10, 10, 10), height=36, width=64), flat((250, 250, 250), height=36, width=64)

    begun = [scenes.see(at * 0.04, bright if at == 20 else dark) for at in range(40)]

    assert [at for at, one in enumerate(begun) if one] == [0, 20]
    assert scenes.cuts == [pytest.approx(0.8)]


def test_one_frame_has_neither_motion_nor_cuts_to_speak_of() -> None:
    read = read_bytes(film([flat((90, 120, 60))]))

    assert read.video is not None
    assert (read.video.motion, read.video.scene_cuts) == (None, None)
    assert read.views[VIEW].shape[0] == 1


def test_of_many_scenes_as_many_pictures_are_taken_as_are_wanted_from_first_to_last() -> None:
    colours = [(200, 20, 20), (20, 200, 20), (20, 20, 200)]
    frames = [flat(colours[scene % 3], height=48, width=64) for scene in range(70) for _ in range(3)]

    read = read_bytes(film(frames, rate=10))

    assert read.video is not None
    assert len(read.video.scene_cuts or ()) == 69
    times = [one.at_s for one in read.video.keyframes]
    assert len(times) == MAX_KEYFRAMES == len(read.views[VIEW])
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] > 15
    assert np.diff(times).max() < 4


def test_a_video_that_was_filmed_upright_is_upright() -> None:
    top = flat((20, 20, 20), height=64, width=96)
    top[:, :48] = (230, 230, 230)
    data = bytearray(film([top] * 5))
    at = data.index(b"tkhd") + 44
    # The matrix of ISO 14496-12, 8.3.2: shown a quarter turn clockwise.
    for place, value in ((0, 0), (4, 0x10000), (12, 0xFFFF0000), (16, 0)):
        data[at + place : at + place + 4] = value.to_bytes(4, "big")

    read = read_bytes(bytes(data))

    assert read.video is not None
    assert (read.video.width, read.video.height) == (64, 96)
    view = read.views[VIEW][0]
    assert view[:24].mean() > 200
    assert view[40:].mean() < 60


def test_of_a_long_video_only_the_key_frames_are_looked_at() -> None:
    still = np.asarray(scenery(128, 72))
    moved = still.copy()
    moved[20:52, 40:72] = 250
    # A key frame is every twelfth.
    data = film([moved if number % 12 == 6 else still for number in range(36)], form="avi", rate=50)
    long = bytearray(data)
    # The header's word on how many frames there are, which decides.
    at = long.index(b"vids") + 32
    long[at : at + 4] = (MAX_FRAMES + 1).to_bytes(4, "little")

    whole, read = read_bytes(data), read_bytes(bytes(long))

    assert whole.warnings == ()
    assert read.warnings[0] == "The video is long; of its frames only the key frames were looked at."
    first, second = (one.video.motion if one.video else None for one in (whole, read))
    assert first is not None
    assert second is not None
    assert second < first / 2


def test_a_video_without_a_frame_is_refused_unless_it_sounds() -> None:
    silent, sounding = (
        film(three_scenes(), form="matroska", codec="mjpeg", samples=samples, sound_codec="pcm_s16le")
        for samples in (None, tone(440))
    )

    with pytest.raises(InvalidInput) as refused:
        read_bytes(without_pictures(silent))
    read = read_bytes(without_pictures(sounding))

    assert refused.value.reason == "no-frames"
    assert (read.modality, read.media_type) == (Modality.AUDIO, "video/x-matroska")
    assert read.warnings == ("Only the sound was read. The video has no frame that can be decoded.",)


def without_pictures(data: bytes) -> bytes:
    """Return a file of JPEGs whose frames and scans do not begin."""
    return data.replace(b"\xff\xc0", b"\0\0").replace(b"\xff\xda", b"\0\0")


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_stream_that_is_cut_is_read_as_far_as_it_goes(share: float) -> None:
    data = film(three_scenes(), form="mpegts", codec="mpeg2video", rate=25)

    read = read_bytes(data[: int(len(data) * share)])

    assert read.video is not None
    assert read.video.duration_s < 1.2
    assert len(read.views[VIEW]) == len(read.video.keyframes) >= 1


@pytest.mark.parametrize("form", ["mp4", "avi", "matroska"])
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9])
def test_a_cut_container_is_read_or_refused_by_type(form: str, share: float) -> None:
    data = film(three_scenes(), form=form)

    found = outcome(data[: max(16, int(len(data) * share))])

    assert found in ({"truncated"} if form == "mp4" else {"video", "truncated", "broken", "no-frames", "unsupported"})


def test_a_container_with_neither_sound_nor_pictures_is_unsupported() -> None:
    data = sound(tone(440), form="matroska", codec="pcm_s16le")

    with pytest.raises(InvalidInput) as refused:
        read_bytes(data.replace(b"A_PCM/INT/LIT", b"A_WHATEVER/IT"))

    assert refused.value.reason == "unsupported"
