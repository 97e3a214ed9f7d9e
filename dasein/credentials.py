"""Who we are to a farm: an API key, or a JWT as a bearer token. Where it came from may be told; what it is, never."""

import re
from collections.abc import Generator
from pathlib import Path

import httpx

from dasein.errors import BadCredential

JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
LARGEST_BYTES = 16 * 1024


class Credential(httpx.Auth):
    """Signs every request: with `Authorization: Bearer` if the secret is a JWT, else with `X-API-Key`."""

    def __init__(self, secret: str, *, source: str) -> None:
        """Keep a secret, and where it came from for people; raise BadCredential for one that no header can hold."""
        secret = secret.strip()
        if not secret.isascii() or not secret.isprintable() or not secret or " " in secret:
            raise BadCredential(f"The key from {source} holds what no header can: it is visible ASCII characters only.")
        self._secret = secret
        self.source = source

    def __repr__(self) -> str:
        return f"Credential(source={self.source!r})"

    def secret(self) -> str:
        """Return the key or token itself, as it is now."""
        return self._secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign a request."""
        secret = self.secret()
        if JWT.fullmatch(secret):
            request.headers["Authorization"] = f"Bearer {secret}"
        else:
            request.headers["X-API-Key"] = secret
        yield request


class FileCredential(Credential):
    """A key in a file, read again for every request: whoever rotates it there needs to restart nothing."""

    def __init__(self, path: Path) -> None:
        """Read the key in a file; raise BadCredential."""
        self._path = path
        super().__init__(_text(path), source=str(path))

    def secret(self) -> str:
        """Return what the file holds now; raise BadCredential."""
        return Credential(_text(self._path), source=self.source).secret()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadCredential(f"The key's file cannot be read: {error}") from error
    if len(content) > LARGEST_BYTES:
        raise BadCredential(f"{path} is too large for a key.")
    # What is not ASCII is refused by the rules of headers, without being shown.
    return content.decode("utf-8", "replace")
