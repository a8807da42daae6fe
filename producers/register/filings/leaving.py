"""Filings of who leaves the register (消除): announced, on its day, by notice, by death, ex officio."""

from typing import Literal

from producers.register.filings.parts import FilingForm, Residents, Serial
from topics.items.resident import Address


class MoveOutAnnounced(FilingForm):
    """Announced move-out (転出届出), also abroad: the only filing whose day may lie ahead."""

    kind: Literal["move-out-announced"] = "move-out-announced"
    residents: Residents
    to: Address


class MoveOutEffective(FilingForm):
    """The announced day has come (転出予定日の到来): what the register's clock files by itself."""

    kind: Literal["move-out-effective"] = "move-out-effective"
    residents: Residents


class MoveInNotice(FilingForm):
    """Move-in notice (転入通知): where these persons went to live, and since when (`changed_on`)."""

    kind: Literal["move-in-notice"] = "move-in-notice"
    residents: Residents
    to: Address


class Death(FilingForm):
    """Death (死亡)."""

    kind: Literal["death"] = "death"
    resident: Serial


class ExOfficioRemoval(FilingForm):
    """Ex-officio removal (職権消除): declared missing (失踪宣告), late to announce, or not living here."""

    kind: Literal["ex-officio-removal"] = "ex-officio-removal"
    residents: Residents
    cause: Literal["declared-missing", "late-move-out", "not-living-here"]
    to: Address | None = None
