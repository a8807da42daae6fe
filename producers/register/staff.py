"""The city's list of staff (職員): whose an account is, and when it is on duty; taken over as a whole."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from topics.items.resident import Serial
from topics.messages.access import Account
from topics.model import WireModel

_SQL = load_queries("producers.register", "staff.sql")


class Member(WireModel):
    """One account: its holder among the residents, if living here; first and last day on duty; days of leave."""

    account: Account
    addressee_number: Serial | None = None
    since: date
    until: date | None = None
    leave: tuple[date, ...] = ()


_LIST: TypeAdapter[list[Member]] = TypeAdapter(list[Member])


def read_staff(path: Path) -> list[Member]:
    """The list in a YAML file; raises `Refusal` that names the line and field, never what stands there."""
    try:
        return _LIST.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = "/".join(str(part) for part in found["loc"] if isinstance(part, int) or part in Member.model_fields)
        raise Refusal("KRN-STAFF", f"staff {place}: {found['type']}; see docs/how-to/access.md") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Refusal("KRN-STAFF", "the list of staff is no YAML file in UTF-8") from None


async def save_staff(settings: Settings, municipality: str, members: Sequence[Member]) -> None:
    """Put the list in the place of the one before; look-ups that were told already stay as they were told."""
    leave = [(member.account, day) for member in members for day in dict.fromkeys(member.leave)]
    async with register_connection(settings, municipality) as connection, connection.transaction():
        await connection.execute(_SQL["clear"])
        rows = [(one.account, one.addressee_number, one.since, one.until) for one in members]
        await connection.executemany(_SQL["save"], rows)
        await connection.executemany(_SQL["save_leave"], leave)
