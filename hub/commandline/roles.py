"""Every role that a deployment has, imported at once: for the process of which they are forked (`hub.commandline.main`
imports each when it is called)."""

from consumers.service import run_recipient
from hub.commandline.main import app
from hub.ledger.checkpoints import run_checkpoints
from hub.service import run_hub
from infra.backup.service import run_archive
from infra.runtime.log import configure_logging
from infra.witness.service import run_witness
from producers.register.clock import run_clock
from producers.register.inbox.service import run_inbox
from producers.relay.service import run_relay

IMPORTED = (
    app, configure_logging,
    run_archive, run_checkpoints, run_clock, run_hub, run_inbox, run_recipient, run_relay, run_witness,
)  # fmt: skip
