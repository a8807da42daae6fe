"""Alerts of the access log's analysis that wait for a review, as it would leave them."""

import json
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from hub.databases import ANALYSIS_DATABASE
from infra.runtime.postgres import connect
from tests.browser.seen import Seen
from topics.catalogue import ADMIN

OPERATOR = "counter-7"
_RAISE = """INSERT INTO alert (alert_id, rule, operator, first_day, last_day, subject, evidence, figures)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7)"""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is raised: by which rule, of which day, how many look-ups, and the figures that made the rule speak."""

    alert: str
    rule: str
    day: date
    lookups: int
    figures: dict[str, float]


ALERTS = (
    Alert("0a1b2c3d4e5f6a7b", "R5", date(2026, 11, 2), 1, {"lookups": 1}),
    Alert("1a1b2c3d4e5f6a7b", "R9", date(2026, 11, 3), 61, {"count": 61, "expected": 22.4}),
    Alert("2a1b2c3d4e5f6a7b", "R4", date(2026, 11, 4), 2, {"lookups": 2}),
)


async def raise_alerts(seen: Seen) -> None:
    """Leave them all; they concern an operator at the counter who has no account of the pages."""
    name = ANALYSIS_DATABASE.name(seen.settings.environment, seen.city)
    connection = await connect(seen.settings, name, role=ADMIN, principal=ADMIN)
    for each in ALERTS:
        evidence = [uuid4() for _ in range(each.lookups)]
        told = (each.alert, each.rule, OPERATOR, each.day, "5f0c2d9a7e41b83c", evidence, json.dumps(each.figures))
        await connection.execute(_RAISE, *told)
    await connection.close()
