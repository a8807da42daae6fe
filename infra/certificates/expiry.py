"""What the brokers do not do: take away the rights of whoever's certificate has run out.

A TLS connection outlives the certificate with which it was made, and a busy client need never make another; so the
rules of a principal whose certificate has expired are withdrawn, which ends its requests on the spot. Once it has a new
certificate, ``kairan topics apply`` gives them back.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from topics.broker import Broker
from topics.catalogue import Acl, group


def expiries(directory: Path) -> dict[str, datetime]:
    """Until when each principal has a certificate in `directory`, by the name in the certificate itself."""
    found: dict[str, datetime] = {}
    for file in sorted(directory.glob("*.crt")):
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
            principal, until = str(name.value), certificate.not_valid_after_utc
            found[principal] = max(until, found.get(principal, until))
    return found


def expired(until: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """The principals who have no certificate that is still valid at `now`."""
    return frozenset(principal for principal, end in until.items() if end <= now)


def rules_of(principals: frozenset[str], rules: Iterable[Acl]) -> tuple[Acl, ...]:
    """The rules that must go: every one of these principals, and no other."""
    return tuple(rule for rule in rules if rule.principal in principals)


def withdraw_expired(broker: Broker, environment: str, directory: Path, now: datetime) -> tuple[Acl, ...]:
    """Withdraw the rules of everybody whose certificate in `directory` has expired; returns what was withdrawn.

    Raises `BrokerError`.
    """
    gone = expired(expiries(directory), now)
    if not gone:
        return ()
    held = broker.read([group(environment, principal) for principal in gone])
    rules = rules_of(gone, held.acls)
    broker.withdraw(rules)
    return rules
