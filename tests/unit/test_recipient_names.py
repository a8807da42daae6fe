"""Recipients are told apart by what is declared, and never mistaken for a part of the deployment."""

import pytest

from consumers.databases import SHARED_FOLDERS, database_of, recipient_folders
from consumers.service import COPIES
from hub.commandline.deployment import DATABASE_SERVER, databases, role_names
from infra.runtime.settings import load_settings
from topics.catalogue import SERVICE_PRINCIPALS
from topics.declared import declared_by_recipient
from topics.grant import RESERVED, Grant

GRANTS = declared_by_recipient()
SETTINGS = load_settings()


def _called(name: str) -> Grant:
    return Grant.model_validate(GRANTS["welfare"].model_dump() | {"recipient": name})


def test_every_name_of_the_deployments_own_is_reserved() -> None:
    ours = [database for database in databases(SETTINGS) if database.kind not in GRANTS]
    roles = {role for database in ours for role in database.roles if "_" not in role}
    own = {*SERVICE_PRINCIPALS, DATABASE_SERVER, *SHARED_FOLDERS, *roles, *(database.kind for database in ours)}
    assert own | set(role_names(SETTINGS)) - {grant.declaration for grant in GRANTS.values()} <= RESERVED


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_no_recipient_is_called_as_a_part_of_the_deployment(name: str) -> None:
    with pytest.raises(ValueError, match="a name of the deployment's own"):
        _called(name)


def test_a_folder_for_each_copy_of_its_own_kind_and_a_plain_copy_for_everybody_else() -> None:
    assert set(COPIES) == recipient_folders()
    own, plain = (database_of(_called(name)).migrations for name in ("welfare", "library"))
    assert (own[-1], plain[-1]) == ("consumers.welfare.migrations", "consumers.copy.migrations")
