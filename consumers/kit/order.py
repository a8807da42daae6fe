"""The order in which deliveries go: each resident's one after the other, and each filing's as a whole. Pure.

What waits, waits for an earlier delivery of the resident or for another one of its filing; that may be missing, or
parked. A delivery that is parked therefore keeps back its filing, and everything later of the filing's residents, and
nobody else.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from consumers.kit.gate import NumberGate
from topics.messages.delivery import Delivery

Place = tuple[str, int]
"""Subject and sequence: where a delivery stands."""


@dataclass(frozen=True, slots=True)
class Member:
    """A delivery's place in the order: whose it is, which of hers, its number, and the numbers of its filing's
    deliveries, `first` .. `first + count - 1`; it stands for those of the resident that it `supersedes`, by sequence.
    """

    subject: str
    sequence: int
    number: int
    first: int
    count: int
    supersedes: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        """Subject and sequence."""
        return self.subject, self.sequence

    @property
    def span(self) -> range:
        """The numbers of the filing's deliveries."""
        return range(self.first, self.first + self.count)


def alone(subject: str, sequence: int, number: int) -> Member:
    """The place of a delivery that stands by itself, or of whose filing nothing is known."""
    return Member(subject, sequence, number, number, 1)


def member_of(delivery: Delivery) -> Member:
    """The delivery's place."""
    group, number = delivery.group, delivery.number
    first, count = (number, 1) if group is None else (number - group.index + 1, group.count)
    return Member(delivery.subject, delivery.sequence, number, first, count, delivery.supersedes or ())


@dataclass(frozen=True, slots=True)
class State:
    """What stands between two batches, of all whom the next one may move.

    `applied` is the last sequence of each subject that went; `missing` and `given_up` are delivery numbers.
    """

    next_number: int = 1
    applied: Mapping[str, int] = field(default_factory=dict)
    waiting: Collection[Member] = ()
    parked: Collection[Member] = ()
    missing: frozenset[int] = frozenset()
    given_up: frozenset[int] = frozenset()


def spoiled(state: State, numbers: Collection[int]) -> State:
    """The state in which these, of what waits, are parked."""
    spoilt = [member for member in state.waiting if member.number in numbers]
    waiting = [member for member in state.waiting if member.number not in numbers]
    return replace(state, waiting=waiting, parked=[*state.parked, *spoilt])


class Order:
    """The state as a batch moves it."""

    def __init__(self, state: State, coming: Collection[Member] = ()) -> None:
        """`coming` are the places of what is still to be judged: nobody goes as if they had gone."""
        self.numbers = NumberGate(state.next_number)
        self.missing = set(state.missing)
        self._applied = dict(state.applied)
        self._waiting = {member.place: member for member in state.waiting}
        self._parked = {member.place: member for member in state.parked}
        self._by_number = {member.number: member for member in state.waiting}
        self._parked_numbers = {member.number for member in state.parked}
        self._stood_for = {place for member in state.waiting for place in _stands_for(member)}
        self._coming = {member.number for member in coming if not self.has_gone(member)}
        self.passed_over: list[Member] = []

    @property
    def waiting(self) -> Collection[Member]:
        """What waits now."""
        return self._waiting.values()

    @property
    def parked(self) -> Collection[Member]:
        """What is parked now."""
        return self._parked.values()

    def applied(self, subject: str) -> int:
        """The last sequence of the subject that went; 0 for none."""
        return self._applied.get(subject, 0)

    def has_gone(self, member: Member) -> bool:
        """Whether this place is behind its subject already."""
        return member.sequence <= self.applied(member.subject)

    def waits(self, member: Member) -> bool:
        """Whether something waits at this place."""
        return member.place in self._waiting

    def is_parked(self, member: Member) -> bool:
        """Whether something is parked at this place."""
        return member.place in self._parked

    def admit(self, number: int) -> tuple[frozenset[int], bool]:
        """Take note of a number; returns which numbers were skipped before it, and whether it comes late itself."""
        late = number < self.numbers.next
        self.numbers, skipped = self.numbers.admit(number)
        self.missing.update(skipped)
        self.missing.discard(number)
        self._coming.discard(number)
        return frozenset(skipped), late

    def park(self, member: Member) -> None:
        """The delivery at this place cannot go as it is; what waits for it waits on."""
        self._parked[member.place] = member
        self._parked_numbers.add(member.number)

    def unpark(self, member: Member) -> None:
        """What was parked at this place is parked no more."""
        self._parked_numbers.discard(self._parked.pop(member.place).number)

    def wait(self, member: Member) -> None:
        """The delivery at this place may go when its turn comes."""
        self._waiting[member.place] = member
        self._by_number[member.number] = member
        self._stood_for.update(_stands_for(member))

    def skip(self, member: Member) -> None:
        """Give this place up, which must be its subject's next: those after it need not wait for it."""
        self.unpark(member)
        self._applied[member.subject] = member.sequence

    def flow(self, start: Collection[Member]) -> Iterator[Member]:
        """Let go what may go, from these places on: filing by filing, each followed by those who waited for it.

        What is parked as a resident's next, and a later delivery stands for, is passed over.
        """
        due = deque(start)
        while due:
            first = due.popleft()
            due.extend(self._pass_over(first.subject))
            for member in self._ready(first):
                self._let_go(member)
                yield member
                due.extend(self._pass_over(member.subject))
                due.extend(self._next(member.subject))

    def stirred(self, member: Member) -> list[Member]:
        """What may go once this place is behind everybody: the subject's next, and the others of the filing."""
        return [*self._next(member.subject), *(one for one in self._waiting.values() if member.number in one.span)]

    def behind(self, stopped: Collection[Member]) -> set[Member]:
        """What waits or is parked and cannot go before these have: the others of their filings, and everything later
        of these residents; and so on."""
        links = _Links([*self._waiting.values(), *self._parked.values(), *stopped])
        found: set[Member] = set(stopped)
        due = deque(stopped)
        while due:
            new = links.of(due.popleft()) - found
            found |= new
            due.extend(new)
        return found - set(stopped)

    def _next(self, subject: str) -> list[Member]:
        following = self._waiting.get((subject, self.applied(subject) + 1))
        return [] if following is None else [following]

    def _pass_over(self, subject: str) -> list[Member]:
        """Give up what is parked as the subject's next as long as a later one stands for it; what may go then."""
        stirred: list[Member] = []
        while (place := (subject, self.applied(subject) + 1)) in self._stood_for and place in self._parked:
            member = self._parked[place]
            self.skip(member)
            self.passed_over.append(member)
            stirred += self.stirred(member)
        return stirred

    def _ready(self, member: Member) -> list[Member]:
        """The deliveries of the member's filing, in number order, if all of them are here and it is their turn."""
        if not all(number in self._by_number or self._is_done_with(number) for number in reversed(member.span)):
            return []
        present = [one for number in member.span if (one := self._by_number.get(number)) is not None]
        reached: dict[str, int] = {}
        for one in present:
            if one.sequence != reached.get(one.subject, self.applied(one.subject)) + 1:
                return []
            reached[one.subject] = one.sequence
        return present

    def _is_done_with(self, number: int) -> bool:
        """Whether a number that does not wait was applied, or given up."""
        open_ = number in self.missing or number in self._parked_numbers or number in self._coming
        return number < self.numbers.next and not open_

    def _let_go(self, member: Member) -> None:
        del self._waiting[member.place]
        del self._by_number[member.number]
        self._applied[member.subject] = member.sequence


def _stands_for(member: Member) -> list[Place]:
    return [(member.subject, sequence) for sequence in member.supersedes]


class _Links:
    """Who cannot go before whom."""

    def __init__(self, members: Collection[Member]) -> None:
        self._of_subject: dict[str, set[Member]] = defaultdict(set)
        self._of_number: dict[int, set[Member]] = defaultdict(set)
        self._covering: dict[int, set[Member]] = defaultdict(set)
        for member in members:
            self._of_subject[member.subject].add(member)
            self._of_number[member.number].add(member)
            for number in member.span:
                self._covering[number].add(member)

    def of(self, member: Member) -> set[Member]:
        """The others of its filing, also those who alone know that it is of theirs; and the subject's later ones."""
        later = {one for one in self._of_subject[member.subject] if one.sequence > member.sequence}
        fellows = {one for number in member.span for one in self._of_number[number]}
        return (later | fellows | self._covering[member.number]) - {member}
