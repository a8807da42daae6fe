"""``kairan documents issue | history``: documents, in history and ledger before they are files."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings
from topics.check_digits import is_serial

if TYPE_CHECKING:
    from producers.register.documents.issuing import Issued
    from producers.register.documents.request import DocumentKind, Request

documents_app = typer.Typer(help="Documents of the register, and their history.", no_args_is_help=True)

Resident = Annotated[str, typer.Option(help="addressee number (宛名番号) of the resident")]
KINDS = "resident-record, certificate or code-notice"


@documents_app.command("issue")
def issue_command(
    resident: Resident,
    kind: Annotated[str, typer.Option(help=KINDS)],
    by: Annotated[str, typer.Option(help="account of the person who issues")],
    purpose: Annotated[str, typer.Option(help="a declared purpose; a wrong one lists them")],
    case: Annotated[str, typer.Option(help="reception number of the request")],
    output: Annotated[Path, typer.Option(help="the PDF file")],
    items: Annotated[str, typer.Option(help="also relationship, domicile, previous-address, residence")] = "",
    household: Annotated[bool, typer.Option("--household", help="all members of the household")] = False,  # noqa: FBT002
    with_my_number: Annotated[bool, typer.Option("--with-my-number", help="asked for with it")] = False,  # noqa: FBT002
    with_resident_code: Annotated[  # noqa: FBT002
        bool, typer.Option("--with-resident-code", help="asked for with it")
    ] = False,
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Issue a document as PDF: read, number if asked for, history, ledger, and only then the file.

    Example: kairan documents issue --resident 0000000019 --kind resident-record --by counter-1 --purpose identity
    --case 2026-0001 --output copy.pdf
    """
    from producers.register.access import Occasion
    from producers.register.documents.request import Request

    with refusals():
        settings = load_settings()
        request = Request(
            kind=_kind(kind), resident=_resident(resident), occasion=Occasion(by, purpose, case),
            extra=tuple(filter(None, items.split(","))), household=household,
            with_my_number=with_my_number, with_resident_code=with_resident_code,
        )  # fmt: skip
        issued = asyncio.run(released(settings, city_of(settings, municipality), request, output))
    _show(issued, output, as_json=as_json)


async def released(settings: Settings, municipality: str, request: "Request", output: Path) -> "Issued":
    """Issue the document and let it out: its history row is committed, then its ledger entry, then it is written."""
    from hub.ledger.exports import Export, export
    from producers.register.documents.issuing import issue

    issued = await issue(settings, municipality, request)
    what = Export(request.occasion.operator, request.occasion.purpose, request.kind.value, issued.resident)
    await export(settings, municipality, what, issued.content, output)
    return issued


@documents_app.command("history")
def history_command(
    resident: Resident,
    output: Annotated[Path | None, typer.Option(help="also write the list as CSV; an entry in the ledger")] = None,
    by: Annotated[str, typer.Option(help="account of the person who lets the list out")] = "",
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List the documents that tell of a resident. Example: kairan documents history --resident 0000000019"""
    from producers.register.documents.history import issues_of

    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        rows = [issue.to_json() for issue in asyncio.run(issues_of(settings, city, _resident(resident)))]
        if output is not None:
            asyncio.run(_export(settings, city, resident, by, rows, output))
    if as_json:
        print_json(rows)
        return
    table = Table("issued", "kind", "items", "by", "purpose", "case", "not as recorded")
    for row in rows:
        shown = (row[name] for name in ("issued_at", "kind", "items", "operator", "purpose", "case", "substituted"))
        table.add_row(*(escape(str(each)) for each in shown))
    console.print(table)


async def _export(
    settings: Settings, city: str, resident: str, by: str, rows: list[dict[str, object]], output: Path
) -> None:
    from hub.ledger.exports import Export, export
    from topics.text.spreadsheets import to_csv

    if not by:
        raise Refusal("KRN-DOCUMENT-ACCOUNT", "by: the account of the person who lets the list out")
    header = list(rows[0]) if rows else []
    content = to_csv(header, (tuple(row.values()) for row in rows))
    await export(settings, city, Export(by, "issue-history", "document-history", resident), content, output)


def _show(issued: "Issued", output: Path, *, as_json: bool) -> None:
    replaced = [[s.person, s.item, s.position, s.kind.value] for s in issued.substituted]
    if as_json:
        print_json({"issue": str(issued.issue_id), "digest": issued.digest.hex(), "substituted": replaced})
        return
    console.print(f"{output}: synthetic; issue {issued.issue_id}", markup=False)
    for person, item, position, kind in replaced:
        console.print(f"person {person}, item {item}, character {position}: not as recorded ({kind})", markup=False)


def _kind(text: str) -> "DocumentKind":
    from producers.register.documents.request import DocumentKind

    try:
        return DocumentKind(text)
    except ValueError:
        raise Refusal("KRN-DOCUMENT-KIND", f"kind: {KINDS}") from None


def _resident(resident: str) -> str:
    """A My Number or a name given by mistake must not enter the tables."""
    if not is_serial(resident):
        raise Refusal("KRN-DOCUMENT-RESIDENT", "resident: an addressee number, ten digits with a right check digit")
    return resident
