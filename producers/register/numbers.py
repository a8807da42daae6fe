"""My Number and resident code on their way into the numbers database: sealed, before the row that refers to them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid5

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection, Pool, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import NUMBERS, CodeChange, Filing, NewPerson, NumberChange, NumberEntry
from topics.catalogue import REGISTER
from topics.guarded import Purpose

_SQL = load_queries("producers.register", "queries.sql")
KINDS = {"my_number": "my-number", "resident_code": "resident-code"}
ORPHAN_AGE = timedelta(minutes=10)

Place = tuple[UUID, int, str]


@dataclass(frozen=True, slots=True)
class Given:
    """A number that a filing brings: whose (member of the filing), of which kind, and the value."""

    filing_id: UUID
    member: int
    kind: str
    value: bytes = field(repr=False)

    @property
    def reference(self) -> str:
        """The same filing, handed in again, refers to the same version."""
        return uuid5(self.filing_id, f"{self.member}/{self.kind}").hex


def given_numbers(filings: Iterable[Filing]) -> list[Given]:
    """All numbers that these filings bring."""
    return [given for filing in filings for given in _given(filing)]


def _given(filing: Filing) -> Iterator[Given]:
    for member, holder in enumerate(_holders(filing)):
        for item, kind in KINDS.items():
            value = getattr(holder, item, None)
            if value is not None:
                yield Given(filing.filing_id, member, kind, value.reveal(Purpose.SEAL).encode("ascii"))


def _holders(filing: Filing) -> Sequence[NewPerson | NumberEntry | NumberChange | CodeChange]:
    if isinstance(filing, NumberEntry | NumberChange | CodeChange):
        return (filing,)
    child = getattr(filing, "child", None)
    return (child,) if child is not None else getattr(filing, "persons", ())


def without_numbers(filing: Filing) -> str:
    """A filing's JSON with every number left out: the form in which a provisional one is kept."""
    return filing.model_dump_json(exclude_none=True, exclude=NUMBERS)


async def store_numbers(connection: Connection, cipher: ColumnCipher, numbers: Sequence[Given]) -> set[UUID]:
    """Append versions in a transaction of their own; returns filings that were known with a different number."""
    if not numbers:
        return set()
    rows = await connection.fetch(
        _SQL["store_numbers"],
        [number.reference for number in numbers],
        [number.kind for number in numbers],
        [number.filing_id for number in numbers],
        [number.member for number in numbers],
        [cipher.seal(number.reference, number.value) for number in numbers],
        [cipher.blind_index(number.value) for number in numbers],
    )
    return {row["filing_id"] for row in rows}


Same = Mapping[str, frozenset[str]]
"""References of other versions with the same My Number, by that of a version."""


async def same_numbers(connection: Connection | Pool, references: Sequence[str]) -> Same:
    """Which other versions hold the same My Number as these, which were handed in before."""
    found: dict[str, set[str]] = {}
    for row in await connection.fetch(_SQL["same_my_numbers"], references) if references else []:
        found.setdefault(row["mine"], set()).add(row["other"])
    return {mine: frozenset(others) for mine, others in found.items()}


def entered(filings: Iterable[Filing], references: Mapping[Place, str]) -> dict[str, str]:
    """Whose My Number is entered by itself (個人番号の職権記載): the resident by the version's reference."""
    found = ((f.resident, references.get((f.filing_id, 0, "my-number"))) for f in filings if isinstance(f, NumberEntry))
    return {reference: resident for resident, reference in found if reference is not None}


async def taken_numbers(connection: Connection, same: Same, whose: Mapping[str, str]) -> frozenset[str]:
    """Of these versions the ones whose number the register has for somebody else."""
    triples = [(mine, other, whose[mine]) for mine, others in same.items() for other in others]
    columns = [list(column) for column in zip(*triples, strict=True)]
    rows = await connection.fetch(_SQL["taken_my_numbers"], *columns) if triples else []
    return frozenset(row["mine"] for row in rows)


async def known_references(pool: Pool, filing_ids: Sequence[UUID]) -> Mapping[Place, str]:
    """References of the number versions that these filings brought."""
    rows = await pool.fetch(_SQL["references"], filing_ids) if filing_ids else []
    return {(row["filing_id"], row["member"], row["kind"]): row["reference"] for row in rows}


async def sweep_orphans(settings: Settings, municipality: str, age: timedelta = ORPHAN_AGE) -> int:
    """Delete number versions that no register row refers to and that are older than `age`; returns how many.

    A filing handed in again renews its versions' age, so `age` must exceed the time of a registering transaction.
    """
    environment = settings.environment
    register = await connect(
        settings, REGISTER_DATABASE.name(environment, municipality), role=REGISTER, principal=REGISTER
    )
    numbers = await connect(
        settings, NUMBERS_DATABASE.name(environment, municipality), role="number_sweep", principal=REGISTER
    )
    try:
        old = await numbers.fetch(_SQL["old_references"], age)
        asked = ([row["reference"] for row in old], [row["filing_id"] for row in old])
        orphans = [row["reference"] for row in await register.fetch(_SQL["unreferenced"], *asked)]
        return int((await numbers.execute(_SQL["delete_orphans"], orphans, age)).split()[-1])
    finally:
        await register.close()
        await numbers.close()
