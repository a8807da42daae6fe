"""Planted misuse, a kind for each rule; each incident is named after its rule, as ``R2-3``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from producers.synthetic.operators.desk import Desk
from producers.synthetic.operators.people import PROTECTED, RESIDENTS, STAFF, Operator, poisson, spread
from topics.messages.access import Question, Standing, Subject, Tie
from topics.office_days import JAPAN

NIGHT = time(22, 30)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where misuse is planted: the log, the staff, the open days."""

    desk: Desk
    staff: Sequence[Operator]
    days: list[date]

    def occasions(self, rule: str, count: int, *, tail: int = 0) -> Iterator[tuple[str, Operator, date]]:
        """Named incidents, each of some operator at work, on days of which `tail` follow."""
        usable = self.days[: len(self.days) - min(tail, len(self.days) // 3)]
        for number, day in enumerate(spread(self.desk.random, usable, count), start=1):
            at_work = [operator for operator in self.staff if day not in operator.leave]
            yield f"{rule}-{number}", self.desk.random.choice(at_work), day

    def stranger(self) -> int:
        """Some resident who is neither staff nor protected."""
        return self.desk.random.randrange(max(STAFF) + 1, RESIDENTS)


def acquaintances(here: Setting) -> None:
    """R1: some acquaintances in a row, without a case."""
    for name, operator, day in here.occasions("R1", 12):
        for _ in range(here.desk.random.randint(2, 4)):
            here.desk.look(operator, here.desk.moment(day), [here.stranger()], misuse=name)


def the_same_again(here: Setting) -> None:
    """R2: one resident, again and again over the months."""
    for name, operator, first in here.occasions("R2", 8, tail=60):
        who = here.stranger()
        after = [day for day in here.days if first <= day < first + timedelta(days=240) and day not in operator.leave]
        for day in spread(here.desk.random, after, here.desk.random.randint(3, 17)):
            here.desk.look(operator, here.desk.moment(day), [who], misuse=name)


def curious_crowd(here: Setting) -> None:
    """R3: everybody looks at one person who is in the news."""
    for name, _, day in here.occasions("R3", 6, tail=3):
        who = here.stranger()
        for operator in here.desk.random.sample(list(here.staff), here.desk.random.randint(5, 8)):
            at = here.desk.moment(here.desk.random.choice([one for one in here.days if one >= day][:3]))
            here.desk.look(operator, at, [who], misuse=name)


def own_family(here: Setting) -> None:
    """R4: the own household."""
    for name, operator, day in here.occasions("R4", 10):
        lookup = here.desk.look(operator, here.desk.moment(day), [here.stranger()], misuse=name)
        tie = here.desk.random.choice(list(Tie))
        kin = Subject(pseudonym=lookup.subjects[0].pseudonym, tie=tie)
        here.desk.entries[-1] = lookup.model_copy(update={"subjects": (kin,)})


def a_colleague(here: Setting) -> None:
    """R5: somebody from the next desk."""
    for name, operator, day in here.occasions("R5", 10):
        who = here.desk.random.choice([one for one in STAFF if one != operator.resident])
        here.desk.look(operator, here.desk.moment(day), [who], misuse=name)


def a_protected_person(here: Setting) -> None:
    """R6: somebody whose address is kept from somebody."""
    for name, operator, day in here.occasions("R6", 10):
        here.desk.look(operator, here.desk.moment(day), [here.desk.random.choice(PROTECTED)], misuse=name)


def fishing(here: Setting) -> None:
    """R7: beginnings of names, until somebody turns up."""
    for name, operator, day in here.occasions("R7", 10):
        for _ in range(here.desk.random.randint(6, 12)):
            found = here.desk.random.randint(21, 300)
            here.desk.look(operator, here.desk.moment(day), [], found=found, misuse=name)


def at_night(here: Setting) -> None:
    """R8: late in the evening, on a Saturday, or on a day of leave."""
    for number, (name, operator, day) in enumerate(here.occasions("R8", 12)):
        late = datetime.combine(day, NIGHT, JAPAN)
        when = (late, late + timedelta(days=5 - day.weekday()), here.desk.moment(day))[number % 3]
        standing = Standing.ON_LEAVE if number % 3 == 2 else Standing.ON_DUTY
        here.desk.look(operator, when, [here.stranger()], standing=standing, misuse=name)


def a_burst(here: Setting) -> None:
    """R9: sixty more than usual in a day."""
    for name, operator, day in here.occasions("R9", 10):
        for _ in range(60):
            here.desk.look(operator, here.desk.moment(day), [here.stranger()], misuse=name)


def growing(here: Setting) -> None:
    """R10: a little more every week, under cover of cases that others have handled, until it is more than twice."""
    late = here.days[len(here.days) // 2 :]
    for number, operator in enumerate(here.desk.random.sample(list(here.staff), 4), start=1):
        first = here.desk.random.choice(late[: max(1, len(late) - 60)])
        for day in [day for day in late if first <= day < first + timedelta(weeks=11) and day not in operator.leave]:
            share = 1.3 * (day - first).days / 77
            for _ in range(poisson(here.desk.random, operator.rate * share)):
                at, who = here.desk.moment(day), here.stranger()
                here.desk.look(operator, at, [who], misuse=f"R10-{number}")
                here.desk.file(here.desk.random.choice(here.staff), at + timedelta(hours=1), [who])


def after_transfer(here: Setting) -> None:
    """R11: an account that should have been closed."""
    for name, operator, day in here.occasions("R11", 6):
        moment = here.desk.moment(day)
        here.desk.look(operator, moment, [here.stranger()], standing=Standing.OFF_DUTY, misuse=name)


def outputs(here: Setting) -> None:
    """R12: a heap of documents; or guessing until a search finds somebody."""
    for number, (name, operator, day) in enumerate(here.occasions("R12", 10)):
        for _ in range(30):
            at = here.desk.moment(day)
            if number % 2:
                here.desk.look(operator, at, [], found=0, misuse=name)
            else:
                here.desk.look(operator, at, [here.stranger()], Question.DOCUMENT, misuse=name)


MISUSE: tuple[Callable[[Setting], None], ...] = (
    acquaintances, the_same_again, curious_crowd, own_family, a_colleague, a_protected_person, fishing, at_night,
    a_burst, growing, after_transfer, outputs,
)  # fmt: skip
