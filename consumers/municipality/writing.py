"""What a simulated municipality is told to do: answer certificates by itself, or write a letter now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consumers.kit.connection import recipient_connection
from consumers.kit.outbox import enqueue
from consumers.municipality.letters import Letter, Writer
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant

_SQL = load_queries("consumers.municipality", "queries.sql")


@dataclass(frozen=True, slots=True)
class Answer:
    """What its move-in notices say: since when, noticed when, and where its residents live."""

    moved_in_on: date
    noticed_on: date
    address: str


async def answer_certificates(settings: Settings, party: str, municipality: str, answer: Answer | None) -> None:
    """Answer every certificate of `municipality` from now on so, or none any more; raises `Refusal`."""
    async with recipient_connection(settings, _grant(settings, party), municipality) as connection:
        if answer is None:
            await connection.execute(_SQL["stop_answering"], municipality)
        else:
            told = (answer.moved_in_on, answer.noticed_on, answer.address)
            await connection.execute(_SQL["answer"], municipality, *told)


async def write(settings: Settings, party: str, municipality: str, letter: Letter, contents: Sequence[bytes]) -> None:
    """Write letters, one for each content, in one transaction; its running process sends them. Raises `Refusal`."""
    writer = Writer(settings, party)
    drafts = [writer.draft(letter, municipality, content) for content in contents]
    async with (
        recipient_connection(settings, _grant(settings, party), municipality) as connection,
        connection.transaction(),
    ):
        await enqueue(connection, municipality, drafts)


def _grant(settings: Settings, party: str) -> Grant:
    grant = declared_by_recipient(settings.grants_directory).get(party)
    if grant is None or grant.counterparty is None:
        raise Refusal("MUNICIPALITY-UNKNOWN", f"{party}: no grant declares this municipality; kairan grants list")
    return grant
