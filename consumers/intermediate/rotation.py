"""Rotation (符号の更新): an institution's next epoch, with codes that nobody can derive from the earlier ones."""

from datetime import UTC, datetime, timedelta

from consumers.intermediate.code_table import SQL, CodeTable
from consumers.intermediate.link_codes import secret_name
from consumers.kit.connection import recipient_connection
from infra.runtime.keys import destroy_secret
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.institutions import institutions_on

ROLE = "intermediate"


async def rotate(settings: Settings, institution: str, overlap: timedelta) -> int:
    """Begin the institution's next epoch in every municipality, one transaction each; returns its number.

    Raises `Refusal` for an institution that there is not today. Interrupted, it is run again: municipalities that were
    not reached follow, and only the next time a further epoch begins. The secrets of earlier epochs are destroyed, as
    what is still valid under them stands in the table.
    """
    known = institutions_on(datetime.now(UTC).date())
    if institution not in known:
        raise Refusal("KRN-INSTITUTION", f"there is no institution {institution}; there are {', '.join(known)}")
    reached = {city: await _last_epoch(settings, city, institution) for city in settings.municipalities}
    newest = max(reached.values())
    epoch = newest + 1 if set(reached.values()) == {newest} else newest
    for city in [city for city, last in reached.items() if last < epoch]:
        await _rotate(settings, city, institution, epoch, overlap)
    for earlier in range(1, epoch):
        destroy_secret(settings, secret_name(institution, earlier))
    return epoch


async def _last_epoch(settings: Settings, municipality: str, institution: str) -> int:
    async with recipient_connection(settings, _grant(settings), municipality) as connection:
        return int(await connection.fetchval(SQL["last_epoch"], municipality, institution))


async def _rotate(settings: Settings, municipality: str, institution: str, epoch: int, overlap: timedelta) -> None:
    async with recipient_connection(settings, _grant(settings), municipality) as connection, connection.transaction():
        await CodeTable(settings).rotate(connection, municipality, institution, epoch, overlap)


def _grant(settings: Settings) -> Grant:
    return declared_by_recipient(settings.grants_directory)[ROLE]
