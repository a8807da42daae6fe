"""A small certificate authority (ECDSA P-256, X.509, RFC 5280) for one deployment.

The subject of every certificate is ``CN=<principal>,OU=kairan,O=Kairan Synthetic City``; broker and database map the
common name to a principal, and refuse any other form of subject.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.runtime.tls import subject

LIFETIME = timedelta(days=90)
AUTHORITY_LIFETIME = timedelta(days=365)
RENEW_BEFORE = timedelta(days=10)
SERVER_NAMES = {
    "broker": ("localhost", "kafka-1", "kafka-2", "kafka-3"),
    "postgres": ("localhost", "postgres"),
    "witness": ("localhost", "witness"),
    "ops": ("localhost", "host.docker.internal"),
    "desk": ("localhost",),
}
"""The names under which servers are reached, beside the loopback address."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A signing key and its self-signed certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def issue_all(directory: Path, principals: Iterable[str]) -> None:
    """Make the authority and a certificate for each principal in `directory`; what is still valid is kept."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = _authority(directory)
    for principal in principals:
        if not _still_valid(directory / f"{principal}.crt"):
            issue(directory, authority, principal)


def issue(
    directory: Path,
    authority: Authority,
    principal: str,
    *,
    lifetime: timedelta = LIFETIME,
    usages: Sequence[x509.ObjectIdentifier] | None = None,
    named: x509.Name | None = None,
) -> None:
    """Write ``<principal>.crt``, ``.key`` and ``.pem`` (both); a negative lifetime makes an expired certificate.

    Other `usages`, or another subject than the principal's (`named`), are for showing that such are refused.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    until = now + lifetime
    builder = (
        x509.CertificateBuilder()
        .subject_name(named or subject(principal))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, until) - timedelta(hours=1))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages or _usages(principal)), critical=False)
    )
    if principal in SERVER_NAMES:
        builder = builder.add_extension(x509.SubjectAlternativeName(_names(principal)), critical=False)
    _write(directory, principal, key, builder.sign(authority.key, hashes.SHA256()))


def create_authority() -> Authority:
    """A new authority, not yet written anywhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kairan Synthetic Authority")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def authority_in(directory: Path) -> Authority:
    """The authority that is kept in `directory`; raises OSError when its key is kept elsewhere."""
    key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("ca.key must be an elliptic curve key")
    return Authority(key, x509.load_pem_x509_certificate((directory / "ca.crt").read_bytes()))


def _authority(directory: Path) -> Authority:
    certificate = directory / "ca.crt"
    if not _still_valid(certificate):
        authority = create_authority()
        _write(directory, "ca", authority.key, authority.certificate)
        for stale in set(directory.glob("*.crt")) - {certificate}:
            stale.unlink()
    return authority_in(directory)


def _still_valid(path: Path) -> bool:
    if not path.exists() or not path.with_suffix(".key").exists():
        return False
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc > datetime.now(UTC) + RENEW_BEFORE


def _usages(principal: str) -> list[x509.ObjectIdentifier]:
    server = [ExtendedKeyUsageOID.SERVER_AUTH] if principal in SERVER_NAMES else []
    return [ExtendedKeyUsageOID.CLIENT_AUTH, *server]


def _names(principal: str) -> list[x509.GeneralName]:
    names = [x509.DNSName(name) for name in SERVER_NAMES[principal]]
    return [*names, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


def _write(directory: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    _write_private(directory / f"{name}.key", private)
    _write_private(directory / f"{name}.pem", private + public)
    (directory / f"{name}.crt").write_bytes(public)


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
