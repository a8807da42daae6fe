"""Cases 10-13 and 15: topics, rules, settings and credentials are the administrator's alone."""

import asyncio

from aiokafka.protocol.admin import (
    AlterConfigsRequest,
    CreateAclsRequest,
    CreatePartitionsRequest,
    CreateTopicsRequest,
    DeleteAclsRequest,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
    DescribeAclsRequest,
    DescribeConfigsRequest,
)

from hub.commandline.abuse.case import Attempt, Case, Evidence, accepted, all_refused
from hub.commandline.abuse.evidence import denied
from hub.commandline.abuse.ground import lent, trial_topic
from hub.commandline.abuse.rights import intruder, lane, out_of, victim
from hub.commandline.abuse.scram import DeleteCredentials, DescribeCredentials
from hub.commandline.deployment import broker, desired_now, drift_now
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN, Acl

CLUSTER = "Cluster:LITERAL:kafka-cluster "
TIMEOUT_MILLISECONDS = 5_000
TOPIC, BROKER = 2, 4
LITERAL, ANY = 3, 1
READ, ALLOW = 3, 3


def creation(topic: str) -> CreateTopicsRequest:
    """Asks whether a topic might be created; creates none."""
    return CreateTopicsRequest([(topic, 1, 1, [], [])], TIMEOUT_MILLISECONDS, True)  # noqa: FBT003


def shorter_retention(topic: str) -> AlterConfigsRequest:
    """Asks whether a topic's records might be let go at once; alters nothing."""
    return AlterConfigsRequest([(TOPIC, topic, [("retention.ms", "1")])], validate_only=True)


def every_rule() -> DescribeAclsRequest:
    """Asks for all rules."""
    return DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)


async def _topics(settings: Settings) -> Attempt:
    own, new = out_of(settings, intruder(settings)), out_of(settings, "drill-new")
    records = DeleteRecordsRequest([(own, [(lane(settings), 0)])], TIMEOUT_MILLISECONDS)
    growth = CreatePartitionsRequest([(own, (99, None))], TIMEOUT_MILLISECONDS, True)  # noqa: FBT003
    async with trial_topic(settings) as trial:
        deletion = DeleteTopicsRequest([trial], TIMEOUT_MILLISECONDS)
        return all_refused(
            await denied(settings, intruder(settings), f"Topic:LITERAL:{trial} ", deletion),
            await denied(settings, intruder(settings), f"Topic:LITERAL:{new} ", creation(new)),
            await denied(settings, intruder(settings), f"Topic:LITERAL:{own} ", growth),
            await denied(settings, intruder(settings), f"Topic:LITERAL:{own} ", records),
        )


async def _rules(settings: Settings) -> Attempt:
    wished = Acl(intruder(settings), "READ", "TOPIC", out_of(settings, victim(settings)))
    rule = (TOPIC, wished.name, LITERAL, f"User:{intruder(settings)}", "*", READ, ALLOW)
    made = await denied(settings, intruder(settings), CLUSTER, CreateAclsRequest(*rule))
    if not made.refused:
        await asyncio.to_thread(broker(settings).withdraw, [wished])
    return all_refused(
        made,
        await denied(settings, intruder(settings), CLUSTER, DeleteAclsRequest(*rule)),
        await denied(settings, intruder(settings), CLUSTER, every_rule()),
    )


async def _settings(settings: Settings) -> Attempt:
    who, own, other = intruder(settings), out_of(settings, intruder(settings)), out_of(settings, victim(settings))
    return all_refused(
        await denied(settings, who, f"Topic:LITERAL:{own} ", shorter_retention(own)),
        await denied(settings, who, f"Topic:LITERAL:{other} ", shorter_retention(other)),
        await denied(settings, who, f"Topic:LITERAL:{other} ", DescribeConfigsRequest([(TOPIC, other, None)])),
        await denied(settings, who, CLUSTER, DescribeConfigsRequest([(BROKER, "1", None)])),
    )


async def _credentials(settings: Settings) -> Attempt:
    return all_refused(
        await denied(settings, intruder(settings), CLUSTER, DeleteCredentials(ADMIN)),
        await denied(settings, intruder(settings), CLUSTER, DescribeCredentials(ADMIN)),
    )


async def _prefix(settings: Settings) -> Attempt:
    """What is declared has no prefixes; one made by hand is a departure. It reaches the maker's own topic alone."""
    prefix = out_of(settings, intruder(settings)).removesuffix(".v1")
    broad = Acl(intruder(settings), "READ (PREFIXED ALLOW *)", "TOPIC", prefix)
    if any("(" in acl.operation for acl in desired_now(settings).acls):
        return accepted()
    async with lent(settings, [broad]):
        found = await asyncio.to_thread(drift_now, settings)
    named = [one for one in found if one.kind == "right-too-many" and broad.operation.lower() in one.sentence]
    return Attempt(refused=True, cause=f"{named[0].kind}: {named[0].sentence}") if named else accepted()


ADMINISTRATION = (
    Case(10, "a recipient creates, grows or deletes topics or deletes records", Evidence.AUTHORIZER, _topics),
    Case(11, "a recipient makes, deletes or lists rules", Evidence.AUTHORIZER, _rules),
    Case(12, "a recipient shortens retention or reads the broker's settings", Evidence.AUTHORIZER, _settings),
    Case(13, "a recipient alters the administrator's credentials", Evidence.AUTHORIZER, _credentials),
    Case(15, "a rule by prefix that reaches topics to come", Evidence.DEPARTURE, _prefix),
)
