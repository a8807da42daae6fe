"""The AsyncAPI 3.0 document of a deployment: topics, who sends and receives on each, and what is in it. Pure.

Derived from grants, catalogue and models. A payload is a sealed envelope; ``x-sealed`` says what who may open it finds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from topics.catalogue import (
    Acl,
    Topic,
    access_topic,
    access_windows_topic,
    answer_topic,
    change_topic,
    confirm_topic,
    confirmation_topic,
    desired,
    forward_topic,
    in_topic,
    inquirers,
    inquiry_topic,
    out_topic,
    register_topic,
)
from topics.grant import Grant
from topics.messages import headers
from topics.messages.access import ENTRY_MODELS
from topics.messages.change import Change, ProtectionStep, Retelling
from topics.messages.confirmation import Confirmation, Query
from topics.messages.forwarding import FORWARDED_MODELS
from topics.messages.inquiry import Answer, Inquiry
from topics.messages.register_inbound import REGISTER_MODELS
from topics.schemas.payload import Schema, model_schema, payload_schema

Node = dict[str, Any]

SPECIFICATION, BINDING = "3.0.0", "0.5.0"
ACTIONS = {"READ": "receive", "WRITE": "send"}
KEYS = {
    "change": "a keyed pseudonym of the resident, other than on any other topic",
    "delivery": "a keyed pseudonym of the resident, the recipient's own",
    "inbound": "the municipality's code",
    "access": "a keyed pseudonym of the operator",
}


@dataclass(frozen=True, slots=True)
class Service:
    """A channel between services, which no grant makes; `messages` are models by their names."""

    name: str
    messages: Mapping[str, type[BaseModel]]
    title: str
    key: str
    bare: bool
    traced: bool = False


def _services(environment: str, institutions: Sequence[str]) -> dict[str, Service]:
    """The services' channels by their topics, and those of each institution that asks."""
    change: dict[str, type[BaseModel]] = {
        "resident-change": Change,
        "protection-step": ProtectionStep,
        "retelling": Retelling,
    }
    returned = {_name(model): model for model in REGISTER_MODELS}
    told = "of one resident's record (異動) or protection (支援措置), sealed to the hub"
    back = "from the hub, sealed to the register"
    entries = {_name(model): model for model in ENTRY_MODELS}
    passed = {_name(model): model for model in FORWARDED_MODELS}
    on = "of what the prefecture registered (本人確認情報), sealed to the national role"
    asks = "of an identity to be confirmed (本人確認情報照会), sealed to the national role"
    tells = "of an identity confirmed or not, sealed to the city's office"
    log = "of the access log (アクセスログ), sealed to its analysis"
    return {
        change_topic(environment): Service("resident-change", change, told, KEYS["change"], bare=False, traced=True),
        register_topic(environment): Service("register-inbound", returned, back, KEYS["inbound"], bare=True),
        confirm_topic(environment): Service("confirm-ask", {_name(Query): Query}, asks, KEYS["inbound"], bare=True),
        confirmation_topic(environment): Service(
            "confirm-answer", {_name(Confirmation): Confirmation}, tells, KEYS["inbound"], bare=True
        ),
        forward_topic(environment): Service("forward-prefecture", passed, on, KEYS["inbound"], bare=True),
        access_topic(environment): Service("access-log", entries, log, KEYS["access"], bare=False),
        **dict(channel for institution in institutions for channel in _inquiries(environment, institution)),
    }


def _inquiries(environment: str, institution: str) -> Iterator[tuple[str, Service]]:
    asked, answered = {_name(Inquiry): Inquiry}, {_name(Answer): Answer}
    asks = "of an institution's question by its own link code (情報照会), sealed to the intermediate server"
    tells = "of what it is answered (情報提供), sealed to the institution"
    yield (
        inquiry_topic(environment, institution),
        Service(f"inquiry-{institution}", asked, asks, KEYS["inbound"], bare=True),
    )
    yield (
        answer_topic(environment, institution),
        Service(f"answer-{institution}", answered, tells, KEYS["inbound"], bare=True),
    )


def asyncapi(
    grants: Sequence[Grant], environment: str, replication_factor: int, institutions: Sequence[str] = ()
) -> Node:
    """The document of the environment's topics under these grants (the ones in force), with these that may ask."""
    wanted = desired(grants, environment, replication_factor, institutions)
    services = _services(environment, inquirers(grants, institutions))
    places = _places(grants, environment, services)
    own = {access_windows_topic(environment)}  # the analysis's state, a message to nobody
    return {
        "asyncapi": SPECIFICATION,
        "info": {
            "title": "Kairan",
            "version": "1",
            "description": "Changes of a resident register, each sealed to exactly one party. All data is synthetic.",
        },
        "defaultContentType": headers.ENVELOPE,
        "servers": {"brokers": _server()},
        "channels": {
            places[topic.name][0]: _channel(topic, *places[topic.name])
            for topic in wanted.topics
            if topic.name not in own
        },
        "operations": dict(
            _operation(acl, *places[acl.name]) for acl in wanted.acls if _travels(acl) and acl.name not in own
        ),
        "components": {
            "securitySchemes": {"certificate": {"type": "X509"}},
            "messages": dict(_messages(grants, services)),
            "schemas": dict(_schemas(grants, services)),
        },
    }


def _places(
    grants: Sequence[Grant], environment: str, services: Mapping[str, Service]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Of each topic the channel's name, and the names of the messages on it."""
    places = {topic: (each.name, tuple(each.messages)) for topic, each in services.items()}
    for grant in grants:
        outward, inward = f"out-{grant.recipient}", f"in-{grant.recipient}"
        places[out_topic(environment, grant)] = (outward, (f"delivery-{grant.recipient}",))
        places[in_topic(environment, grant.recipient)] = (inward, tuple(map(_name, grant.inbound_models())))
    return places


def _server() -> Node:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka-secure",
        "description": "TLS 1.3; every client shows the certificate of its principal",
        "variables": {"bootstrap": {"default": "127.0.0.1:19094", "description": "KAIRAN_KAFKA_BOOTSTRAP"}},
        "security": [_reference("components", "securitySchemes", "certificate")],
    }


def _channel(topic: Topic, channel: str, messages: Sequence[str]) -> Node:
    config = dict(topic.config)
    told = {"cleanup.policy": config["cleanup.policy"].split(","), "retention.ms": int(config["retention.ms"])}
    kafka = {"topic": topic.name, "partitions": topic.partitions, "replicas": topic.replication_factor,
             "topicConfiguration": told, "bindingVersion": BINDING}  # fmt: skip
    return {
        "address": topic.name,
        "description": "a partition is a municipality",
        "messages": {name: _reference("components", "messages", name) for name in messages},
        "bindings": {"kafka": kafka},
    }


def _travels(acl: Acl) -> bool:
    """Whether by this rule somebody reads or writes records."""
    return acl.resource == "TOPIC" and acl.operation in ACTIONS


def _operation(acl: Acl, channel: str, messages: Sequence[str]) -> tuple[str, Node]:
    action = ACTIONS[acl.operation]
    return f"{acl.principal}-{action}-{channel}", {
        "action": action,
        "channel": _reference("channels", channel),
        "summary": f"the principal {acl.principal} may {action} here",
        "tags": [{"name": acl.principal}],
        "messages": [_reference("channels", channel, "messages", name) for name in messages],
    }


def _messages(grants: Sequence[Grant], services: Mapping[str, Service]) -> Iterator[tuple[str, Node]]:
    for service in services.values():
        kind = {"bare": service.bare, "traced": service.traced}
        yield from ((name, _message(service.title, name, service.key, **kind)) for name in service.messages)
    for grant in grants:
        name = f"delivery-{grant.recipient}"
        yield (
            name,
            _message(f"a delivery (提供), sealed to {grant.recipient}", name, KEYS["delivery"], traced=grant.traced),
        )
    for model in _inbound(grants):
        yield (
            _name(model),
            _message("from a party, sealed to the hub", _name(model), KEYS["inbound"], bare=True, traced=True),
        )


def _message(title: str, name: str, key: str, *, bare: bool = False, traced: bool = False) -> Node:
    kafka = {"key": {"type": "string", "description": key}, "bindingVersion": BINDING}
    sealed = {"type": "string", "format": "binary", "description": "a sealed envelope (application/octet-stream)"}
    told = {"type": "object"} if bare else _cloud_event()
    given = {"headers": _traced(told) if traced else told} if traced or not bare else {}
    return {"name": name, "title": title, "contentType": headers.ENVELOPE, **given, "payload": sealed,
            "bindings": {"kafka": kafka}, "x-sealed": _reference("components", "schemas", name)}  # fmt: skip


def _cloud_event() -> Schema:
    """CloudEvents 1.0, Kafka protocol binding, binary mode."""
    names = (headers.SPECVERSION, headers.ID, headers.SOURCE, headers.TYPE, headers.TIME, headers.DATASCHEMA)
    properties = {name: {"type": "string"} for name in (*names, headers.CONTENT_TYPE)}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _traced(told: Schema) -> Schema:
    """These headers with a trace context, which is there while traces are taken."""
    context = {"type": "string", "description": "W3C Trace Context, while traces are taken"}
    return {**told, "properties": {**told.get("properties", {}), headers.TRACEPARENT: context}}


def _schemas(grants: Sequence[Grant], services: Mapping[str, Service]) -> Iterator[tuple[str, Schema]]:
    for service in services.values():
        yield from ((name, model_schema(model)) for name, model in service.messages.items())
    yield from ((f"delivery-{grant.recipient}", payload_schema(grant)) for grant in grants)
    yield from ((_name(model), model_schema(model)) for model in _inbound(grants))


def _inbound(grants: Sequence[Grant]) -> list[type[BaseModel]]:
    return list(dict.fromkeys(model for grant in grants for model in grant.inbound_models()))


def _name(model: type[BaseModel]) -> str:
    return str(model.model_fields["type"].default)


def _reference(*path: str) -> Node:
    return {"$ref": "#/" + "/".join(path)}
