import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from jobs.errors import InvalidInput, NotFound, StoreUnavailable, TooLarge
from stores.artifacts import FileArtifacts, JobFiles

ID = f"sha256:{sha256(b'firmware').hexdigest()}"
PIECES = (b"firm", b"", b"ware")


@pytest.fixture
def artifacts(tmp_path: Path) -> FileArtifacts:
    return FileArtifacts(tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> JobFiles:
    return JobFiles(tmp_path, "campaigns")


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_stored_bytes_come_back(artifacts: FileArtifacts) -> None:
    artifact, is_new = artifacts.put("default", PIECES, media_type="application/x-elf", limit_bytes=8)

    assert is_new
    assert (artifact.id, artifact.bytes, artifact.media_type) == (ID, 8, "application/x-elf")
    assert artifacts.stat("default", ID) == artifact
    assert b"".join(artifacts.read("default", ID)) == b"firmware"
    assert artifacts.path("default", ID).read_bytes() == b"firmware"


def test_the_same_bytes_twice_are_one_artifact(artifacts: FileArtifacts, tmp_path: Path) -> None:
    first, _ = artifacts.put("default", PIECES, media_type="application/x-elf", limit_bytes=8)

    again, is_new = artifacts.put("default", [b"firmware"], media_type="text/plain", limit_bytes=8)

    assert (again, is_new) == (first, False)
    assert len(left(tmp_path)) == 2


def test_an_upload_above_the_limit_leaves_nothing(artifacts: FileArtifacts, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        artifacts.put("default", PIECES, media_type="application/x-elf", limit_bytes=7)

    assert left(tmp_path) == []


def test_an_upload_cut_in_the_middle_leaves_nothing(artifacts: FileArtifacts, tmp_path: Path) -> None:
    def cut() -> Iterator[bytes]:
        yield b"firm"
        raise InvalidInput("the body ended early")

    with pytest.raises(InvalidInput):
        artifacts.put("default", cut(), media_type="application/x-elf", limit_bytes=8)

    assert left(tmp_path) == []
    with pytest.raises(NotFound):
        artifacts.stat("default", ID)


def test_a_deleted_artifact_is_gone(artifacts: FileArtifacts, tmp_path: Path) -> None:
    artifacts.put("default", PIECES, media_type="application/x-elf", limit_bytes=8)

    artifacts.delete("default", ID)

    assert left(tmp_path) == []
    for ask in (artifacts.stat, artifacts.read, artifacts.path, artifacts.delete):
        with pytest.raises(NotFound):
            ask("default", ID)


@pytest.mark.parametrize("name", ["", "sha256:", "sha256:../../etc/passwd", ID.upper(), f"{ID}0", f"{ID}\n"])
def test_other_names_are_no_artifacts(artifacts: FileArtifacts, name: str) -> None:
    with pytest.raises(NotFound):
        artifacts.stat("default", name)


def test_what_a_dead_writer_left_is_cleared_away(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name in ("old", "new"):
        (incoming / name).write_bytes(b"part")
    os.utime(incoming / "old", (0, 0))

    FileArtifacts(tmp_path)

    assert [path.name for path in left(tmp_path)] == ["new"]


def test_a_folder_that_cannot_be_written_is_an_unavailable_store(tmp_path: Path) -> None:
    (tmp_path / "incoming").write_text("a file in the way")

    with pytest.raises(StoreUnavailable):
        JobFiles(tmp_path, "campaigns").write("job", "plan.npz", [b"x"])


def test_files_of_a_campaign_are_listed_by_name(files: JobFiles) -> None:
    for name in ("report.json", "parts/0001.npz", "plan.npz"):
        files.write("job", name, [b"1", b"2"])
    files.write("other", "report.json", [b""])

    assert files.names("job") == ["parts/0001.npz", "plan.npz", "report.json"]
    assert files.path("job", "parts/0001.npz").read_bytes() == b"12"
    assert files.path("job", "plan.npz").parent == files.folder("job")
    assert files.names("nothing") == []


def test_a_file_is_replaced_whole_or_not_at_all(files: JobFiles, tmp_path: Path) -> None:
    def cut() -> Iterator[bytes]:
        yield b"n"
        raise InvalidInput("it broke")

    files.write("job", "report.json", [b"old"])

    with pytest.raises(InvalidInput):
        files.write("job", "report.json", cut())

    assert files.path("job", "report.json").read_bytes() == b"old"
    files.write("job", "report.json", [b"new"])
    assert files.path("job", "report.json").read_bytes() == b"new"
    assert len(left(tmp_path)) == 1


def test_a_file_is_deleted_once_or_twice(files: JobFiles) -> None:
    files.write("job", "report.json", [b""])

    files.delete("job", "report.json")
    files.delete("job", "report.json")

    with pytest.raises(NotFound):
        files.path("job", "report.json")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", ".hidden", "a//b", "", "a\0b", "a/"])
def test_names_that_lead_elsewhere_are_refused(files: JobFiles, name: str) -> None:
    with pytest.raises(InvalidInput):
        files.write("job", name, [b""])
    with pytest.raises(InvalidInput):
        files.folder(name or "..")


def test_sizes_of_files_are_summed_by_job(tmp_path: Path) -> None:
    files = JobFiles(tmp_path, "campaigns")
    assert files.sizes() == {}

    files.write("one", "report.json", [b"a" * 10])
    files.write("one", "deep/er.npy", [b"a" * 5])
    files.folder("two")

    assert files.sizes() == {"one": 15, "two": 0}
