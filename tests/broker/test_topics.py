"""Topics and ACLs on the real broker: planned, applied, and equal afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from hub.commandline.deployment import groups_of
from infra.runtime.settings import Settings
from topics.broker import Access, Broker
from topics.catalogue import Acl, change_topic, desired
from topics.declared import declared_by_recipient, grants_in_force
from topics.plan import Actual, PartitionDecreaseError, plan

TODAY = date(2026, 11, 24)


def _broker(settings: Settings) -> tuple[Broker, Sequence[str]]:
    access = Access(settings.kafka_bootstrap, settings.certificates_directory)
    return Broker(access, settings.environment), groups_of(settings)


def test_a_second_apply_changes_nothing(settings: Settings) -> None:
    broker, groups = _broker(settings)
    wanted = desired(grants_in_force(TODAY), settings.environment, 1)
    first = plan(wanted, broker.read(groups))
    broker.apply(first)
    assert len(first.create_topics) == len(wanted.topics) > 2 * len(declared_by_recipient())
    assert plan(wanted, broker.read(groups)).is_empty


def test_a_rule_added_by_hand_is_withdrawn(settings: Settings) -> None:
    broker, groups = _broker(settings)
    wanted = desired(grants_in_force(TODAY), settings.environment, 1)
    broker.apply(plan(wanted, broker.read(groups)))
    strange = Acl("welfare", "READ", "TOPIC", change_topic(settings.environment))
    broker.allow([strange])
    drift = plan(wanted, broker.read(groups))
    assert drift.delete_acls == (strange,)
    broker.apply(drift)
    assert plan(wanted, broker.read(groups)).is_empty


@pytest.mark.parametrize(
    ("operation", "resource", "name"),
    [
        ("READ", "TOPIC", "*"),
        ("READ (PREFIXED ALLOW *)", "TOPIC", "{environment}.out."),
        ("READ (PREFIXED ALLOW *)", "GROUP", "{environment}"),
        ("ALTER", "BROKER", "kafka-cluster"),
    ],
)
def test_a_rule_so_broad_that_it_reaches_us_is_withdrawn(
    settings: Settings, operation: str, resource: str, name: str
) -> None:
    broker, groups = _broker(settings)
    wanted = desired(grants_in_force(TODAY), settings.environment, 1)
    broker.apply(plan(wanted, broker.read(groups)))
    broad = Acl("welfare", operation, resource, name.format(environment=settings.environment))
    broker.allow([broad])
    drift = plan(wanted, broker.read(groups))
    assert drift.delete_acls == (broad,)
    broker.apply(drift)
    assert plan(wanted, broker.read(groups)).is_empty


def test_a_decrease_of_partitions_is_refused() -> None:
    wanted = desired(grants_in_force(TODAY), "", 1)
    grown = tuple(replace(topic, partitions=topic.partitions + 1) for topic in wanted.topics)
    with pytest.raises(PartitionDecreaseError):
        plan(wanted, Actual(grown, ()))
