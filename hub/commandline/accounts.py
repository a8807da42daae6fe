"""``kairan accounts``: who may log in to the operations pages, and as what."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.output import AsJson, console, print_json, refusals
from hub.pages.accounts import Role
from infra.runtime.files import refuse_open
from infra.runtime.settings import load_settings

accounts_app = typer.Typer(help="Accounts of the operations pages.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="the account: small letters, digits, hyphens; never a person's name")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="an owner-only file with the password; else it is asked for"),
]


@accounts_app.command("add")
def add_command(
    name: Name, role: Annotated[Role, typer.Option(help="what the person may do")], password_file: PasswordFile = None
) -> None:
    """Make an account. Example: kairan accounts add privacy-officer-1 --role reviewer"""
    from hub.pages.accounts import add_account

    with refusals():
        asyncio.run(add_account(load_settings(), name, role, _password(password_file)))
    console.print(f"{name} may log in as {role.value}", markup=False)


@accounts_app.command("password")
def password_command(name: Name, password_file: PasswordFile = None) -> None:
    """Give an account another password, and enable it. Example: kairan accounts password privacy-officer-1"""
    from hub.pages.accounts import set_password

    with refusals():
        asyncio.run(set_password(load_settings(), name, _password(password_file)))
    console.print(f"{name} has another password, and is logged out", markup=False)


@accounts_app.command("list")
def list_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List all accounts. Example: kairan accounts list --json"""
    from hub.pages.accounts import list_accounts

    with refusals():
        found = asyncio.run(list_accounts(load_settings()))
    if as_json:
        print_json([{"name": each.name, "role": each.role, "enabled": each.disabled_at is None} for each in found])
        return
    table = Table("account", "role", "made", "disabled")
    for each in found:
        disabled = f"{each.disabled_at:%Y-%m-%d}" if each.disabled_at else ""
        table.add_row(each.name, each.role.value, f"{each.made_at:%Y-%m-%d}", disabled)
    console.print(table)


@accounts_app.command("disable")
def disable_command(name: Name) -> None:
    """Let nobody in by an account any more, from this moment. Example: kairan accounts disable trainee-2"""
    from hub.pages.accounts import disable_account

    with refusals():
        asyncio.run(disable_account(load_settings(), name))
    console.print(f"{name} is disabled and logged out", markup=False)


def _password(file: Path | None) -> str:
    """From the file's first line, or typed twice; never an argument, which other processes could read."""
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    refuse_open(file, "the password file")
    return file.read_text(encoding="utf-8").partition("\n")[0]
