"""What a batch of registrations comes to, decided purely: each number once, the last state of each resident."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from topics.messages.change import RecordState
from topics.messages.forwarding import Anew, Forwarded, Registration


@dataclass(slots=True)
class Taken:
    """The effects: whether everybody is forgotten first, the last states, numbers that never came, the next number."""

    next_number: int
    anew: bool = False
    last: dict[str, Registration] = field(default_factory=dict)
    gaps: list[tuple[int, int]] = field(default_factory=list)

    @property
    def kept(self) -> list[Registration]:
        """Who has a row afterwards."""
        return [each for each in self.last.values() if each.state is not RecordState.ABSENT]

    @property
    def gone(self) -> list[str]:
        """Whose row goes."""
        return [each.subject for each in self.last.values() if each.state is RecordState.ABSENT]


def take(next_number: int, messages: Iterable[Forwarded]) -> Taken:
    """Settle `messages`, in topic order: a lower number than the next one came before, a higher one leaves a gap."""
    taken = Taken(next_number)
    for message in messages:
        if message.number < taken.next_number:
            continue
        if message.number > taken.next_number:
            taken.gaps.append((taken.next_number, message.number - 1))
        taken.next_number = message.number + 1
        match message:
            case Anew():
                taken.anew, taken.last = True, {}
            case Registration():
                taken.last[message.subject] = message
    return taken
