"""Where bytes from outside come in: the hub's inbox, a recipient, the counter; what each says to them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from aiokafka import ConsumerRecord

from consumers.kit.checks import examine, terms_of
from consumers.kit.record import Arrival, Finding, Record
from hub.commandline.abuse.case import PLANTED_NAME, PLANTED_NUMBER
from hub.commandline.abuse.parties import Parties, parties
from hub.commandline.abuse.rights import intruder, lane
from hub.inbox.messages import read
from hub.router.intake import Unreadable
from infra.runtime.settings import Settings
from producers.register.filings import parse_filing
from producers.register.findings import FilingRefusedError
from topics.catalogue import HUB
from topics.declared import declared_by_recipient
from topics.envelope.places import delivery_terms, inbound_terms
from topics.envelope.run import Head, Terms
from topics.grant import Grant

ADDRESSEE = "1000000006"
SUBJECT = "synthetic"
SLOT = '"SLOT"'


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. `message` is well formed once its slot is filled with `plain`; `judge` is empty for what enters."""

    name: str
    message: str
    plain: str
    judge: Callable[[bytes], str]

    def filled(self, value: str) -> str:
        """The message with `value` where the plain one would stand."""
        return self.message.replace(SLOT, value)


def doors(settings: Settings) -> Iterator[Door]:
    """All ways in."""
    city = settings.municipalities[0]
    base = {"party": intruder(settings), "municipality": city, "type": "interest", "action": "place", "number": "SLOT"}
    yield Door("inbox", _text(base | {"addressee_number": ADDRESSEE}), "1", lambda value: _inbox(settings, value))
    yield Door("recipient", _text(_delivery(settings)), '"1"', lambda value: _recipient(settings, value))
    yield Door("counter", _text(filing(city, PLANTED_NAME) | {"provisional": "SLOT"}), "false", _counter)


def filing(city: str, name: str, **items: Any) -> dict[str, Any]:
    """A move-in of one synthetic person called `name`."""
    person = {"name": {"text": name, "kana": "ごうせい　ひそか"}, "birth_date": "1980-02-29", "sex": "9",
              "relationship": "世帯主", **items}  # fmt: skip
    return {
        "kind": "move-in-domestic",
        "filing_id": str(uuid4()),
        "operator": "drill",
        "filed_on": "2026-04-01",
        "changed_on": "2026-04-01",
        "origin": {"text": "合成県合成市1番"},
        "address": {"text": "海老名市中央1番", "municipality": city},
        "persons": [person],
    }


def _delivery(settings: Settings) -> Mapping[str, Any]:
    return {
        "recipient": intruder(settings), "municipality": settings.municipalities[0], "number": 1, "sequence": 1,
        "generation": _grant(settings).generation, "subject": SUBJECT, "kind": "created", "state": "active",
        "items": {"addressee_number": PLANTED_NUMBER, "sex": "SLOT"},
    }  # fmt: skip


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


def _inbox(settings: Settings, value: bytes) -> str:
    city, party = settings.municipalities[0], intruder(settings)
    terms = inbound_terms(settings.environment, party, city)
    sealed = _sealed(terms, city, value)
    record = ConsumerRecord(terms.topic, lane(settings), 0, 0, 0, city.encode(), sealed, None, 0, len(sealed), ())
    found = read(record, _people(party).opener(terms), city, party)
    return found.code if isinstance(found, Unreadable) else ""


def _recipient(settings: Settings, value: bytes) -> str:
    return told_by_recipient(settings, value, SUBJECT)[0]


def told_by_recipient(settings: Settings, value: bytes, key: str) -> tuple[str, dict[str, Any]]:
    """The recipient's finding, empty when the delivery is taken, and the items it would apply."""
    grant, city = _grant(settings), settings.municipalities[0]
    terms = delivery_terms("", grant, city)
    record = Record(0, key.encode(), _sealed(terms, key, value))
    opener = _people(grant.recipient).opener(terms)
    found: Arrival | Finding = examine(record, opener, terms_of(grant, city), lambda _: None)
    return (found.code, {}) if isinstance(found, Finding) else ("", dict(found.delivery.items))


def _grant(settings: Settings) -> Grant:
    return declared_by_recipient(settings.grants_directory)[intruder(settings)]


@cache
def _people(recipient: str) -> Parties:
    return parties(HUB, recipient)


def _sealed(terms: Terms, key: str, value: bytes) -> bytes:
    """An envelope as it should be: what is wrong is inside."""
    party = terms.sender if terms.recipient == HUB else terms.recipient
    return _people(party).sealer(terms).seal(Head(key=key, event_id="drill", number=1, sequence=1), value)


def _counter(value: bytes) -> str:
    try:
        parse_filing(value)
    except FilingRefusedError as refusal:
        return str(refusal)
    return ""
