"""Certificates made for one attempt, by the deployment's own authority or by one that nobody trusts."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509

from hub.commandline.abuse.case import NotTriableError
from infra.certificates.authority import LIFETIME, Authority, authority_in, create_authority, issue
from infra.runtime.settings import Settings


@contextmanager
def certified(
    settings: Settings,
    principal: str,
    *,
    lifetime: timedelta = LIFETIME,
    trusted: bool = True,
    usages: Sequence[x509.ObjectIdentifier] | None = None,
    subject: x509.Name | None = None,
) -> Iterator[Settings]:
    """Settings under which `principal` has a certificate made for this block alone."""
    authority = _authority(settings) if trusted else create_authority()
    with TemporaryDirectory(prefix="kairan-drill-") as name:
        directory = Path(name)
        shutil.copy(settings.certificates_directory / "ca.crt", directory)
        issue(directory, authority, principal, lifetime=lifetime, usages=usages, named=subject)
        yield settings.model_copy(update={"certificates_directory": directory})


def _authority(settings: Settings) -> Authority:
    try:
        return authority_in(settings.certificates_directory)
    except OSError:
        raise NotTriableError("the authority's key is not kept here") from None
