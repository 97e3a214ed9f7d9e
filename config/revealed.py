"""Secrets in the open, for whoever has to show them to a server."""

from pydantic import SecretStr


def revealed(value: SecretStr | None) -> str | None:
    """Return what a secret setting says, if it is set."""
    return None if value is None else value.get_secret_value()
