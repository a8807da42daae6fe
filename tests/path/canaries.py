"""Residents who exist only to be looked for: their filings, and what becomes of them on the whole path."""

import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
from pydantic_core import from_json, to_json

from consumers.databases import database_of
from consumers.kit.counts import counts
from consumers.kit.outbox import enqueue, outbox_cipher
from consumers.welfare.cases import place
from infra.check.canaries import Canary, Kind
from infra.check.sources import read_sent
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.kafka import producer
from infra.runtime.keys import load_key
from infra.runtime.postgres import connect, describe
from infra.runtime.settings import Settings
from producers.register.access import Occasion
from producers.register.filings import Filing, parse_filing
from producers.register.findings import FilingRefusedError
from producers.register.lookup import find_resident
from producers.register.number_requests.listing import requests
from producers.register.registrar import Outcome, Registrar
from tests.environments import named
from tests.path.deployment import Deployment, deployed
from tests.polling import until
from tests.sealing import opened_records, sealed_as
from topics.check_digits import my_number_digit, resident_code_digit
from topics.declared import declared_by_recipient
from topics.envelope.places import change_terms, delivery_terms
from topics.envelope.run import Terms
from topics.grant import Grant
from topics.guarded import MyNumber
from topics.messages.inbound import NumberReply
from topics.partitions import partition_of

CITY, AUTHORITY = "142158", "numbering"
DAY = "2026-05-11"
ELSEWHERE = tuple({"text": "合成市本町1番1号", "municipality": code} for code in ("132098", "142166", "271004"))
"""Where the first and the third canary come from and go to: the counterparties that are declared."""
RESIDENTS, CHANGES = 30, 60
DEADLINE_SECONDS = 60.0
_until = partial(until, seconds=DEADLINE_SECONDS, otherwise="a record was not parked")
POLL_SECONDS = 0.05


def _number(body: str) -> str:
    return body + (my_number_digit(body) if len(body) == 11 else resident_code_digit(body))


VALUES: dict[Kind, tuple[str, str, str]] = {
    Kind.MY_NUMBER: (_number("73019285466"), _number("64820917353"), _number("58201936477")),
    Kind.RESIDENT_CODE: (_number("6190283745"), _number("7302918465"), _number("8412067359")),
    Kind.NAME: ("鸑鷟院　𠮷之丞", "QWYXANDER ZOLTANKAI", "鵼野　麒麟彦"),
    Kind.READING: ("がくさくいん　きちのじょう", "くぃざんだー　ぞるたんかい", "ぬえの　きりんひこ"),
    Kind.ADDRESS: ("海老名市合成一番町907番61号", "海老名市合成二番町908番62号", "海老名市合成三番町909番63号"),
    Kind.DOMICILE: ("合成国架空郡鸑鷟村1番地", "合成国架空郡鳳凰村2番地", "合成国架空郡麒麟村3番地"),
    Kind.RESIDENCE_CARD: ("ZQ90817263YX", "XV71829304WU", "TS62930415RQ"),
}


def planted_values() -> list[Canary]:
    """The canaries that are known before the register gives its own numbers."""
    return [Canary(kind, n, value) for kind, values in VALUES.items() for n, value in enumerate(values, start=1)]


@dataclass(slots=True)
class Haunted:
    """A deployment through which the canaries have gone; `said` is what programs answered, `first_log` where the
    write-ahead log stood before.
    """

    deployment: Deployment
    first_log: str
    canaries: list[Canary] = field(default_factory=planted_values)
    said: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        return self.deployment.settings


async def haunt(cluster: EmbeddedCluster, environment: str) -> Haunted:
    """Let the canaries be filed, refused, parked, and let roles be killed meanwhile."""
    deployment = await deployed(named(cluster, environment))
    haunted = Haunted(deployment, await _standing_of_log(cluster.settings))
    await deployment.load(RESIDENTS)
    async with Registrar.open(deployment.settings, CITY) as registrar:
        await _file(haunted, registrar)
        await _refuse(haunted, registrar)
    await deployment.settle()
    await deployment.live(CHANGES, lambda: _kill(deployment, ("hub", "welfare", "prefecture")))
    await deployment.settle()
    await _fail_in_the_database(haunted)
    await _park(haunted)
    return haunted


async def _standing_of_log(settings: Settings) -> str:
    server = await connect(settings, "postgres", role="admin", principal="admin")
    try:
        return str(await server.fetchval("SELECT pg_walfile_name(pg_current_wal_lsn())"))
    finally:
        await server.close()


async def _file(haunted: Haunted, registrar: Registrar) -> None:
    """One moved in and corrected, one from abroad and numbered later, one provisional and then confirmed; two go."""
    provisional = _move_in(2, provisional=True)
    entered = await registrar.register([_move_in(0), _from_abroad(1), provisional])
    entered[2:] = await registrar.confirm([provisional.filing_id])
    residents = [outcome.residents[0] for outcome in entered]
    later = [
        _filing("number-entry", resident=residents[1], resident_code=VALUES[Kind.RESIDENT_CODE][1]),
        _filing("ex-officio-correction", resident=residents[0], registered_domicile=VALUES[Kind.DOMICILE][1]),
        *(_filing("move-out-announced", residents=[residents[n]], to=ELSEWHERE[n]) for n in (0, 2)),
    ]
    outcomes = [*entered, *await registrar.register(later)]
    assert [outcome.result for outcome in outcomes] == ["registered"] * 7
    for n, outcome in enumerate(entered, start=1):
        haunted.canaries.append(Canary(Kind.ADDRESSEE_NUMBER, n, outcome.residents[0]))
        haunted.canaries.append(Canary(Kind.HOUSEHOLD_NUMBER, n, outcome.household_number or ""))
    await haunted.deployment.settle()
    await _reply(haunted, residents[1])
    await place(haunted.settings, CITY, residents)
    number, case = MyNumber(VALUES[Kind.MY_NUMBER][0]), Occasion("synthetic-1", "a filing at the counter", "case-1")
    assert await find_resident(haunted.settings, CITY, number, case) == residents[0]


async def _reply(haunted: Haunted, resident: str) -> None:
    """Who has a code and no number is asked for; the number comes back by the way of all replies."""
    settings = haunted.settings
    (asked,) = await read_sent(settings, CITY, AUTHORITY, resident)
    told = {"generation": asked.generation, "answers": asked.number, "my_number": VALUES[Kind.MY_NUMBER][1]}
    name = database_of(declared_by_recipient()[AUTHORITY]).name(settings.environment, CITY)
    connection = await connect(settings, name, role=AUTHORITY, principal=AUTHORITY)
    try:
        async with connection.transaction():
            draft = partial(NumberReply, party=AUTHORITY, municipality=CITY, **told)
            await enqueue(connection, CITY, [draft], outbox_cipher(load_key(settings, AUTHORITY)))
    finally:
        await connection.close()
    await haunted.deployment.settle()
    assert await requests(settings, CITY) == []


async def _refuse(haunted: Haunted, registrar: Registrar) -> None:
    """What the rules refuse, and what is not even a filing."""
    known = haunted.canaries[-2].value
    twice = _filing("number-entry", resident=known, my_number=VALUES[Kind.MY_NUMBER][0])
    again = twice.model_copy(update={"my_number": MyNumber(VALUES[Kind.MY_NUMBER][1])})
    outcomes = [*await registrar.register([twice]), *await registrar.register([again])]
    outcomes += await registrar.register([_filing("death", resident=known, changed_on="2099-01-01")])
    haunted.said += [_refused(outcome) for outcome in outcomes if outcome.result == "refused"]
    haunted.said += [_malformed(text) for text in _malformed_filings(known)]
    assert len(haunted.said) >= 10


def _refused(outcome: Outcome) -> str:
    return f"{outcome.code} {outcome.field} {outcome.sentence}"


def _malformed_filings(known: str) -> list[bytes]:
    """Canaries where they do not belong: in every field, as a field's name, as the kind, as no filing at all."""
    told: dict[str, Any] = {**_common(), "kind": "number-entry", "resident": known}
    number, name, address = (VALUES[kind][0] for kind in (Kind.MY_NUMBER, Kind.NAME, Kind.ADDRESS))
    return [
        to_json(told | {"my_number": number[:-1] + str((int(number[-1]) + 1) % 10)} | {"operator": name}),
        to_json(told | {"resident": "1234567890", "operator": number}),
        to_json(told | {"my_number": f"{number[:4]} {number[4:8]} {number[8:]}"}),
        to_json(told | {"my_number": {number: name}}),
        to_json(told | {"filing_id": number}),
        to_json(told | {"filed_on": number}),
        to_json(told | {"kind": name}),
        to_json(told | {"kind": number}),
        to_json(told | {number: 1}),
        to_json(told | {name: address}),
        to_json([name]),
        to_json(name),
        f'{{"kind": "{name}'.encode(),
    ]


def _malformed(text: bytes) -> str:
    try:
        parse_filing(text)
    except FilingRefusedError as refusal:
        return "".join(traceback.format_exception(refusal))
    raise AssertionError("a malformed filing was taken")


async def _kill(deployment: Deployment, names: Sequence[str]) -> None:
    for role in [role for role in deployment.supervisor.roles if role.name in names]:
        deployment.supervisor.kill(role)
        deployment.supervisor.start_one(role.name)


async def _fail_in_the_database(haunted: Haunted) -> None:
    """Statements that PostgreSQL refuses for the very values they bring."""
    name, number = VALUES[Kind.NAME][0], VALUES[Kind.MY_NUMBER][0]
    async with _welfare(haunted.settings) as connection:
        row = await connection.fetchrow("SELECT municipality, addressee_number, items::text FROM person LIMIT 1")
        assert row is not None
        attempts: list[tuple[str, tuple[object, ...]]] = [
            ("INSERT INTO person SELECT $1, 'other', 1, 'active', $2::jsonb", (row[0], row[2])),
            ("INSERT INTO interest VALUES ($1, $2)", (row[0], row[1])),
            ("INSERT INTO person VALUES ($1, $2, 1, $2, '{}')", (CITY, name)),
            (f"INSERT INTO person VALUES ('{name}', '{number}', 1, '{number}', '{{}}')", ()),
            ("INSERT INTO person VALUES ($1, $2, 1, 'active', NULL)", (number, name)),
        ]
        for statement, values in attempts:
            haunted.said.append(await _database_error(connection, statement, values))


async def _database_error(connection: asyncpg.Connection, statement: str, values: tuple[object, ...]) -> str:
    try:
        await connection.execute(statement, *values)
    except asyncpg.IntegrityConstraintViolationError as error:
        return describe(error)
    raise AssertionError("the database took what it must refuse")


async def _park(haunted: Haunted) -> None:
    """Records that cannot be read or stored, each holding what is permitted on its topic."""
    settings = haunted.settings
    name, number = VALUES[Kind.NAME][0].encode(), VALUES[Kind.MY_NUMBER][0].encode()
    before = {recipient: (await counts(settings, recipient)).parked for recipient in ("prefecture", "welfare")}
    await _send(settings, change_terms(settings.environment, CITY), b"\xff" + name, "synthetic", 1)
    await _send(settings, _out(settings, "prefecture"), name + b" " + number, "synthetic", 1)
    double = _double_of_a_person(settings, haunted.canaries[-2].value)
    await _send(settings, _out(settings, "welfare"), to_json(double), double["subject"], double["number"])
    for recipient, parked in before.items():
        await _until(partial(_has_parked, settings, recipient, parked + 1))
    await _until(partial(_hub_has_parked, settings))


def _double_of_a_person(settings: Settings, addressee_number: str) -> dict[str, Any]:
    """A delivery of somebody known under another pseudonym: the copy's own uniqueness refuses it."""
    last = _deliveries(settings, "welfare")[-1]["number"]
    original = next(d for d in _deliveries(settings, "welfare") if _is_of(d, addressee_number))
    return original | {"subject": "synthetic-double", "number": last + 1, "sequence": 1}


def _is_of(delivery: dict[str, Any], addressee_number: str) -> bool:
    return bool(delivery["items"].get("addressee_number") == addressee_number)


def _deliveries(settings: Settings, recipient: str) -> list[dict[str, Any]]:
    return [from_json(content) for content in opened_records(settings, _out(settings, recipient))]


def _out(settings: Settings, recipient: str) -> Terms:
    return delivery_terms(settings.environment, grant_of(recipient), CITY)


def grant_of(recipient: str) -> Grant:
    """The recipient's grant."""
    return declared_by_recipient()[recipient]


async def _send(settings: Settings, terms: Terms, content: bytes, key: str, number: int) -> None:
    value = sealed_as(settings, terms, key, number, content)
    async with producer(settings, terms.sender) as writer:
        await writer.send_and_wait(terms.topic, value, key=key.encode(), partition=partition_of(CITY))


async def _has_parked(settings: Settings, recipient: str, count: int) -> bool:
    return (await counts(settings, recipient)).parked >= count


async def _hub_has_parked(settings: Settings) -> bool:
    connection = await connect(settings, f"{settings.environment}_hub_{CITY}", role="admin", principal="admin")
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM parked"))
    finally:
        await connection.close()


@asynccontextmanager
async def _welfare(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    name = database_of(grant_of("welfare")).name(settings.environment, CITY)
    connection = await connect(settings, name, role="welfare", principal="welfare")
    try:
        yield connection
    finally:
        await connection.close()


def _common() -> dict[str, Any]:
    return {"filing_id": str(uuid4()), "operator": "synthetic-1", "filed_on": DAY, "changed_on": DAY}


def _filing(kind: str, **items: Any) -> Filing:
    return parse_filing(to_json({**_common(), "kind": kind, **items}))


def _move_in(index: int, **items: Any) -> Filing:
    native = {"registered_domicile": VALUES[Kind.DOMICILE][index], "domicile_head": VALUES[Kind.NAME][index]}
    person = _person(index) | _numbers(index) | native
    return _filing("move-in-domestic", origin=ELSEWHERE[index], address=_address(index), persons=[person], **items)


def _from_abroad(index: int) -> Filing:
    status = {
        "since": DAY,
        "nationality": "合成国",
        "article_30_45_class": "1",
        "residence_card_number": VALUES[Kind.RESIDENCE_CARD][index],
    }
    person = _person(index) | {"resident_class": "foreign", "foreign": status}
    return _filing("move-in-abroad", origin={"text": "合成国"}, address=_address(index), persons=[person])


def _person(index: int) -> dict[str, Any]:
    return {
        "name": {"text": VALUES[Kind.NAME][index], "kana": VALUES[Kind.READING][index]},
        "birth_date": "1980-02-29",
        "sex": "1",
        "relationship": "世帯主",
    }


def _numbers(index: int) -> dict[str, str]:
    return {"my_number": VALUES[Kind.MY_NUMBER][index], "resident_code": VALUES[Kind.RESIDENT_CODE][index]}


def _address(index: int) -> dict[str, str]:
    return {"text": VALUES[Kind.ADDRESS][index], "municipality": CITY, "postal_code": "2430432", "town_code": "00001"}
