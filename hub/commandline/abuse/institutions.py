"""Cases 74-75: an institution at another's questions, answers and codes (符号); the records of what was provided."""

from hub.commandline.abuse.case import Attempt, Case, Evidence, all_refused
from hub.commandline.abuse.databases import Place, done, named
from hub.commandline.abuse.rights import out_of, reads, writes
from hub.commandline.deployment import institutions_now
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import AUDITOR, answer_topic, change_topic, inquiry_topic
from topics.institutions import INTERMEDIATE

NEEDED = 2
JOINING = (
    "SELECT code FROM link_code",
    "SELECT count(*) FROM link_code AS one JOIN link_code AS other USING (code)",
    "SELECT link_number FROM provision",
    "SELECT message FROM answer_outbox",
)
"""What would join two institutions' codes, or a person and what was provided of her, read by the auditor."""
REWRITING = (
    "UPDATE link_code SET link_number = 'another'",
    "UPDATE link_code SET institution = 'another'",
    "DELETE FROM link_code",
    "UPDATE provision SET outcome = 'not-answered'",
    "DELETE FROM provision",
    "TRUNCATE provision",
    "DELETE FROM registration",
)
"""What would give a code to somebody else, or undo a record, by the very role that makes them."""


async def _others_topics(settings: Settings) -> Attempt:
    """An institution neither asks as another nor hears what it is answered; nor does it reach what answers it."""
    institutions = institutions_now(settings)
    if len(institutions) < NEEDED:
        raise Refusal("DRILL-INSTITUTIONS", "two institutions must be in force: one tries, at the other's things")
    one, other = institutions[:NEEDED]
    environment = settings.environment
    return all_refused(
        await writes(settings, one, inquiry_topic(environment, other)),
        await reads(settings, one, answer_topic(environment, other)),
        await reads(settings, one, inquiry_topic(environment, one)),
        await writes(settings, one, answer_topic(environment, one)),
        await reads(settings, one, out_of(settings, INTERMEDIATE)),
        await reads(settings, one, change_topic(environment)),
    )


async def _tables(settings: Settings) -> Attempt:
    name = next(named(settings, INTERMEDIATE))
    attempts: list[Attempt] = []
    for role, statements in ((AUDITOR, JOINING), (INTERMEDIATE, REWRITING)):
        async with Place(settings, name, role).opened() as connection:
            attempts += [await done(connection, statement) for statement in statements]
    return all_refused(*attempts)


INSTITUTIONS = (
    Case(74, "an institution asks as another, or reads its answers", Evidence.AUTHORIZER, _others_topics),
    Case(75, "institutions' codes are joined, or the record of answers undone", Evidence.SQLSTATE, _tables),
)
