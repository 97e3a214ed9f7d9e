"""Encryption of what a backup stores, with age (age-encryption.org): to public keys here, with the secret one at a restore."""

from collections.abc import Sequence
from hashlib import sha256
from typing import IO, Protocol

import pyrage
from pyrage import x25519

from jobs.errors import InvalidInput

PLAIN = "plain"
DIGITS = 16


class Seal(Protocol):
    """How objects are stored."""

    suffix: str
    """Of their names."""
    folder: str
    """Of contents that backups share: those for other keys are of no use."""
    closes: bool
    """Whether it encrypts, or only opens."""

    def close(self, source: IO[bytes], into: IO[bytes]) -> None:
        """Write `source` as it is stored."""

    def open(self, source: IO[bytes], into: IO[bytes]) -> None:
        """Write what was stored as it was; raise InvalidInput if it is damaged, or for other keys."""


class AgeSeal:
    """Encrypts to public keys, and decrypts with a secret one."""

    suffix = ".age"

    def __init__(self, recipients: Sequence[str], *, identity: str | None) -> None:
        """Take `age1...` and `AGE-SECRET-KEY-1...`; raise InvalidInput naming the setting."""
        try:
            self._recipients = [x25519.Recipient.from_str(one) for one in recipients]
        except pyrage.RecipientError as error:
            raise InvalidInput("A recipient is a public key of age, `age1...`.", field="backup_recipients") from error
        try:
            self._identity = None if identity is None else x25519.Identity.from_str(identity.strip())
        except pyrage.IdentityError as error:
            raise InvalidInput("This is no secret key of age.", field="backup_identity") from error
        self.closes = bool(recipients)
        self.folder = sha256("\n".join(sorted(recipients)).encode()).hexdigest()[:DIGITS]

    def close(self, source: IO[bytes], into: IO[bytes]) -> None:
        """Encrypt."""
        pyrage.encrypt_io(source, into, self._recipients)

    def open(self, source: IO[bytes], into: IO[bytes]) -> None:
        """Decrypt."""
        if self._identity is None:
            raise InvalidInput("The backup is encrypted: give the secret key.", field="backup_identity")
        try:
            pyrage.decrypt_io(source, into, [self._identity])
        except pyrage.DecryptError as error:
            raise InvalidInput(f"It cannot be decrypted: {error}") from error


def new_key() -> tuple[str, str]:
    """Return a secret key and its public one."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())
