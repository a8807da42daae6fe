"""Who leaves the register (消除): announced move-out, its day, the move-in notice, death, removal ex officio."""

from collections.abc import Sequence

from producers.register.book import Amendment, Book
from producers.register.filings import (
    Death,
    ExOfficioRemoval,
    Filing,
    MoveInNotice,
    MoveOutAnnounced,
    MoveOutEffective,
)
from producers.register.findings import FilingRefusedError, Rule
from producers.register.rules.common import changed, code_of, left_behind, same_household
from topics.dates import sort_key
from topics.items.resident import Address, PlannedMoveOut, Removal, ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.reasons import names_of_code

CAUSES = {
    "declared-missing": "失踪宣告による職権消除",
    "late-move-out": "転出（届出期間経過）による職権消除",
    "not-living-here": "居住の事実がないことによる職権消除",
}


def announce_move_out(book: Book, filing: MoveOutAnnounced) -> list[Amendment]:
    """The announced move-out (転出予定): the person stays a resident until its day."""
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
    """The announced day has come and no move-in notice came before it."""
    records = [book.active(number, "residents") for number in filing.residents]
    household = same_household(records, "residents")
    plans = [_planned(record) for record in records]
    if max(sort_key(plan.planned_on) for plan in plans) > filing.filed_on:
        raise FilingRefusedError(Rule.DATE_IN_FUTURE, "residents", "the announced day has not come; wait for it")
    if len({plan.to.municipality is None for plan in plans}) != 1:
        raise FilingRefusedError(Rule.HOUSEHOLD, "residents", "some go abroad and some do not; file for these apart")
    removed = [_moved_out(r, filing, plan.planned_on, plan.to) for r, plan in zip(records, plans, strict=True)]
    return [*removed, *left_behind(book, household, filing.residents)]


def take_notice(book: Book, filing: MoveInNotice) -> list[Amendment]:
    """The move-in notice (転入通知) removes on the earlier of the planned day and its own; what was planned stays told.

    Of who is removed already it fixes where to, and the day anew, never after the planned one.
    住民記録システム標準仕様書 4.1.3.1.
    """
    persons = [book.known(number, "residents") for number in filing.residents]
    if filing.to.municipality is None:
        raise FilingRefusedError(Rule.ADDRESS, "to", "a notice comes from a municipality; give its code")
    if len({state for _, state in persons}) != 1:
        raise FilingRefusedError(Rule.HOUSEHOLD, "residents", "some are removed already; file for these apart")
    amendments = [_noticed(record, state, filing) for record, state in persons]
    left = [record for record, state in persons if state is RecordState.ACTIVE]
    rest = left_behind(book, same_household(left, "residents"), [r.addressee_number for r in left]) if left else ()
    return [*amendments, *rest]


def _noticed(record: ResidentRecord, state: RecordState, filing: MoveInNotice) -> Amendment:
    if state is RecordState.ACTIVE:
        planned = _planned(record)
        day = min((planned.planned_on, filing.changed_on), key=sort_key)
        return _moved_out(record, filing, day, filing.to)
    removal = record.removal
    names = names_of_code(removal.reason) if removal else frozenset()
    if removal is None or not names & {"domestic-move-out", "ex-officio-removal"}:
        raise FilingRefusedError(Rule.CEASED, "residents", "the record did not end by a move; check the notice")
    if "domestic-move-out" in names:
        before = record.planned_move_out.planned_on if record.planned_move_out else removal.removed_on
        day = min((before, filing.changed_on), key=sort_key)
        removal = removal.model_copy(update={"removed_on": day})
    after = record.model_copy(update={"removal": removal, "moved_out_to": filing.to})
    return Amendment(record.addressee_number, ChangeKind.CHANGED, "move-in-notice", RecordState.CEASED, after)


def _planned(record: ResidentRecord) -> PlannedMoveOut:
    if record.planned_move_out is None:
        raise FilingRefusedError(Rule.ANNOUNCED, "residents", "no move-out is announced; file the announcement first")
    return record.planned_move_out


def _moved_out(record: ResidentRecord, filing: Filing, day: str, to: Address) -> Amendment:
    reason = "move-out-abroad" if to.municipality is None else "domestic-move-out"
    return _ceased(record, reason, filing, day, moved_out_to=to)


def die(book: Book, filing: Death) -> list[Amendment]:
    """Death (死亡); the household's head follows by rule."""
    record = book.active(filing.resident, "resident")
    removed = _ceased(record, "death", filing, filing.changed_on)
    return [removed, *left_behind(book, record.household_number, (filing.resident,))]


def remove(book: Book, filing: ExOfficioRemoval) -> list[Amendment]:
    """Ex-officio removal (職権消除); its cause stands in the remarks (item 22)."""
    records = [book.active(number, "residents") for number in filing.residents]
    household = same_household(records, "residents")
    removed = [_removed(record, filing) for record in records]
    return [*removed, *left_behind(book, household, filing.residents)]


def _removed(record: ResidentRecord, filing: ExOfficioRemoval) -> Amendment:
    remarks = _joined([record.remarks, CAUSES[filing.cause]])
    to = {} if filing.to is None else {"moved_out_to": filing.to}
    return _ceased(record, "ex-officio-removal", filing, filing.changed_on, remarks=remarks, **to)


def _joined(texts: Sequence[str | None]) -> str:
    return "　".join(text for text in texts if text)


def _ceased(record: ResidentRecord, reason: str, filing: Filing, day: str, **items: object) -> Amendment:
    removal = Removal(reason=code_of(reason, filing), removed_on=day, filed_on=filing.filed_on)
    after = record.model_copy(update={"removal": removal, **items})
    return Amendment(record.addressee_number, ChangeKind.CEASED, reason, RecordState.CEASED, after)
