"""A private authority and a server's certificate: `python -m deploy.tls.certificates FOLDER NAME [NAME ...]`.

For a network of one's own and for tests; for a public name use an ACME client (docs/limits.md). The authority's key is
drawn, used once and not kept: a new certificate comes with a new authority.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LASTS = timedelta(days=365)
LATE = timedelta(minutes=5)
"""By which clocks of clients may be slow."""
CA, CHAIN, KEY = "ca.pem", "fullchain.pem", "privkey.pem"


def make(folder: Path, names: Sequence[str], *, now: datetime) -> None:
    """Write the authority's certificate, the server's chain and its key, for host names and addresses."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dasein private authority")])
    root = (
        _builder(issuer, issuer, authority.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(authority, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    server = (
        _builder(subject, issuer, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CA).write_bytes(root.public_bytes(Encoding.PEM))
    (folder / CHAIN).write_bytes(server.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / KEY
    path.unlink(missing_ok=True)
    # For its owner's eyes from the first moment on.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LATE)
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def main(arguments: Sequence[str]) -> int:
    """Make certificates and say where they are."""
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0])
    make(folder, arguments[1:], now=datetime.now(UTC))
    print(f"Made {folder / CHAIN} and {folder / KEY}; clients are to trust {folder / CA}.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
