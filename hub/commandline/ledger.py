"""``kairan ledger``: who got what about a resident, with proofs that hold without us."""

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics.check_digits import is_serial
from topics.items.resident import RESIDENT_FILE
from topics.ledger.entry import EntryKind

if TYPE_CHECKING:
    from hub.ledger.questions import Answer

ACCOUNT = r"^[a-z][a-z0-9-]{0,60}$"
LONGEST_PURPOSE = 200

ledger_app = typer.Typer(help="The ledger of disclosures: questions, proofs, verification.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="account of the person who asks")]
Why = Annotated[str, typer.Option("--purpose", help="for what, in one sentence without personal data")]
City = Annotated[str, typer.Option(help="municipality code; the first one served if left out")]
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
        settings, question = load_settings(), Question(*_asked(by, purpose), _item(item))
        city = _city(settings, municipality)
        answer = asyncio.run(who(settings, city, _resident(resident), question))
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
        answer = asyncio.run(prove(settings, _city(settings, municipality), indexes))
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
        count = asyncio.run(export_ledger(settings, _city(settings, municipality), *_asked(by, purpose), output))
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


def _asked(by: str, purpose: str) -> tuple[str, str]:
    if not re.fullmatch(ACCOUNT, by):
        raise Refusal("KRN-LEDGER-ACCOUNT", "by: an account's name, small letters, digits and hyphens")
    if not 0 < len(purpose.strip()) <= LONGEST_PURPOSE or any(character.isdigit() for character in purpose):
        raise Refusal("KRN-LEDGER-PURPOSE", f"purpose: 1 to {LONGEST_PURPOSE} characters, no digits: it stays for ever")
    return by, purpose


def _resident(resident: str) -> str:
    """A My Number or a name given by mistake must not enter the ledger's tables."""
    if not is_serial(resident):
        raise Refusal("KRN-LEDGER-RESIDENT", "resident: an addressee number, ten digits with a right check digit")
    return resident


def _item(item: int | None) -> int | None:
    if item is not None and item not in RESIDENT_FILE.by_number:
        raise Refusal("KRN-LEDGER-ITEM", f"item: a number of file 1, 1 to {max(RESIDENT_FILE.by_number)}")
    return item


def _city(settings: Settings, municipality: str) -> str:
    if municipality and municipality not in settings.municipalities:
        raise Refusal("KRN-MUNICIPALITY", f"municipality: one of {', '.join(settings.municipalities)}")
    return municipality or settings.municipalities[0]


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
            _ranges(told.get("items", ())),
            ", ".join(told.get("basis", ())),
            "yes" if each.path is not None else "not yet",
        )
    console.print(table)
    disclosures = [each for each in answer.entries if each.told()["kind"] == EntryKind.DISCLOSE]
    console.print(f"disclosures: {len(disclosures)}; items are numbered as in the recipient's file (1 or 2)")


def _ranges(numbers: Sequence[int]) -> str:
    """Neighbours as one range: 1, 4-9."""
    told: list[list[int]] = []
    for number in numbers:
        if told and told[-1][-1] == number - 1:
            told[-1].append(number)
        else:
            told.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in told)
