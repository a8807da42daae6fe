"""One protected person before the pure router: what each recipient is told, in order."""

from datetime import date

from hub.router.protecting import never_protected, protect
from hub.router.routing import Routing
from hub.router.state import Image, Occasion
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.guarded import MyNumber, ResidentCode
from topics.messages.delivery import Delivery
from topics.messages.protection import Level, ProtectionState
from topics.scope import ProtectionRule

WHO = "1000000018"
RESIDENT_CODE, MY_NUMBER = "a" * 32, "b" * 32
SILENT = declared_by_recipient()["welfare"].model_copy(
    update={"recipient": "library", "population": "all", "protection": ProtectionRule()}
)
"""A recipient whose grant says nothing of protections: no address of a protected person, and no word."""
GRANTS = {**declared_by_recipient(), "library": SILENT}
BEGUN, DECIDED, OVER = date(2026, 4, 1), date(2026, 4, 20), date(2027, 4, 20)


def routing(*, known: bool = True) -> Routing:
    """Nothing told yet; `known`: the register has said that the person was never protected."""
    numbers = {RESIDENT_CODE: ResidentCode("24727059608"), MY_NUMBER: MyNumber("123456789018")}
    made = Routing("142158", b"k" * 32, lambda grant, who: f"{grant.recipient}/{who}", dict.fromkeys(GRANTS, 0),
                   dict.fromkeys(GRANTS, 1), numbers=numbers, interested={("welfare", WHO)})  # fmt: skip
    if known:
        never_protected(made, WHO)
    return made


def image(history_number: int = 1, address: str = "海老名市中央1番1号", **items: object) -> Image:
    """The person at an address."""
    record = {
        "addressee_number": WHO,
        "household_number": "1000000026",
        "name": {"text": "合成　花子", "kana": "ごうせい　はなこ"},
        "birth_date": "1980-02-29",
        "sex": "2",
        "resident_since": "2020-04-01",
        "resident_since_reason": "11",
        "resident_class": "japanese",
        "address": {"text": address, "municipality": "142158"},
        "address_since": "2020-04-01",
        "resident_code": RESIDENT_CODE,
        "my_number": MY_NUMBER,
    }
    return Image(WHO, history_number, "active", record | items)


def state(status: str, level: Level = "address", ends_on: date | None = None) -> ProtectionState:
    """What a step leaves."""
    end = None if status == "provisional" else ends_on or OVER
    return ProtectionState.model_validate({"status": status, "level": level, "begins_on": BEGUN, "ends_on": end})


def change(made: Routing, person: Image, *recipients: str, kind: str = "changed") -> None:
    """A change reaches these recipients, all unless named."""
    for grant in _grants(recipients):
        made.route_group(grant, [(person, Occasion(kind))])


def step(made: Routing, person: Image, stands: ProtectionState, *recipients: str, position: int = 9) -> None:
    """A step of the person's protection reaches the hub."""
    protect(made, _grants(recipients), person, stands, position)


def told(made: Routing, recipient: str) -> list[Delivery]:
    """What the recipient was sent."""
    return [routed.delivery for routed in made.routed if routed.grant.recipient == recipient]


def _grants(recipients: tuple[str, ...]) -> list[Grant]:
    return [GRANTS[name] for name in recipients or GRANTS]
