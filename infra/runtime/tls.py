"""The TLS contexts of one principal: TLS 1.3 only, its own certificate, our authority only."""

import ssl

from cryptography import x509
from cryptography.x509.oid import NameOID

from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

ORGANIZATION = "Kairan Synthetic City"
UNIT = "kairan"


def subject(principal: str) -> x509.Name:
    """The distinguished name of a principal, in every certificate of the deployment."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, principal),
        ]
    )


def client_context(settings: Settings, principal: str) -> ssl.SSLContext:
    """The client context of `principal`; raises `Refusal` when its certificate or the authority's is missing."""
    return _context(settings, principal, ssl.Purpose.SERVER_AUTH)


def server_context(settings: Settings, principal: str) -> ssl.SSLContext:
    """The server context of `principal`, which lets in nobody without a certificate; raises `Refusal` as above."""
    context = _context(settings, principal, ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def browser_context(settings: Settings, principal: str) -> ssl.SSLContext:
    """The server context of `principal` for people's browsers, which have no certificate; raises `Refusal` as above."""
    context = _context(settings, principal, ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_NONE
    return context


def _context(settings: Settings, principal: str, purpose: ssl.Purpose) -> ssl.SSLContext:
    directory = settings.certificates_directory
    try:
        context = ssl.create_default_context(purpose, cafile=str(directory / "ca.crt"))
        context.load_cert_chain(directory / f"{principal}.crt", directory / f"{principal}.key")
    except OSError:
        raise Refusal("KRN-CERTIFICATE", f"no usable certificate for {principal} in {directory}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
