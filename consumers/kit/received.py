"""What was taken in: each delivery number stands for one envelope, whatever is sent a second time under it."""

from collections.abc import Iterable, Mapping

from consumers.kit.record import Arrival, Finding

REPLAYED = "KIT-REPLAYED-DIFFERENTLY"


def compare(judged: Iterable[Arrival | Finding], known: Mapping[int, bytes]) -> list[Arrival | Finding]:
    """`judged` with a finding in place of each arrival whose number stands for other bytes already, and without those
    that were parked before; `known` are the digests of earlier batches by delivery number."""
    digests = dict(known)
    compared: list[Arrival | Finding] = []
    for one in judged:
        number, digest = _number(one), one.record.digest()
        is_double = digests.get(number or 0) == digest
        stands = digest if number is None else digests.setdefault(number, digest)
        if isinstance(one, Arrival) and stands != digest:
            compared.append(Finding(one.record, REPLAYED))
        elif isinstance(one, Arrival) or not is_double:
            compared.append(one)
    return compared


def digests_of(judged: Iterable[Arrival | Finding]) -> dict[int, bytes]:
    """The digest of each envelope whose delivery number can be trusted, the first of a number."""
    numbered = [(_number(one), one) for one in judged]
    return {number: one.record.digest() for number, one in reversed(numbered) if number is not None}


def _number(one: Arrival | Finding) -> int | None:
    return one.delivery.number if isinstance(one, Arrival) else one.number
