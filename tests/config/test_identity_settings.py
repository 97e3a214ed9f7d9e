"""Settings of accounts: what is refused at the start, and the secret and the marker in the data folder."""

import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.access import close, is_closed, secret
from config.settings import Settings

LONG = "a secret of at least 32 bytes length"
ISSUER: dict[str, Any] = {"jwt_issuer": "https://login.example", "jwt_audience": "dasein"}


def test_a_farm_is_open_until_it_is_closed_and_then_for_good(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    before = is_closed(settings)

    close(settings)
    close(settings)

    assert (before, is_closed(settings)) == (False, True)
    assert is_closed(Settings(data_dir=tmp_path / "data"))


@pytest.mark.parametrize("given", [{"auth": "required"}, ISSUER | {"jwt_secret": LONG}])
def test_a_farm_is_closed_by_a_setting_or_by_tokens(tmp_path: Path, given: dict[str, Any]) -> None:
    assert is_closed(Settings(data_dir=tmp_path, **given))


def test_a_secret_is_drawn_once_for_its_owner_and_differs_by_purpose(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    drawn = secret(settings, "keys")

    assert len(drawn) == 32
    assert secret(settings, "keys") == drawn
    assert secret(settings, "webhooks") != drawn
    assert secret(Settings(data_dir=tmp_path / "other"), "keys") != drawn
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_a_given_secret_is_taken_and_nothing_is_written(tmp_path: Path) -> None:
    one, other = (Settings(data_dir=tmp_path / name, secret=LONG) for name in ("one", "other"))

    assert secret(one, "keys") == secret(other, "keys")
    assert not (tmp_path / "one").exists()


def test_a_secret_that_was_emptied_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()

    with pytest.raises(ValueError, match="no secret of ours"):
        secret(Settings(data_dir=tmp_path), "keys")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"secret": "short"}, "at least 32 bytes"),
        (ISSUER | {"jwt_secret": "short"}, "at least 32 bytes"),
        ({"jwt_secret": LONG}, "DASEIN_JWT_ISSUER and DASEIN_JWT_AUDIENCE"),
        ({"jwt_jwks_url": "https://login.example/keys"}, "DASEIN_JWT_ISSUER and DASEIN_JWT_AUDIENCE"),
        (ISSUER | {"jwt_jwks_url": "file:///etc/passwd"}, "https://"),
        (ISSUER | {"jwt_jwks_url": "https://a.example", "jwt_jwks_file": "keys.json"}, "DASEIN_JWT_JWKS_FILE"),
        (ISSUER | {"jwt_secret": LONG, "jwt_algorithms": "RS256"}, "RS256"),
        (ISSUER | {"jwt_jwks_file": "keys.json", "jwt_algorithms": "RS256,HS256"}, "HS256"),
        (ISSUER | {"jwt_jwks_file": "keys.json", "jwt_algorithms": "none"}, "none"),
        (ISSUER | {"jwt_secret": LONG, "jwt_roles": "staff=root"}, "root"),
        ({"allowed_hosts": "*"}, "host name"),
        ({"allowed_hosts": "a b"}, "host name"),
        ({"retention_at": "24:00"}, "pattern"),
    ],
)
def test_settings_that_would_let_others_in_are_refused_at_the_start(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as refused:
        Settings(**given)

    assert LONG not in str(refused.value)


def test_algorithms_are_those_that_keys_are_set_up_for() -> None:
    shared = Settings(**ISSUER, jwt_secret=LONG)
    published = Settings(**ISSUER, jwt_jwks_file=Path("keys.json"))
    chosen = Settings(**ISSUER, jwt_jwks_file=Path("keys.json"), jwt_algorithms="ES256")

    assert shared.token_algorithms == ("HS256",)
    assert published.token_algorithms == ("RS256", "ES256")
    assert chosen.token_algorithms == ("ES256",)


def test_roles_have_their_own_names_or_the_issuers() -> None:
    assert Settings().token_roles["admin"] == "admin"
    assert Settings(jwt_roles="dc=lab=admin, staff=submitter").token_roles == {
        "dc=lab": "admin",
        "staff": "submitter",
    }
