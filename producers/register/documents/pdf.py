"""A sheet as PDF (ISO 32000), its font a subset within; what the font lacks is counted and marked, never left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from producers.register.documents.content import Line, Sheet
from producers.register.documents.font import FONT, font_characters
from topics.text.encoding import SubstitutionKind, encode

SYNTHETIC = "合成データ / synthetic data"
FAMILY = "document"
LABEL_WIDTH, LINE_HEIGHT = 52.0, 8.0
MARGIN = 20.0


@dataclass(frozen=True, slots=True)
class Substituted:
    """A character shown otherwise than it stands: of which person (from 1) and item, where in its text, and why."""

    person: int
    item: int
    position: int
    kind: SubstitutionKind


@dataclass(frozen=True, slots=True)
class Rendered:
    """The document's bytes, and which characters of it are not as recorded."""

    content: bytes = field(repr=False)
    substituted: tuple[Substituted, ...]


class _Pages(FPDF):
    """Every page says that the data is synthetic, and which document it belongs to."""

    def __init__(self, issue_id: str) -> None:
        super().__init__(format="A4")
        self._issue_id = issue_id
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN)
        self.add_font(FAMILY, fname=FONT)
        self.set_font(FAMILY, size=11)
        self.set_text_shaping(True)

    def header(self) -> None:
        self.set_font(FAMILY, size=11)
        self.line_of(SYNTHETIC, align="R")

    def footer(self) -> None:
        self.set_y(-MARGIN + 4)
        self.set_font(FAMILY, size=8)
        self.line_of(f"{SYNTHETIC}　発行番号 {self._issue_id}　{self.page_no()}", align="C")

    def line_of(self, text: str, *, align: str = "L") -> None:
        """One line across the page."""
        self.cell(0, LINE_HEIGHT, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def item(self, label: str, text: str) -> None:
        """An item's name beside what is recorded, in as many lines as that needs."""
        self.cell(LABEL_WIDTH, LINE_HEIGHT, label)
        self.multi_cell(0, LINE_HEIGHT, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def render(sheet: Sheet) -> Rendered:
    """The document, and what of it could not be shown as it is recorded."""
    pages = _Pages(sheet.issue_id)
    pages.set_title(sheet.title)
    pages.set_lang("ja-JP")
    pages.add_page()
    pages.set_font(FAMILY, size=16)
    pages.line_of(sheet.title, align="C")
    pages.set_font(FAMILY, size=11)
    substituted = [each for n, person in enumerate(sheet.persons, start=1) for each in _person(pages, n, person)]
    pages.ln(LINE_HEIGHT)
    if substituted:
        pages.line_of(f"〓ほか、記載と異なる字形で示した文字: {len(substituted)}")
    for text in (sheet.attested, sheet.issued_on, "合成市長　（合成データ）"):
        pages.line_of(text)
    return Rendered(bytes(pages.output()), tuple(substituted))


def _person(pages: _Pages, number: int, lines: tuple[Line, ...]) -> Iterator[Substituted]:
    pages.ln(LINE_HEIGHT / 2)
    for line in lines:
        shown = encode(line.text, font_characters())
        pages.item(line.label, shown.text)
        for each in shown.substitutions:
            yield Substituted(number, line.item, each.position, each.kind)
