"""Settings: what is refused, by which name, and without what is secret in it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import Settings
from deploy.embedded import main

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("GRAPH_URL", f"http://u:{SECRET}@h"),
        ("DOCUMENTS_URL", f"postgres://u:{SECRET}@h/db"),
        ("VECTORS_URL", f"ftp://u:{SECRET}@h"),
        ("CACHE_URL", f"memcached://u:{SECRET}@h"),
        ("REDIS_URL", f"http://u:{SECRET}@h"),
        ("MODEL_URL", f"{SECRET}:8000/v1"),
        ("EMBEDDINGS_URL", "http://"),
        ("GRAPH_URL", f"redis://u:{SECRET}@[h"),
        ("FLOWER_URL", f"javascript:{SECRET}"),
    ],
)
def test_a_url_that_nothing_speaks_to_is_refused_at_the_start_without_telling_it(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"DASEIN_{name}", url)

    with pytest.raises(ValidationError) as refused:
        Settings()
    status = main(["up"])

    told = capsys.readouterr()
    assert status == 1
    assert told.err.startswith(f"DASEIN_{name}: ")
    assert SECRET not in f"{told.out}{told.err}{refused.value}"


@pytest.mark.parametrize(
    ("name", "url", "shown"),
    [
        ("GRAPH_URL", "neo4j+s://h", lambda settings: settings.graph),
        ("GRAPH_URL", "rediss://h/0", lambda settings: settings.graph),
        ("VECTORS_URL", "https://h:19530", lambda settings: settings.vectors_url),
        ("DOCUMENTS_URL", "mongodb+srv://h/db", lambda settings: settings.documents_url.get_secret_value()),
        ("CACHE_URL", "redis://h:1/2", lambda settings: settings.cache),
    ],
)
def test_one_setting_names_each_other_store(
    name: str, url: str, shown: Callable[[Settings], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DASEIN_{name}", url)

    assert shown(Settings()) == url


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_GRAPH_URL", "")
    monkeypatch.setenv("DASEIN_MODEL_URL", "")

    settings = Settings()

    assert (settings.graph_url, settings.model_url) == (None, None)
    assert settings.graph == f"redis://127.0.0.1:{settings.graph_port}/0"


@pytest.mark.parametrize(
    "origins", ["*", "https://*.example", "notes.example", "https://notes.example/", "HTTPS://a.example", "null"]
)
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    monkeypatch.setenv("DASEIN_CORS_ORIGINS", f"https://a.example, {origins}")

    with pytest.raises(ValidationError):
        Settings()


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_CORS_ORIGINS", "https://a.example, http://localhost:5173,")
    monkeypatch.setenv("DASEIN_TRUSTED_PROXIES", "10.0.0.0/8,127.0.0.1, fd00::/8")

    settings = Settings()

    assert settings.origins == ("https://a.example", "http://localhost:5173")
    assert settings.proxies == ("10.0.0.0/8", "127.0.0.1", "fd00::/8")


def test_a_network_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_TRUSTED_PROXIES", "10.0.0.0/8,everybody")

    with pytest.raises(ValidationError):
        Settings()


def test_limits_are_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_LIMITS__QUERIES", "0")
    monkeypatch.setenv("DASEIN_LIMITS__PATIENCE_S", "1.5")

    limits = Settings().limits

    assert (limits.queries, limits.campaigns, limits.patience_s) == (0, 10, 1.5)


def test_secrets_come_from_files_and_a_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dasein_graph_password").write_text("from a file\n")
    (tmp_path / "dasein_vectors_token").write_text("from a file\n")
    monkeypatch.setenv("DASEIN_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("DASEIN_VECTORS_TOKEN", "from the environment")

    settings = Settings()

    assert settings.graph_password is not None
    assert settings.vectors_token is not None
    assert settings.graph_password.get_secret_value() == "from a file"
    assert settings.vectors_token.get_secret_value() == "from the environment"
