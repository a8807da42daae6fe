"""The ledger (提供記録): how far it is witnessed; and, for the auditor alone, who got what about a resident."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import Response

from hub.ledger.asking import asked, item_of_file, resident_of
from hub.ledger.exports import Export, enter_export
from hub.ledger.questions import Answer, Question, who
from hub.pages.access import AccessEntry, record_access, subject_cipher
from hub.pages.accounts import Role
from hub.pages.cells import Cell, Count, Mark, Moment, Table, Text
from hub.pages.page import Page
from hub.pages.visit import Visit
from hub.watch.owed import LedgerSize
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from topics.ledger.entry import EntryKind
from topics.legal_bases import legal_bases
from topics.ranges import ranges

FIELDS = ("resident", "municipality", "item", "purpose", "case")


async def _show(visit: Visit) -> Response:
    return _answer(visit)


async def _who(visit: Visit) -> Response:
    """Everything that was told about a resident; the question is an entry itself, and a row of the access log."""
    answer = await _asked(visit, "who")
    return _answer(visit, answer=_table(answer), asked={name: visit.form.get(name, "") for name in FIELDS})


async def _proof(visit: Visit) -> Response:
    """The proof as a file for the stand-alone verifier; that it goes out is an entry of its own."""
    answer, (city, resident, question) = await _asked(visit, "proof"), _question(visit)
    content = json.dumps(answer.bundle(), ensure_ascii=True, indent=1).encode("ascii") + b"\n"
    await enter_export(visit.desk.settings, city, Export(question.actor, question.purpose, "who", resident), content)
    headers = {"content-disposition": 'attachment; filename="proof.json"'}
    return Response(content, media_type="application/json", headers=headers)


async def _asked(visit: Visit, what: Any) -> Answer:
    if visit.session.role is not Role.AUDITOR:
        raise Refusal("PAGES-ROLE", "the ledger answers questions about residents to an auditor alone")
    city, resident, question = _question(visit)
    cipher = subject_cipher(visit.desk.settings)
    case = visit.form.get("case", "")
    entry = AccessEntry(what, visit.session.account, question.purpose, case, cipher, (resident,))
    async with visit.desk.sessions.database() as connection, connection.transaction():
        await record_access(connection, entry)
    return await who(visit.desk.settings, city, resident, question)


def _question(visit: Visit) -> tuple[str, str, Question]:
    """Municipality, resident and question of the form; raises `Refusal` that names the field."""
    form, item = visit.form, visit.form.get("item", "").strip()
    if item and not (item.isascii() and item.isdigit() and len(item) < 4):
        raise Refusal("KRN-LEDGER-ITEM", "item: a number of file 1, or nothing for all")
    by, purpose = asked(visit.session.account, form.get("purpose", ""))
    question = Question(by, purpose, item_of_file(int(item) if item else None))
    city = city_of(visit.desk.settings, form.get("municipality", ""))
    return city, resident_of(form.get("resident", "").strip()), question


def _answer(visit: Visit, answer: Table | None = None, asked: Mapping[str, str] | None = None) -> Response:
    survey = visit.desk.latest.survey
    ledgers = survey.hub.ledgers if survey else ()
    return visit.answer(
        "ledger.html",
        standing=_standing(ledgers),
        may_ask=visit.session.role is Role.AUDITOR,
        municipalities=visit.desk.settings.municipalities,
        answer=answer,
        asked=asked or dict.fromkeys(FIELDS, ""),
    )


def _standing(ledgers: Sequence[LedgerSize]) -> Table:
    columns = ("municipality", "entries", "signed", "witnessed", "state")
    return Table("ledgers", columns, tuple(_ledger(each) for each in ledgers))


def _ledger(each: LedgerSize) -> tuple[Cell, ...]:
    whole = Mark("witnessed-all", "ok") if each.witnessed == each.size else Mark("witness-follows", "behind")
    counts = (Count(each.size), Count(each.signed or 0), Count(each.witnessed or 0))
    return (Text(each.municipality), *counts, whole)


def _table(answer: Answer) -> Table:
    columns = ("entry", "time", "what", "to-or-by", "items-column", "basis", "proof")
    rows = tuple(_entry(answer, each.told(), proven=each.path is not None) for each in answer.entries)
    return Table("who", columns, rows)


def _entry(answer: Answer, told: Mapping[str, Any], *, proven: bool) -> tuple[Cell, ...]:
    kind = "void" if answer.is_void(told) else EntryKind(told["kind"]).value
    return (
        Count(told["index"]),
        Moment(datetime.fromisoformat(told["time"])),
        Mark(f"entry-{kind}", "behind" if kind == "void" else "plain"),
        Text(told.get("recipient") or told.get("actor", "")),
        Text(ranges(told.get("items", ()))),
        Text(", ".join(legal_bases()[key].named() if key in legal_bases() else key for key in told.get("basis", ()))),
        Mark("proven", "ok") if proven else Mark("not-proven-yet", "behind"),
    )


PAGE = Page("/ledger", "ledger", 40, _show, forms={"who": _who, "proof": _proof})
