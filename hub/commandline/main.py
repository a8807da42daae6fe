"""``kairan``: every command, each with an example; commands import what they run only when they run."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from typer._click.exceptions import UsageError

from hub.commandline.access import access_app
from hub.commandline.cluster import certificates, down, prepare, status, up
from hub.commandline.counter import counter_app
from hub.commandline.demo import demo
from hub.commandline.docs import docs_app
from hub.commandline.documents import documents_app
from hub.commandline.drill import drill_app
from hub.commandline.grants import grants_app
from hub.commandline.intake import intake
from hub.commandline.keys import keys_app
from hub.commandline.ledger import ledger_app
from hub.commandline.linkage import linkage_app
from hub.commandline.output import FAILED, quiet_libraries, refusals
from hub.commandline.settings import settings
from hub.commandline.simulate import simulate
from hub.commandline.topics import topics_app
from hub.commandline.verify import verify
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
app.command()(simulate)
app.command()(verify)
app.command()(up)
app.command()(down)
app.command()(status)
app.command()(certificates)
app.command()(prepare)
app.command()(intake)
app.command()(settings)
app.add_typer(topics_app, name="topics")
app.add_typer(grants_app, name="grants")
app.add_typer(keys_app, name="keys")
app.add_typer(counter_app, name="counter")
app.add_typer(documents_app, name="documents")
app.add_typer(ledger_app, name="ledger")
app.add_typer(drill_app, name="drill")
app.add_typer(linkage_app, name="linkage")
app.add_typer(access_app, name="access")
app.add_typer(docs_app, name="docs")


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
def recipient(name: Annotated[str, typer.Argument(help="a recipient that has a grant")]) -> None:
    """Run a recipient's process. Example: kairan recipient welfare"""
    from consumers.service import run_recipient

    _serve(name, lambda settings, stop: run_recipient(settings, name, stop))


def _named(name: str) -> None:
    @app.command(name=name, help=f"Run the recipient {name}. Example: kairan {name}")
    def _run() -> None:
        recipient(name)


for _name in ("prefecture", "welfare", "intermediate"):
    _named(_name)


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
