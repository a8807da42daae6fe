"""The broker's edge for administration: reads what it holds, applies a plan. Uses confluent-kafka's AdminClient.

Every change is awaited, then read back until it is in effect, so that the caller may go on at once.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaError as AdminError
from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from topics.catalogue import Acl, Quota, Topic, is_ours
from topics.plan import Actual, Plan
from topics.quotas import read_quotas, set_quotas

Answer = TypeVar("Answer")

TIMEOUT_SECONDS = 20.0
REACH_SECONDS = 5.0
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.02, 0.3
"""A broker that makes topics has no time to be asked all the while."""
PROBE_TOPIC = "probe.v1"
REFUSED = (AdminError.TOPIC_AUTHORIZATION_FAILED, AdminError.CLUSTER_AUTHORIZATION_FAILED)

# The library's stubs do not know that None means "any".
EVERY_ACL = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)


class BrokerError(Exception):
    """The broker refused or did not answer an administrative call; the text names the call, not the data."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the administrator reaches the broker."""

    bootstrap: str
    certificates: Path
    principal: str = "admin"


class Broker:
    """One administrator's connection to the brokers, for one environment."""

    def __init__(self, access: Access, environment: str) -> None:
        self._access = access
        self._admin = admin_client(access)
        self._ours = partial(is_ours, environment)

    def read(self, groups: Iterable[str]) -> Actual:
        """What the broker holds: topics under our names, ACLs on them and on `groups`, and rules so broad that they
        reach them: wildcards, prefixes, and rights on the cluster itself; and all quotas."""
        self._call(lambda: self._admin.list_topics(timeout=REACH_SECONDS), "reach the brokers")
        owned = set(groups)
        topics = self._topics()
        names = owned | {topic.name for topic in topics}
        acls = [acl for acl in self._acls() if self._ours(acl.name) or _reaches(acl, names)]
        return Actual(tuple(sorted(topics)), tuple(sorted(acls)), self._quotas())

    def node_settings(self) -> dict[int, dict[str, str]]:
        """Every broker's own settings, as far as it tells them; secret and unset ones are left out."""
        nodes = self._call(lambda: self._admin.list_topics(timeout=REACH_SECONDS), "reach the brokers").brokers
        asked = {node: ConfigResource(ConfigResource.Type.BROKER, str(node)) for node in nodes}
        described = self._settle(self._admin.describe_configs(list(asked.values())))
        return {
            node: {entry.name: entry.value for entry in described[resource].values() if entry.value is not None}
            for node, resource in asked.items()
        }

    def every_topic(self) -> tuple[str, ...]:
        """The names of all topics of the cluster, ours or not."""
        return tuple(sorted(self._call(lambda: self._admin.list_topics(timeout=TIMEOUT_SECONDS), "list topics").topics))

    def every_acl(self) -> tuple[Acl, ...]:
        """All rules of the cluster, ours or not."""
        return tuple(sorted(self._acls()))

    def may_create_topics(self) -> bool:
        """Whether this administrator would be let create a topic; nothing is created."""
        probe = NewTopic(PROBE_TOPIC, 1, 1)
        try:
            self._admin.create_topics([probe], validate_only=True)[PROBE_TOPIC].result()
        except KafkaException as error:
            if error.args[0].code() in REFUSED:
                return False
            raise BrokerError(f"probe: {error.args[0].name()}") from None
        return True

    def apply(self, plan: Plan) -> None:
        """Carry out `plan`, creation before deletion; raises `BrokerError` at the first refusal."""
        if plan.create_topics:
            self._settle(self._admin.create_topics([_new_topic(topic) for topic in plan.create_topics]))
        if plan.add_partitions:
            grown = [NewPartitions(topic.name, topic.partitions) for topic in plan.add_partitions]
            self._settle(self._admin.create_partitions(grown))
        if plan.set_config:
            changed = [_configured(topic) for topic in plan.set_config]
            self._settle(self._admin.incremental_alter_configs(changed))
        self.allow(plan.create_acls)
        self.withdraw(plan.delete_acls)
        self.limit(plan.set_quotas)
        if plan.delete_topics:
            self._settle(self._admin.delete_topics(list(plan.delete_topics)))

    def allow(self, acls: Iterable[Acl]) -> None:
        """Create ACLs and wait until they are there."""
        wanted = set(acls)
        if wanted:
            self._settle(self._admin.create_acls([_binding(acl) for acl in wanted], request_timeout=TIMEOUT_SECONDS))
            self._until(lambda: wanted <= set(self._acls()), "create ACLs")

    def withdraw(self, acls: Iterable[Acl]) -> None:
        """Delete ACLs and wait until they are gone."""
        unwanted = set(acls)
        if unwanted:
            self._settle(self._admin.delete_acls([_filter(acl) for acl in unwanted], request_timeout=TIMEOUT_SECONDS))
            self._until(lambda: not unwanted.intersection(self._acls()), "delete ACLs")

    def limit(self, quotas: Sequence[Quota]) -> None:
        """Set quotas and wait until they are told back."""
        if quotas:
            self._by_hand(lambda: set_quotas(self._access.bootstrap, _context(self._access), quotas), "set quotas")
            self._until(lambda: set(quotas) <= set(self._quotas()), "set quotas")

    def _quotas(self) -> tuple[Quota, ...]:
        return self._by_hand(lambda: read_quotas(self._access.bootstrap, _context(self._access)), "read quotas")

    def _by_hand(self, call: Callable[[], Answer], what: str) -> Answer:
        try:
            return call()
        except (KafkaError, OSError) as error:
            raise BrokerError(f"{what}: {type(error).__name__}") from None

    def _topics(self) -> list[Topic]:
        metadata = self._call(lambda: self._admin.list_topics(timeout=TIMEOUT_SECONDS), "list topics").topics
        ours = {name: found for name, found in metadata.items() if self._ours(name)}
        if not ours:
            return []
        asked = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in ours]
        described = self._settle(self._admin.describe_configs(asked))
        return [_topic(name, ours[name], described[resource]) for name, resource in zip(ours, asked, strict=True)]

    def _acls(self) -> list[Acl]:
        return [_acl(found) for found in self._call(lambda: self._admin.describe_acls(EVERY_ACL).result(), "read ACLs")]

    def _settle(self, futures: Mapping[Any, Future[Any]]) -> dict[Any, Any]:
        return {key: self._call(future.result, "apply") for key, future in futures.items()}

    def _call(self, call: Callable[[], Any], what: str) -> Any:
        try:
            return call()
        except KafkaException as error:
            raise BrokerError(f"{what}: {error.args[0].name()}") from None

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline, pause = time.monotonic() + TIMEOUT_SECONDS, FIRST_POLL_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise BrokerError(f"{what}: not in effect in time")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL_SECONDS)


def admin_client(access: Access) -> AdminClient:
    """A client for administrative calls, as `access.principal`; KafkaException without a usable certificate."""
    configuration: dict[str, str | int | float | bool] = {
        "bootstrap.servers": access.bootstrap,
        "security.protocol": "SSL",
        "ssl.ca.location": str(access.certificates / "ca.crt"),
        "ssl.certificate.location": str(access.certificates / f"{access.principal}.crt"),
        "ssl.key.location": str(access.certificates / f"{access.principal}.key"),
        "client.id": f"kairan-{access.principal}",
        "log_level": 2,
    }
    return AdminClient(configuration)


def _context(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(access.certificates / "ca.crt"))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    own = access.certificates / access.principal
    context.load_cert_chain(f"{own}.crt", f"{own}.key")
    return context


def _new_topic(topic: Topic) -> NewTopic:
    return NewTopic(topic.name, topic.partitions, topic.replication_factor, config=dict(topic.config))


def _configured(topic: Topic) -> ConfigResource:
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in topic.config]
    return ConfigResource(ConfigResource.Type.TOPIC, topic.name, incremental_configs=entries)


def _topic(name: str, metadata: Any, config: Mapping[str, Any]) -> Topic:
    partitions = metadata.partitions
    copies = min((len(p.replicas) for p in partitions.values()), default=0)
    own = sorted((entry.name, entry.value) for entry in config.values() if not entry.is_default)
    return Topic(name, len(partitions), copies, tuple(own))


def _reaches(acl: Acl, names: set[str]) -> bool:
    """Whether a rule concerns one of these names: by name, by wildcard, by prefix, or by ruling the cluster."""
    if "(PREFIXED" in acl.operation:
        return any(name.startswith(acl.name) for name in names)
    return acl.name in names or acl.name == "*" or acl.resource not in ("TOPIC", "GROUP")


def _acl(binding: Any) -> Acl:
    """A foreign rule (not a literal ALLOW from any host) keeps its oddity in the operation, and so is never desired."""
    plain = (
        binding.resource_pattern_type is ResourcePatternType.LITERAL
        and binding.permission_type is AclPermissionType.ALLOW
        and binding.host == "*"
    )
    oddity = "" if plain else f" ({binding.resource_pattern_type.name} {binding.permission_type.name} {binding.host})"
    operation = binding.operation.name + oddity
    return Acl(binding.principal.removeprefix("User:"), operation, binding.restype.name, binding.name)


def _binding(acl: Acl) -> AclBinding:
    return AclBinding(*_parts(acl))


def _filter(acl: Acl) -> AclBindingFilter:
    return AclBindingFilter(*_parts(acl))


def _parts(acl: Acl) -> tuple[Any, ...]:
    operation, _, oddity = acl.operation.partition(" (")
    pattern, permission, host = oddity.removesuffix(")").split() if oddity else ("LITERAL", "ALLOW", "*")
    return (
        ResourceType[acl.resource],
        acl.name,
        ResourcePatternType[pattern],
        f"User:{acl.principal}",
        host,
        AclOperation[operation],
        AclPermissionType[permission],
    )
