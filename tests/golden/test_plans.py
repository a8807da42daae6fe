"""Plans, one file for each case: what is desired, what the broker holds, and the plan between them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from topics.catalogue import Acl, Desired, Quota, Topic
from topics.plan import Actual, PartitionDecreaseError, plan

CASES = sorted((Path(__file__).parent / "plans").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_plan_is_as_written(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    desired, actual = Desired(*_read(case.get("desired"))), Actual(*_read(case.get("actual")))
    if case.get("refused"):
        with pytest.raises(PartitionDecreaseError):
            plan(desired, actual)
        return
    made = plan(desired, actual, prune=case.get("prune", False))
    assert list(made.lines()) == case.get("plan", [])
    assert list(made.unknown_topics) == case.get("left_alone", [])
    assert made.digest() == plan(desired, actual, prune=case.get("prune", False)).digest()


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


def _read(given: dict[str, Any] | None) -> tuple[tuple[Topic, ...], tuple[Acl, ...], tuple[Quota, ...]]:
    told = given or {}
    topics = (
        Topic(t["name"], t["partitions"], 1, tuple(sorted(t.get("config", {}).items()))) for t in told.get("topics", ())
    )
    quotas = (Quota(q["principal"], tuple(sorted(q["limits"].items()))) for q in told.get("quotas", ()))
    return tuple(topics), tuple(Acl(*acl) for acl in told.get("acls", ())), tuple(quotas)
