"""Every question of the audit finds its own fault."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from infra.check.audit.evidence import Credential, Evidence
from infra.check.audit.questions import QUESTIONS, audit
from infra.embedded.broker_properties import Node, node_properties
from topics.catalogue import Acl, desired, principals
from topics.declared import grants_in_force
from topics.drift import Departure

GRANTS = grants_in_force(date(2026, 11, 24))
WANTED = desired(GRANTS, "", 1)
NODE = Node(1, "127.0.0.1", 1, 2, 3)
DEFAULTS = {"ssl.endpoint.identification.algorithm": "https"}
SETTINGS = DEFAULTS | node_properties(NODE, (NODE,), dict.fromkeys(("data", "keystore", "truststore"), "synthetic"))
GOOD = Evidence(
    desired=WANTED,
    nodes={1: SETTINGS},
    acls=WANTED.acls,
    quotas=WANTED.quotas,
    topics=tuple(topic.name for topic in WANTED.topics),
    departures=(),
    credentials=tuple(Credential(who, 90, 80, key_is_open=False) for who in principals(GRANTS)),
    denials_kept=True,
)


def _with_rule(*rule: str) -> dict[str, Any]:
    return {"acls": (*WANTED.acls, Acl(*rule))}


def _with_setting(**settings: str) -> dict[str, Any]:
    return {"nodes": {1: SETTINGS | {name.replace("_", "."): value for name, value in settings.items()}}}


FAULTS: dict[int, dict[str, Any]] = {
    1: _with_setting(listener_security_protocol_map="CLIENT:SSL,BROKER:PLAINTEXT"),
    2: _with_setting(authorizer_class_name=""),
    3: {"too_mighty": ("hub",)},
    4: _with_rule("welfare", "READ", "TOPIC", "*"),
    5: _with_rule("welfare", "READ (PREFIXED ALLOW *)", "TOPIC", "out.w"),
    6: _with_setting(auto_create_topics_enable="true"),
    7: {"credentials": GOOD.credentials[1:-1]},
    8: _with_rule("welfare", "READ", "GROUP", "prefecture"),
    9: _with_setting(advertised_listeners="CLIENT://a:1,CONTROLLER://a:2"),
    10: _with_rule("welfare", "READ", "TOPIC", "__consumer_offsets"),
    11: {"credentials": (*GOOD.credentials, Credential("hub", 90, 1, key_is_open=False))},
    12: {"departures": (Departure("setting", "topic x: retention.ms should be 1"),)},
    13: {"denials_kept": False},
    14: {"departures": (Departure("quota", "synthetic"),)},
    15: {"quotas": GOOD.quotas[2:]},
    16: {"topics": (*GOOD.topics, "welfare.dlq")},
    17: {"open_ports": (9999,)},
    18: {"credentials": (*GOOD.credentials, Credential("hub", 90, 80, key_is_open=True))},
}


def test_a_deployment_as_declared_passes_everything() -> None:
    assert [answer.number for answer in audit(GOOD) if answer.result != "passed"] == []
    assert len(QUESTIONS) == 18


@pytest.mark.parametrize("number", sorted(QUESTIONS))
def test_each_question_finds_its_fault(number: int) -> None:
    answers = {answer.number: answer for answer in audit(replace(GOOD, **FAULTS[number]))}
    assert answers[number].result == "failed"
    assert answers[number].amiss


def test_what_cannot_be_seen_is_not_called_good() -> None:
    answers = {answer.number: answer.result for answer in audit(replace(GOOD, denials_kept=None))}
    assert answers[13] == "not seen"
