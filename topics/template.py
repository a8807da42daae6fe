"""A grant as a template (相手方ごとの許可): one declaration, and one grant for each counterparty that it lists.

Each counterparty is a recipient of its own: name, topic, principal, group and keys. One that the review does not list
has no review, and so gets nothing.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from topics.check_digits import is_municipality_code

Told = Mapping[str, Any]
LISTED = "counterparties"
_CODES = TypeAdapter(tuple[str, ...])


class TemplateError(ValueError):
    """A template that cannot be expanded; the text names field and rule."""


def is_template(told: object) -> bool:
    """Whether a declaration lists counterparties."""
    return isinstance(told, Mapping) and LISTED in told


def expanded(template: Told) -> list[dict[str, Any]]:
    """The declarations, one for each counterparty in the order listed; raises `TemplateError`."""
    codes = _codes(template[LISTED], LISTED)
    approved = _approved(template.get("review"))
    beyond = sorted(set(approved) - set(codes))
    if beyond:
        raise TemplateError(f"review.{LISTED}: {', '.join(beyond)} is not listed; take it out of both or of neither")
    if "counterparty" in template:
        raise TemplateError("counterparty: is given by the list; take it out")
    return [_of(template, code, is_approved=code in approved) for code in codes]


def _of(template: Told, code: str, *, is_approved: bool) -> dict[str, Any]:
    own = {name: value for name, value in template.items() if name not in (LISTED, "review")}
    review = {"review": _review(template["review"], code)} if is_approved else {}
    named = {
        name: f"{own[name]}{between}{code}" for name, between in (("recipient", "-"), ("title", " ")) if name in own
    }
    return {**own, **named, **review, "counterparty": code}


def _review(review: Told, code: str) -> dict[str, Any]:
    scope = review.get("scope")
    told = {**scope, "counterparty": code} if isinstance(scope, Mapping) else scope
    return {name: value for name, value in review.items() if name != LISTED} | {"scope": told}


def _approved(review: object) -> tuple[str, ...]:
    return _codes(review.get(LISTED, ()), f"review.{LISTED}") if isinstance(review, Mapping) else ()


def _codes(told: object, field: str) -> tuple[str, ...]:
    try:
        codes = _CODES.validate_python(told)
    except ValidationError:
        raise TemplateError(f"{field}: a list of municipality codes, each in quotation marks") from None
    if not all(map(is_municipality_code, codes)):
        raise TemplateError(f"{field}: a municipality code has six digits, the last a check digit")
    if len(set(codes)) != len(codes):
        raise TemplateError(f"{field}: a counterparty stands twice")
    if not codes and field == LISTED:
        raise TemplateError(f"{field}: list at least one")
    return codes
