"""The checker: told of every commit and every record before anybody sees it; it refuses what must not be.

It shares no code with the router, dispatch and the kit: what may be told is derived from the register's history and the
grant by ``infra.check``, and the rest is counted.
"""

from collections.abc import Callable

from hub.commandline.faults.copy_rules import CopyRules
from hub.commandline.faults.hub_rules import HubRules
from hub.commandline.faults.log import Logged, Place
from hub.commandline.faults.seen import Seen
from hub.commandline.faults.tables import Database, Transaction
from hub.commandline.faults.topic_rules import TopicRules
from hub.commandline.faults.violation import Rule, demand
from hub.commandline.faults.world import World
from topics.catalogue import change_topic, in_topic, out_topic, register_topic
from topics.envelope.opening import take_apart
from topics.partitions import municipality_of

Committed = Callable[[Database, Transaction], None]


class Safety:
    """Watches one world; raises `ViolationError`."""

    def __init__(self, world: World) -> None:
        self.seen = Seen()
        self._topic_rules = {out_topic("", grant): TopicRules(world, self.seen, grant) for grant in world.grants}
        self._inbound = {in_topic("", grant.recipient): grant.recipient for grant in world.grants}
        world.edges.log.appended = self._appended
        for city in world.cities:
            world.hub(city).committed = HubRules(world, self.seen, city).committed
        for grant in world.grants:
            for city in world.cities:
                database = world.copy_of(grant, city)
                database.committed = _both(database.committed, CopyRules(world, self.seen, grant, city).committed)

    def _appended(self, place: Place, offset: int, record: Logged) -> None:
        topic, city = place[0], municipality_of(place[1])
        if topic == change_topic(""):
            positions = self.seen.positions[city]
            positions.append(max(take_apart(record.value).head.number, *positions[-1:], 0))
        elif topic == register_topic(""):
            self._returned(city, take_apart(record.value).head.number, record)
        elif topic in self._inbound:
            self.seen.inbound[self._inbound[topic], city].add(take_apart(record.value).head.number)
        else:
            self._topic_rules[topic].appended(city, record)

    def _returned(self, city: str, number: int, record: Logged) -> None:
        """What the register is told is numbered without gap, and a double is the same."""
        known = self.seen.returned[city]
        is_next, is_same = number == len(known) + 1, known.get(number) == record.value
        demand(Rule.NUMBERS, is_next or is_same, f"{city}: message {number} to the register follows {len(known)}")
        known[number] = record.value


def _both(one: Committed, other: Committed) -> Committed:
    """A database that several cities share is watched for each."""

    def committed(database: Database, transaction: Transaction) -> None:
        one(database, transaction)
        other(database, transaction)

    return committed
