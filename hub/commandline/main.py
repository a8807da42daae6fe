"""``kairan``: every command, each with an example; commands are imported only when they are called."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, ClassVar

import typer
from typer._click.exceptions import UsageError

from hub.commandline.late import Late
from hub.commandline.output import FAILED, quiet_libraries, refusals
from infra.runtime.service import Stop
from infra.runtime.settings import Settings, load_settings

Run = Callable[[Settings, Stop], Awaitable[None]]


class Commands(Late):
    """The commands that are not roles."""

    places: ClassVar[Mapping[str, str]] = {
        "demo": "hub.commandline.demo:demo",
        "live": "hub.commandline.live:live",
        "verify": "hub.commandline.verify:verify",
        "lag": "hub.commandline.lag:lag",
        "up": "hub.commandline.cluster:up",
        "down": "hub.commandline.cluster:down",
        "status": "hub.commandline.cluster:status",
        "certificates": "hub.commandline.cluster:certificates",
        "prepare": "hub.commandline.cluster:prepare",
        "backup": "hub.commandline.backup:backup",
        "restore": "hub.commandline.backup:restore",
        "intake": "hub.commandline.intake:intake",
        "settings": "hub.commandline.settings:settings",
        "resend": "hub.commandline.resend:resend",
        "topics": "hub.commandline.topics:topics_app",
        "grants": "hub.commandline.grants:grants_app",
        "keys": "hub.commandline.keys:keys_app",
        "counter": "hub.commandline.counter:counter_app",
        "documents": "hub.commandline.documents:documents_app",
        "ledger": "hub.commandline.ledger:ledger_app",
        "parked": "hub.commandline.parked:parked_app",
        "consistency": "hub.commandline.consistency:consistency_app",
        "drill": "hub.commandline.drill:drill_app",
        "linkage": "hub.commandline.linkage:linkage_app",
        "inquiry": "hub.commandline.inquiry:inquiry_app",
        "identity": "hub.commandline.identity:identity_app",
        "access": "hub.commandline.access:access_app",
        "protection": "hub.commandline.protection:protection_app",
        "addressee": "hub.commandline.addressee:addressee_app",
        "docs": "hub.commandline.docs:docs_app",
        "accounts": "hub.commandline.accounts:accounts_app",
        "worklist": "hub.commandline.worklist:worklist_app",
        "simulate": "hub.commandline.simulate:simulate_app",
        "notices": "hub.commandline.notices:notices_app",
        "numbers": "hub.commandline.numbers:numbers_app",
        "registration": "hub.commandline.registration:registration_app",
    }


app = typer.Typer(
    name="kairan",
    cls=Commands,
    help="Kairan (回覧) carries each change of a resident register to the offices entitled to it. Synthetic data only.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def relay() -> None:
    """Run the relay: outbox of the register → change topic. Example: kairan relay"""
    from producers.relay.service import run_relay

    _serve("relay", run_relay)


@app.command(name="register-clock")
def register_clock() -> None:
    """Run the register's clock: announced move-outs take effect on their day. Example: kairan register-clock"""
    from producers.register.clock import run_clock

    _serve("register-clock", run_clock)


@app.command(name="register-inbox")
def register_inbox() -> None:
    """Run the register's inbox: what parties sent becomes a filing or work. Example: kairan register-inbox"""
    from producers.register.inbox.service import run_inbox

    _serve("register-inbox", run_inbox)


@app.command()
def hub() -> None:
    """Run a hub worker: route, dispatch, inbox. Example: kairan hub"""
    from hub.service import run_hub

    _serve("hub", run_hub)


@app.command()
def checkpoints() -> None:
    """Run the signer of the ledger's checkpoints. Example: kairan checkpoints"""
    from hub.ledger.checkpoints import run_checkpoints

    _serve("checkpoints", run_checkpoints)


@app.command()
def analysis() -> None:
    """Run the access log's analysis: look-ups → alerts for review. Example: kairan analysis"""
    from hub.watch.access.service import run_analysis

    _serve("analysis", run_analysis)


@app.command()
def witness() -> None:
    """Run the witness: cosigns the ledger's checkpoints. Example: kairan witness"""
    from infra.witness.service import run_witness

    _serve("witness", run_witness)


@app.command()
def exporter() -> None:
    """Serve lag and backlogs as metrics for Prometheus. Example: kairan exporter"""
    from hub.commandline.lag import registers_now
    from hub.watch.exporter import run_exporter

    _serve("exporter", lambda settings, stop: run_exporter(settings, registers_now, stop))


@app.command()
def pages() -> None:
    """Serve the operations pages. Example: kairan pages"""
    from hub.commandline.lag import registers_now
    from hub.commandline.pages import preview
    from hub.pages.service import run_pages

    _serve("pages", lambda settings, stop: run_pages(settings, registers_now, preview, stop))


@app.command()
def drift() -> None:
    """Compare broker and grants every minute, for the pages; needs the administrator's rights. Example: kairan drift"""
    from hub.commandline.deployment import drift_now
    from hub.pages.comparing import keep_comparing

    _serve("drift", lambda settings, stop: keep_comparing(settings, drift_now, stop))


@app.command()
def repairs() -> None:
    """Look at what is parked, and do what people ask the pages for: retries and reviews; needs recipients' keys.

    Example: kairan repairs
    """
    from hub.commandline.grants.decision import decide_as_seen
    from hub.commandline.parked import look_at, retry_for_good
    from hub.pages.repairing import Repairs, keep_repairing

    lent = Repairs(look_at, retry_for_good, decide_as_seen)
    _serve("repairs", lambda settings, stop: keep_repairing(settings, lent, stop))


@app.command()
def archive() -> None:
    """Run the archive: seals the database's write-ahead log as it comes. Example: kairan archive"""
    from infra.backup.service import run_archive

    _serve("archive", run_archive)


@app.command()
def recipient(name: Annotated[str, typer.Argument(help="a recipient that has a grant")]) -> None:
    """Run a recipient's process. Example: kairan recipient welfare"""
    from consumers.service import run_recipient

    _serve(name, lambda settings, stop: run_recipient(settings, name, stop))


def _serve(role: str, start: Run) -> None:
    from infra.runtime.log import configure_logging
    from infra.runtime.service import serve

    with refusals():
        settings = load_settings()
        configure_logging(settings.log_level, role)
        asyncio.run(serve(lambda stop: start(settings, stop)))


def run() -> None:
    """The console script."""
    quiet_libraries()
    UsageError.exit_code = FAILED  # 2 means that a difference was found
    app()
