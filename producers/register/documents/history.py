"""Issue history (証明書発行履歴, item 35 of file 1): which documents tell of a resident; neither names nor numbers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from topics.catalogue import AUDITOR

_SQL = load_queries("producers.register.documents", "queries.sql")


@dataclass(frozen=True, slots=True)
class Issue:
    """One document: when, of which kind, with which items of file 1, by whom, for what, in which case."""

    issue_id: UUID
    issued_at: datetime
    kind: str
    items: tuple[int, ...]
    operator: str
    purpose: str
    case_number: str
    substituted: int
    digest: bytes

    def to_json(self) -> dict[str, object]:
        """For programs and lists."""
        return {
            "issue": str(self.issue_id),
            "issued_at": self.issued_at.isoformat(timespec="seconds"),
            "kind": self.kind,
            "items": " ".join(map(str, self.items)),
            "operator": self.operator,
            "purpose": self.purpose,
            "case": self.case_number,
            "substituted": self.substituted,
            "digest": self.digest.hex(),
        }


async def issues_of(settings: Settings, municipality: str, resident: str) -> list[Issue]:
    """All documents that tell of `resident` (addressee number, 宛名番号), the oldest first."""
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=AUDITOR, principal=AUDITOR)
    try:
        return [Issue(**dict(row)) for row in await connection.fetch(_SQL["issues_of"], resident)]
    finally:
        await connection.close()
