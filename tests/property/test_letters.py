"""For any legal history, another municipality is told what the verifier derives from the history, and nothing else."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import settings
from pydantic_core import to_json

from hub.router.protecting import never_protected
from hub.router.routing import Routing
from infra.check.entitlement import owed
from infra.check.projection import triggers
from infra.check.sources import Version
from tests.property.test_register_machine import Register
from tests.unit.hub.entries import routed
from tests.unit.register.counter import AWAY, NEAR, NumberedCounter
from topics.declared import declared_grants
from topics.grant import Grant
from topics.guarded import Purpose
from topics.messages.delivery import Delivery

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def _placed(grant: Grant, code: str) -> Grant:
    """The grant as for a municipality from which, and to which, people of the machine move."""
    return grant.model_copy(update={"recipient": f"{grant.declaration}-{code}", "counterparty": code})


GRANTS = {
    placed.recipient: placed
    for grant in declared_grants() if grant.counterparty is not None
    for placed in (_placed(grant, AWAY["municipality"]), _placed(grant, NEAR["municipality"]))
}  # fmt: skip


class Municipalities(Register):
    """The register's counter, and two municipalities in each of their roles."""

    def __init__(self) -> None:
        super().__init__()
        self.counter: NumberedCounter = NumberedCounter()
        self.routing = Routing("142158", b"k" * 32, lambda _, who: who, dict.fromkeys(GRANTS, 0),
                               dict.fromkeys(GRANTS, 1), numbers=self.counter.numbers)  # fmt: skip
        self.histories: dict[str, list[Version]] = {}
        self.position = 0

    def _file(self, kind: str, **items: Any) -> bool:
        filed = super()._file(kind, **items)
        if filed:
            members = [routed(entry) for entry in self.groups[-1]]
            for image, occasion in members:
                never_protected(self.routing, image.addressee_number)
                self.position += 1
                json = None if image.record is None else to_json(image.record)
                version = Version(self.position, image.history_number, image.state, json, UUID(int=self.position),
                                  occasion.kind, "11", NOW, occasion.refers_to)  # fmt: skip
                self.histories.setdefault(image.addressee_number, []).append(version)
            for grant in GRANTS.values():
                self.routing.route_group(grant, members)
        return filed

    def teardown(self) -> None:
        """Each was told of each person what is owed, in order."""
        numbers = {reference: number.reveal(Purpose.JOIN) for reference, number in self.counter.numbers.items()}
        for name, grant in GRANTS.items():
            for who, history in self.histories.items():
                told = [_said(grant, each) for each in self._deliveries(name, who)]
                assert told == [(each.state, each.triggers) for each in owed(grant, history, numbers)], name

    def _deliveries(self, name: str, who: str) -> list[Delivery]:
        mine = [r for r in self.routing.routed if (r.grant.recipient, r.addressee_number) == (name, who)]
        return [each.delivery for each in mine]


def _said(grant: Grant, delivery: Delivery) -> tuple[str, dict[str, Any]]:
    return delivery.state.value, triggers(grant, delivery.items)


TestMunicipalities = Municipalities.TestCase
TestMunicipalities.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
