"""A template of grants: one for each counterparty that is listed and reviewed, nothing for anybody else."""

from datetime import date
from typing import Any

import pytest
import yaml

from topics.catalogue import desired, principals
from topics.declared import SHIPPED, declared_by_recipient, grants_in_force
from topics.grant import GrantFileError, parse_grant, parse_grants
from topics.obstacles import Code, obstacles
from topics.scope import Scope

TODAY = date(2026, 11, 24)
TEXT = (SHIPPED / "move-in-notice.yaml").read_text(encoding="utf-8")
LISTED = ("132098", "271004")


def _template(**changes: Any) -> str:
    return yaml.safe_dump(yaml.safe_load(TEXT) | changes)


def _reviewed(*codes: str) -> dict[str, Any]:
    review: dict[str, Any] = yaml.safe_load(TEXT)["review"]
    return review | {"counterparties": list(codes)}


@pytest.mark.parametrize("purpose", ["move-in-notice", "move-out-certificate"])
def test_each_counterparty_is_a_recipient_of_its_own(purpose: str) -> None:
    grants = [grant for grant in grants_in_force(TODAY) if grant.declaration == purpose]
    assert [(grant.recipient, grant.counterparty) for grant in grants] == [(f"{purpose}-{c}", c) for c in LISTED]
    wanted = desired(grants, "", 1)
    for grant in grants:
        own = {(acl.operation, acl.name) for acl in wanted.acls if acl.principal == grant.recipient}
        assert own == {
            ("READ", grant.recipient),
            ("READ", f"out.{grant.recipient}.v1"),
            ("WRITE", f"in.{grant.recipient}.v1"),
        }
    assert {grant.recipient for grant in grants} <= set(principals(grants))


def test_a_counterparty_that_is_not_listed_has_no_grant() -> None:
    assert "move-in-notice-401307" not in declared_by_recipient()


def test_one_that_the_review_does_not_list_gets_nothing() -> None:
    known, added = parse_grants(_template(counterparties=["132098", "401307"], review=_reviewed("132098")), "x.yaml")
    assert obstacles(known, TODAY) == []
    assert [each.code for each in obstacles(added, TODAY)] == [Code.UNREVIEWED]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"counterparties": []}, "counterparties"),
        ({"counterparties": "132098"}, "counterparties"),
        ({"counterparties": [132098]}, "counterparties"),
        ({"counterparties": ["132098", "132098"]}, "counterparties"),
        ({"counterparties": ["132099"]}, "counterparties"),
        ({"counterparties": ["13209"]}, "counterparties"),
        ({"counterparties": ["132098"]}, "review.counterparties"),
        ({"counterparty": "132098"}, "counterparty"),
        ({"review": _reviewed("132098", "132098")}, "review.counterparties"),
        ({"population": "all"}, "counterparty"),
        ({"recipient": "a" * 26}, "recipient"),
    ],
)
def test_a_template_that_cannot_be_expanded_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(GrantFileError, match=rf"^x\.yaml: (\(root\): |grant: .*)?.*{field}"):
        parse_grants(_template(**changes), "x.yaml")


def test_a_template_is_not_one_grant() -> None:
    with pytest.raises(GrantFileError, match="counterparties"):
        parse_grant(TEXT, "x.yaml")


@pytest.mark.parametrize(
    "changes",
    [{"counterparty": None}, {"counterparty": "132099"}, {"population": "interest"}],
    ids=["none", "check digit", "another population"],
)
def test_a_population_of_a_counterparty_needs_one(changes: dict[str, Any]) -> None:
    told = declared_by_recipient()["move-in-notice-132098"].scope().model_dump()
    with pytest.raises(ValueError, match="counterparty"):
        Scope.model_validate(told | changes)


def test_only_another_municipality_sends_letters() -> None:
    told = declared_by_recipient()["prefecture"].scope().model_dump()
    with pytest.raises(ValueError, match="only another municipality"):
        Scope.model_validate(told | {"may_send": ["move-in-notice"]})


def test_another_counterparty_is_beyond_what_was_approved() -> None:
    near, far = (declared_by_recipient()[f"move-in-notice-{code}"].scope() for code in LISTED)
    assert near.beyond(far) == ["another counterparty"]
