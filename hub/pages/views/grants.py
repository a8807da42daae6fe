"""Grants (提供・移転の許可): what is declared, whether it is in force, its review; and what each would change."""

from datetime import UTC, datetime

from starlette.responses import Response

from hub.pages.access import AccessEntry, record_access, subject_cipher
from hub.pages.accounts import Role
from hub.pages.cells import Cell, Count, Mark, Table, Text
from hub.pages.desk import Change
from hub.pages.page import Page
from hub.pages.visit import Visit
from hub.pages.words import word
from hub.watch.words import Language
from infra.runtime.refusals import Refusal
from topics.declared import declared_grants
from topics.grant import Grant
from topics.legal_bases import legal_bases
from topics.obstacles import obstacles
from topics.ranges import ranges
from topics.scope import CATALOGUES

REPLAYERS = frozenset({Role.REVIEWER, Role.AUDITOR})


async def _show(visit: Visit) -> Response:
    return _answer(visit)


async def _preview(visit: Visit) -> Response:
    """The impact of one declared grant; the register is replayed for it, which is logged first."""
    refuse_others(visit)
    named = [grant for grant in _grants(visit) if grant.recipient == visit.form.get("recipient")]
    if not named:
        raise Refusal("PAGES-RECIPIENT", "recipient: none of that name has a declared grant")
    return _answer(visit, previewed=named[0].recipient, change=await replayed(visit, named[0]))


def refuse_others(visit: Visit) -> None:
    """Raises `Refusal` unless whoever is logged in may replay the register."""
    if visit.session.role not in REPLAYERS:
        raise Refusal("PAGES-ROLE", "preview: only a reviewer or an auditor may replay the register")


async def replayed(visit: Visit, grant: Grant) -> Change:
    """What the grant would have changed; that it is asked is committed first. Raises `Refusal`."""
    purpose, case = visit.form.get("purpose", ""), visit.form.get("case", "")
    cipher = subject_cipher(visit.desk.settings)
    entry = AccessEntry("preview", visit.session.account, purpose, case, cipher)
    async with visit.desk.sessions.database() as connection, connection.transaction():
        await record_access(connection, entry)
    return await visit.desk.preview(visit.desk.settings, grant)


def _answer(visit: Visit, previewed: str = "", change: Change | None = None) -> Response:
    grants = _grants(visit)
    columns = ("recipient", "title", "granted", "purpose", "basis", "valid", "review", "state")
    table = Table("grants", columns, tuple(_row(grant, visit.language) for grant in grants))
    return visit.answer(
        "grants.html",
        table=table,
        recipients=[grant.recipient for grant in grants],
        items={grant.recipient: items_of(grant, grant, visit.language) for grant in grants},
        previewed=previewed,
        change=change,
        may_replay=visit.session.role in REPLAYERS,
    )


def items_of(grant: Grant, before: Grant | None, language: Language) -> Table:
    """The items by number and name; which of them, and of those `before`, would be added or go."""
    catalogue, former = CATALOGUES[grant.catalogue], before.items if before else ()
    rows = []
    for number in sorted({*grant.items, *former}):
        item = catalogue.by_number[number]
        kept, added = Mark("item-kept", "plain"), Mark("item-added", "late")
        mark = (kept if number in former else added) if number in grant.items else Mark("item-goes", "ok")
        rows.append((Count(number), Text(item.name_ja if language == "ja" else item.field.replace("_", " ")), mark))
    return Table("items-of", ("item", "title", "state"), tuple(rows))


def _grants(visit: Visit) -> tuple[Grant, ...]:
    return declared_grants(visit.desk.settings.grants_directory)


def _row(grant: Grant, language: Language) -> tuple[Cell, ...]:
    basis = ", ".join(legal_bases()[key].named() if key in legal_bases() else key for key in grant.legal_basis)
    return (
        Text(grant.recipient),
        Text(grant.title),
        Text(word("items", language, count=len(grant.items), items=ranges(grant.items))),
        Text(grant.purpose),
        Text(basis),
        Text(f"{grant.valid_from} – {grant.valid_to}"),
        Text(_review(grant, language)),
        _state(grant),
    )


def _review(grant: Grant, language: Language) -> str:
    if grant.review is None:
        return word("unreviewed", language, requester=grant.request.requester, on=grant.request.received_on)
    told = {"by": grant.review.reviewer, "on": grant.review.decided_on, "requester": grant.request.requester}
    return word(f"review-{grant.review.decision}", language, **told)


def _state(grant: Grant) -> Mark:
    found = obstacles(grant, datetime.now(UTC).date())
    return Mark(f"obstacle-{found[0].code}", "stopped") if found else Mark("in-force", "ok")


PAGE = Page("/grants", "grants", 30, _show, forms={"preview": _preview})
