"""Ordinary days: somebody comes to the counter, is looked up, files something or gets a document."""

from collections.abc import Sequence
from datetime import date, timedelta

from producers.synthetic.operators.desk import Desk
from producers.synthetic.operators.people import RESIDENTS, Operator, crowding, poisson
from topics.messages.access import Question, Standing

DISPERSION = 12.0
"""A day's own scatter of one operator: the variance is mean + mean²/12."""
SHARES = {Question.SEARCH: 60, Question.NUMBER: 20, Question.DOCUMENT: 20}
FAILED, TOO_MANY, NAMESAKES, MANY_NAMESAKES = 0.06, 0.005, 0.08, 0.008
LEFT_WITHOUT_FILING = 0.005
"""Whoever draws a number and leaves: a look-up that nothing explains."""
SECOND_COUNTER = 0.03
SUNDAY_OPERATORS, SUNDAY_LOOKUPS = 4, 10
NOT_YET_LISTED = 3
"""New staff of 1 April whose line in the list comes a day late."""


def ordinary_day(desk: Desk, staff: Sequence[Operator], day: date) -> None:
    """What everybody at work does on an open day."""
    effect = crowding(desk.random, day)
    for operator in staff:
        if day not in operator.leave:
            scatter = desk.random.gammavariate(DISPERSION, 1 / DISPERSION)
            standing = _standing(operator, day)
            for _ in range(poisson(desk.random, operator.rate * effect * scatter)):
                visit(desk, staff, operator, day, standing)


def ordinary_sunday(desk: Desk, staff: Sequence[Operator], day: date) -> None:
    """A few work when the counter opens on a Sunday in the moving season."""
    for operator in desk.random.sample(list(staff), SUNDAY_OPERATORS):
        for _ in range(SUNDAY_LOOKUPS):
            visit(desk, staff, operator, day, Standing.ON_DUTY)


def visit(desk: Desk, staff: Sequence[Operator], operator: Operator, day: date, standing: Standing) -> None:
    """One person at the counter."""
    random, at = desk.random, desk.moment(day)
    question = random.choices(list(SHARES), list(SHARES.values()))[0]
    who, found = _answer(desk, question)
    desk.look(operator, at, who, question, found=found, standing=standing)
    if not who or question is Question.DOCUMENT or random.random() < LEFT_WITHOUT_FILING:
        return
    filed = at + timedelta(minutes=random.randint(5, 40))
    desk.file(operator, filed, who[:1])
    if random.random() < SECOND_COUNTER:
        colleague = random.choice(staff)
        if day not in colleague.leave and colleague.resident not in who:
            desk.look(colleague, filed, who[:1])


def _answer(desk: Desk, question: Question) -> tuple[list[int], int | None]:
    random = desk.random
    if question is not Question.DOCUMENT and random.random() < FAILED:
        return [], 0
    if question is not Question.SEARCH:
        return [random.randrange(RESIDENTS)], None
    share = random.random()
    if share < TOO_MANY:
        return [], random.randint(21, 60)
    many = random.randint(3, 6) if share < TOO_MANY + MANY_NAMESAKES else 1 + (random.random() < NAMESAKES)
    return [random.randrange(RESIDENTS) for _ in range(many)], None


def _standing(operator: Operator, day: date) -> Standing:
    new = (day.month, day.day) == (4, 1) and int(operator.account.rpartition("-")[2]) > 40 - NOT_YET_LISTED
    return Standing.UNKNOWN if new else Standing.ON_DUTY
