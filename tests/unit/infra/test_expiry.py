"""Who has lost the right to talk: by the certificates alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.certificates.authority import create_authority, issue
from infra.certificates.expiry import expired, expiries, rules_of
from topics.catalogue import Acl

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_certificate_has_expired_from_its_last_moment_on() -> None:
    until = {"early": NOW - timedelta(seconds=1), "now": NOW, "late": NOW + timedelta(seconds=1)}
    assert expired(until, NOW) == {"early", "now"}
    assert expired({}, NOW) == frozenset()


def test_expiry_is_read_by_the_name_in_the_certificate_and_the_later_one_counts(tmp_path: Path) -> None:
    authority = create_authority()
    issue(tmp_path, authority, "welfare", lifetime=timedelta(minutes=-1))
    (tmp_path / "welfare.crt").rename(tmp_path / "before.crt")
    assert expired(expiries(tmp_path), datetime.now(UTC)) == {"welfare"}
    issue(tmp_path, authority, "welfare")
    assert expired(expiries(tmp_path), datetime.now(UTC)) == frozenset()


def test_only_the_rules_of_the_expired_go() -> None:
    theirs, others = Acl("welfare", "READ", "TOPIC", "a"), Acl("hub", "READ", "TOPIC", "a")
    assert rules_of(frozenset({"welfare"}), [theirs, others]) == (theirs,)
