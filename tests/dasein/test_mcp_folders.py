"""Which files a model may have uploaded: the user's folders, and nothing that hides or leads out."""

import os
from pathlib import Path

import pytest

from dasein import BadFile
from dasein.mcp.folders import Folders
from tests.dasein.mcp_session import call, content, here, refusal
from tests.dasein.scripted_server import answers, refuses, scripted


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder that is allowed, beside one that is not."""
    allowed, secret = tmp_path / "allowed", tmp_path / "secret"
    for folder in (allowed / "build", allowed / ".ssh", secret):
        folder.mkdir(parents=True)
    (allowed / "build" / "aes.elf").write_bytes(b"\x7fELF...")
    (allowed / ".ssh" / "key").write_text("secret")
    (allowed / "notes.txt").write_text("notes")
    (secret / "key.elf").write_bytes(b"\x7fELF secret")
    (allowed / "link.elf").symlink_to(secret / "key.elf")
    (allowed / "fine.elf").symlink_to(allowed / "build" / "aes.elf")
    (allowed / "loop").symlink_to(allowed / "loop")
    os.mkfifo(allowed / "pipe")
    return allowed


def test_files_below_the_folder_are_found_by_relative_and_whole_paths_and_through_links_within(home: Path) -> None:
    folders = Folders([home])

    really = (home / "build" / "aes.elf").resolve()
    assert folders.file("build/aes.elf") == folders.file(str(really)) == folders.file("fine.elf") == really
    assert folders.firmware("fine.elf") == really


@pytest.mark.parametrize(
    "given",
    [
        "../secret/key.elf",
        "build/../../secret/key.elf",
        "link.elf",
        ".ssh/key",
        "build",
        "pipe",
        "loop",
        "absent",
        "",
        "nul\0byte",
        "x" * 5000,
        "/etc/passwd",
        "/dev/zero",
        "~/aes.elf",
    ],
)
def test_nothing_else_is_and_what_exists_is_not_told_apart(home: Path, given: str) -> None:
    with pytest.raises(BadFile) as error:
        Folders([home]).file(given)

    assert "There is no such file that may be read" in str(error.value)


def test_firmware_is_an_elf(home: Path) -> None:
    with pytest.raises(BadFile, match="no ELF"):
        Folders([home]).firmware("notes.txt")


def test_a_working_directory_that_is_the_home_or_the_root_is_not_allowed_by_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    here = Folders.here()
    monkeypatch.setenv("HOME", str(home))
    at_home = Folders.here()
    monkeypatch.chdir("/")
    at_the_root = Folders.here()

    assert here.allowed == (str(home.resolve()),)
    assert at_home.allowed == at_the_root.allowed == ()
    with pytest.raises(BadFile, match="--files"):
        at_home.file("notes.txt")


def test_a_folder_that_is_none_is_refused_at_the_start(home: Path) -> None:
    for path in (home / "absent", home / "notes.txt", home / "loop"):
        with pytest.raises(BadFile):
            Folders([path])


def test_the_tools_upload_what_is_allowed_and_refuse_the_rest_before_the_farm_hears_of_it(home: Path) -> None:
    stored = answers({"artifact_id": "sha256:3e", "bytes": 7, "media_type": "x"}, status=201)

    with scripted(refuses(404, "not-found"), stored) as farm:
        told = [
            refusal(here(farm.url, call("upload_firmware", path="link.elf"), folders=(home,))),
            refusal(here(farm.url, call("inspect_firmware", firmware="notes.txt"), folders=(home,))),
            refusal(here(farm.url, call("submit_campaign", firmware="/etc/passwd", campaign={}), folders=(home,))),
            refusal(here(farm.url, call("forge_files", paths=["notes.txt", ".ssh/key"]), folders=(home,))),
            refusal(here(farm.url, call("search_records", picture="../secret/key.elf"), folders=(home,))),
        ]

    assert [error["code"] for error in told] == ["bad-file"] * 5
    assert farm.seen == []


def test_firmware_is_uploaded_once(home: Path) -> None:
    with scripted(answers(status=200)) as farm:
        sent = content(here(farm.url, call("upload_firmware", path="build/aes.elf"), folders=(home,)))

    assert farm.seen[0].method == "HEAD"
    assert farm.seen[0].path.endswith(sent["artifact_id"].replace("sha256:", "sha256:"))
    assert sent["bytes"] == 7
