"""Where protections are filed and looked at by hand; who looks leaves a row in the access log."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from infra.runtime.postgres import open_pool
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.access import Occasion, looking_up
from producers.register.databases import REGISTER_DATABASE
from producers.register.lookup import COUNTER_ROLE
from producers.register.protection.none import Declaration, declare_none
from producers.register.protection.register import protect
from producers.register.protection.steps import Protection, ProtectionFiling
from producers.register.registrar import Outcome
from topics.catalogue import REGISTER


async def file_step(settings: Settings, municipality: str, told: Mapping[str, object]) -> Outcome:
    """File one step; a second time under the same filing id it is repeated. Raises `Refusal` with the rule's code."""
    filing = _checked(ProtectionFiling, told)
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    async with await open_pool(settings, name, role=REGISTER, principal=REGISTER) as pool:
        (outcome,) = await protect(pool, municipality, [filing])
    if outcome.code is not None:
        raise Refusal(outcome.code, f"{outcome.field}: {outcome.sentence}")
    return outcome


async def tell_none(settings: Settings, municipality: str, told: Mapping[str, object]) -> int:
    """Tell of everybody of whom it is unknown that there is no protection; returns of how many. Raises `Refusal`."""
    declaration = _checked(Declaration, told)
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    async with await open_pool(settings, name, role=REGISTER, principal=REGISTER) as pool:
        return await declare_none(pool, municipality, declaration)


async def look_at(
    settings: Settings, municipality: str, occasion: Occasion, residents: Sequence[str] | None = None
) -> dict[str, Protection]:
    """The protections of these residents, or all that stand (None); the look is logged. Raises `Refusal`."""
    async with looking_up(settings, municipality, COUNTER_ROLE, occasion) as lookup:
        rows = await lookup.ask("protections", residents)
        await lookup.tell([row["addressee_number"] for row in rows])
    return {row["addressee_number"]: Protection(*tuple(row)[1:]) for row in rows}


Form = TypeVar("Form", ProtectionFiling, Declaration)


def _checked(form: type[Form], told: Mapping[str, object]) -> Form:
    """What was told as a form; raises `Refusal` that names the first field at fault."""
    try:
        return form.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise Refusal("REG-FORMAT", f"{field}: {first['msg'].removeprefix('Value error, ')}") from None
