"""Grants and keys enter the ledger before anything is disclosed under them, and again whenever they change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.ledger.entries import Body, digest_of, granted, keyed, revoked
from hub.ledger.writing import Ledger
from hub.store import SQL
from infra.runtime.postgres import Connection
from topics.envelope.keys import KeyRegister
from topics.grant import Grant
from topics.ledger.entry import EntryKind

REVOKED = b"revoked"


@dataclass(frozen=True, slots=True)
class Standing:
    """One declaration as it stands: its kind and name, the digest by which a change shows, and what an entry says."""

    kind: EntryKind
    name: str
    digest: bytes
    body: Body


def standing(grants: Iterable[Grant], register: KeyRegister) -> list[Standing]:
    """Grants and keys as they are declared now."""
    return [
        *(Standing(EntryKind.GRANT, _name(grant), digest_of(grant), granted(grant)) for grant in grants),
        *(Standing(EntryKind.KEY, key_id, digest_of(line), keyed(line)) for key_id, line in register.keys.items()),
    ]


def revocation(grant: Grant) -> Standing:
    """A grant that is over."""
    return Standing(EntryKind.GRANT, _name(grant), REVOKED, revoked(grant))


async def enter_standing(connection: Connection, ledger: Ledger, present: Sequence[Standing]) -> None:
    """Enter what differs from what was entered last; the head must be locked."""
    entered = {(row["kind"], row["name"]): row["digest"] for row in await connection.fetch(SQL["entered"])}
    changed = [each for each in present if entered.get((each.kind.value, each.name)) != each.digest]
    for each in changed:
        ledger.enter(each.kind, each.body)
    if changed:
        columns = zip(*((each.kind.value, each.name, each.digest) for each in changed), strict=True)
        await connection.execute(SQL["save_entered"], *(list(column) for column in columns))


def _name(grant: Grant) -> str:
    return f"{grant.recipient}/{grant.generation}"
