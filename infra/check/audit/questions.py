"""The eighteen questions. Each answers with what is amiss, in words; nothing amiss is a pass. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from infra.check.audit.evidence import Evidence
from topics.catalogue import DESK, LEDGER, PROMETHEUS, RETENTION_REASON, WITNESS

STRONG = frozenset({"TLSv1.2", "TLSv1.3"})
AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
LONGEST_LIFE_DAYS = 92
RENEW_DAYS = 7
LARGEST_SKEW_SECONDS = 2.0
SET_ASIDE = ("dlq", "dead", "retry", "parked")

Question = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's answer: passed, failed with what is amiss, or not seen from here."""

    number: int
    title: str
    result: Literal["passed", "failed", "not seen"]
    amiss: tuple[str, ...] = ()


def audit(evidence: Evidence) -> list[Answer]:
    """All answers, in order."""
    return [_answer(number, title, question, evidence) for number, (title, question) in QUESTIONS.items()]


def _answer(number: int, title: str, question: Question, evidence: Evidence) -> Answer:
    if number == DENIALS and evidence.denials_kept is None:
        return Answer(number, title, "not seen", ("the brokers' authorizer log is not within reach from here",))
    amiss = tuple(question(evidence))
    return Answer(number, title, "failed" if amiss else "passed", amiss)


def _encrypted(evidence: Evidence) -> Iterator[str]:
    for node, settings in evidence.nodes.items():
        protocols = {pair.rpartition(":")[2] for pair in settings.get("listener.security.protocol.map", "").split(",")}
        if protocols != {"SSL"}:
            yield f"broker {node} has a listener without TLS"
        if not set(settings.get("ssl.enabled.protocols", "").split(",")) <= STRONG:
            yield f"broker {node} speaks TLS older than 1.2"
        if settings.get("ssl.endpoint.identification.algorithm") != "https":
            yield f"broker {node} does not check host names"
        if settings.get("ssl.client.auth") != "required":
            yield f"broker {node} does not ask for client certificates"


def _authorized(evidence: Evidence) -> Iterator[str]:
    for node, settings in evidence.nodes.items():
        if settings.get("authorizer.class.name") != AUTHORIZER:
            yield f"broker {node} has no authorizer, or another"


def _few_super_users(evidence: Evidence) -> Iterator[str]:
    yield from (f"{who} may do what only an administrator may" for who in evidence.too_mighty)


def _no_broad_rules(evidence: Evidence) -> Iterator[str]:
    for acl in evidence.acls:
        if acl.principal == "*" or acl.name == "*" or acl.operation.startswith("ALL"):
            yield f"a rule for {acl.principal} on {acl.resource.lower()} {acl.name} is too broad"
        elif acl.resource in ("BROKER", "CLUSTER") and acl.principal not in evidence.administrators:
            yield f"{acl.principal} has a right on the cluster itself"


def _prefixes_end(evidence: Evidence) -> Iterator[str]:
    for acl in evidence.acls:
        if "(PREFIXED" in acl.operation and not acl.name.endswith("."):
            yield f"the prefix {acl.name} of {acl.principal} does not end in a separator"


def _nothing_by_itself(evidence: Evidence) -> Iterator[str]:
    for node, settings in evidence.nodes.items():
        if settings.get("auto.create.topics.enable") != "false":
            yield f"broker {node} makes topics by itself"


def _one_principal_each(evidence: Evidence) -> Iterator[str]:
    known = {credential.principal for credential in evidence.credentials}
    holders = {acl.principal for acl in evidence.desired.acls}
    yield from (f"{who} has rights and no certificate" for who in sorted(_ours(evidence) - known))
    lent = evidence.administrators | {"auditor", "postgres", LEDGER, WITNESS, PROMETHEUS, DESK}
    yield from (f"{who} has a certificate and no rights" for who in sorted(known - holders - lent))


def _ours(evidence: Evidence) -> set[str]:
    """Principals of rules on what we declare."""
    names = {topic.name for topic in evidence.desired.topics} | {acl.name for acl in evidence.desired.acls}
    return {acl.principal for acl in evidence.acls if acl.name in names and acl.principal != "*"}


def _groups_have_owners(evidence: Evidence) -> Iterator[str]:
    owners = {(acl.name, acl.principal) for acl in evidence.desired.acls if acl.resource == "GROUP"}
    groups = {name for name, _ in owners}
    for acl in evidence.acls:
        if acl.resource == "GROUP" and acl.name in groups and (acl.name, acl.principal) not in owners:
            yield f"{acl.principal} can move the offsets of group {acl.name}"


def _controllers_apart(evidence: Evidence) -> Iterator[str]:
    for node, settings in evidence.nodes.items():
        controllers = set(settings.get("controller.listener.names", "").split(","))
        told = {part.partition(":")[0] for part in settings.get("advertised.listeners", "").split(",")}
        if controllers & told or settings.get("inter.broker.listener.name") in controllers:
            yield f"broker {node} shows its controller listener to clients"


def _internal_unreadable(evidence: Evidence) -> Iterator[str]:
    for acl in evidence.acls:
        if acl.resource == "TOPIC" and acl.name.startswith("__"):
            yield f"{acl.principal} has a right on {acl.name}"


def _credentials_fresh(evidence: Evidence) -> Iterator[str]:
    for credential in evidence.credentials:
        if credential.lifetime_days > LONGEST_LIFE_DAYS:
            yield f"the certificate of {credential.principal} lasts {credential.lifetime_days} days"
        if credential.days_left < RENEW_DAYS:
            yield f"the certificate of {credential.principal} has {credential.days_left} days left"


def _retention_reasoned(evidence: Evidence) -> Iterator[str]:
    if not RETENTION_REASON:
        yield "no reason is stated for the retention"
    for topic in evidence.desired.topics:
        if int(dict(topic.config).get("retention.ms", "-1")) <= 0:
            yield f"topic {topic.name} keeps personal data for ever"
    yield from (each.sentence for each in evidence.departures if "retention" in each.sentence)


def _denials_and_clock(evidence: Evidence) -> Iterator[str]:
    if not evidence.denials_kept:
        yield "refusals are not logged"
    if abs(evidence.clock_seconds) > LARGEST_SKEW_SECONDS:
        yield f"clocks differ by {evidence.clock_seconds:.1f} s"


def _as_declared(evidence: Evidence) -> Iterator[str]:
    yield from (departure.sentence for departure in evidence.departures)


def _quotas_for_all(evidence: Evidence) -> Iterator[str]:
    limited = {quota.principal for quota in evidence.quotas}
    yield from (f"{who} has no quota" for who in sorted({acl.principal for acl in evidence.desired.acls} - limited))


def _set_aside_guarded(evidence: Evidence) -> Iterator[str]:
    """What cannot be delivered is kept in the databases, sealed; a topic for it would need rules as strict as ours."""
    for topic in evidence.topics:
        if any(word in topic.lower() for word in SET_ASIDE) and topic not in {t.name for t in evidence.desired.topics}:
            yield f"topic {topic} looks like a dead-letter topic that nobody declares"


def _no_management_port(evidence: Evidence) -> Iterator[str]:
    yield from (f"port {port} answers on a broker's machine" for port in evidence.open_ports)


def _break_glass_sealed(evidence: Evidence) -> Iterator[str]:
    for credential in evidence.credentials:
        if credential.key_is_open:
            yield f"others than its owner can read the key of {credential.principal}"


DENIALS = 13
QUESTIONS: dict[int, tuple[str, Question]] = {
    1: ("every listener by TLS with client certificates, host names checked", _encrypted),
    2: ("an authorizer that refuses what no rule allows", _authorized),
    3: ("no service is a super user", _few_super_users),
    4: ("no rule for everybody, everything or the cluster", _no_broad_rules),
    5: ("prefixes end in a separator", _prefixes_end),
    6: ("no topic makes itself", _nothing_by_itself),
    7: ("one principal for each application, no orphans", _one_principal_each),
    8: ("groups belong to their owner", _groups_have_owners),
    9: ("the controller listener is apart", _controllers_apart),
    10: ("internal topics are nobody's", _internal_unreadable),
    11: ("credentials are young and renewed in time", _credentials_fresh),
    12: ("retention is bounded and has a reason", _retention_reasoned),
    13: ("refusals are logged, clocks agree", _denials_and_clock),
    14: ("the broker is as declared", _as_declared),
    15: ("every client has a quota", _quotas_for_all),
    16: ("dead letters are guarded as their source", _set_aside_guarded),
    17: ("no management port is open", _no_management_port),
    18: ("private keys, the administrator's above all, are their owner's only", _break_glass_sealed),
}
