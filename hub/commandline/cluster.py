"""``kairan up | down | status``: the embedded cluster and all roles, as daemons of one state directory."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psutil
import typer

from hub.commandline.output import FAILED, AsJson, console, print_json, refusals, stoppable, undisturbed
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings

PROCESSES = "processes.json"
SERVERS = ("broker", "postgres")


def up(
    brokers: Annotated[int, typer.Option(help="embedded brokers: 1 or 3")] = 1,
) -> None:
    """Start broker, database and every role. Example: kairan up --brokers 3"""
    from hub.commandline.deployment import prepare, principal_names, role_names
    from infra.embedded.cluster import EmbeddedCluster
    from infra.embedded.supervisor import Supervisor
    from topics.catalogue import ANALYSIS

    with refusals(), stoppable():
        settings = load_settings(embedded_brokers=brokers)
        if _running(settings):
            raise Refusal("KRN-RUNNING", "it is already up; kairan status shows what runs")
        cluster = EmbeddedCluster(settings, principal_names(settings))
        supervisor = Supervisor(cluster.settings)
        names = (*role_names(settings), "register-clock", ANALYSIS)
        try:
            cluster.start()
            supervisor.import_ahead()
            asyncio.run(prepare(cluster.settings))
            supervisor.start(names)
            _remember(settings, {**cluster.named_processes(), **{r.label: r.process for r in supervisor.roles}})
        except BaseException:
            undisturbed()
            supervisor.stop()
            cluster.stop()
            raise
        supervisor.leave()
    console.print(f"up: broker {cluster.settings.kafka_bootstrap}, roles {', '.join(names)}", markup=False)


def down() -> None:
    """Stop every role, the broker and the database. Example: kairan down"""
    from infra.embedded.postgres import STOP_SIGNAL
    from infra.embedded.processes import ask, stop

    with refusals():
        settings = load_settings()
        running = _running(settings)
        for name, process in running.items():
            if not name.startswith(SERVERS):
                ask(process)
        for name, process in reversed(running.items()):
            if name == "postgres":
                stop(process, by=STOP_SIGNAL)
            else:
                stop(process)
            console.print(f"stopped {name}")
        with suppress(FileNotFoundError):
            _file(settings).unlink()


def status(
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what runs; exit 1 when something that was started does not. Example: kairan status --json"""
    with refusals():
        settings = load_settings()
        running = _running(settings)
        rows = [
            {"name": name, "running": name in running, "resident_bytes": _memory(running.get(name))}
            for name in _remembered(settings)
        ]
    if as_json:
        print_json({"processes": rows})
    else:
        for row in rows:
            console.print(f"{row['name']:<16} {'running' if row['running'] else 'stopped'}")
    if not rows or not all(row["running"] for row in rows):
        raise typer.Exit(FAILED)


def certificates(
    withdraw_expired: Annotated[  # noqa: FBT002
        bool, typer.Option("--withdraw-expired", help="issue none; take the rights of whose certificate has expired")
    ] = False,
) -> None:
    """Issue certificates and keys for servers of your own. Example: kairan certificates"""
    from hub.commandline.deployment import issue_certificates

    with refusals():
        settings = load_settings()
        if withdraw_expired:
            _withdraw_expired(settings)
            return
        issue_certificates(settings)
    console.print(f"certificates in {settings.certificates_directory}, keys in {settings.keys_directory}", markup=False)


def prepare() -> None:
    """Bring databases, topics and rights to what is declared. Example: kairan prepare"""
    from hub.commandline.deployment import prepare as bring

    with refusals():
        asyncio.run(bring(load_settings()))
    console.print("databases, topics and rights are as declared")


def _withdraw_expired(settings: Settings) -> None:
    from hub.commandline.deployment import broker
    from infra.certificates.expiry import withdraw_expired
    from topics.broker import BrokerError

    try:
        gone = withdraw_expired(
            broker(settings), settings.environment, settings.certificates_directory, datetime.now(UTC)
        )
    except BrokerError as error:
        raise Refusal("KRN-TOPICS", str(error)) from None
    for rule in gone:
        console.print(f"withdrawn: {rule.principal} {rule.operation} {rule.resource} {rule.name}", markup=False)
    console.print(f"{len(gone)} rights withdrawn" if gone else "no certificate has expired")


def _remember(settings: Settings, processes: dict[str, psutil.Process]) -> None:
    known = {name: [process.pid, process.create_time()] for name, process in processes.items()}
    _file(settings).write_text(json.dumps(known), encoding="utf-8")


def _remembered(settings: Settings) -> dict[str, list[float]]:
    try:
        known: dict[str, list[float]] = json.loads(_file(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return known


def _running(settings: Settings) -> dict[str, psutil.Process]:
    """What was started and still runs; a process id that the system has given to somebody else does not count."""
    found = {}
    for name, (pid, created) in _remembered(settings).items():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            if abs(process.create_time() - created) < 1 and process.status() != psutil.STATUS_ZOMBIE:
                found[name] = process
    return found


def _memory(process: psutil.Process | None) -> int:
    return 0 if process is None else int(process.memory_info().rss)


def _file(settings: Settings) -> Path:
    return settings.state_directory / PROCESSES
