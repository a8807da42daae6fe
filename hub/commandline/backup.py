"""``kairan backup | restore``: the database server's files and its log, sealed; and the proof that they serve."""

import asyncio
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals, stoppable
from infra.runtime.exercises import exercised
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from infra.backup.archive import BaseBackup
    from infra.check.ledger import Replayed

KEPT = 7
TRUNCATED = "LEDGER-TRUNCATED"


def backup(
    keep: Annotated[int, typer.Option(min=1, help="how many base backups stay, with the log they need")] = KEPT,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Back up the database server, sealed; kairan archive keeps the log since. Example: kairan backup --keep 7"""
    with refusals(), stoppable():
        settings = load_settings()
        with exercised(settings, "backup", "Backup of the database server") as result:
            made = asyncio.run(back_up(settings, keep))
            result.figures = made.figures()
    if as_json:
        print_json(made.to_json())
    else:
        told = f"{made.base.name}: {made.base.content_bytes / 1e6:.0f} MB in {made.seconds:.1f} s"
        console.print(f"{told}, {made.archived} log files with it, {made.removed} former files removed", markup=False)


def restore(
    to: Annotated[Path, typer.Option(help="a new directory; the server that runs is not touched")],
    at: Annotated[
        str | None, typer.Option(help="a moment, as 2026-11-25T12:00:00+09:00; else as late as there is")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="leave the restored data there")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Restore to a scratch place and prove it good; exit 2 when it is not. Example: kairan restore --to /tmp/proof"""
    with refusals(), stoppable():
        settings, moment = load_settings(), moment_of(at)
        with exercised(settings, "restore", "A backup restored and proven") as result:
            proof = asyncio.run(prove(settings, to.absolute(), moment, keep=keep))
            result.good, result.figures = not proof.findings, proof.figures()
    if as_json:
        print_json(proof.to_json())
    else:
        _show(proof)
    if proof.findings:
        raise typer.Exit(DIFFERENCE)


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup came to."""

    base: "BaseBackup"
    archived: int
    removed: int
    seconds: float

    def figures(self) -> dict[str, float]:
        """What is kept as the last result."""
        size = round(self.base.content_bytes / 1e6, 1)
        return {"megabytes": size, "log-files": self.archived, "seconds": round(self.seconds, 1)}

    def to_json(self) -> dict[str, object]:
        """The backup for programs."""
        told = {"archived": self.archived, "removed": self.removed, "seconds": round(self.seconds, 3)}
        return {"base": self.base.to_json(), **told}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a restored server holds: rows by database, each city's ledger replayed; the last transaction in it; where
    its data lie, if they were kept.

    `rpo_seconds` is from that transaction to the moment asked for (the present, when none was); `rto_seconds` from the
    command's beginning until everything was proven. `behind` counts the entries that the witness has seen and the copy
    does not have: of a city that lives on, or of an earlier moment, those that came later.
    """

    base: str
    data: str | None
    rows: dict[str, int]
    ledgers: tuple["Replayed", ...]
    last_transaction: datetime | None
    rpo_seconds: float
    rto_seconds: float

    @property
    def behind(self) -> int:
        """Entries of all ledgers that the witness has seen and the copy does not have."""
        return sum(max(0, each.witnessed - each.entries) for each in self.ledgers)

    @property
    def findings(self) -> tuple[str, ...]:
        """What does not hold in the ledgers, but for their being behind."""
        return tuple(one for each in self.ledgers for one in each.findings if not one.startswith(TRUNCATED))

    def figures(self) -> dict[str, float]:
        """What is kept as the last result."""
        counts = {"databases": len(self.rows), "findings": len(self.findings), "behind": self.behind}
        return {**counts, "rpo-seconds": round(self.rpo_seconds, 1), "rto-seconds": round(self.rto_seconds, 1)}

    def to_json(self) -> dict[str, object]:
        """The proof for programs."""
        last = self.last_transaction.isoformat() if self.last_transaction else None
        told = {"last_transaction": last, "behind": self.behind, "findings": list(self.findings)}
        return {**asdict(self), **told, "good": not self.findings}


async def back_up(settings: Settings, keep: int) -> Made:
    """A base backup, the log up to its end, and what is older than the `keep` latest removed; raises `Refusal`."""
    from infra.backup.archive import Archive
    from infra.backup.base import base_backup
    from infra.backup.log import archive_up_to_now

    began, archive = time.monotonic(), Archive.of(settings)
    base = await base_backup(settings, archive)
    archived = await archive_up_to_now(settings, archive)
    return Made(base, archived, archive.forget(keep), time.monotonic() - began)


async def prove(settings: Settings, to: Path, moment: datetime | None, *, keep: bool = False) -> Proof:
    """Restore the server as it was at `moment` into `to`, and look at everything; raises `Refusal`."""
    from infra.backup.archive import Archive
    from infra.backup.contents import last_transaction, row_counts
    from infra.backup.restore import restored
    from infra.check.ledger import replay_city

    began, asked = time.monotonic(), moment or datetime.now(UTC)
    with restored(settings, Archive.of(settings), to, moment, keep=keep) as scratch:
        last = await last_transaction(scratch.settings)
        rows = await row_counts(scratch.settings)
        ledgers = [await replay_city(scratch.settings, city) for city in settings.municipalities]
        lost = max(0.0, (asked - last).total_seconds()) if last else 0.0
        base, data = scratch.base.name, str(scratch.server.data) if keep else None
    return Proof(base, data, rows, tuple(ledgers), last, round(lost, 3), round(time.monotonic() - began, 3))


def moment_of(text: str | None) -> datetime | None:
    """The moment that the text tells, in ISO 8601 with its offset; raises `Refusal`."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("BACKUP-MOMENT", "--at is a moment in ISO 8601, as 2026-11-25T12:00:00+09:00") from None
    if moment.tzinfo is None:
        raise Refusal("BACKUP-MOMENT", "--at needs its offset from UTC, as +09:00")
    return moment


def _show(proof: Proof) -> None:
    table = Table("database", "rows", title=f"from base backup {proof.base}")
    for name, rows in proof.rows.items():
        table.add_row(name, str(rows))
    console.print(table)
    for sentence in (*proof.findings, f"{proof.behind} entries behind what the witness has seen"):
        console.print(sentence, markup=False)
    if proof.data:
        console.print(f"the data lie in {proof.data}", markup=False)
    times = f"last transaction {proof.last_transaction}; RPO {proof.rpo_seconds:.1f} s, RTO {proof.rto_seconds:.1f} s"
    console.print(times, style="red" if proof.findings else "green")
