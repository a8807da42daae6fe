"""Who leaves the register (消除): announced move-out, its taking effect, death."""

from producers.register.book import Amendment, Book
from producers.register.filings import Death, MoveOutAnnounced, MoveOutEffective
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import changed, left_behind, not_in_future, same_household
from topics.dates import sort_key
from topics.items.resident import PlannedMoveOut, Removal, ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.reasons import reason_code


def announce_move_out(book: Book, filing: MoveOutAnnounced) -> list[Amendment]:
    """The announced move-out (転出予定): the person stays a resident until it takes effect."""
    planned = PlannedMoveOut(planned_on=filing.changed_on, to=filing.to)
    return [changed(_unannounced(book, number), "move-out-announced", planned_move_out=planned)
            for number in filing.residents]  # fmt: skip


def _unannounced(book: Book, number: str) -> ResidentRecord:
    record = book.active(number, "residents")
    if record.planned_move_out is not None:
        raise FilingRefusedError(
            Rule.ANNOUNCED, "residents", "a move-out is announced already; annul that filing first"
        )
    return record


def take_effect(book: Book, filing: MoveOutEffective) -> list[Amendment]:
    """The move-out takes effect on the earlier of the planned day and the day of the move-in notice."""
    records = [book.active(number, "residents") for number in filing.residents]
    household = same_household(records, "residents")
    removed = [_moved_out(record, filing) for record in records]
    return [*removed, *left_behind(book, household, filing.residents)]


def _moved_out(record: ResidentRecord, filing: MoveOutEffective) -> Amendment:
    planned = record.planned_move_out
    if planned is None:
        raise FilingRefusedError(Rule.ANNOUNCED, "residents", "no move-out is announced; file the announcement first")
    day = min((planned.planned_on, filing.notified_on or planned.planned_on), key=sort_key)
    reason = "move-out-abroad" if planned.to.municipality is None else "domestic-move-out"
    return _ceased(record, reason, day, filing.filed_on, moved_out_to=planned.to)


def die(book: Book, filing: Death) -> list[Amendment]:
    """Death (死亡); the household's head follows by rule."""
    not_in_future(filing.changed_on, filing.filed_on)
    record = book.active(filing.resident, "resident")
    removed = _ceased(record, "death", filing.changed_on, filing.filed_on)
    return [removed, *left_behind(book, record.household_number, (filing.resident,))]


def _ceased(record: ResidentRecord, reason: str, day: str, filed_on: str, **items: object) -> Amendment:
    code = reason_code(reason)
    removal = Removal(reason=code, removed_on=day, filed_on=filed_on)
    after = record.model_copy(update={"removal": removal, **items})
    return Amendment(record.addressee_number, ChangeKind.CEASED, code, RecordState.CEASED, after)
