"""A reply to a number request: the number is entered ex officio (個人番号の職権記載), or somebody has to see to it."""

from producers.register.events import JAPAN
from producers.register.filings import NumberEntry
from producers.register.findings import Rule
from producers.register.inbox.work import Entry, Work, filing_id_of, refused_filing
from topics.messages.register_inbound import MoveInNoticeReceived, NumberReplied, RegisterMessage

OPERATOR = "register-inbox"
CHECK_DIGIT = "REG-NUMBER-CHECK-DIGIT"


def replied(message: NumberReplied) -> Work:
    """A filing, or an entry where no number can be right that reads so."""
    number = message.my_number.checked()
    if number is None:
        return Work(entries=(refused_filing(message, CHECK_DIGIT),))
    day = message.received_at.astimezone(JAPAN).date().isoformat()
    filing = NumberEntry(
        filing_id=filing_id_of(message),
        operator=OPERATOR,
        filed_on=day,
        changed_on=day,
        notified_on=day,
        resident=message.addressee_number,
        my_number=number,
    )
    return Work(filings=((filing, message),))


def is_settled(message: RegisterMessage, code: str) -> bool:
    """Whether a refusal leaves nothing to do: the same number, or notice, came again."""
    return isinstance(message, NumberReplied | MoveInNoticeReceived) and code == Rule.NOTHING_CHANGES.value


def stuck(entries: list[Entry]) -> list[tuple[str, str]]:
    """Whose request a reply leaves stuck, and why."""
    kind = NumberReplied.model_fields["type"].default
    return [(e.addressee_number, e.code) for e in entries if e.kind == kind and e.addressee_number is not None]
