"""Who waits behind a parked delivery, by definition: its filing, what follows of its residents, and so on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from infra.check.sources import SetAside


@dataclass(frozen=True, slots=True)
class KeptBack:
    """One person's deliveries from `sequence` on wait; `number` is the parked delivery behind which they do."""

    sequence: int
    number: int
    code: str

    def sentence(self) -> str:
        """Where to look."""
        return f"a person's deliveries wait from sequence {self.sequence} on: {self.number} is parked ({self.code})"


def kept_back(aside: Collection[SetAside]) -> Mapping[str, KeptBack]:
    """Everybody who waits for something parked, by subject; what waits for what is missing is not among them."""
    found: dict[str, KeptBack] = {}
    for parked in sorted((one for one in aside if one.code is not None), key=lambda one: one.number):
        for one in _behind(parked, aside):
            known = found.get(one.subject)
            if known is None or one.sequence < known.sequence:
                found[one.subject] = KeptBack(one.sequence, parked.number, parked.code or "")
    return found


def _behind(parked: SetAside, aside: Collection[SetAside]) -> set[SetAside]:
    reached, new = {parked}, {parked}
    while new:
        new = {one for one in aside if one not in reached and any(_waits_for(one, before) for before in new)}
        reached |= new
    return reached


def _waits_for(one: SetAside, before: SetAside) -> bool:
    fellows = (
        one.first <= before.number < one.first + one.count or before.first <= one.number < before.first + before.count
    )
    return fellows or (one.subject == before.subject and one.sequence > before.sequence)
