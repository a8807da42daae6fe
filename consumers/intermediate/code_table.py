"""The table of link codes: whose code is whose and since when; read and written by the linkage role alone.

Every function answers for one institution: none gives two institutions' codes of a person, or one for the other's.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from consumers.intermediate.link_codes import link_code, secret_name
from infra.runtime.keys import create_key, load_key
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.guarded import LinkCode, Purpose
from topics.institutions import institutions_on

SQL = load_queries("consumers.intermediate", "codes.sql")
COLUMNS = ("municipality", "institution", "epoch", "code", "link_number")


class CodeTable:
    """Rows of `link_code` and `link_epoch`, within the caller's transaction; secrets lie on this machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def issue(self, connection: Connection, municipality: str, link_numbers: Sequence[str]) -> None:
        """Codes for those of `link_numbers` that have none, for each institution there is today.

        An institution that is new here begins its first epoch, for everybody in the copy.
        """
        await self.lock(connection, municipality)
        rows = await connection.fetch(SQL["open_epochs"], municipality)
        epochs = {row["institution"]: row["epoch"] for row in rows}
        present = institutions_on(datetime.now(UTC).date())
        coded = await connection.fetch(SQL["coded"], municipality, present, link_numbers)
        known = {(row["institution"], row["link_number"]) for row in coded}
        for institution in present:
            if institution in epochs:
                new = [number for number in link_numbers if (institution, number) not in known]
                await self._issue(connection, municipality, institution, epochs[institution], new)
            else:
                await self.begin(connection, municipality, institution, 1)

    async def begin(self, connection: Connection, municipality: str, institution: str, epoch: int) -> None:
        """Begin an epoch: a secret of its own, and a code for everybody in the copy."""
        create_key(self._settings, secret_name(institution, epoch))
        await connection.execute(SQL["open_epoch"], municipality, institution, epoch)
        everybody = [row["link_number"] for row in await connection.fetch(SQL["everybody"], municipality)]
        await self._issue(connection, municipality, institution, epoch, everybody)

    async def rotate(
        self, connection: Connection, municipality: str, institution: str, epoch: int, overlap: timedelta
    ) -> None:
        """Begin the epoch `epoch`; the codes of the one before are good until `overlap` has passed."""
        await self.lock(connection, municipality)
        await connection.execute(SQL["close_codes"], municipality, institution, overlap)
        await connection.execute(SQL["close_epoch"], municipality, institution, overlap)
        await self.begin(connection, municipality, institution, epoch)

    async def lock(self, connection: Connection, municipality: str) -> None:
        """One writer at a time: nobody comes into the copy between an epoch's end and the next one's beginning."""
        await connection.execute(SQL["lock_codes"], municipality)

    async def end(self, connection: Connection, municipality: str, link_numbers: Sequence[str]) -> None:
        """Whoever is no longer in the copy has no valid code any more."""
        await connection.execute(SQL["end_codes"], municipality, link_numbers)

    async def _issue(
        self, connection: Connection, municipality: str, institution: str, epoch: int, link_numbers: Sequence[str]
    ) -> None:
        if link_numbers:
            secret = load_key(self._settings, secret_name(institution, epoch))
            rows = _rows(municipality, institution, epoch, secret, link_numbers)
            await connection.copy_records_to_table("link_code", records=rows, columns=COLUMNS)


def _rows(
    municipality: str, institution: str, epoch: int, secret: bytes, link_numbers: Iterable[str]
) -> list[tuple[object, ...]]:
    codes = [(number, link_code(secret, institution, number)) for number in link_numbers]
    return [(municipality, institution, epoch, code.reveal(Purpose.HOLD), number) for number, code in codes]


async def holder(
    connection: Connection, municipality: str, institution: str, code: LinkCode, at: datetime
) -> str | None:
    """The link number behind an institution's code at a moment, or None for a code not valid then."""
    asked = code.reveal(Purpose.HOLD)
    found: str | None = await connection.fetchval(SQL["holder"], municipality, institution, asked, at)
    return found


async def code_of(
    connection: Connection, municipality: str, institution: str, link_number: str, at: datetime
) -> LinkCode | None:
    """The institution's newest code of a person at a moment, or None where it has none."""
    found = await connection.fetchval(SQL["code_of"], municipality, institution, link_number, at)
    return None if found is None else LinkCode(found)
