"""The terms of each kind of place: changes, deliveries, what parties say, letters, what the register is told, the
access log, inquiries and their answers, lists for the check of consistency, what the
prefecture passes on."""

from topics.catalogue import (
    ANALYSIS,
    HUB,
    REGISTER,
    access_topic,
    answer_topic,
    change_topic,
    confirm_topic,
    confirmation_topic,
    forward_topic,
    in_topic,
    inquiry_topic,
    out_topic,
    qualified,
    register_topic,
)
from topics.envelope.run import Terms
from topics.grant import Grant
from topics.institutions import INTERMEDIATE
from topics.messages import (
    access,
    change,
    confirmation,
    consistency,
    delivery,
    forwarding,
    inbound,
    inquiry,
    letters,
    register_inbound,
)
from topics.national import NATIONAL, PREFECTURE


def change_terms(environment: str, municipality: str) -> Terms:
    """A municipality's changes, from the register to the hub."""
    return Terms(
        sender=REGISTER,
        recipient=HUB,
        topic=change_topic(environment),
        municipality=municipality,
        generation=1,
        content=change.SCHEMA,
    )


def delivery_terms(environment: str, grant: Grant, municipality: str) -> Terms:
    """A municipality's deliveries under a grant, from the hub to its recipient."""
    return Terms(
        sender=HUB,
        recipient=grant.recipient,
        topic=out_topic(environment, grant),
        municipality=municipality,
        generation=grant.generation,
        content=delivery.SCHEMA,
        basis=grant.legal_basis,
        items=grant.items,
    )


def inbound_terms(environment: str, party: str, municipality: str) -> Terms:
    """What a party sends to the hub of a municipality."""
    return Terms(
        sender=party,
        recipient=HUB,
        topic=in_topic(environment, party),
        municipality=municipality,
        generation=1,
        content=inbound.SCHEMA,
    )


def letter_terms(environment: str, party: str, municipality: str) -> Terms:
    """What another municipality writes to a municipality's register, within what it sends to the hub."""
    return Terms(
        sender=party,
        recipient=REGISTER,
        topic=in_topic(environment, party),
        municipality=municipality,
        generation=1,
        content=letters.SCHEMA,
    )


def access_terms(environment: str, sender: str, municipality: str) -> Terms:
    """A municipality's entries of the access log, from the register or the desk to the analysis."""
    return Terms(
        sender=sender,
        recipient=ANALYSIS,
        topic=access_topic(environment),
        municipality=municipality,
        generation=1,
        content=access.SCHEMA,
    )


def register_terms(environment: str, municipality: str) -> Terms:
    """What the hub carries back to a municipality's register."""
    return Terms(
        sender=HUB,
        recipient=REGISTER,
        topic=register_topic(environment),
        municipality=municipality,
        generation=1,
        content=register_inbound.SCHEMA,
    )


def inquiry_terms(environment: str, institution: str, municipality: str) -> Terms:
    """What an institution asks a municipality's intermediate server."""
    return Terms(
        sender=institution,
        recipient=INTERMEDIATE,
        topic=inquiry_topic(environment, institution),
        municipality=municipality,
        generation=1,
        content=inquiry.INQUIRY_SCHEMA,
    )


def answer_terms(environment: str, institution: str, municipality: str) -> Terms:
    """What a municipality's intermediate server answers an institution."""
    return Terms(
        sender=INTERMEDIATE,
        recipient=institution,
        topic=answer_topic(environment, institution),
        municipality=municipality,
        generation=1,
        content=inquiry.ANSWER_SCHEMA,
    )


def consistency_terms(environment: str, grant: Grant, municipality: str) -> Terms:
    """The list of what ought to stand at a grant's recipient, from the hub; it travels as a file."""
    return Terms(
        sender=HUB,
        recipient=grant.recipient,
        topic=qualified(environment, f"consistency.{grant.recipient}"),
        municipality=municipality,
        generation=grant.generation,
        content=consistency.SCHEMA,
        basis=grant.legal_basis,
        items=grant.items,
    )


def forward_terms(environment: str, municipality: str) -> Terms:
    """What the prefecture registered of a municipality, to the national role."""
    return Terms(
        sender=PREFECTURE,
        recipient=NATIONAL,
        topic=forward_topic(environment),
        municipality=municipality,
        generation=1,
        content=forwarding.SCHEMA,
    )


def confirm_terms(environment: str, municipality: str) -> Terms:
    """What a municipality's office asks the national role."""
    return Terms(
        sender=REGISTER,
        recipient=NATIONAL,
        topic=confirm_topic(environment),
        municipality=municipality,
        generation=1,
        content=confirmation.QUERY_SCHEMA,
    )


def confirmation_terms(environment: str, municipality: str) -> Terms:
    """What the national role answers it."""
    return Terms(
        sender=NATIONAL,
        recipient=REGISTER,
        topic=confirmation_topic(environment),
        municipality=municipality,
        generation=1,
        content=confirmation.ANSWER_SCHEMA,
    )
