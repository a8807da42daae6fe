"""A synthetic city as the file of a register system (住民情報ファイル), with faulty rows planted in it where wanted."""

from dataclasses import dataclass
from pathlib import Path

from producers.intake.layout import load_layout
from producers.synthetic.city import SyntheticCity
from producers.synthetic.register_faults import FAULTS, REPEATING
from producers.synthetic.register_rows import layout_line, line_of, resident_rows


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault that was planted: at which line, and what the intake must say of it."""

    line: int
    code: str
    field: str


def write_register_file(path: Path, city: SyntheticCity, *, faulty_each: int = 0) -> list[Planted]:
    """Write the city, a line a row; of every `faulty_each` residents one has a fault, unless that is 0."""
    layout, planted = load_layout(), []
    faults = iter(FAULTS.items()) if faulty_each else iter(())
    with path.open("wb") as stream:
        stream.write(line_of(layout.header))
        number = 1
        for index, rows in enumerate(resident_rows(city), start=1):
            fault = next(faults, None) if faulty_each and index % faulty_each == 0 else None
            written = [layout_line(layout, row) for row in rows]
            if fault is not None:
                (_, code, field), spoil = fault
                written = [spoil(layout, rows[-1])] if code not in REPEATING else [written[-1], spoil(layout, rows[-1])]
                planted.append(Planted(number + len(written), code, field))
            stream.writelines(written)
            number += len(written)
    return planted
