"""Cases 53, 63, 67: the log of look-ups and what is found in it; nobody rewrites it, or looks past it."""

from hub.commandline.abuse.case import PLANTED_NAME, Attempt, Case, Evidence, accepted, all_refused
from hub.commandline.abuse.databases import Place, done, named
from hub.databases import ANALYSIS_DATABASE
from hub.watch.access.review import REVIEWER_ROLE
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.documents.issuing import CERTIFICATE_ROLE
from producers.register.lookup import COUNTER_ROLE
from producers.register.search import wanted
from producers.relay.access_log import ROLE as RELAY_ROLE
from topics.catalogue import ANALYSIS, AUDITOR, REGISTER

BIRTH = "1980-02-29"
EVERYBODY = (("*", BIRTH), ("合%", BIRTH), ("_＿", BIRTH), ("合", BIRTH), ("", BIRTH), (PLANTED_NAME, "1980"),
             (PLANTED_NAME, ""))  # fmt: skip
By = dict[str, dict[tuple[str, ...], tuple[str, ...]]]
"""Statements by who tries them, by kind of database."""

REWRITTEN: By = {
    REGISTER_DATABASE.kind: {
        (COUNTER_ROLE, CERTIFICATE_ROLE, REGISTER, RELAY_ROLE, AUDITOR): (
            "INSERT INTO access_log (lookup_id) VALUES (gen_random_uuid())",
            "UPDATE access_log SET operator = 'counter-2'",
            "DELETE FROM access_log",
            "TRUNCATE access_log",
        ),
        (COUNTER_ROLE, CERTIFICATE_ROLE, REGISTER, AUDITOR): (
            "INSERT INTO access_outbox (entry) VALUES ('')",
            "DELETE FROM access_outbox",
        ),
    },
    ANALYSIS_DATABASE.kind: {
        (ANALYSIS, REVIEWER_ROLE, AUDITOR): (
            "UPDATE alert SET rule = 'R1'",
            "DELETE FROM alert",
            "INSERT INTO review (alert_id) VALUES ('0')",
            "UPDATE review SET outcome = 'justified'",
            "DELETE FROM review",
            "DELETE FROM alert_view",
        ),
    },
}
UNAUDITED: By = {
    REGISTER_DATABASE.kind: {
        (COUNTER_ROLE, CERTIFICATE_ROLE): ("SELECT * FROM resident", "SELECT * FROM search_key"),
    },
    ANALYSIS_DATABASE.kind: {
        (REVIEWER_ROLE,): ("SELECT operator FROM alert", "SELECT evidence FROM alert", "SELECT * FROM alert_view"),
        (ANALYSIS, AUDITOR): ("SELECT * FROM show_alert('0', 'auditor-1')",),
    },
}
UNTOLD = "SELECT find_holder(gen_random_uuid(), 'counter-1', 'drill', 'drill', '{}'); SET CONSTRAINTS ALL IMMEDIATE"


async def _rewritten(settings: Settings) -> Attempt:
    return all_refused(*await _tried(settings, REWRITTEN))


async def _unaudited(settings: Settings) -> Attempt:
    """Who reads past the functions that log is refused; whoever asks them must tell whom the answer was about."""
    register = next(named(settings, REGISTER_DATABASE.kind))
    async with Place(settings, register, COUNTER_ROLE).opened() as connection:
        untold = await done(connection, UNTOLD)
    return all_refused(*await _tried(settings, UNAUDITED), untold)


async def _tried(settings: Settings, by_kind: By) -> list[Attempt]:
    attempts = []
    for kind, by_roles in by_kind.items():
        for role, statement in ((r, s) for roles, statements in by_roles.items() for r in roles for s in statements):
            async with Place(settings, next(named(settings, kind)), role).opened() as connection:
                attempts.append(await done(connection, statement))
    return attempts


async def _everybody(_: Settings) -> Attempt:
    """What would find anybody is refused before the register is asked."""
    return all_refused(*[_searched(name, birth) for name, birth in EVERYBODY])


def _searched(name: str, birth: str) -> Attempt:
    try:
        wanted(name, birth)
    except Refusal as refusal:
        return Attempt(refused=True, cause=refusal.code)
    return accepted()


LOOK_UPS = (
    Case(53, "a log of look-ups, an alert or a review rewritten", Evidence.SQLSTATE, _rewritten),
    Case(63, "a search by a wildcard, by one character, without a birth date", Evidence.FINDING, _everybody),
    Case(67, "a look-up past the log", Evidence.SQLSTATE, _unaudited),
)
