"""Cases 1-9 and 14: topics, groups and transactions of somebody else."""

from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.group import JoinGroupRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.transaction import InitProducerIdRequest

from hub.commandline.abuse.case import PLANTED_NUMBER, Attempt, Case, Evidence, accepted, all_refused
from hub.commandline.abuse.evidence import denied
from hub.commandline.abuse.link import fetch, linked, produce
from hub.commandline.abuse.strangers import certified
from hub.commandline.deployment import grants_now
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import HUB, change_topic, group, in_topic, qualified
from topics.grant import Grant
from topics.partitions import partition_of

NEEDED = 2
STRANGER = "drill-stranger"
PLANTED_VALUE = PLANTED_NUMBER.encode()


def intruder(settings: Settings) -> str:
    """The recipient that tries what it may not: the one that is told the least of numbers and most of items."""
    return _by_reach(settings)[0].recipient


def victim(settings: Settings) -> str:
    """The recipient for whose things it reaches: the one that is told numbers, where there is one."""
    return _by_reach(settings)[-1].recipient


def _by_reach(settings: Settings) -> list[Grant]:
    grants = [grant for grant in grants_now(settings) if grant.identifier == "items"]
    if len(grants) < NEEDED:
        raise Refusal("DRILL-RECIPIENTS", "two recipients must have a grant in force: one tries, at the other's things")
    return sorted(grants, key=lambda grant: (grant.numbers.my_number, grant.numbers.resident_code, -len(grant.items)))


def out_of(settings: Settings, recipient: str) -> str:
    """The topic on which a recipient gets its deliveries."""
    return qualified(settings.environment, f"out.{recipient}.v1")


def lane(settings: Settings) -> int:
    """The partition of the first municipality served."""
    return partition_of(settings.municipalities[0])


async def _subscribe(settings: Settings) -> Attempt:
    """A subscription begins with asking where the topic is; told nothing, the client library asks for ever."""
    topic = out_of(settings, victim(settings))
    request = MetadataRequest([topic], allow_auto_topic_creation=False)
    return await denied(settings, intruder(settings), f"Topic:LITERAL:{topic} ", request)


async def _assign(settings: Settings) -> Attempt:
    return await reads(settings, intruder(settings), out_of(settings, victim(settings)))


async def _foreign_group(settings: Settings) -> Attempt:
    name = group(settings.environment, victim(settings))
    join = JoinGroupRequest(name, 10_000, 10_000, "", "", "consumer", [("range", b"")])
    return all_refused(
        await denied(settings, intruder(settings), f"Group:LITERAL:{name} ", FindCoordinatorRequest(name, 0)),
        await denied(settings, intruder(settings), f"Group:LITERAL:{name} ", join),
    )


def commit(settings: Settings, recipient: str) -> OffsetCommitRequest:
    """Sets a recipient's group back to the first record of its topic."""
    place = [(out_of(settings, recipient), [(lane(settings), 0, "")])]
    return OffsetCommitRequest(group(settings.environment, recipient), -1, "", -1, place)


async def _foreign_offsets(settings: Settings) -> Attempt:
    name = group(settings.environment, victim(settings))
    return all_refused(
        await denied(settings, intruder(settings), f"Group:LITERAL:{name} ", commit(settings, victim(settings))),
        await denied(settings, intruder(settings), f"Group:LITERAL:{name} ", DeleteGroupsRequest([name])),
    )


async def _change_topic(settings: Settings) -> Attempt:
    changes = change_topic(settings.environment)
    return all_refused(*[await writes(settings, who, changes) for who in _recipients(settings)])


def _recipients(settings: Settings) -> list[str]:
    return [grant.recipient for grant in grants_now(settings)]


async def _own_topic(settings: Settings) -> Attempt:
    return await writes(settings, intruder(settings), out_of(settings, intruder(settings)))


async def _unknown_topic(settings: Settings) -> Attempt:
    name = out_of(settings, "drill-unknown")
    asked = MetadataRequest([name], allow_auto_topic_creation=True)
    return all_refused(
        await denied(settings, intruder(settings), f"Topic:LITERAL:{name} ", asked),
        await denied(settings, intruder(settings), f"Topic:LITERAL:{name} ", produce(name, PLANTED_VALUE)),
        await denied(settings, HUB, f"Topic:LITERAL:{name} ", asked),
    )


async def _transaction(settings: Settings) -> Attempt:
    request = InitProducerIdRequest(HUB, 10_000)
    return await denied(settings, intruder(settings), f"TransactionalId:LITERAL:{HUB} ", request)


async def _against_the_flow(settings: Settings) -> Attempt:
    return all_refused(
        await writes(settings, HUB, change_topic(settings.environment)),
        await reads(settings, HUB, out_of(settings, intruder(settings))),
    )


async def _stranger(settings: Settings) -> Attempt:
    with certified(settings, STRANGER) as own:
        async with linked(own, STRANGER) as link:
            if (await link.answer(MetadataRequest(None, allow_auto_topic_creation=False)))["topics"]:
                return accepted()
        return all_refused(
            await reads(own, STRANGER, change_topic(settings.environment)),
            await reads(own, STRANGER, out_of(settings, intruder(settings))),
            await writes(own, STRANGER, in_topic(settings.environment, intruder(settings))),
        )


async def reads(settings: Settings, principal: str, topic: str) -> Attempt:
    """What a principal is told that fetches a topic."""
    return await denied(settings, principal, f"Topic:LITERAL:{topic} ", fetch(topic, lane(settings)))


async def writes(settings: Settings, principal: str, topic: str) -> Attempt:
    """What a principal is told that writes a record to a topic."""
    request = produce(topic, PLANTED_VALUE, lane(settings))
    return await denied(settings, principal, f"Topic:LITERAL:{topic} ", request)


RIGHTS = (
    Case(1, "a recipient subscribes to another's topic", Evidence.AUTHORIZER, _subscribe),
    Case(2, "a recipient fetches another's topic without any group", Evidence.AUTHORIZER, _assign),
    Case(3, "a recipient reads in another's group", Evidence.AUTHORIZER, _foreign_group),
    Case(4, "a recipient sets back or deletes another's group", Evidence.AUTHORIZER, _foreign_offsets),
    Case(5, "a recipient writes the change topic", Evidence.AUTHORIZER, _change_topic),
    Case(6, "a recipient writes its own deliveries", Evidence.AUTHORIZER, _own_topic),
    Case(7, "a topic that nobody declared is made by writing to it", Evidence.AUTHORIZER, _unknown_topic),
    Case(8, "a recipient fences the hub by its transactional id", Evidence.AUTHORIZER, _transaction),
    Case(9, "the hub writes its source and reads back what it sent", Evidence.AUTHORIZER, _against_the_flow),
    Case(14, "a good certificate without any right", Evidence.AUTHORIZER, _stranger),
)
