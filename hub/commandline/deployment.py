"""What a deployment consists of, put together from what the packages declare: keys, databases, topics, roles."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from confluent_kafka import KafkaException

from consumers.databases import database_of
from hub.databases import ANALYSIS_DATABASE, HUB_DATABASE
from hub.pages.databases import DESK_DATABASE
from infra.certificates.authority import issue_all
from infra.runtime.databases import Database
from infra.runtime.key_ring import create_keys
from infra.runtime.migrations import prepare_databases
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.search_keys import complete_search_keys
from topics.broker import Access, Broker, BrokerError
from topics.catalogue import (
    ADMIN,
    ANALYSIS,
    HUB,
    REGISTER,
    Acl,
    Desired,
    confirm_group,
    desired,
    group,
    inquirers,
    inquiry_group,
    national_group,
    principals,
)
from topics.declared import declared_grants, grants_in_force
from topics.drift import Departure, drift
from topics.grant import Grant
from topics.institutions import institutions, institutions_on
from topics.plan import Actual, PartitionDecreaseError, Plan, plan

DATABASE_SERVER = "postgres"


def grants_now(settings: Settings) -> tuple[Grant, ...]:
    """The grants in force today; raises `Refusal` when a declaration is not one."""
    try:
        return grants_in_force(datetime.now(UTC).date(), settings.grants_directory)
    except ValueError as error:
        raise Refusal("KRN-GRANT", str(error)) from None


def institutions_now(settings: Settings) -> tuple[str, ...]:
    """The institutions that may ask the intermediate server today."""
    return inquirers(grants_now(settings), institutions_on(datetime.now(UTC).date()))


def principal_names(settings: Settings) -> tuple[str, ...]:
    """Everybody who needs a certificate."""
    return principals(grants_now(settings), institutions_now(settings))


def keyed_parties(settings: Settings) -> list[str]:
    """Everybody beside the services who is sealed to and signs."""
    return [*(grant.recipient for grant in grants_now(settings)), *institutions_now(settings)]


def issue_certificates(settings: Settings) -> None:
    """The authority, a certificate for everybody and for the database server, and the secrets; valid ones are kept."""
    issue_all(settings.certificates_directory, (*principal_names(settings), DATABASE_SERVER))
    create_keys(settings, [grant.recipient for grant in grants_now(settings)], institutions_now(settings))


def role_names(settings: Settings) -> tuple[str, ...]:
    """The long-running processes."""
    return (
        "witness",
        "relay",
        "register-inbox",
        "hub",
        "checkpoints",
        *(("archive",) if settings.backup_directory else ()),
        *dict.fromkeys(grant.declaration for grant in grants_now(settings)),
    )


def databases(settings: Settings) -> tuple[Database, ...]:
    """All kinds of database."""
    own = (REGISTER_DATABASE, NUMBERS_DATABASE, HUB_DATABASE, ANALYSIS_DATABASE, DESK_DATABASE)
    return (*own, *(database_of(grant) for grant in grants_now(settings)))


def broker(settings: Settings) -> Broker:
    """The administrator's connection to the brokers; raises `Refusal` without a usable certificate."""
    directory = settings.certificates_directory
    try:
        return Broker(Access(settings.kafka_bootstrap, directory), settings.environment)
    except KafkaException:
        raise Refusal("KRN-CERTIFICATE", f"no usable certificate for {ADMIN} in {directory}") from None


def desired_now(settings: Settings) -> Desired:
    """What the broker must hold today."""
    return desired(grants_now(settings), settings.environment, settings.replication_factor, institutions_now(settings))


def held_now(settings: Settings) -> Actual:
    """What the broker holds; raises `Refusal`."""
    try:
        return broker(settings).read(groups_of(settings))
    except BrokerError as error:
        raise Refusal("KRN-TOPICS", str(error)) from None


@contextmanager
def lent(settings: Settings, rights: Sequence[Acl]) -> Iterator[None]:
    """Rights that are there for this block alone."""
    administrator = broker(settings)
    administrator.allow(rights)
    try:
        yield
    finally:
        administrator.withdraw(rights)


def plan_now(settings: Settings, *, prune: bool = False) -> Plan:
    """The plan from what the broker holds to what it must hold; raises `Refusal`."""
    try:
        return plan(desired_now(settings), held_now(settings), prune=prune)
    except PartitionDecreaseError as error:
        raise Refusal("KRN-TOPICS", str(error)) from None


def drift_now(settings: Settings) -> list[Departure]:
    """In what the live broker departs from the grants; raises `Refusal`."""
    return drift(desired_now(settings), held_now(settings))


def apply_topics(settings: Settings, *, prune: bool = False, approved: str | None = None) -> Plan:
    """Bring the broker to what it must hold; returns the plan that was carried out.

    With `approved`, the hash of a plan that somebody looked at, only that plan is carried out: raises `Refusal` when
    broker or grants have changed since.
    """
    pending = plan_now(settings, prune=prune)
    if approved not in (None, pending.digest()):
        raise Refusal("KRN-PLAN", "broker or grants have changed since that plan was made; plan and approve again")
    try:
        broker(settings).apply(pending)
    except (BrokerError, KafkaException) as error:
        raise Refusal("KRN-TOPICS", str(error)) from None
    return pending


async def prepare(settings: Settings) -> None:
    """Keys, databases with their migrations, topics and ACLs; a second time it changes nothing."""
    create_keys(settings, [grant.recipient for grant in grants_now(settings)], institutions_now(settings))
    await prepare_databases(settings, databases(settings))
    for municipality in settings.municipalities:
        await complete_search_keys(settings, municipality)
    apply_topics(settings)


def groups_of(settings: Settings) -> Sequence[str]:
    """Every consumer group that belongs to a declared principal."""
    recipients = (grant.recipient for grant in declared_grants(settings.grants_directory))
    members = (HUB, REGISTER, ANALYSIS, *recipients, *institutions())
    desks = [each(settings.environment) for each in (inquiry_group, national_group, confirm_group)]
    return [*(group(settings.environment, name) for name in members), *desks]
