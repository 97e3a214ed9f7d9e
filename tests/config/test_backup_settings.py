"""Settings of backups: what is refused, and by which name."""

import pytest
from pydantic import ValidationError

from config.settings import Settings


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("BACKUP_URL", "backups"),
        ("BACKUP_URL", "ftp://a.example/b"),
        ("BACKUP_URL", "s3://"),
        ("BACKUP_AT", "25:00"),
        ("BACKUP_KEEP", "-1"),
        ("BACKUP_S3_ENDPOINT", "minio:9000"),
    ],
)
def test_a_setting_that_cannot_be_is_named(setting: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"DASEIN_{setting}", value)

    with pytest.raises(ValidationError) as refused:
        Settings()

    assert refused.value.errors()[0]["loc"] == (setting.lower(),)


def test_several_recipients_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_BACKUP_RECIPIENTS", "age1one, age1two")

    assert Settings().recipients == ("age1one", "age1two")
