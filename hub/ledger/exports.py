"""Output to media (媒体への出力): entered in the ledger first, with the digest of what goes out; then it goes out."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hub.ledger.questions import as_auditor, enter_as_auditor
from infra.runtime.files import OWNER_ONLY, replace
from infra.runtime.settings import Settings
from topics.ledger.entry import EntryKind
from topics.ledger.note import origin_of


@dataclass(frozen=True, slots=True)
class Export:
    """What goes out: who asked for it and why, what kind of content it is, and whom it is about (None: nobody)."""

    actor: str
    purpose: str
    content: str
    subject: str | None = None


async def export(settings: Settings, municipality: str, what: Export, content: bytes, path: Path) -> None:
    """Write `content` to `path`, once its entry is committed; the entry knows neither the file's name nor its place."""
    await enter_export(settings, municipality, what, content)
    replace(path, content, mode=OWNER_ONLY)


async def enter_export(settings: Settings, municipality: str, what: Export, content: bytes) -> None:
    """Commit the entry after which `content` may go out."""
    connection = await as_auditor(settings, municipality)
    told = {
        "actor": what.actor, "purpose": what.purpose, "content": what.content, "digest": sha256(content).hexdigest()
    }  # fmt: skip
    try:
        origin = origin_of(settings.environment, municipality)
        await enter_as_auditor(connection, origin, EntryKind.EXPORT, told, what.subject)
    finally:
        await connection.close()
