"""Filings of who lives with whom: moves within, heads, splits, merges."""

from typing import Literal

from producers.register.filings.parts import FilingForm, Places, Serial
from topics.items.resident import Address


class MoveWithin(FilingForm):
    """Move within the city (転居), with all members or some, into a household that exists or a new one."""

    kind: Literal["move-within"] = "move-within"
    places: Places
    address: Address
    household_number: Serial | None = None


class ChangeOfHead(FilingForm):
    """Change of head (世帯主変更): the new places of all members."""

    kind: Literal["change-of-head"] = "change-of-head"
    household_number: Serial
    places: Places


class HouseholdSplit(FilingForm):
    """Household split (世帯分離): these members become a household of their own at the same address."""

    kind: Literal["household-split"] = "household-split"
    places: Places


class HouseholdMerge(FilingForm):
    """Household merge (世帯合併): all members of another household at the same address join `household_number`."""

    kind: Literal["household-merge"] = "household-merge"
    household_number: Serial
    places: Places


class HouseholdChange(FilingForm):
    """Household change (世帯変更): some members join another household at the same address."""

    kind: Literal["household-change"] = "household-change"
    household_number: Serial
    places: Places
