"""Identity confirmation: what a query and an answer may hold, and who may write and read them."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from consumers.jlis.tier.confirming import FIELDS
from topics.catalogue import Acl, desired
from topics.declared import grants_in_force
from topics.guarded import ResidentCode
from topics.items.identity import IDENTITY_FILE
from topics.messages.confirmation import Confirmation, FourItems, Query

GRANTS = grants_in_force(date(2026, 11, 25))
CODE = "24727059608"
HANAKO = FourItems(name="合成　花子", address="合成町1", birth_date="1980-02-29", sex="2")
QUERY = {"municipality": "142158", "inquiry_id": "0" * 32, "operator": "counter-1", "purpose": "move-in"}
ANSWER = {"municipality": "142158", "number": 1, "inquiry_id": "0" * 32}


@pytest.mark.parametrize("who", [{"code": ResidentCode(CODE)}, {"person": HANAKO}])
def test_a_query_travels_as_it_was_asked_and_does_not_show_who_is_asked_for(who: dict[str, Any]) -> None:
    query = Query(**QUERY, **who)
    assert Query.from_wire(query.to_wire()) == query
    assert CODE not in repr(query) and "花子" not in repr(query)


@pytest.mark.parametrize(
    "amiss",
    [
        {},
        {"code": ResidentCode(CODE), "person": HANAKO},
        {"person": HANAKO, "purpose": ""},
        {"person": HANAKO, "purpose": f"for {CODE}"},
        {"person": HANAKO, "operator": ""},
    ],
)
def test_a_query_has_one_way_a_purpose_and_an_operator(amiss: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Query(**{**QUERY, **amiss})
    assert CODE not in str(caught.value) and "花子" not in str(caught.value)


@pytest.mark.parametrize(("outcome", "items"), [("none", {"name": "合成"}), ("several", {}), ("confirmed", None)])
def test_items_are_told_of_exactly_one_person(outcome: str, items: dict[str, str] | None) -> None:
    with pytest.raises(ValidationError):
        Confirmation(**ANSWER, outcome=outcome, items=items)


def test_no_number_and_no_operator_is_ever_answered() -> None:
    assert set(IDENTITY_FILE.fields((1, 13, 24, 26, 27, 28))).isdisjoint(FIELDS)


def test_the_office_asks_and_the_national_role_answers_and_nobody_else_is_there() -> None:
    asks, answers = "confirm.ask.v1", "confirm.answer.v1"
    rights = {acl for acl in desired(GRANTS, "", 1).acls if acl.name in (asks, answers) and acl.operation != "DESCRIBE"}
    assert rights == {
        Acl("register", "WRITE", "TOPIC", asks),
        Acl("jlis", "READ", "TOPIC", asks),
        Acl("jlis", "WRITE", "TOPIC", answers),
        Acl("register", "READ", "TOPIC", answers),
    }
