"""``kairan ledger``: who got what about a resident, with proofs that hold without us."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from hub.ledger.asking import asked, item_of_file, resident_of
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings
from topics.ledger.entry import EntryKind
from topics.ranges import ranges

if TYPE_CHECKING:
    from hub.ledger.questions import Answer

ledger_app = typer.Typer(help="The ledger of disclosures: questions, proofs, verification.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="account of the person who asks")]
Why = Annotated[str, typer.Option("--purpose", help="for what, in one sentence without personal data")]
Output = Annotated[Path | None, typer.Option("--output", help="also write the proof here; that is an entry of its own")]


@ledger_app.command("who")
def who_command(
    resident: Annotated[str, typer.Option(help="addressee number (宛名番号) of the resident")],
    by: By,
    purpose: Why,
    item: Annotated[int | None, typer.Option(help="only disclosures of this item of file 1")] = None,
    municipality: City = "",
    output: Output = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Tell who got what about a resident, when, on which basis; the question is an entry itself.

    Example: kairan ledger who --resident 0000000019 --by auditor-1 --purpose 'asked by the resident'
    """
    from hub.ledger.exports import Export, export
    from hub.ledger.questions import Question, who

    with refusals():
        settings, question = load_settings(), Question(*asked(by, purpose), item_of_file(item))
        city = city_of(settings, municipality)
        answer = asyncio.run(who(settings, city, resident_of(resident), question))
        if output is not None:
            what = Export(by, purpose, "who", resident)
            asyncio.run(export(settings, city, what, _bundle(answer), output))
    if as_json:
        print_json(answer.to_json())
    else:
        _show(answer)


@ledger_app.command("prove")
def prove_command(
    indexes: Annotated[list[int], typer.Argument(help="indexes of entries", min=0)],
    municipality: City = "",
) -> None:
    """Print the proof of entries, for the stand-alone verifier. Example: kairan ledger prove 12 13 > proof.json"""
    from hub.ledger.questions import prove

    with refusals():
        settings = load_settings()
        answer = asyncio.run(prove(settings, city_of(settings, municipality), indexes))
        uncovered = [each.told()["index"] for each in answer.entries if each.path is None]
        if uncovered:
            raise Refusal("KRN-LEDGER-UNSIGNED", f"no checkpoint has reached entry {uncovered[0]} yet; ask again")
    print_json(answer.bundle())


@ledger_app.command("vkeys")
def vkeys_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Print the keys by which checkpoints and cosignatures are verified. Example: kairan ledger vkeys"""
    from infra.check.ledger import verifiers
    from infra.runtime.key_ring import read_register

    with refusals():
        settings = load_settings()
        register = read_register(settings.key_register_directory)
        keys = [key.vkey for city in settings.municipalities for key in verifiers(settings, city, register)]
    found = list(dict.fromkeys(keys))
    if as_json:
        print_json(found)
    else:
        for vkey in found:
            console.print(vkey, markup=False, soft_wrap=True)


@ledger_app.command("export")
def export_command(
    by: By,
    purpose: Why,
    output: Annotated[Path, typer.Option("--output", help="a directory for entries, checkpoints and keys")],
    municipality: City = "",
) -> None:
    """Write the whole ledger, without anybody it is about, for the stand-alone verifier; an entry tells of it.

    Example: kairan ledger export --by auditor-1 --purpose 'yearly audit' --output audit-2026
    """
    from hub.commandline.ledger_export import export_ledger, refuse_used

    with refusals():
        refuse_used(output)
        settings = load_settings()
        count = asyncio.run(export_ledger(settings, city_of(settings, municipality), *asked(by, purpose), output))
    console.print(f"{count} entries in {output}; check them with offline.py replay", markup=False)


@ledger_app.command("verify")
def verify_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Replay every entry and hold it against checkpoints and witness; exit 2 when they depart.

    Example: kairan ledger verify --json
    """
    from infra.check.ledger import replay_city

    with refusals():
        settings = load_settings()
        replays = [asyncio.run(replay_city(settings, city)) for city in settings.municipalities]
    if as_json:
        print_json([replay.to_json() for replay in replays])
    else:
        for replay in replays:
            console.print(replay.sentence(), markup=False)
            for finding in replay.findings:
                console.print(f"  {finding}", markup=False)
    if any(replay.findings for replay in replays):
        raise typer.Exit(DIFFERENCE)


def _bundle(answer: "Answer") -> bytes:
    return json.dumps(answer.bundle(), ensure_ascii=True, indent=1).encode("ascii") + b"\n"


def _show(answer: "Answer") -> None:
    table = Table("entry", "time", "what", Column("to, or by", no_wrap=True), "items", "basis", "proven")
    for each in answer.entries:
        told = each.told()
        table.add_row(
            str(told["index"]),
            told["time"].replace("T", " "),
            "void" if answer.is_void(told) else told["kind"],
            told.get("recipient") or told.get("actor", ""),
            ranges(told.get("items", ())),
            ", ".join(told.get("basis", ())),
            "yes" if each.path is not None else "not yet",
        )
    console.print(table)
    disclosures = [each for each in answer.entries if each.told()["kind"] == EntryKind.DISCLOSE]
    console.print(f"disclosures: {len(disclosures)}; items are numbered as in the recipient's file (1, 2 or 3)")
