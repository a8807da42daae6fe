"""A recipient refused what it was sent: somebody has to see to it, until it has applied a later delivery."""

from producers.register.inbox.work import Entry, Over, Work
from topics.messages.register_inbound import DeliveriesRefused, RefusalsOver


def refused(message: DeliveriesRefused) -> Work:
    """An entry for each change."""
    entries = (
        Entry(
            party=message.party,
            party_number=message.party_number,
            place=place,
            kind=message.type,
            code=message.code,
            addressee_number=change.addressee_number,
            history_number=change.history_number,
            received_at=message.received_at,
        )
        for place, change in enumerate(message.changes)
    )
    return Work(entries=tuple(entries))


def over(message: RefusalsOver) -> Work:
    """The entries of these residents are settled by the party itself."""
    return Work(over=tuple(Over(message.party, resident, message.received_at) for resident in message.residents))
