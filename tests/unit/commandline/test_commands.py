"""What every command promises: help with an example, and pages that are generated from what they describe."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.commandline.main import Commands, app
from hub.commandline.settings import reference
from topics.declared import declared_by_recipient

ROOT = Path(__file__).parents[3]
COMMANDS = (
    ("demo",), ("verify",), ("up",), ("down",), ("status",), ("settings",), ("relay",), ("hub",), ("recipient",),
    ("topics", "plan"), ("topics", "apply"), ("topics", "verify"), ("addressee", "export"),
    ("docs", "recipients"), ("docs", "asyncapi"), ("docs", "schema"),
    ("grants", "list"), ("grants", "show"), ("certificates",), ("prepare",),
    ("drill", "abuse"), ("drill", "list"), ("drill", "run"), ("drill", "all"), ("backup",), ("restore",), ("archive",),
    ("register-clock",), ("docs", "reasons"), ("simulate",), ("simulate", "faults"), ("docs", "items"), ("intake",),
    ("counter", "find"), ("counter", "search"), ("documents", "issue"), ("documents", "history"),
    ("ledger", "who"), ("ledger", "prove"), ("ledger", "export"), ("ledger", "verify"), ("ledger", "vkeys"),
    ("linkage", "flush"), ("linkage", "waiting"), ("linkage", "rotate"), ("linkage", "check"),
    ("protection", "file"), ("protection", "none"), ("protection", "list"), ("protection", "recalls"),
    ("lag",), ("exporter",), ("pages",), ("drift",), ("repairs",), ("live",),
    ("accounts", "add"), ("accounts", "password"), ("accounts", "list"), ("accounts", "disable"),
    ("parked", "list"), ("parked", "show"), ("parked", "retry"), ("parked", "release"), ("parked", "discard"),
    ("docs", "failures"),
    ("register-inbox",), ("worklist", "list"), ("worklist", "show"), ("worklist", "settle"), ("worklist", "resend"),
    ("keys", "list"), ("keys", "rotate"), ("keys", "retire"), ("keys", "destroy"), ("keys", "check"),
    ("docs", "matrix"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Example: " in result.output


def test_every_command_is_where_the_list_says() -> None:
    """They are imported when they are called; the help of all calls all."""
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert [name for name in Commands.places if f" {name} " not in result.output] == []


def test_the_settings_page_is_what_the_program_says() -> None:
    """Otherwise: kairan settings --markdown > docs/reference/settings.md"""
    assert (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8") == reference()


def test_settings_can_be_read_by_programs() -> None:
    result = CliRunner().invoke(app, ["settings", "--json"])
    assert json.loads(result.output)["KAIRAN_MUNICIPALITIES"] == ["142158"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KAIRAN_MUNICIPALITIES", "14215"), ("KAIRAN_POSTGRES_PORT", "x"), ("KAIRAN_EMBEDDED_BROKERS", "2")],
)
def test_nonsense_is_refused_by_the_settings_name(variable: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "status"],
        env={variable: value},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert variable in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_recipient_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "recipient", "library"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 1
    assert "KIT-RECIPIENT" in done.stderr


def test_grants_are_listed_and_shown() -> None:
    listed = json.loads(CliRunner().invoke(app, ["grants", "list", "--json"]).output)
    assert {grant["recipient"]: grant["in_force"] for grant in listed} == dict.fromkeys(declared_by_recipient(), True)
    shown = json.loads(CliRunner().invoke(app, ["grants", "show", "welfare", "--json"]).output)
    assert (shown["items"], shown["numbers"]) == ("1, 4-17, 23-25, 27-28", "none")
    assert CliRunner().invoke(app, ["grants", "show", "library"]).exit_code == 1
    assert "消除情報" in CliRunner().invoke(app, ["grants", "show", "welfare"]).output
