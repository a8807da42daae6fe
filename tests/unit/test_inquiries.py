"""Who may ask for what, and what an inquiry is answered: deny by default."""

from datetime import UTC, date, datetime

import pytest
from pydantic import JsonValue, ValidationError

from consumers.intermediate.inquiries.deciding import Copy, Decision, Known, decide
from consumers.intermediate.inquiries.settling import answer
from infra.runtime.settings import Settings
from topics.catalogue import desired, inquiry_group, principals
from topics.declared import declared_by_recipient, grants_in_force
from topics.grant import RESERVED
from topics.guarded import LinkCode
from topics.inquiries import permissions, permitted_items
from topics.institutions import INTERMEDIATE, institutions, institutions_on
from topics.messages.inquiry import Answer, Inquiry

TODAY = date(2026, 11, 25)
GRANTS = grants_in_force(TODAY)
ASKING = institutions_on(TODAY)
PENSION = "pension-office"
SHOWN = datetime(2026, 5, 1, tzinfo=UTC)
ITEMS: dict[str, JsonValue] = {"name": {"text": "合成　花子"}, "address": {"text": "合成町1"}, "sex": "1"}
INQUIRY = Inquiry(
    institution=PENSION,
    municipality="142158",
    inquiry_id="0" * 32,
    purpose="pension-payment",
    code=LinkCode("a" * 26),
    items=(5, 14, 24),
)
PERMITTED = frozenset({5, 14, 24})
VENDOR_CAP = 200_000
"""Records of one transfer at which registrations of copies jammed (Aizuwakamatsu, 2023)."""


def _copy(*, published: bool = True, open: bool = True) -> Copy:  # noqa: A002
    return Copy(3, ITEMS, SHOWN, published, open)


@pytest.mark.parametrize(
    ("permitted", "known", "outcome", "code"),
    [
        (PERMITTED, Known("n", _copy()), "answered", "INQUIRY-ANSWERED"),
        (PERMITTED, None, "not-answered", "INQUIRY-CODE-NOT-VALID"),
        (PERMITTED, Known("n", None), "not-answered", "INQUIRY-NO-COPY"),
        (PERMITTED, Known("n", _copy(published=False)), "not-answered", "INQUIRY-NOT-PUBLISHED"),
        (PERMITTED, Known("n", _copy(open=False)), "not-answered", "INQUIRY-NOT-AUTOMATIC"),
        (PERMITTED, Known("n", _copy(published=False, open=False)), "not-answered", "INQUIRY-NOT-AUTOMATIC"),
        (frozenset(), Known("n", _copy()), "not-permitted", "INQUIRY-PURPOSE-NOT-DECLARED"),
        (PERMITTED - {14}, Known("n", _copy()), "not-permitted", "INQUIRY-ITEM-NOT-PERMITTED"),
    ],
)
def test_the_decision(permitted: frozenset[int], known: Known | None, outcome: str, code: str) -> None:
    decision = decide(INQUIRY, permitted, known)
    assert (decision.outcome, decision.code) == (outcome, code)
    assert (decision.copy is None) == (outcome != "answered")


def test_an_answer_has_the_items_asked_for_that_the_copy_has() -> None:
    told = answer(7, INQUIRY, Decision("answered", "INQUIRY-ANSWERED", "n", _copy()))
    assert told.items == {"name": ITEMS["name"], "address": ITEMS["address"]}
    assert (told.number, told.version, told.published_from) == (7, 3, SHOWN)


def test_what_is_not_answered_says_nothing_more() -> None:
    codes = ("INQUIRY-CODE-NOT-VALID", "INQUIRY-NOT-AUTOMATIC")
    first, second = (answer(1, INQUIRY, Decision("not-answered", code, "n")) for code in codes)
    assert first == second
    with pytest.raises(ValidationError):
        Answer.model_validate({**first.model_dump(), "version": 3})


def test_an_inquiry_is_read_as_it_was_written_and_is_never_printed() -> None:
    assert Inquiry.from_wire(INQUIRY.to_wire()) == INQUIRY
    assert "aaaa" not in repr(INQUIRY)
    with pytest.raises(ValidationError) as caught:
        Inquiry.from_wire(INQUIRY.to_wire().replace(b"a" * 26, b"9" * 26))
    assert "99999" not in str(caught.value)


@pytest.mark.parametrize("permission", permissions(), ids=lambda each: f"{each.institution}-{each.purpose}")
def test_nobody_may_ask_for_what_is_not_in_the_copy(permission: object) -> None:
    items = set(getattr(permission, "items", ()))
    assert items and items <= set(declared_by_recipient()[INTERMEDIATE].items)


@pytest.mark.parametrize(
    ("institution", "purpose", "day"),
    [
        (PENSION, "tax-assessment", TODAY),
        ("tax-office", "pension-payment", TODAY),
        (PENSION, "pension-payment", date(2026, 3, 31)),
        ("former-institute", "pension-payment", TODAY),
        ("stranger", "pension-payment", TODAY),
    ],
)
def test_what_is_not_declared_is_nothing(institution: str, purpose: str, day: date) -> None:
    assert permitted_items(institution, purpose, day) == frozenset()


def test_each_institutions_topics_have_one_writer_and_one_reader() -> None:
    rules = {(a.name, a.operation, a.principal) for a in desired(GRANTS, "", 1, ASKING).acls if a.resource == "TOPIC"}
    for key in ASKING:
        inquiry, told = f"inquiry.{key}.v1", f"answer.{key}.v1"
        assert {rule for rule in rules if rule[0] in (inquiry, told) and rule[1] != "DESCRIBE"} == {
            (inquiry, "WRITE", key),
            (inquiry, "READ", INTERMEDIATE),
            (told, "WRITE", INTERMEDIATE),
            (told, "READ", key),
        }
        assert {rule[0] for rule in rules if rule[2] == key} == {inquiry, told}


def test_without_anybody_to_answer_nobody_asks() -> None:
    others = [grant for grant in GRANTS if grant.recipient != INTERMEDIATE]
    assert desired(others, "", 1, ASKING) == desired(others, "", 1)
    assert principals(others, ASKING) == principals(others)
    assert inquiry_group("") not in {acl.name for acl in desired(others, "", 1, ASKING).acls}


def test_no_institution_is_called_as_somebody_else() -> None:
    assert not set(institutions()) & {*RESERVED, *declared_by_recipient()}


def test_a_batch_of_registrations_stays_far_below_the_cap_of_a_transfer() -> None:
    (most,) = (rule.le for rule in Settings.model_fields["consumer_batch_records"].metadata if hasattr(rule, "le"))
    assert most * 20 <= VENDOR_CAP
