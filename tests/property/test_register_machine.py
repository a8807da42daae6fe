"""Any filings in any order: legal ones keep what holds of a register, illegal ones are refused and leave no trace."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import DataObject, booleans, data, dates, integers, lists, sampled_from

from producers.register.book import Entry, Resident
from producers.register.findings import FilingRefusedError
from producers.register.serials import numbered
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, NEAR, Counter, person
from tests.unit.register.occasions import CLAIMED, NEXT_HOME, NOTIFIED, REQUESTED, STATUS, place
from topics.check_digits import my_number_digit, resident_code_digit
from topics.messages.change import ChangeKind, RecordState
from topics.reason_matrix import reason_matrix, removals_in_pairs
from topics.relationship import HEAD

OTHERS = ("妻", "子", "同居人")
ADDRESSES = (HOME, NEXT_HOME, {**HOME, "text": "海老名市国分南3番3号"})
DAYS = dates().map(lambda day: day.replace(year=2026, month=3, day=day.day % 28 + 1).isoformat())
PAIRED = removals_in_pairs(reason_matrix().values())
NOBODY = numbered([999_999_998, 999_999_999])[0]

Fit = Callable[[Resident], bool]


def anybody(resident: Resident) -> bool:
    """Whoever is a resident."""
    return resident.state is RecordState.ACTIVE


def foreign(resident: Resident) -> bool:
    """A foreign resident."""
    return anybody(resident) and resident.record is not None and resident.record.resident_class == "foreign"


def japanese(resident: Resident) -> bool:
    """A Japanese resident."""
    return anybody(resident) and not foreign(resident)


def unnumbered(resident: Resident) -> bool:
    """A resident without My Number."""
    return anybody(resident) and resident.record is not None and resident.record.my_number is None


def numbered_one(resident: Resident) -> bool:
    """A resident with My Number."""
    return anybody(resident) and not unnumbered(resident)


def leaving(resident: Resident) -> bool:
    """Who has announced a move-out, or is gone with one."""
    return resident.record is not None and resident.record.planned_move_out is not None


def announced(resident: Resident) -> bool:
    """Who has announced a move-out and is here yet."""
    return anybody(resident) and leaving(resident)


def gone(resident: Resident) -> bool:
    """Who is a resident no more."""
    return resident.state is RecordState.CEASED


class Register(RuleBasedStateMachine):
    """A counter at which anything may be filed; `counter.file` raises what the rules raise and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = Counter()
        self.groups: list[list[Entry]] = []
        self.before: dict[Any, dict[str, Resident | None]] = {}
        self.numbers = 10**9

    @initialize()
    def a_family_lives_here(self) -> None:
        self._arrive("move-in-domestic", 3, foreign=False, origin=AWAY)

    @rule(others=integers(0, 3), foreign=booleans(), kind=sampled_from(("move-in-domestic", "move-in-abroad")))
    def move_in(self, others: int, foreign: bool, kind: str) -> None:
        self._arrive(kind, others, foreign=foreign, origin=ABROAD if kind == "move-in-abroad" else AWAY)

    @rule(others=integers(0, 2), foreign=booleans())
    def enter_ex_officio(self, others: int, foreign: bool) -> None:
        self._arrive("ex-officio-entry", others, foreign=foreign)

    @precondition(lambda self: self.has(gone))
    @rule(choice=data())
    def come_back(self, choice: DataObject) -> None:
        people = [person(HEAD, addressee_number=self._someone(choice, gone))]
        self._file("move-in-domestic", origin=AWAY, unreported=[NEAR], address=HOME, persons=people)

    @rule(choice=data())
    def be_born(self, choice: DataObject) -> None:
        child = person("子", birth_date=DAY, resident_code=self._code())
        self._file("birth", household_number=self._home(choice), child=child)

    @rule(choice=data(), day=DAYS)
    def die(self, choice: DataObject, day: str) -> None:
        self._file("death", resident=self._someone(choice), changed_on=day)

    @rule(choice=data(), cause=sampled_from(("declared-missing", "late-move-out", "not-living-here")))
    def remove(self, choice: DataObject, cause: str) -> None:
        self._file("ex-officio-removal", residents=self._some(choice), cause=cause)

    @rule(choice=data(), ahead=integers(-16, 20), to=sampled_from((AWAY, ABROAD)))
    def announce(self, choice: DataObject, ahead: int, to: Mapping[str, str]) -> None:
        day = f"2026-04-{1 + ahead:02d}" if ahead >= 0 else f"2026-03-{32 + ahead:02d}"
        self._file("move-out-announced", residents=self._some(choice), to=to, changed_on=day)

    @precondition(lambda self: self.has(announced))
    @rule(choice=data(), filed=sampled_from(("2026-04-30", "2026-04-10", DAY)))
    def take_effect(self, choice: DataObject, filed: str) -> None:
        self._file("move-out-effective", residents=self._some(choice, announced), filed_on=filed)

    @precondition(lambda self: self.has(leaving))
    @rule(choice=data(), day=DAYS)
    def notice(self, choice: DataObject, day: str) -> None:
        self._file("move-in-notice", residents=self._some(choice, leaving), to=NEAR, changed_on=day, **NOTIFIED)

    @rule(choice=data(), address=sampled_from(ADDRESSES), joins=booleans())
    def move_within(self, choice: DataObject, address: Mapping[str, str], joins: bool) -> None:
        home = {"household_number": self._home(choice)} if joins else {}
        self._file("move-within", places=self._places(choice, headed=not joins), address=address, **home)

    @rule(choice=data())
    def split(self, choice: DataObject) -> None:
        self._file("household-split", places=self._places(choice, headed=True))

    @rule(choice=data(), kind=sampled_from(("household-merge", "household-change")))
    def join(self, choice: DataObject, kind: str) -> None:
        """Mostly of two households that stand at the same address."""
        self._file(kind, household_number=self._home(choice), places=self._places(choice, headed=False))

    @rule(choice=data(), first=integers(0, 3))
    def change_head(self, choice: DataObject, first: int) -> None:
        home = self._home(choice)
        members = [member.addressee_number for member in self.counter.book.members_of(home)]
        places = [place(each, HEAD if n == first else "縁故者") for n, each in enumerate(members)]
        self._file("change-of-head", household_number=home, places=places or [place(NOBODY, HEAD)])

    @rule(choice=data(), year=integers(1930, 2020), kind=sampled_from(("ex-officio-correction", "clerical-correction")))
    def correct(self, choice: DataObject, year: int, kind: str) -> None:
        name = {"text": f"合成　{year}", "kana": "ごうせい"}
        self._file(kind, resident=self._someone(choice), birth_date=f"{year}-01-01", name=name)

    @rule(choice=data(), address=sampled_from(ADDRESSES))
    def amend_slightly(self, choice: DataObject, address: Mapping[str, str]) -> None:
        self._file("minor-amendment", household_number=self._home(choice), address=address)

    @rule(choice=data(), kind=sampled_from(("number-entry", "number-change-request", "number-correction")))
    def number(self, choice: DataObject, kind: str) -> None:
        claimed = CLAIMED if kind == "number-change-request" else {}
        fit = unnumbered if kind == "number-entry" else numbered_one
        self._file(kind, resident=self._someone(choice, fit), my_number=self._my_number(), **claimed)

    @rule(choice=data(), claimed=booleans())
    def code(self, choice: DataObject, claimed: bool) -> None:
        kind, told = ("code-change-request", CLAIMED) if claimed else ("number-entry", {})
        self._file(kind, resident=self._someone(choice), resident_code=self._code(), **told)

    @precondition(lambda self: self.has(foreign))
    @rule(choice=data())
    def naturalise(self, choice: DataObject) -> None:
        told = {"registered_domicile": "合成県", "domicile_head": "合成　新"}
        name = {"text": "合成　新", "kana": "ごうせい　しん"}
        self._file("naturalisation", resident=self._someone(choice, foreign), name=name, **told)

    @rule(choice=data())
    def lose_nationality(self, choice: DataObject) -> None:
        self._file("nationality-loss", resident=self._someone(choice, japanese), foreign=STATUS)

    @precondition(lambda self: self.has(foreign))
    @rule(choice=data(), status=sampled_from(("永住者", "定住者")))
    def residence(self, choice: DataObject, status: str) -> None:
        self._file("residence-notice", resident=self._someone(choice, foreign), residence_status=status, **NOTIFIED)

    @rule(choice=data(), former=sampled_from((None, "旧姓", "元姓")))
    def former_name(self, choice: DataObject, former: str | None) -> None:
        told = former and {"text": former, "kana": "きゅうせい"}
        self._file("former-name", resident=self._someone(choice, japanese), former=told, **CLAIMED)

    @precondition(lambda self: self.has(foreign))
    @rule(choice=data(), alias=sampled_from((None, "通称")))
    def alias(self, choice: DataObject, alias: str | None) -> None:
        told = alias and {"text": alias, "kana": "つうしょう"}
        self._file("alias", resident=self._someone(choice, foreign), alias=told, **REQUESTED)

    @rule(choice=data(), kind=sampled_from(("renewal", "reproduction")))
    def renew(self, choice: DataObject, kind: str) -> None:
        self._file(kind, resident=self._someone(choice))

    @precondition(lambda self: self.groups)
    @rule(choice=data(), latest=booleans())
    def annul(self, choice: DataObject, latest: bool) -> None:
        annulled = self.groups[-1] if latest else choice.draw(sampled_from(self.groups))
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
    def a_household_has_one_head_at_most_and_one_address(self) -> None:
        for household in self.counter.book.households:
            members = self.counter.book.members_of(household)
            heads = [member for member in members if member.relationship == HEAD]
            assert len(heads) <= 1
            assert {m.head_name for m in members} <= {heads[0].name.text if heads else None}
            assert len({m.address for m in members}) <= 1

    @invariant()
    def only_of_several_nobody_may_be_head(self) -> None:
        for household in self.counter.book.households:
            members = self.counter.book.members_of(household)
            assert len(members) != 1 or members[0].relationship == HEAD

    @invariant()
    def every_resident_is_in_one_household_and_nobody_else_is_in_any(self) -> None:
        book = self.counter.book
        homes = [member.addressee_number for home in book.households for member in book.members_of(home)]
        active = [who for who, resident in book.residents.items() if resident.state is RecordState.ACTIVE]
        assert sorted(homes) == sorted(active)

    @invariant()
    def a_reference_to_a_number_is_one_persons(self) -> None:
        holders: dict[str, set[str]] = {}
        for entry in self.counter.book.entries:
            record = entry.amendment.record
            for reference in (record.my_number, record.resident_code) if record else ():
                holders.setdefault(reference or "", set()).add(entry.amendment.resident)
        assert all(len(who) == 1 for reference, who in holders.items() if reference)

    @invariant()
    def what_changed_is_named_and_no_removal_of_a_pair_stands(self) -> None:
        for entry in self.counter.book.entries:
            assert entry.changed_items or entry.amendment.kind is ChangeKind.ANNULLED
            assert entry.amendment.reason not in PAIRED

    @invariant()
    def who_is_removed_says_so_and_who_is_not_does_not(self) -> None:
        for resident in self.counter.book.residents.values():
            removed = resident.record is not None and resident.record.removal is not None
            assert removed == (resident.state is RecordState.CEASED)

    def _arrive(self, kind: str, others: int, *, foreign: bool, **items: Any) -> None:
        status = {"resident_class": "foreign", "foreign": STATUS} if foreign else {}
        people = [person(word, **status) for word in (HEAD, *OTHERS[:others])]
        if not foreign:
            people = [each | {"my_number": self._my_number(), "resident_code": self._code()} for each in people]
        self._file(kind, address=HOME, persons=people, **items)

    def _my_number(self) -> str:
        self.numbers += 1
        body = f"{self.numbers:011d}"
        return body + my_number_digit(body)

    def _code(self) -> str:
        self.numbers += 1
        body = f"{self.numbers:010d}"
        return body + resident_code_digit(body)

    def has(self, fit: Fit) -> bool:
        """Whether the register has such a person."""
        return any(map(fit, self.counter.book.residents.values()))

    def _someone(self, choice: DataObject, fit: Fit = anybody) -> str:
        """Whom the filing may well be about, or anybody in whatever state, or somebody unknown."""
        known = self.counter.book.residents
        fitting = sorted(who for who, resident in known.items() if fit(resident)) or [*known]
        return choice.draw(sampled_from(fitting) if choice.draw(integers(0, 4)) else sampled_from([*known, NOBODY]))

    def _some(self, choice: DataObject, fit: Fit = anybody) -> list[str]:
        """Somebody, and with some luck others of the same household."""
        first = self._someone(choice, fit)
        resident = self.counter.book.residents.get(first)
        home = resident.record.household_number if resident and resident.record else ""
        kin = [member.addressee_number for member in self.counter.book.members_of(home)]
        fitting = [each for each in kin if fit(self.counter.book.residents[each])]
        others = choice.draw(lists(sampled_from(fitting), max_size=3, unique=True)) if fitting else []
        return [first, *(each for each in others if each != first)]

    def _home(self, choice: DataObject) -> str:
        """A household, with or without members."""
        return choice.draw(sampled_from(sorted(self.counter.book.households)))

    def _places(self, choice: DataObject, *, headed: bool) -> list[dict[str, str]]:
        """Some members of a household, or all of them; mostly as the filing needs them."""
        members = [m.addressee_number for m in self.counter.book.members_of(self._home(choice))] or [NOBODY]
        taken = members[choice.draw(integers(0, len(members) - 1)) :]
        return [place(each, HEAD if headed and n == 0 else "縁故者") for n, each in enumerate(taken)]

    def _file(self, kind: str, **items: Any) -> bool:
        known, count = dict(self.counter.book.residents), len(self.counter.book.entries)
        try:
            entries = self.counter.file(kind, **items)
        except FilingRefusedError as refusal:
            assert refusal.rule.value.startswith("REG-")
            assert self.counter.book.residents == known
            assert len(self.counter.book.entries) == count
            return False
        self.groups.append(entries)
        concerned = [entry.amendment.resident for entry in entries]
        self.before[entries[0].filing_id] = {resident: known.get(resident) for resident in concerned}
        return True


TestRegister = Register.TestCase
TestRegister.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
