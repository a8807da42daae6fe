"""The broker's settings: one source for the embedded cluster and for docker-compose.yml."""

from collections.abc import Mapping
from dataclasses import dataclass

PRINCIPAL_RULE = "RULE:^CN=([a-z0-9-]{1,40}),OU=kairan,O=Kairan Synthetic City$/$1/"
"""One anchored rule and no DEFAULT: a certificate with any other subject has no principal and is dropped."""

LARGEST_MESSAGE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Node:
    """One combined broker and controller, with a port for each listener.

    `host` is its name among the brokers, `client_host` the one that clients are told, `bind` the address listened on.
    """

    number: int
    host: str
    client_port: int
    broker_port: int
    controller_port: int
    client_host: str = "127.0.0.1"
    bind: str = "127.0.0.1"


def common_properties(brokers: int) -> Mapping[str, str]:
    """What is the same on every broker of a cluster of `brokers`."""
    copies = str(brokers)
    return {
        "process.roles": "broker,controller",
        "listener.security.protocol.map": "CLIENT:SSL,BROKER:SSL,CONTROLLER:SSL",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "ssl.client.auth": "required",
        "ssl.protocol": "TLSv1.3",
        "ssl.enabled.protocols": "TLSv1.3",
        "ssl.keystore.type": "PEM",
        "ssl.truststore.type": "PEM",
        "ssl.principal.mapping.rules": PRINCIPAL_RULE,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": "User:broker;User:admin",
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": str(max(1, brokers - 1)),
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": str(max(1, brokers - 1)),
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "6000",
        "message.max.bytes": str(LARGEST_MESSAGE_BYTES),
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.cleaner.dedupe.buffer.size": "16777216",
    }


def node_properties(node: Node, nodes: tuple[Node, ...], paths: Mapping[str, str]) -> dict[str, str]:
    """All settings of one node, in the broker's own words; `paths` has data, keystore (PEM) and truststore (PEM).

    `nodes` are all of them as they are reached: of a node behind a proxy the ports differ from those it listens on.
    """
    reached = next(each for each in nodes if each.number == node.number)
    ports = {"CLIENT": node.client_port, "BROKER": node.broker_port, "CONTROLLER": node.controller_port}
    own = {
        "node.id": str(node.number),
        "controller.quorum.voters": ",".join(f"{n.number}@{n.host}:{n.controller_port}" for n in nodes),
        "listeners": ",".join(f"{name}://{node.bind}:{port}" for name, port in ports.items()),
        "advertised.listeners": (
            f"CLIENT://{reached.client_host}:{reached.client_port},BROKER://{reached.host}:{reached.broker_port}"
        ),
        "log.dirs": paths["data"],
        "ssl.keystore.location": paths["keystore"],
        "ssl.truststore.location": paths["truststore"],
    }
    return {**common_properties(len(nodes)), **own}


def properties_text(properties: Mapping[str, str]) -> str:
    """The text of a ``server.properties`` file."""
    return "".join(f"{name}={value}\n" for name, value in properties.items())
