"""What the operations pages are lent by other packages: the replay of the register under a grant."""

from datetime import UTC, datetime, timedelta

from hub.commandline.grants.preview import impact_of
from hub.pages.desk import Change
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant

DAYS = 365


async def preview(settings: Settings, grant: Grant) -> Change:
    """What the grant changes over the last year, against what was approved for its recipient."""
    present = declared_by_recipient(settings.grants_directory).get(grant.recipient)
    since = datetime.now(UTC) - timedelta(days=DAYS)
    found = await impact_of(settings, approved(present) if present else None, grant, since)
    persons, disclosures = (found.persons, found.disclosures)
    return Change(
        DAYS,
        (_count(persons.added), _count(persons.removed)),
        (_count(disclosures.added), _count(disclosures.removed)),
        found.fuller,
        found.barer,
        found.wider,
    )


def approved(grant: Grant) -> Grant | None:
    """The grant as its review approved it; None when nobody has, it was refused, or it was halted since."""
    review = grant.review
    if review is None or review.decision != "approved" or grant.suspended or grant.ended:
        return None
    return grant.model_copy(update=dict(review.scope))


def _count(told: tuple[int, ...] | int) -> int:
    return told if isinstance(told, int) else len(told)
