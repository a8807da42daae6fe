"""Every alert rule: it reads metrics that there are, fires when it must, and is silent when all is well.

The expressions are evaluated by tests/unit/watch/expressions.py; where Prometheus' own promtool is installed, it checks
the file as well.
"""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from hub.watch.exporter import page
from hub.watch.latest import Latest
from hub.watch.metrics import FAILURES, FAMILIES
from hub.watch.survey import Survey
from tests.unit.watch.expressions import Moment, firing, selectors
from tests.unit.watch.surveys import LEDGER, NOW, OWED, reading, survey

INFRA = Path(__file__).parents[3] / "infra"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load((INFRA / "prometheus/alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
NAMES = {family.name + ("_total" if family.kind == "counter" else "") for family in FAMILIES} | {f"{FAILURES}_total"}
OLD = NOW.timestamp() - 700.0
STANDING = (reading(0, latest=50), reading(20, latest=50))

AMISS: dict[str, Survey] = {
    "KairanAcknowledgementLate": survey(owed=(replace(OWED, oldest_seconds=601.0),)),
    "KairanAcknowledgementSoonLate": survey(owed=(replace(OWED, oldest_seconds=301.0),)),
    "KairanUnreadTooOld": survey(reading(latest=41, oldest=OLD)),
    "KairanReaderStopped": survey(reading(members=0)),
    "KairanReaderStalled": survey(*STANDING),
    "KairanReaderRewound": survey(reading(committed=40), reading(1, committed=7)),
    "KairanWatchBlind": survey(reading(members=None)),
    "KairanWatchStale": replace(survey(), taken_at=NOW.replace(hour=8)),
    "KairanOutboxWaits": survey(register=(40, 3)),
    "KairanUndecided": survey(register=(44, 0)),
    "KairanUnreadable": survey(ledger=replace(LEDGER, parked=1)),
    "KairanLedgerUnwitnessed": survey(ledger=replace(LEDGER, size=5000)),
}


def _moment(seen: Survey | None, at: float) -> Moment:
    metrics = [family.metric(seen) for family in FAMILIES] if seen else []
    return Moment([sample for metric in metrics for sample in metric.samples], at)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_reads_metrics_that_there_are(name: str) -> None:
    read = selectors(RULES[name]["expr"])
    assert read
    assert set(read) <= NAMES


@pytest.mark.parametrize("name", sorted(RULES))
def test_no_rule_fires_when_all_is_well(name: str) -> None:
    assert firing(RULES[name]["expr"], _moment(survey(), NOW.timestamp() + 5)) == []


@pytest.mark.parametrize("name", sorted(AMISS))
def test_a_rule_fires_for_what_it_is_there_for(name: str) -> None:
    assert len(firing(RULES[name]["expr"], _moment(AMISS[name], NOW.timestamp() + 5))) == 1


def test_nobody_watching_is_told() -> None:
    assert firing(RULES["KairanWatchAbsent"]["expr"], _moment(None, NOW.timestamp())) == [{}]
    assert set(RULES) == {*AMISS, "KairanWatchAbsent"}


def test_promtool_accepts_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool on this machine; the rules' expressions are evaluated by the tests above")
    assert subprocess.run([promtool, "check", "rules", INFRA / "prometheus/alerts.yaml"], check=False).returncode == 0


def test_the_dashboard_shows_metrics_that_there_are() -> None:
    dashboard = json.loads((INFRA / "grafana/kairan.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(shown) >= 8
    read = {name for expression in shown for name in selectors(expression) if name.startswith(("kafka_", "kairan_"))}
    assert read <= NAMES


def test_the_exporters_page_is_read_by_prometheus_own_parser() -> None:
    seen = survey(*STANDING)
    told = page(Latest(replace(seen, taken_at=_now()), failures=3)).decode()
    families = {family.name: family for family in text_string_to_metric_families(told)}
    assert set(families) == {family.name for family in FAMILIES} | {FAILURES}
    (lag,) = families["kafka_consumergroup_group_lag"].samples
    assert (lag.value, lag.labels["topic"]) == (10.0, "out.welfare.v1")
    (failed,) = (each for each in families[FAILURES].samples if each.name.endswith("_total"))
    assert failed.value == 3.0


def test_old_figures_are_not_told_as_new_ones() -> None:
    families = {family.name for family in text_string_to_metric_families(page(Latest(survey())).decode())}
    assert families == {FAILURES}


def _now() -> Any:
    return NOW.now(NOW.tzinfo)
