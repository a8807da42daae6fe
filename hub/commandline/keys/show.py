"""``kairan keys list | check``: every line of the key register, and what is amiss."""

from dataclasses import asdict
from datetime import UTC, datetime

import typer
from rich.table import Column, Table

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.key_faults import Fault, encryption_fault, faults, kept_halves
from infra.runtime.key_life import needed, purpose
from infra.runtime.key_ring import read_register
from infra.runtime.keys import holds_secret
from infra.runtime.settings import Settings, load_settings
from topics.envelope.keys import PublicKey

SHOWN_CHARACTERS = 8


def list_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List every key. Example: kairan keys list --json"""
    with refusals():
        settings = load_settings()
        lines = sorted(
            read_register(settings.key_register_directory).keys.values(),
            key=lambda line: (line.principal, line.seals, line.since),
        )
        told = [_told(settings, line) for line in lines]
    if as_json:
        print_json(told)
        return
    table = Table(Column("key", no_wrap=True), "principal", "for", "algorithm", "since", "state", "private half")
    for line, one in zip(lines, told, strict=True):
        table.add_row(
            line.key_id[:SHOWN_CHARACTERS], line.principal, purpose(seals=line.seals), line.algorithm,
            f"{line.since:%Y-%m-%d}", _state(line), "here" if one["private_here"] else "",
        )  # fmt: skip
    console.print(table)


def check_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Check all keys; exit 2 when something is amiss or due. Example: kairan keys check --json"""
    with refusals():
        found = found_now(load_settings())
    if as_json:
        print_json({"ok": not found, "faults": [asdict(fault) for fault in found]})
    else:
        for fault in found:
            console.print(f"{fault.code}: {fault.sentence}", markup=False, soft_wrap=True)
        console.print(f"{len(found)} faults" if found else "all keys are in order")
    if found:
        raise typer.Exit(DIFFERENCE)


def found_now(settings: Settings) -> list[Fault]:
    """What is amiss now; raises `Refusal` when the register cannot be read."""
    from hub.commandline.deployment import keyed_parties

    register = read_register(settings.key_register_directory)
    needs = needed(keyed_parties(settings))
    found = faults(register, needs, kept_halves(settings, register), datetime.now(UTC))
    wrapping = encryption_fault(settings)
    return found if wrapping is None else [wrapping, *found]


def _told(settings: Settings, line: PublicKey) -> dict[str, object]:
    told = line.model_dump(mode="json", exclude={"public"})
    return {
        "key_id": line.key_id,
        **told,
        "purpose": purpose(seals=line.seals),
        "private_here": holds_secret(settings, line.key_id),
    }


def _state(line: PublicKey) -> str:
    return f"{line.state}, marks in {len(line.marks)} places" if line.marks else line.state
