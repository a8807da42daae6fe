"""Drift is told by what it means."""

from datetime import date

from topics.catalogue import Acl, Topic, desired
from topics.declared import grants_in_force
from topics.drift import drift
from topics.plan import Actual

WANTED = desired(grants_in_force(date(2026, 11, 24)), "", 1)


def test_what_is_as_declared_has_no_drift() -> None:
    assert drift(WANTED, Actual(WANTED.topics, WANTED.acls, WANTED.quotas)) == []


def test_every_departure_is_told() -> None:
    first, second, third, *rest = WANTED.topics
    changed = Topic(second.name, second.partitions + 1, 3, second.config)
    bare = Topic(third.name, third.partitions, third.replication_factor, third.config[1:])
    stray = Topic("out.stranger.v1", 1, 1)
    strange = Acl("welfare", "READ", "TOPIC", "out.prefecture.v1")
    found = drift(WANTED, Actual((changed, bare, stray, *rest), (*WANTED.acls[1:], strange), WANTED.quotas[1:]))
    assert [departure.kind for departure in found] == [
        "topic-missing", "partitions", "copies", "setting", "topic-undeclared", "right-too-many", "right-missing",
        "quota",
    ]  # fmt: skip
    assert first.name in found[0].sentence
