"""Whatever is filed, in whatever order: histories grow by one, households have one head at most, annulment restores."""

from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import DataObject, data, integers, sampled_from

from producers.register.book import Entry, Resident
from producers.register.findings import FilingRefusedError
from tests.unit.register.counter import AWAY, HOME, MY_NUMBER, Counter, person
from topics.messages.change import ChangeKind, RecordState
from topics.relationship import HEAD

OTHERS = ("妻", "子", "同居人")


class Register(RuleBasedStateMachine):
    """A counter at which anything may be filed; what is refused must leave no trace."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = Counter()
        self.groups: list[list[Entry]] = []
        self.before: dict[Any, dict[str, Resident | None]] = {}

    @rule(others=integers(0, 3))
    def move_in(self, others: int) -> None:
        people = [person(HEAD), *(person(OTHERS[n]) for n in range(others))]
        self._file("move-in-domestic", origin=AWAY, address=HOME, persons=people)

    @precondition(lambda self: self.counter.book.residents)
    @rule(choice=data())
    def die(self, choice: DataObject) -> None:
        self._file("death", resident=self._someone(choice))

    @precondition(lambda self: self.counter.book.residents)
    @rule(choice=data())
    def move_out(self, choice: DataObject) -> None:
        resident = self._someone(choice)
        self._file("move-out-announced", residents=[resident], to=AWAY)
        self._file("move-out-effective", residents=[resident])

    @precondition(lambda self: self.counter.book.residents)
    @rule(choice=data(), lot=integers(1, 9))
    def move_within(self, choice: DataObject, lot: int) -> None:
        places = [{"addressee_number": self._someone(choice), "relationship": HEAD}]
        self._file("move-within", address={**HOME, "text": f"海老名市上郷{lot}番"}, places=places)

    @precondition(lambda self: self.counter.book.residents)
    @rule(choice=data())
    def split(self, choice: DataObject) -> None:
        self._file("household-split", places=[{"addressee_number": self._someone(choice), "relationship": HEAD}])

    @precondition(lambda self: self.counter.book.households)
    @rule(choice=data(), first=integers(0, 3))
    def change_head(self, choice: DataObject, first: int) -> None:
        household = choice.draw(sampled_from(sorted(self.counter.book.households)))
        members = [m.addressee_number for m in self.counter.book.members_of(household)]
        places = [
            {"addressee_number": member, "relationship": HEAD if index == first else "縁故者"}
            for index, member in enumerate(members)
        ]
        if places:
            self._file("change-of-head", household_number=household, places=places)

    @precondition(lambda self: self.counter.book.residents)
    @rule(choice=data(), year=integers(1930, 2020))
    def correct(self, choice: DataObject, year: int) -> None:
        name = {"text": f"合成　{year}", "kana": "ごうせい"}
        self._file("ex-officio-correction", resident=self._someone(choice), birth_date=f"{year}-01-01", name=name)

    @precondition(lambda self: self.counter.book.residents)
    @rule(choice=data())
    def number(self, choice: DataObject) -> None:
        self._file("number-entry", resident=self._someone(choice), my_number=MY_NUMBER)

    @precondition(lambda self: self.groups)
    @rule(choice=data())
    def annul(self, choice: DataObject) -> None:
        annulled = choice.draw(sampled_from(self.groups))
        wanted = self.before[annulled[0].filing_id]
        if self._file("annulment", annuls=str(annulled[0].filing_id)):
            for resident, earlier in wanted.items():
                now = self.counter.book.residents[resident]
                assert now.record == (earlier.record if earlier else None)
                assert now.state == (earlier.state if earlier else RecordState.ABSENT)

    @invariant()
    def histories_grow_by_one(self) -> None:
        numbers: dict[str, int] = {}
        for entry in self.counter.book.entries:
            resident = entry.amendment.resident
            assert entry.history_number == numbers.get(resident, 0) + 1
            numbers[resident] = entry.history_number

    @invariant()
    def a_household_has_one_head_at_most_and_all_members_know_it(self) -> None:
        for household in self.counter.book.households:
            members = self.counter.book.members_of(household)
            heads = [member for member in members if member.relationship == HEAD]
            assert len(heads) <= 1
            assert {m.head_name for m in members} <= {heads[0].name.text if heads else None}
            assert len({m.address for m in members}) <= 1

    @invariant()
    def what_changed_is_named(self) -> None:
        for entry in self.counter.book.entries:
            assert entry.changed_items or entry.amendment.kind is ChangeKind.ANNULLED

    def _someone(self, choice: DataObject) -> str:
        return choice.draw(sampled_from(sorted(self.counter.book.residents)))

    def _file(self, kind: str, **items: Any) -> bool:
        known = dict(self.counter.book.residents)
        count = len(self.counter.book.entries)
        try:
            entries = self.counter.file(kind, **items)
        except FilingRefusedError:
            assert self.counter.book.residents == known
            assert len(self.counter.book.entries) == count
            return False
        self.groups.append(entries)
        concerned = [entry.amendment.resident for entry in entries]
        self.before[entries[0].filing_id] = {resident: known.get(resident) for resident in concerned}
        return True


TestRegister = Register.TestCase
TestRegister.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
