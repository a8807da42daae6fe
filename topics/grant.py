"""A grant (提供・移転の許可): the dated, reviewed declaration from which topic, ACLs and projection are derived.

Deny by default: what a grant does not list, its recipient does not get.
"""

from datetime import date
from typing import Annotated, Literal

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator

from topics.institutions import institutions
from topics.model import WireModel
from topics.scope import Scope
from topics.template import TemplateError, expanded, is_template

RecipientName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
RESERVED = frozenset(
    {
        "admin", "analysis", "auditor", "broker", "certificate", "checkpoints", "copy", "counter", "desk", "exporter",
        "hub", "kit", "ledger", "municipality", "numbers", "ops", "pages", "postgres", "prometheus", "register",
        "register-clock", "register-inbox", "relay", "reviewer", "witness",
    }
)  # fmt: skip
"""Names of the deployment's own principals, database roles, databases and folders: no recipient is called so."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Person = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
"""Who did something in the trail: an account's name, never a person's name as written."""


class Request(WireModel):
    """The request letter (依頼文書): who asked, when, and the SHA-256 of the letter examined."""

    letter_sha256: Digest
    received_on: date
    requester: Person


class Review(WireModel):
    """The decision on the request, and exactly what it approved."""

    reviewer: Person
    decided_on: date
    decision: Literal["approved", "refused"]
    scope: Scope


class Halt(WireModel):
    """Who suspended (停止) or ended (終了) the grant, when and why."""

    by: Person
    since: date
    reason: str = Field(min_length=1, max_length=200)


class Grant(Scope):
    """One recipient's grant: its scope, and the trail by which it came and goes.

    `store`: one database of the recipient for each municipality, or one for all. `generation` counts the grants that
    a recipient has had; each has a topic of its own.
    """

    recipient: RecipientName
    title: str
    synthetic: Literal[True]
    generation: int = Field(1, ge=1)
    store: Literal["municipality", "shared"] = "municipality"
    request: Request
    review: Review | None = None
    suspended: Halt | None = None
    ended: Halt | None = None

    @field_validator("recipient")
    @classmethod
    def _free(cls, value: str) -> str:
        if value in RESERVED or value in institutions():
            raise ValueError("a name of the deployment's own, or an institution's; choose another")
        return value

    @property
    def declaration(self) -> str:
        """The name of the file that declares it: the recipient's own, or the template's for each counterparty."""
        return self.recipient if self.counterparty is None else self.recipient.removesuffix(f"-{self.counterparty}")

    def scope(self) -> Scope:
        """What the grant asks for, apart from its trail."""
        return Scope.model_validate(self.model_dump(include=set(Scope.model_fields)))


class GrantFileError(ValueError):
    """A file that is not a grant; the text names file, field and rule."""


def parse_grant(text: str, source: str) -> Grant:
    """The one grant in YAML `text`; GrantFileError naming `source`, field and rule when it is not one."""
    grants = parse_grants(text, source)
    if len(grants) != 1 or grants[0].counterparty is not None:
        raise GrantFileError(f"{source}: counterparties: a template of several grants; change the file itself")
    return grants[0]


def parse_grants(text: str, source: str) -> tuple[Grant, ...]:
    """The grant in YAML `text`, or one for each counterparty of a template; GrantFileError as of `parse_grant`."""
    try:
        told = yaml.safe_load(text)
        return tuple(map(Grant.model_validate, expanded(told) if is_template(told) else [told]))
    except yaml.YAMLError:
        raise GrantFileError(f"{source}: not YAML") from None
    except ValidationError as error:
        findings = error.errors(include_input=False, include_context=False, include_url=False)
        rules = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'grant'}: {f['msg']}" for f in findings)
        raise GrantFileError(f"{source}: {rules}") from None
    except TemplateError as error:
        raise GrantFileError(f"{source}: {error}") from None
