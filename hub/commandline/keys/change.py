"""``kairan keys rotate | retire | destroy``: a key is followed by another, used no more, and gone."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.key_life import Need, destroyed, named, needed, needs_of, purpose, retired, retiring, successors
from infra.runtime.key_ring import create_pair, read_register, write_line
from infra.runtime.keys import destroy_secret, holds_secret
from infra.runtime.settings import Settings, load_settings
from topics.envelope.keys import KeyState, PublicKey
from topics.envelope.suites import Algorithm

KeyId = Annotated[str, typer.Argument(help="a key id, or as much of its beginning as is its alone")]


def rotate_command(
    principal: Annotated[str, typer.Argument(help="hub, register, ledger or a recipient")],
    seal: Annotated[bool, typer.Option("--seal", help="only the key it is sealed to")] = False,  # noqa: FBT002
    sign: Annotated[bool, typer.Option("--sign", help="only the key it signs with")] = False,  # noqa: FBT002
    algorithm: Annotated[Algorithm | None, typer.Option(help="of the seal key; else as the present one")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make new keys; from now on they are used, and the old ones still open. Example: kairan keys rotate welfare"""
    with refusals():
        made = rotate(load_settings(), principal, seal=seal, sign=sign, algorithm=algorithm)
    if as_json:
        print_json([_told(line) for line in made])
        return
    for line in made:
        console.print(f"{line.key_id}: the {_named(line)} from now on", markup=False, soft_wrap=True)
    console.print("next: kairan keys retire the former ones, once everybody has seen the new")


def retire_command(key: KeyId, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Use a key for nothing new; it opens up to its marks. Example: kairan keys retire 3vZk9uBQ"""
    with refusals():
        line = asyncio.run(retire(load_settings(), key))
    if as_json:
        print_json({**_told(line), "marks": dict(line.marks)})
        return
    for where, last in line.marks.items():
        console.print(f"{where} up to {last}", markup=False)
    console.print(f"retired: the {_named(line)}", markup=False)


def destroy_command(
    key: KeyId,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Destroy a retired key's private half: nobody opens what is under it. Example: kairan keys destroy 3vZk9uBQ"""
    with refusals():
        settings = load_settings()
        gone = asyncio.run(destruction(settings, key))
        here = holds_secret(settings, gone.key_id)
        if not yes:
            typer.confirm(_question(gone, here=here), abort=True, err=True)
        asyncio.run(destroy(settings, gone))
    if as_json:
        print_json({**_told(gone), "private_half_removed": here})
    else:
        console.print(f"destroyed: the {_named(gone)}", markup=False)


def rotate(
    settings: Settings, principal: str, *, seal: bool = False, sign: bool = False, algorithm: Algorithm | None = None
) -> list[PublicKey]:
    """New pairs for what is asked of the principal's purposes, of all when none is; raises `Refusal`."""
    asked = needs_of(principal, _needs(settings), seal=seal, sign=sign)
    pairs = successors(read_register(settings.key_register_directory), asked, algorithm, datetime.now(UTC))
    return [create_pair(settings, pair.principal, pair.algorithm, pair.since) for pair in pairs]


async def retire(settings: Settings, key: str) -> PublicKey:
    """Retire a key in two steps; killed between them it is completed by doing it again. Raises `Refusal`."""
    from hub.commandline.keys.reach import last_given

    register = read_register(settings.key_register_directory)
    begun = retiring(register, named(register, key), _needs(settings))
    write_line(settings, begun)
    done = retired(begun, await last_given(settings, begun))
    write_line(settings, done)
    return done


async def destruction(settings: Settings, key: str) -> PublicKey:
    """The line as it will be once its private half is gone; raises `Refusal` when it may not go."""
    from hub.commandline.keys.reach import last_taken

    line = named(read_register(settings.key_register_directory), key)
    taken = await last_taken(settings, line) if line.state is KeyState.RETIRED else {}
    return destroyed(line, taken)


async def destroy(settings: Settings, gone: PublicKey) -> None:
    """Remove what opens records under the key, then say so in the register; killed in between, do it again."""
    from hub.keys.content_keys import forget_content_keys

    if gone.seals:
        await forget_content_keys(settings, gone.key_id)
    destroy_secret(settings, gone.key_id)
    write_line(settings, gone)


def _needs(settings: Settings) -> tuple[Need, ...]:
    from hub.commandline.deployment import keyed_parties

    return needed(keyed_parties(settings))


def _question(line: PublicKey, *, here: bool) -> str:
    where = "" if here else " Its private half does not lie here: go on only if it is destroyed where it lay."
    return f"Destroy the {_named(line)} for good?{where}"


def _named(line: PublicKey) -> str:
    return f"{purpose(seals=line.seals)} key of {line.principal} ({line.algorithm})"


def _told(line: PublicKey) -> dict[str, object]:
    return {
        "key_id": line.key_id, "principal": line.principal, "purpose": purpose(seals=line.seals),
        "algorithm": line.algorithm, "state": line.state,
    }  # fmt: skip
