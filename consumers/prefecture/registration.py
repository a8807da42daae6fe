"""What the prefecture checks before it registers (フォーマットチェック・論理チェック): pure, one code for each rule.

Only what is told is judged: what a delivery lacks is a question of its grant. A delivery that breaks a rule is refused
as a functional error (機能エラー), and the change becomes work at the city. Juki-net's own checks are not public; these
are a working model.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from topics.check_digits import is_my_number, is_resident_code
from topics.dates import calendar_day
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryKind
from topics.office_days import day_of
from topics.reasons import names_of_code
from topics.relationship import is_relationship
from topics.text.character_sets import character_set
from topics.text.encoding import gaiji_count

UPDATE_SEQUENCE = "PREFECTURE-UPDATE-SEQUENCE"
CHECK_DIGIT = "PREFECTURE-CHECK-DIGIT"
GAIJI_COUNT = "PREFECTURE-GAIJI-COUNT"
RELATIONSHIP = "PREFECTURE-RELATIONSHIP"
RECORD_STATUS = "PREFECTURE-RECORD-STATUS"
PLANNED = "PREFECTURE-PLANNED"
OTHER_MUNICIPALITY = "PREFECTURE-OTHER-MUNICIPALITY"
FUTURE_CHANGE = "PREFECTURE-CHANGE-IN-FUTURE"
BIRTH_DATE = "PREFECTURE-BIRTH-DATE"
NOT_REMOVED = "PREFECTURE-NOT-REMOVED"

Items = Mapping[str, Any]

_NUMBERS = {"resident_code": is_resident_code, "former_resident_code": is_resident_code, "my_number": is_my_number}
_GAIJI = {"name_gaiji": "name", "address_gaiji": "address", "previous_address_gaiji": "previous_address"}
_REMOVING = frozenset({"domestic-move-out", "move-out-abroad", "death"})
_AHEAD = frozenset({"domestic-move-out", "move-out-abroad", "move-out-announced"})
"""A move-out may be filed before its day; nothing else may."""
_OF_CHANGES = frozenset({DeliveryKind.CREATED, DeliveryKind.CHANGED, DeliveryKind.CEASED})
"""What a reason is judged in: a correction, an annulment or a snapshot tells a state under a reason of another time."""


def broken_rule(delivery: Delivery) -> str | None:
    """The code of the first rule that the delivery breaks, format before logic; None when it is good."""
    return next((code for code, is_broken in _RULES if is_broken(delivery)), None)


def _sequence(delivery: Delivery) -> bool:
    """No code has had more updates than its resident had deliveries; the rest is judged by what is stored."""
    told = delivery.items.get("update_sequence", 1)
    return not (isinstance(told, int) and 1 <= told <= delivery.sequence)


def _digits(delivery: Delivery) -> bool:
    told = _told(delivery, _NUMBERS)
    return not all(isinstance(value, str) and _NUMBERS[field](value) for field, value in told)


def _gaiji(delivery: Delivery) -> bool:
    shown = character_set("jis-x-0213")
    pairs = ((count, delivery.items.get(_GAIJI[field])) for field, count in _told(delivery, _GAIJI))
    wrong = any(isinstance(text, str) and gaiji_count(text, shown) != count for count, text in pairs)
    return wrong or delivery.items.get("gaiji") not in (None, any(count for _, count in _told(delivery, _GAIJI)))


def _relationship(delivery: Delivery) -> bool:
    told = delivery.items.get("relationship")
    return told is not None and not (isinstance(told, str) and is_relationship(told))


def _status(delivery: Delivery) -> bool:
    """レコード状況 says what the delivery itself says."""
    return delivery.items.get("record_status") not in (None, delivery.state.value)


def _planned(delivery: Delivery) -> bool:
    """予定者: only who is here still may be about to leave."""
    return delivery.state is not RecordState.ACTIVE and delivery.items.get("planned") is True


def _municipality(delivery: Delivery) -> bool:
    """An active resident lives in the municipality that tells of her: also after a move within it (転居)."""
    told = delivery.items.get("municipality")
    return delivery.state is RecordState.ACTIVE and told not in (None, delivery.municipality)


def _future(delivery: Delivery) -> bool:
    """異動日 is not after 処理日, the day in Japan, except of a move-out."""
    changed = calendar_day(str(delivery.items.get("changed_on"))[:10])
    registered = _registered_on(delivery.items.get("timestamp"))
    return changed is not None and registered is not None and changed > registered and not _names(delivery) & _AHEAD


def _registered_on(told: object) -> date | None:
    try:
        return day_of(datetime.fromisoformat(str(told)))
    except ValueError:
        return None


def _birth(delivery: Delivery) -> bool:
    born, changed = delivery.items.get("birth_date"), delivery.items.get("changed_on")
    is_birth = delivery.kind is DeliveryKind.CREATED and "birth" in _names(delivery)
    return is_birth and None not in (born, changed) and born != changed


def _removal(delivery: Delivery) -> bool:
    """Who has moved out or died (転出・死亡) is no longer there; nobody comes by that."""
    of_active = delivery.state is RecordState.ACTIVE and delivery.kind in _OF_CHANGES
    return of_active and bool(_names(delivery) & _REMOVING)


def _names(delivery: Delivery) -> frozenset[str]:
    reason = delivery.items.get("reason")
    return names_of_code(reason) if isinstance(reason, str) else frozenset()


def _told(delivery: Delivery, fields: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    return ((field, delivery.items[field]) for field in fields if delivery.items.get(field) is not None)


_RULES: tuple[tuple[str, Callable[[Delivery], bool]], ...] = (
    (UPDATE_SEQUENCE, _sequence),
    (CHECK_DIGIT, _digits),
    (GAIJI_COUNT, _gaiji),
    (RELATIONSHIP, _relationship),
    (RECORD_STATUS, _status),
    (PLANNED, _planned),
    (OTHER_MUNICIPALITY, _municipality),
    (FUTURE_CHANGE, _future),
    (BIRTH_DATE, _birth),
    (NOT_REMOVED, _removal),
)
