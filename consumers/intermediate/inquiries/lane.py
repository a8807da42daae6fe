"""A lane of inquiries: one institution's topic, one municipality's part of it, with the database and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consumers.kit.desk import Place
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Pool
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import answer_topic, inquiry_topic
from topics.envelope.opening import Opener
from topics.envelope.places import answer_terms, inquiry_terms
from topics.envelope.sealing import Sealer
from topics.institutions import INTERMEDIATE
from topics.partitions import partition_of

SQL = load_queries("consumers.intermediate.inquiries", "queries.sql")


@dataclass(frozen=True, slots=True)
class InquiryLane:
    """Where one institution's inquiries about one municipality's residents come from, and where answers go."""

    institution: str
    municipality: str
    topic: str
    answers: str
    partition: int
    opener: Opener
    sealer: Sealer
    pool: Pool

    @property
    def place(self) -> Place:
        """Topic and partition of the inquiries."""
        return self.topic, self.partition

    async def open(self, first_offset: int) -> int:
        """The first offset not yet settled, and at least `first_offset`, the first one that the topic has."""
        return int(await self.pool.fetchval(SQL["open_progress"], *self.place, first_offset))


def lane(settings: Settings, ring: KeyRing, institution: str, municipality: str, pool: Pool) -> InquiryLane:
    """The lane of one institution and municipality."""
    environment = settings.environment
    return InquiryLane(
        institution,
        municipality,
        inquiry_topic(environment, institution),
        answer_topic(environment, institution),
        partition_of(municipality),
        Opener(inquiry_terms(environment, institution, municipality), ring.register, ring.private),
        Sealer(answer_terms(environment, institution, municipality), ring.between(INTERMEDIATE, institution)),
        pool,
    )


def lanes_of(
    settings: Settings, ring: KeyRing, institutions: Sequence[str], pools: Mapping[str, Pool]
) -> dict[Place, InquiryLane]:
    """The lanes of all these institutions and all served municipalities, by place."""
    found = [lane(settings, ring, each, city, pool) for each in institutions for city, pool in pools.items()]
    return {each.place: each for each in found}
