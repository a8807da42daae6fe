"""Cases 55, 56, 59, 60, 64: who gets in at the operations pages, as whom, and by whose will."""

from hashlib import sha256
from http import HTTPStatus

from hub.commandline.abuse.case import NOT_REFUSED, Attempt, Case, Evidence, all_refused
from hub.commandline.abuse.databases import Place, done
from hub.commandline.abuse.rights import intruder
from hub.commandline.abuse.visitors import (
    HOME,
    SQL,
    UNKNOWN,
    Visited,
    all_forms,
    answered,
    entitled,
    name_of,
    own_grants,
    visited,
    word_of,
)
from hub.pages.accounts import Role, as_administrator
from hub.pages.application import COOKIE
from hub.pages.databases import DESK_DATABASE
from hub.pages.forms import WORD
from hub.pages.throttle import FREE_FAILURES
from hub.pages.views import pages
from infra.runtime.settings import Settings
from topics.catalogue import DESK
from topics.declared import declared_by_recipient
from topics.grant_files import declared_path, requested_path, write_grant
from topics.obstacles import Code
from topics.trail import fingerprint

ENDED = "/login?ended"
MADE_UP = "x" * 43
FOREIGN = {"origin": "https://elsewhere.test"}
NOTHING = {"nothing": "told"}
STRANGE = {"content-type": "text/plain"}
SPOOFED = {"x-forwarded-for": "203.0.113.7", "forwarded": "for=203.0.113.7", "host": "elsewhere.test"}
HERE = "127.0.0.1"
ESCALATIONS = (
    "UPDATE account SET role = 'auditor'",
    "INSERT INTO account (name, role, password) VALUES ('drill-9', 'auditor', '$argon2id$')",
    "UPDATE session SET account = 'drill-auditor'",
    "UPDATE account SET password = '$argon2id$', disabled_at = NULL",
)


async def _without_session(settings: Settings) -> Attempt:
    """None, one that is made up, and one that ended: by idling, by its age, by log-out with a page kept behind."""
    async with visited(settings) as visit:
        stranger = await visit.browser(cookies={COOKIE: MADE_UP})
        nobody = [answered(await stranger.get(page.path), HTTPStatus.SEE_OTHER, to=ENDED) for page in pages()]
        renewing = answered(await stranger.get("/way/live"), HTTPStatus.UNAUTHORIZED)
        idle = await _aged(visit, settings.pages_idle_seconds + 1, 0)
        old = await _aged(visit, 0, settings.pages_session_seconds + 1)
        return all_refused(*nobody, renewing, idle, old, await _logged_out(visit))


async def _aged(visit: Visited, idle_seconds: float, age_seconds: float) -> Attempt:
    client = await visit.logged_in(Role.VIEWER)
    entitled(await client.get(HOME))
    async with as_administrator(visit.settings) as connection:
        await connection.execute(SQL["age_sessions"], name_of(Role.VIEWER), idle_seconds, age_seconds)
    return answered(await client.get(HOME), HTTPStatus.SEE_OTHER, to=ENDED)


async def _logged_out(visit: Visited) -> Attempt:
    client = await visit.logged_in(Role.VIEWER)
    token, page = client.cookies[COOKIE], await client.get(HOME)
    entitled(page)
    await client.post("/logout", data={WORD: await word_of(client)})
    thief = await visit.browser(cookies={COOKIE: token})
    kept = page.headers["cache-control"] != "no-store"
    return all_refused(
        answered(await thief.get(HOME), HTTPStatus.SEE_OTHER, to=ENDED),
        Attempt(not kept, f"{NOT_REFUSED}: the browser keeps the page" if kept else "the browser keeps no page"),
    )


async def _forged(settings: Settings) -> Attempt:
    """Every form without the session's word, with another session's, from another site, and as what is no form."""
    async with visited(settings) as visit:
        client, other = await visit.logged_in(Role.AUDITOR), await visit.logged_in(Role.AUDITOR)
        own, others = await word_of(client), await word_of(other)
        attempts = [answered(await client.post("/login", data=NOTHING, headers=FOREIGN), HTTPStatus.FORBIDDEN)]
        for path in ("/logout", *(path for _, path in all_forms())):
            for data, headers in ((NOTHING, {}), ({WORD: others}, {}), ({WORD: own}, FOREIGN)):
                attempts.append(answered(await client.post(path, data=data, headers=headers), HTTPStatus.FORBIDDEN))
            plain = await client.post(path, content=f"{WORD}={own}", headers=STRANGE)
            attempts.append(answered(plain, HTTPStatus.UNSUPPORTED_MEDIA_TYPE))
        entitled(await client.get(HOME))
        return all_refused(*attempts, await _strict(visit))


async def _strict(visit: Visited) -> Attempt:
    """Other sites' forms go without the cookie."""
    answer = await visit.log_in(await visit.browser(), Role.AUDITOR, await visit.account(Role.AUDITOR))
    strict = "SameSite=strict" in answer.headers["set-cookie"]
    return Attempt(strict, "SameSite=strict" if strict else f"{NOT_REFUSED}: the cookie goes along from elsewhere")


async def _escalated(settings: Settings) -> Attempt:
    """A viewer asks what others may, and says to be somebody else; a hole in the pages gives itself a role."""
    async with visited(settings) as visit:
        client = await visit.logged_in(Role.VIEWER)
        told = {WORD: await word_of(client), "role": Role.AUDITOR.value, "operator": name_of(Role.AUDITOR)}
        attempts = [answered(await client.post(path, data=told), HTTPStatus.FORBIDDEN) for _, path in all_forms()]
        closed = [page.path for page in pages() if Role.VIEWER not in page.roles]
        attempts += [answered(await client.get(path), HTTPStatus.FORBIDDEN) for path in closed]
    attempts.append(await _own_request(settings))
    name = DESK_DATABASE.name(settings.environment, settings.municipalities[0])
    async with Place(settings, name, DESK).opened() as connection:
        return all_refused(*attempts, *[await done(connection, statement) for statement in ESCALATIONS])


async def _own_request(settings: Settings) -> Attempt:
    """A reviewer approves what the same account has asked for, and says that somebody else does."""
    with own_grants(settings) as grants:
        declared = declared_by_recipient(grants)[intruder(settings)]
        request = declared.request.model_copy(update={"requester": name_of(Role.REVIEWER)})
        asked = declared.model_copy(update={"request": request, "review": None})
        path = requested_path(grants, asked.recipient)
        write_grant(path, asked, layout=declared_path(grants, asked.recipient))
        async with visited(settings, grants_directory=grants) as visit:
            client = await visit.logged_in(Role.REVIEWER)
            told = {"request": fingerprint(asked), "decision": "approved", "reviewer": name_of(Role.AUDITOR)}
            answer = await client.post("/requests/decide", data={WORD: await word_of(client), **told})
    if Code.OWN_REVIEW not in answer.text:
        return Attempt(refused=False, cause=f"{NOT_REFUSED} for being the requester's own")
    return answered(answer, HTTPStatus.BAD_REQUEST)


async def _guessed(settings: Settings) -> Attempt:
    """A password tried again and again, a name looked for, a session planted before log-in, one kept after another's
    end."""
    async with visited(settings) as visit:
        planted = await visit.browser(cookies={COOKIE: MADE_UP})
        await visit.log_in(planted, Role.OPERATOR, await visit.account(Role.OPERATOR))
        thief = await visit.browser(cookies={COOKIE: MADE_UP})
        fixed = answered(await thief.get(HOME), HTTPStatus.SEE_OTHER, to=ENDED)
        second = await visit.logged_in(Role.OPERATOR)
        entitled(await planted.get(HOME))
        await planted.post("/logout", data={WORD: await word_of(planted)})
        entitled(await second.get(HOME))
        ended = answered(await planted.get(HOME), HTTPStatus.SEE_OTHER, to=ENDED)
        return all_refused(fixed, ended, await _enumerated(visit), await _forced(visit, {}))


async def _enumerated(visit: Visited) -> Attempt:
    client = await visit.browser()
    wrong = await visit.log_in(client, Role.VIEWER, MADE_UP)
    unknown = await client.post("/login", data={"name": UNKNOWN, "password": MADE_UP})
    if (wrong.status_code, wrong.text) != (unknown.status_code, unknown.text):
        return Attempt(refused=False, cause=f"{NOT_REFUSED}: an account is told from none")
    return answered(unknown, HTTPStatus.UNAUTHORIZED)


async def _forced(visit: Visited, headers: dict[str, str]) -> Attempt:
    """After some failures even the right password waits, wherever the attempts say that they come from."""
    client, right = await visit.browser(headers=headers), await visit.account(Role.REVIEWER)
    for _ in range(FREE_FAILURES + 1):
        await visit.log_in(client, Role.REVIEWER, MADE_UP)
    return answered(await visit.log_in(client, Role.REVIEWER, right), HTTPStatus.TOO_MANY_REQUESTS)


async def _spoofed(settings: Settings) -> Attempt:
    """Headers that tell another address or site change neither who is counted, nor what is kept, nor where one is led;
    what is typed as a name reaches no log."""
    async with visited(settings) as visit:
        forced = await _forced(visit, SPOOFED)
        typed = sha256(name_of(Role.REVIEWER).encode()).digest()
        async with as_administrator(settings) as connection:
            kept = {row["address"] for row in await connection.fetch(SQL["addresses"], typed)}
        client = await visit.browser(headers=SPOOFED)
        led = answered(await client.get(HOME), HTTPStatus.SEE_OTHER, to=ENDED)
        said = repr([dict(line) for line in visit.lines])
    told = kept != {HERE} or any(value in said for value in (*SPOOFED.values(), "drill-"))
    return all_refused(
        forced, led, Attempt(not told, f"{NOT_REFUSED}: a log repeats it" if told else "no log repeats it")
    )


SESSIONS = (
    Case(55, "a page without a session, or with one that ended", Evidence.PAGES, _without_session),
    Case(56, "a form of somebody else's making, for every form", Evidence.PAGES, _forged),
    Case(59, "a role taken by saying so, a request approved by its own account", Evidence.PAGES, _escalated),
    Case(60, "log-in by force, names found out, sessions planted", Evidence.PAGES, _guessed),
    Case(64, "an address or a site told by headers", Evidence.PAGES, _spoofed),
)
