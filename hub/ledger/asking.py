"""What a question to the ledger must look like: it stays there for ever, so that no number or name may slip in."""

import re

from infra.runtime.refusals import Refusal
from topics.check_digits import is_serial
from topics.items.resident import RESIDENT_FILE

ACCOUNT = r"^[a-z][a-z0-9-]{0,60}$"
LONGEST_PURPOSE = 200


def asked(by: str, purpose: str) -> tuple[str, str]:
    """Who asks, and for what; raises `Refusal`."""
    if not re.fullmatch(ACCOUNT, by):
        raise Refusal("KRN-LEDGER-ACCOUNT", "by: an account's name, small letters, digits and hyphens")
    if not 0 < len(purpose.strip()) <= LONGEST_PURPOSE or any(character.isdigit() for character in purpose):
        raise Refusal("KRN-LEDGER-PURPOSE", f"purpose: 1 to {LONGEST_PURPOSE} characters, no digits: it stays for ever")
    return by, purpose


def resident_of(resident: str) -> str:
    """An addressee number (宛名番号): a My Number or a name given by mistake must not enter the ledger's tables."""
    if not is_serial(resident):
        raise Refusal("KRN-LEDGER-RESIDENT", "resident: an addressee number, ten digits with a right check digit")
    return resident


def item_of_file(item: int | None) -> int | None:
    """An item of file 1, or all."""
    if item is not None and item not in RESIDENT_FILE.by_number:
        raise Refusal("KRN-LEDGER-ITEM", f"item: a number of file 1, 1 to {max(RESIDENT_FILE.by_number)}")
    return item
