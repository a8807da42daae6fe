"""What each recipient adds to the kit's checks."""

from typing import Any

from consumers.databases import database_of
from consumers.intermediate.apply import NO_LINK_NUMBER, SecondaryCopy
from consumers.intermediate.code_table import CodeTable
from consumers.prefecture.apply import IdentityCopy
from consumers.prefecture.registration import UPDATE_SEQUENCE
from infra.runtime.settings import load_settings
from topics.declared import declared_grants
from topics.messages.delivery import Delivery

KEY = bytes(32)


def _delivery(**changes: Any) -> Delivery:
    base = {
        "recipient": "any",
        "municipality": "142158",
        "generation": 1,
        "number": 9,
        "sequence": 4,
        "subject": "abc",
        "kind": "changed",
        "state": "active",
        "items": {},
    }
    return Delivery.model_validate({**base, **changes})


def test_an_update_sequence_must_be_the_deliverys_own() -> None:
    copy = IdentityCopy(KEY)
    assert copy.check(_delivery(items={"update_sequence": 4})) is None
    assert copy.check(_delivery(items={"update_sequence": 5})) == UPDATE_SEQUENCE


def test_a_secondary_copy_needs_a_link_number_unless_it_goes() -> None:
    copy = SecondaryCopy(CodeTable(load_settings()))
    assert copy.check(_delivery()) == NO_LINK_NUMBER
    assert copy.check(_delivery(link_number="l1")) is None
    assert copy.check(_delivery(state="absent", kind="annulled")) is None


def test_only_organisations_outside_the_cities_keep_one_database_for_all_of_them() -> None:
    names = {d.kind: d.names("t", ("142158", "142166")) for d in map(database_of, declared_grants())}
    beside = [grant.recipient for grant in declared_grants() if grant.counterparty]
    for above in ("prefecture", "jlis", "numbering", *beside):
        assert names.pop(above) == (f"t_{above}",)
    assert names == {kind: (f"t_{kind}_142158", f"t_{kind}_142166") for kind in names}
