"""What a check of the keys finds, on files as they may lie on a machine; and the commands that need no server."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.commandline.keys.show import found_now
from hub.commandline.main import app
from infra.runtime.key_faults import OVERLAP, SEAL_PERIOD, SIGN_PERIOD, KeyFault
from infra.runtime.key_ring import create_keys, create_pair, read_register, write_line
from infra.runtime.keys import destroy_secret, load_secret, store_secret
from infra.runtime.settings import Settings, environment_of, load_settings
from topics.declared import declared_grants
from topics.envelope.keys import KeyRegister, KeyState, PublicKey
from topics.envelope.suites import Algorithm
from topics.institutions import institutions

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Machine:
    """Keys as they lie on one machine, and the commands run there."""

    settings: Settings

    def register(self) -> KeyRegister:
        return read_register(self.settings.key_register_directory)

    def seal_key(self) -> PublicKey:
        line = self.register().seal_key("welfare")
        assert line is not None
        return line

    def private(self, name: str) -> Path:
        return self.settings.keys_directory / f"{name}.key"

    def codes(self) -> list[str]:
        return [fault.code for fault in found_now(self.settings)]

    def run(self, *command: str) -> tuple[int, str]:
        shell = CliRunner(env=environment_of(self.settings.model_dump()))
        result = shell.invoke(app, ["keys", *command])
        return result.exit_code, result.stdout if result.exit_code in (0, 2) else result.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    settings = load_settings(
        state_directory=tmp_path,
        keys_directory=tmp_path / "keys",
        key_encryption_file=tmp_path / "key-encryption" / "key",
        key_register_directory=tmp_path / "key-register",
    )
    create_keys(settings, [grant.recipient for grant in declared_grants()], tuple(institutions()))
    return Machine(settings)


def altered(machine: Machine, line: PublicKey, **changes: object) -> None:
    write_line(machine.settings, line.model_copy(update=changes))


def aged(machine: Machine, line: PublicKey, age: timedelta) -> None:
    altered(machine, line, since=datetime.now(UTC) - age)


def test_new_keys_are_in_order(machine: Machine) -> None:
    assert machine.codes() == []
    assert machine.run("check") == (0, "all keys are in order\n")


def test_a_principal_without_an_active_key_is_told(machine: Machine) -> None:
    altered(machine, machine.seal_key(), state=KeyState.RETIRED)
    assert machine.codes() == [KeyFault.NONE]


def test_a_private_half_open_to_others_is_told(machine: Machine) -> None:
    machine.private(machine.seal_key().key_id).chmod(0o640)
    assert machine.codes() == [KeyFault.UNREADABLE]


def test_a_private_half_that_does_not_open_is_told(machine: Machine) -> None:
    path = machine.private(machine.seal_key().key_id)
    path.write_text(bytes(40).hex(), encoding="ascii")
    assert machine.codes() == [KeyFault.UNREADABLE]


@pytest.mark.parametrize("secret", [bytes(32), bytes(5)])
def test_a_private_half_of_another_key_is_told(machine: Machine, secret: bytes) -> None:
    name = machine.seal_key().key_id
    destroy_secret(machine.settings, name)
    store_secret(machine.settings, name, secret)
    assert machine.codes() == [KeyFault.ANOTHER]


def test_a_lost_private_half_is_told_where_the_principals_others_lie(machine: Machine) -> None:
    line = machine.seal_key()
    destroy_secret(machine.settings, line.key_id)
    assert machine.codes() == [KeyFault.LOST]
    signing = machine.register().signing_key("welfare")
    assert signing is not None
    destroy_secret(machine.settings, signing.key_id)
    assert machine.codes() == []


def test_a_private_half_that_no_line_names_is_told(machine: Machine) -> None:
    line = create_pair(machine.settings, "welfare", Algorithm.X25519, datetime.now(UTC))
    (machine.settings.key_register_directory / f"{line.key_id}.json").unlink()
    assert machine.codes() == [KeyFault.STRAY]


def test_a_destroyed_half_that_came_back_is_told(machine: Machine) -> None:
    line = machine.seal_key()
    create_pair(machine.settings, "welfare", Algorithm.X25519, datetime.now(UTC))
    altered(machine, line, state=KeyState.DESTROYED)
    assert machine.codes() == [KeyFault.UNDEAD]


def test_a_signing_key_that_came_back_is_destroyed_again(machine: Machine) -> None:
    line = machine.register().signing_key("welfare")
    assert line is not None
    create_pair(machine.settings, "welfare", Algorithm.ED25519, datetime.now(UTC))
    altered(machine, line, state=KeyState.DESTROYED)
    code, told = machine.run("destroy", line.key_id, "--yes", "--json")
    assert (code, json.loads(told)["private_half_removed"], machine.codes()) == (0, True, [])


def test_an_unfinished_retirement_is_told(machine: Machine) -> None:
    line = machine.seal_key()
    create_pair(machine.settings, "welfare", Algorithm.X25519, datetime.now(UTC))
    altered(machine, line, state=KeyState.RETIRING)
    assert machine.codes() == [KeyFault.RETIRING]


@pytest.mark.parametrize(("seals", "period"), [(True, SEAL_PERIOD), (False, SIGN_PERIOD)])
def test_an_old_key_is_due(machine: Machine, seals: bool, period: timedelta) -> None:
    line = machine.register().newest("hub", seals=seals)
    assert line is not None
    aged(machine, line, period - DAY)
    assert machine.codes() == []
    aged(machine, line, period + DAY)
    assert machine.codes() == [KeyFault.DUE]
    assert machine.run("rotate", "hub", "--seal" if seals else "--sign")[0] == 0
    assert machine.codes() == []


def test_a_key_that_was_followed_long_ago_is_told(machine: Machine) -> None:
    aged(machine, machine.seal_key(), OVERLAP + 2 * DAY)
    newer = create_pair(machine.settings, "welfare", Algorithm.X25519, datetime.now(UTC))
    assert machine.codes() == []
    aged(machine, newer, OVERLAP + DAY)
    assert machine.codes() == [KeyFault.SUPERSEDED]


def test_a_key_encryption_key_open_to_others_or_lost_is_told_and_not_made_anew(machine: Machine) -> None:
    path = machine.settings.key_encryption_file
    path.chmod(0o644)
    assert machine.codes()[0] == KeyFault.ENCRYPTION
    path.unlink()
    assert machine.codes()[0] == KeyFault.ENCRYPTION
    assert machine.run("rotate", "welfare")[0] == 1
    assert not path.exists()


def test_a_check_ends_with_2_and_tells_programs(machine: Machine) -> None:
    machine.private(machine.seal_key().key_id).chmod(0o640)
    code, told = machine.run("check", "--json")
    assert (code, [fault["code"] for fault in json.loads(told)["faults"]]) == (2, ["KEY-UNREADABLE"])


def test_keys_are_listed_without_their_secrets(machine: Machine) -> None:
    listed = json.loads(machine.run("list", "--json")[1])
    assert len(listed) == 7 + 2 * (len(declared_grants()) + len(institutions()))
    assert {one["state"] for one in listed} == {"active"}
    assert all(one["private_here"] for one in listed)
    seed = load_secret(machine.settings, machine.seal_key().key_id)
    assert seed.hex() not in machine.run("list", "--json")[1]
    assert "welfare" in machine.run("list")[1]


def test_rotation_leaves_both_keys_active_and_uses_the_newer(machine: Machine) -> None:
    before = machine.seal_key()
    code, told = machine.run("rotate", "welfare", "--seal", "--algorithm", "x-wing", "--json")
    made = json.loads(told)
    assert (code, [one["algorithm"] for one in made]) == (0, ["x-wing"])
    assert machine.seal_key().key_id == made[0]["key_id"]
    assert {line.key_id for line in machine.register().active("welfare", seals=True)} == {
        before.key_id, made[0]["key_id"],
    }  # fmt: skip
    (again,) = json.loads(machine.run("rotate", "welfare", "--seal", "--json")[1])
    assert again["algorithm"] == "x-wing"
    assert machine.codes() == []


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["rotate", "library"], "KRN-KEY-PRINCIPAL"),
        (["rotate", "ledger", "--seal"], "KRN-KEY-PURPOSE"),
        (["rotate", "welfare", "--sign", "--algorithm", "x-wing"], "KRN-KEY-ALGORITHM"),
        (["retire", "?"], "KRN-KEY-UNKNOWN"),
        (["destroy", "?", "--yes"], "KRN-KEY-UNKNOWN"),
    ],
)
def test_wrong_input_is_refused_by_code(machine: Machine, command: Sequence[str], code: str) -> None:
    exit_code, told = machine.run(*command)
    assert (exit_code, told.partition(":")[0]) == (1, code)


@pytest.mark.parametrize(
    ("command", "state", "code"),
    [
        (["retire"], KeyState.DESTROYED, "KRN-KEY-RETIRED"),
        (["destroy", "--yes"], KeyState.ACTIVE, "KRN-KEY-IN-USE"),
    ],
)
def test_a_key_id_may_begin_with_a_hyphen(machine: Machine, command: Sequence[str], state: KeyState, code: str) -> None:
    while not (hyphened := [name for name in machine.register().keys if name.startswith("-")]):
        create_pair(machine.settings, "welfare", Algorithm.ED25519, datetime.now(UTC))
    altered(machine, machine.register().keys[hyphened[0]], state=state)
    assert machine.run(*command, hyphened[0])[1].startswith(code)


def test_the_only_key_is_not_retired_and_an_active_one_not_destroyed(machine: Machine) -> None:
    key = machine.seal_key().key_id
    assert machine.run("retire", key)[1].startswith("KRN-KEY-ONLY")
    assert machine.run("destroy", key, "--yes")[1].startswith("KRN-KEY-IN-USE")
    assert machine.codes() == []
