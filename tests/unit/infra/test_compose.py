"""The compose file is what the one source of settings says, and a deployment's roles are all let in."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from hub.commandline.deployment import databases
from infra.compose import render
from infra.embedded.broker_properties import common_properties
from infra.runtime.settings import load_settings
from topics.declared import declared_grants

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("docker-compose.yml", render.compose()),
        ("infra/compose/pg_hba.conf", render.access_rules()),
        ("infra/compose/pg_ident.conf", render.identities(declared_grants())),
    ],
)
def test_the_committed_files_are_what_is_rendered(file: str, text: str) -> None:
    """Otherwise: make compose"""
    assert (ROOT / file).read_text(encoding="utf-8") == text


def test_every_broker_has_every_setting() -> None:
    services = yaml.safe_load(render.compose())["services"]
    for number in (1, 2, 3):
        environment = services[f"kafka-{number}"]["environment"]
        for name, value in common_properties(3).items():
            variable = "KAFKA_" + name.replace(".", "_").upper()
            assert environment[variable].replace("$$", "$") == value


def test_no_container_sees_a_foreign_key() -> None:
    own = {
        **{f"kafka-{number}": {"ca.crt", "broker.pem"} for number in (1, 2, 3)},
        "postgres": {"ca.crt", "postgres.crt", "postgres.key"},
        "prometheus": {"ca.crt", "prometheus.crt", "prometheus.key"},
        "grafana": set(),
    }
    services = yaml.safe_load(render.compose())["services"]
    assert {
        name: {volume.split(":")[0].rpartition("/")[2] for volume in service["volumes"] if "certificates" in volume}
        for name, service in services.items()
    } == own


def test_every_mounted_file_of_ours_is_there() -> None:
    services = yaml.safe_load(render.compose())["services"]
    mounted = {v.split(":")[0] for service in services.values() for v in service["volumes"] if v.startswith("./infra")}
    assert [file for file in sorted(mounted) if not (ROOT / file).is_file()] == []


def test_every_database_role_has_a_certificate() -> None:
    roles = {role for database in databases(load_settings()) for role in database.roles} | {"admin"}
    assert {role for allowed in render.roles(declared_grants()).values() for role in allowed} == roles


def test_the_docker_client_accepts_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker client with compose on this machine")
    told = {**os.environ, "KAIRAN_GRAFANA_PASSWORD": "synthetic"}
    done = subprocess.run(
        [docker, "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, check=False, env=told
    )
    assert done.returncode == 0
