"""The national role's desk, as long as it and the prefecture have a grant.

What the prefecture passes on is kept, and identities are confirmed from that.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from consumers.jlis.tier.confirming import ConfirmationLane
from consumers.jlis.tier.keeping import Register
from consumers.jlis.tier.lane import SQL, RegistrationLane
from consumers.kit.connection import rows_of
from consumers.kit.desk import DeskLane, Place, keep_desk
from infra.runtime.edges import Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import load_key
from infra.runtime.postgres import Pool
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.catalogue import REGISTER, confirm_topic, confirmation_topic, forward_topic, national_group
from topics.declared import grants_in_force
from topics.envelope.opening import Opener
from topics.envelope.places import confirm_terms, confirmation_terms, forward_terms
from topics.envelope.sealing import Sealer
from topics.national import NATIONAL, has_tiers
from topics.partitions import partition_of


async def serve_tier(settings: Settings, ring: KeyRing, pools: Mapping[str, Pool], stop: Stop, edges: Edges) -> None:
    """Keep and answer, in the databases of `pools`, by municipality, until `stop`."""
    group = national_group(settings.environment)
    await keep_desk(settings, NATIONAL, group, lambda: _lanes(settings, ring, pools), stop, edges)


async def last_registered(settings: Settings) -> dict[str, int]:
    """Up to which number what was passed on is taken in, by municipality."""
    return {row["municipality"]: row["last"] for row in await rows_of(settings, NATIONAL, SQL["taken"])}


def _lanes(settings: Settings, ring: KeyRing, pools: Mapping[str, Pool]) -> dict[Place, DeskLane]:
    if not has_tiers(grants_in_force(datetime.now(UTC).date(), settings.grants_directory)):
        return {}
    register, environment = Register(load_key(settings, NATIONAL)), settings.environment
    lanes: list[DeskLane] = [
        RegistrationLane(
            forward_topic(environment),
            partition_of(city),
            city,
            Opener(forward_terms(environment, city), ring.register, ring.private),
            pool,
            register,
        )
        for city, pool in pools.items()
    ]
    lanes += [
        ConfirmationLane(
            confirm_topic(environment),
            confirmation_topic(environment),
            partition_of(city),
            city,
            Opener(confirm_terms(environment, city), ring.register, ring.private),
            Sealer(confirmation_terms(environment, city), ring.between(NATIONAL, REGISTER)),
            pool,
            register,
        )
        for city, pool in pools.items()
    ]
    return {lane.place: lane for lane in lanes}
