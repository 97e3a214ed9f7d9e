"""Where backups lie: the same in a folder and in a bucket."""

import os
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pytest

from jobs.errors import InvalidInput, NotFound, StoreUnavailable
from stores.vault_obstore import ObjectVault
from tests.servers import demand, free_port

KEY_ID, KEY, REGION, BUCKET = "an-id", "a-key", "eu-west-1", "backups"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Run a server of S3's protocol with a bucket; return its URL."""
    demand("moto", present=find_spec("moto") is not None)
    moto, boto3 = import_module("moto.server"), import_module("boto3.session")
    port = free_port()
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    url = f"http://127.0.0.1:{port}"
    client = boto3.Session(KEY_ID, KEY, region_name=REGION).client("s3", endpoint_url=url)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.close()
    yield url
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectVault:
    """Return an empty vault."""
    if request.param == "folder":
        return ObjectVault(f"file://{tmp_path}/vault")
    url = request.getfixturevalue("s3")
    return ObjectVault(f"s3://{BUCKET}/{tmp_path.name}", endpoint=url, region=REGION, key_id=KEY_ID, key=KEY)


def test_what_is_put_is_got_listed_and_deleted(vault: ObjectVault) -> None:
    large = os.urandom(11 * 1024 * 1024)
    vault.put("backups/a/one", BytesIO(b"1"))
    vault.put("backups/a/one", BytesIO(b"11"))
    vault.put("backups/b/two", BytesIO(large))
    vault.put("files/three", BytesIO(b""))

    read = b"".join(vault.get("backups/b/two"))

    assert read == large
    assert vault.names("backups/") == {"backups/a/one": 2, "backups/b/two": len(large)}
    assert vault.folders("backups/") == ["a", "b"]
    vault.delete(["backups/a/one", "backups/b/two"])
    assert vault.names("backups/") == {}
    assert b"".join(vault.get("files/three")) == b""
    with pytest.raises(NotFound):
        next(vault.get("backups/a/one"))


def test_of_two_that_claim_a_name_one_has_it(vault: ObjectVault) -> None:
    claimed = [vault.claim("lock", b"first"), vault.claim("lock", b"second")]

    vault.settle()

    assert claimed == [True, False]
    assert b"".join(vault.get("lock")) == b"first"


@pytest.mark.parametrize("url", ["backups", "s3://", "ftp://a.example/b", "file://relative"])
def test_a_place_for_no_backups_is_refused_by_the_setting(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ObjectVault(url)

    assert refused.value.field == "backup_url"


def test_a_server_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        ObjectVault(str(tmp_path / "file" / "below"))


def test_a_folder_that_is_made_for_backups_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)

    ObjectVault(str(tmp_path / "made" / "vault")).put("a", BytesIO(b"secret"))
    ObjectVault(str(tmp_path / "shared"))

    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("made/vault", "shared")]
    assert modes == [0o700, 0o755]


@pytest.mark.parametrize("name", ["../outside", "a/../../outside"])
def test_a_name_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("not ours")

    with pytest.raises(InvalidInput):
        next(ObjectVault(str(tmp_path / "vault")).get(name))
