"""Why a change under a window was not sent by itself: it waits, or a later one of the same window tells for it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic_core import to_json

from infra.check.explain import Facts, Why, explain
from infra.check.sources import Sent, Version
from topics.declared import declared_by_recipient

INTERMEDIATE = declared_by_recipient()["intermediate"]


def _version(number: int, **items: str) -> Version:
    record = to_json({"name": {"text": "合成"}, "address": {"text": "合成"}, "birth_date": "1980-02-29", **items})
    moment = datetime(2026, 5, 11, tzinfo=UTC)
    return Version(number, number, "active", record, UUID(int=number), "changed", "31", moment)


HISTORY = [_version(1, sex="1"), _version(2, sex="2"), _version(3, sex="2", remarks="synthetic"), _version(4, sex="9")]
SENT = Sent(history_number=4, generation=1, number=1, sequence=1, kind="created", dispatched=True, acknowledged=True,
            void=False)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "waits", "why"),
    [
        (1, False, Why.OVERTAKEN),
        (2, False, Why.OVERTAKEN),
        (3, False, Why.BEFORE_ITS_TIME),
        (4, False, Why.SENT),
        (2, True, Why.WAITS),
    ],
)
def test_a_change_under_a_window_is_explained(number: int, waits: bool, why: Why) -> None:
    facts = Facts(INTERMEDIATE, (), HISTORY, HISTORY[number - 1], [SENT], None, next_position=9, waits=waits)
    assert explain(facts).why is why


def test_in_real_time_nothing_is_overtaken() -> None:
    grant = INTERMEDIATE.model_copy(update={"timing": None})
    facts = Facts(grant, (), HISTORY, HISTORY[1], [SENT], None, next_position=9)
    assert explain(facts).why is Why.BEFORE_ITS_TIME
