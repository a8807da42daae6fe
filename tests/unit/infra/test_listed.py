"""The verifier on persons whom a recipient names: who is absent has nothing to be told, and nothing to be forgotten."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from infra.check.sources import Register, Version
from infra.check.streams import Sent, Stream
from infra.check.verify import compare
from topics.declared import declared_by_recipient

WHO, SUBJECT = "1000000007", "s"
RECORD = {"addressee_number": WHO, "sex": "1"}
AT = datetime(2026, 4, 1, tzinfo=UTC)
HISTORY = [
    Version(1, 1, "active", json.dumps(RECORD).encode(), UUID(int=1), "created", "35", AT),
    Version(2, 2, "absent", None, UUID(int=2), "annulled", "35", AT),
]


def _sent(number: int, kind: str, state: str, items: dict[str, str]) -> Sent:
    return Sent(number, number, json.dumps({"kind": kind, "state": state, "items": items}).encode())


TOLD = [_sent(1, "snapshot", "active", RECORD), _sent(2, "annulled", "absent", {})]


@pytest.mark.parametrize("chain", [[], TOLD], ids=["never told", "told of the annulment"])
@pytest.mark.parametrize("listed", [True, False])
def test_there_is_nothing_amiss_in_silence_about_who_is_absent(chain: Sequence[Sent], *, listed: bool) -> None:
    assert _found(HISTORY, chain, listed=listed) == []


def test_who_is_listed_and_here_must_be_told() -> None:
    assert _found(HISTORY[:1], [], listed=True) == ["I1"]


def test_who_is_not_listed_must_be_forgotten() -> None:
    assert "I2" in _found(HISTORY[:1], TOLD[:1], listed=False)


def _found(history: list[Version], chain: Sequence[Sent], *, listed: bool) -> list[str]:
    register = Register({WHO: history}, {}, len(history), {}, len(history))
    stream = Stream({SUBJECT: list(chain)} if chain else {})
    handled = frozenset({WHO} if listed else ())
    grant = declared_by_recipient()["welfare"]
    told = compare(grant, register, stream, {SUBJECT: WHO}, {}, handled, {}, 1)
    return [invariant.name for invariant, _ in told if invariant.name != "I5"]
