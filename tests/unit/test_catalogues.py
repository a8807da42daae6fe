"""The catalogues are complete and the grants derive from them."""

from datetime import date

import pytest

from topics.catalogue import LEDGER, WITNESS, Acl, desired, is_ours, principals
from topics.declared import declared_by_recipient, grants_in_force

TODAY = date(2026, 11, 24)
WELFARE_MAY_SEE = {*range(1, 18), 23, 24, 25, 27, 28}


def test_welfare_gets_no_item_outside_its_permission() -> None:
    welfare = declared_by_recipient()["welfare"]
    assert set(welfare.items) <= WELFARE_MAY_SEE - {2, 3}


def test_intermediate_gets_no_identifying_number() -> None:
    intermediate = declared_by_recipient()["intermediate"]
    assert not set(intermediate.items) & {1, 2, 3, 4}


def test_recipients_read_their_own_topic_only() -> None:
    acls = desired(grants_in_force(TODAY), "", 1).acls
    welfare = {acl for acl in acls if acl.principal == "welfare"}
    assert welfare == {
        Acl("welfare", "READ", "GROUP", "welfare"),
        Acl("welfare", "READ", "TOPIC", "out.welfare.v1"),
        Acl("welfare", "WRITE", "TOPIC", "in.welfare.v1"),
    }


def test_a_grant_outside_its_dates_yields_nothing() -> None:
    assert grants_in_force(date(2035, 1, 1)) == ()


def test_ledger_and_witness_have_certificates_and_nothing_on_the_brokers() -> None:
    grants = grants_in_force(TODAY)
    wanted = desired(grants, "", 1)
    assert {LEDGER, WITNESS} < set(principals(grants))
    holders = {acl.principal for acl in wanted.acls} | {quota.principal for quota in wanted.quotas}
    assert not holders & {LEDGER, WITNESS}


@pytest.mark.parametrize("environment", ["", "t1"])
def test_every_declared_topic_is_known_for_ours_on_a_broker(environment: str) -> None:
    """Else it would be created again and again, and never be withdrawn."""
    names = [topic.name for topic in desired(grants_in_force(TODAY), environment, 1).topics]
    assert [name for name in names if not is_ours(environment, name)] == []
    assert not is_ours(environment, "another.out.welfare.v1")
