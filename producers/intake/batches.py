"""A file in batches of whole persons, each with the place to go on from; memory holds one batch, whatever the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from producers.intake.findings import LineFinding
from producers.intake.lines import Line, Place
from producers.intake.persons import Person, person_of
from producers.intake.reading import Reader
from producers.intake.rows import SourceRow, source_row

BATCH_ROWS = 2000
LARGEST_PERSON = 1000
"""Rows of one person that are looked at together."""


@dataclass(slots=True)
class Batch:
    """Persons, findings, and where the file goes on after them."""

    place: Place
    persons: list[Person] = field(default_factory=list)
    findings: list[LineFinding] = field(default_factory=list)
    rows: int = 0


class Batches:
    """Makes batches of lines: a person's rows never fall into two of them."""

    def __init__(self, reader: Reader, municipality: str, start: Place, size: int = BATCH_ROWS) -> None:
        self._reader = reader
        self._municipality = municipality
        self._size = size
        self._batch = Batch(start)
        self._rows: list[SourceRow] = []

    def of(self, lines: Iterable[Line]) -> Iterator[Batch]:
        """The batches of these lines, the last one whatever its size."""
        for line in lines:
            row, found = self._read(line)
            if row is not None and self._rows and self._ends_before(row):
                self._close_person()
                if self._batch.rows >= self._size:
                    yield self._turn(self._batch.place)
            self._take(line, row, found)
        self._close_person()
        if self._batch.rows:
            yield self._turn(self._batch.place)

    def _read(self, line: Line) -> tuple[SourceRow | None, list[LineFinding]]:
        values, found = self._reader.read(line)
        if any(each.refused for each in found):
            return None, found
        row, more = source_row(line.number, values, self._municipality)
        return row, found + more

    def _ends_before(self, row: SourceRow) -> bool:
        return row.addressee_number != self._rows[0].addressee_number or len(self._rows) >= LARGEST_PERSON

    def _take(self, line: Line, row: SourceRow | None, found: list[LineFinding]) -> None:
        self._batch.place = Place(line.number, line.end)
        self._batch.rows += 1
        self._batch.findings += found
        if row is not None:
            self._rows.append(row)

    def _close_person(self) -> None:
        if self._rows:
            person = person_of(self._rows)
            self._batch.persons.append(person)
            self._batch.findings += person.findings
            self._rows = []

    def _turn(self, place: Place) -> Batch:
        done, self._batch = self._batch, Batch(place)
        return done
