"""What was taken in: each delivery number stands for one envelope, whatever is sent a second time under it."""

from collections.abc import Iterable, Mapping, Sequence

from consumers.kit.record import Arrival, Finding

REPLAYED = "KIT-REPLAYED-DIFFERENTLY"


def compare(judged: Iterable[Arrival | Finding], known: Mapping[int, bytes]) -> list[Arrival | Finding]:
    """`judged` with a stray in place of each record whose number stands for other bytes already; `known` are the
    digests of earlier batches by delivery number."""
    digests = dict(known)
    compared: list[Arrival | Finding] = []
    for one in judged:
        digest = one.record.digest()
        is_other = one.number is not None and digests.setdefault(one.number, digest) != digest
        compared.append(Finding(one.record, REPLAYED) if is_other else one)
    return compared


def digests_of(judged: Sequence[Arrival | Finding]) -> dict[int, bytes]:
    """The digest of each envelope whose delivery number can be trusted, the first of a number."""
    return {one.number: one.record.digest() for one in reversed(judged) if one.number is not None}
