"""Link codes lie in the linkage role's own table and nowhere else: not on a topic, in a log, or in another table."""

import asyncpg
import pytest

from hub.commandline.deployment import grants_now
from infra.check.artefacts import Artefact, log_artefacts, table_artefacts, topic_artefacts
from infra.check.canaries import Canary, Kind, Scan
from infra.runtime.databases import database_name
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment
from tests.sealing import opened_records
from topics.envelope.places import change_terms, delivery_terms

CITY = "142158"
CODES = 20
HOME = "link_code"


@pytest.fixture
async def scan(lived: Deployment) -> Scan:
    """For some persons' codes of all institutions."""
    name = database_name("intermediate", lived.settings.environment, CITY)
    connection: asyncpg.Connection = await connect(lived.settings, name, role="admin", principal="admin")
    try:
        rows = await connection.fetch("SELECT code FROM link_code ORDER BY link_number, institution LIMIT $1", CODES)
    finally:
        await connection.close()
    assert len(rows) == CODES
    return Scan(Canary(Kind.LINK_CODE, n, row["code"]) for n, row in enumerate(rows))


async def test_no_code_is_anywhere_but_in_its_table(lived: Deployment, scan: Scan) -> None:
    settings = lived.settings
    tables = [artefact async for artefact in table_artefacts(settings, grants_now(settings))]
    elsewhere = [artefact for artefact in tables if not artefact.name.endswith(f".{HOME}")]
    artefacts = [*topic_artefacts(settings), *_contents(settings), *log_artefacts(settings.state_directory), *elsewhere]
    assert [leak for artefact in artefacts for leak in artefact.leaks(scan)] == []
    (home,) = (artefact for artefact in tables if artefact.name.endswith(f".{HOME}"))
    assert {leak.ordinal for leak in home.leaks(scan)} == set(range(CODES))


def _contents(settings: Settings) -> list[Artefact]:
    """What every recipient finds in its records."""
    terms = [delivery_terms(settings.environment, grant, CITY) for grant in grants_now(settings)]
    terms.append(change_terms(settings.environment, CITY))
    return [Artefact(place.topic, content) for place in terms for content in opened_records(settings, place)]
