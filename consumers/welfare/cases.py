"""Cases: the department says whom it handles (対象者の登録・解除)."""

from collections.abc import Sequence

from consumers.kit import interests
from infra.runtime.settings import Settings

WELFARE = "welfare"


async def place(settings: Settings, municipality: str, addressee_numbers: Sequence[str]) -> int:
    """Open cases; returns how many persons were not on the list. The running welfare process tells the hub."""
    return await interests.place(settings, WELFARE, municipality, addressee_numbers)


async def remove(settings: Settings, municipality: str, addressee_numbers: Sequence[str]) -> int:
    """Close cases; returns how many persons were on the list. The running welfare process tells the hub."""
    return await interests.remove(settings, WELFARE, municipality, addressee_numbers)
