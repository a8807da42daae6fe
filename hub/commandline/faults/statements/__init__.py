"""What the statements of the ``.sql`` files do, written a second time for the store in memory.

``tests/broker/test_store_behaviour.py`` runs both on the same arguments and compares what they answer.
"""

from hub.commandline.faults.statements.aside import aside
from hub.commandline.faults.statements.copies import codes, interests, intermediate, prefecture, welfare
from hub.commandline.faults.statements.forwarding import forwarding
from hub.commandline.faults.statements.hub import hub
from hub.commandline.faults.statements.inquiries import inquiries
from hub.commandline.faults.statements.kit import kit
from hub.commandline.faults.statements.ledger import ledger
from hub.commandline.faults.statements.protection import protection
from hub.commandline.faults.statements.returns import returns
from hub.commandline.faults.statements.table import Known
from hub.commandline.faults.statements.windows import windows

__all__ = [
    "KNOWN", "PARTS", "aside", "codes", "forwarding", "hub", "inquiries", "interests", "intermediate", "kit", "ledger",
    "prefecture", "protection", "returns", "welfare", "windows",
]  # fmt: skip

PARTS = (
    hub, ledger, windows, returns, protection, kit, aside, interests, prefecture, welfare, intermediate, codes,
    inquiries, forwarding,
)  # fmt: skip
KNOWN = Known(*PARTS)
