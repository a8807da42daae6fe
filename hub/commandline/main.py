"""``kairan``: every command, each with an example; commands import what they run only when they run."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from typer._click.exceptions import UsageError

from hub.commandline.access import access_app
from hub.commandline.accounts import accounts_app
from hub.commandline.addressee import addressee_app
from hub.commandline.backup import backup, restore
from hub.commandline.bulk import file_filings
from hub.commandline.cluster import certificates, down, prepare, status, up
from hub.commandline.consistency import consistency_app
from hub.commandline.counter import counter_app
from hub.commandline.demo import demo
from hub.commandline.docs import docs_app
from hub.commandline.documents import documents_app
from hub.commandline.drill import drill_app
from hub.commandline.grants import grants_app
from hub.commandline.identity import identity_app
from hub.commandline.inquiry import inquiry_app
from hub.commandline.intake import intake
from hub.commandline.keys import keys_app
from hub.commandline.lag import lag
from hub.commandline.ledger import ledger_app
from hub.commandline.linkage import linkage_app
from hub.commandline.live import live
from hub.commandline.notices import notices_app
from hub.commandline.numbers import numbers_app
from hub.commandline.output import FAILED, quiet_libraries, refusals
from hub.commandline.parked import parked_app
from hub.commandline.protection import protection_app
from hub.commandline.registration import registration_app
from hub.commandline.resend import resend
from hub.commandline.settings import settings
from hub.commandline.simulate import simulate_app
from hub.commandline.topics import topics_app
from hub.commandline.verify import verify
from hub.commandline.worklist import worklist_app
from infra.runtime.service import Stop
from infra.runtime.settings import Settings, load_settings

Run = Callable[[Settings, Stop], Awaitable[None]]

app = typer.Typer(
    name="kairan",
    help="Kairan (回覧) carries each change of a resident register to the offices entitled to it. Synthetic data only.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(demo)
app.command()(live)
app.command()(verify)
app.command()(lag)
app.command()(up)
app.command()(down)
app.command()(status)
app.command()(certificates)
app.command()(prepare)
app.command()(backup)
app.command()(restore)
app.command()(intake)
app.command()(settings)
app.command()(resend)
app.add_typer(topics_app, name="topics")
app.add_typer(grants_app, name="grants")
app.add_typer(keys_app, name="keys")
counter_app.command("file")(file_filings)
app.add_typer(counter_app, name="counter")
app.add_typer(documents_app, name="documents")
app.add_typer(ledger_app, name="ledger")
app.add_typer(parked_app, name="parked")
app.add_typer(consistency_app, name="consistency")
app.add_typer(drill_app, name="drill")
app.add_typer(linkage_app, name="linkage")
app.add_typer(inquiry_app, name="inquiry")
app.add_typer(identity_app, name="identity")
app.add_typer(access_app, name="access")
app.add_typer(protection_app, name="protection")
app.add_typer(addressee_app, name="addressee")
app.add_typer(docs_app, name="docs")
app.add_typer(accounts_app, name="accounts")
app.add_typer(worklist_app, name="worklist")
app.add_typer(simulate_app, name="simulate")
app.add_typer(notices_app, name="notices")
app.add_typer(numbers_app, name="numbers")
app.add_typer(registration_app, name="registration")


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
