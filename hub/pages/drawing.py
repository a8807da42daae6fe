"""Where the boxes and arrows of the way of the changes stand, in units of the drawing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, BOX_WIDTH, BOX_HEIGHT, ROW_HEIGHT, MARGIN = 960, 170, 84, 116, 16
HUB_X = 340
RECIPIENT_X = WIDTH - BOX_WIDTH - MARGIN


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient: its box's top, and the two arrows between the hub and it, as SVG paths."""

    recipient: str
    top: float
    outward: str
    inward: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing: its height, the top of the boxes of register and hub, and the recipients' rows."""

    height: float
    trunk_top: float
    rows: tuple[Row, ...]


def drawing(recipients: Sequence[str]) -> Drawing:
    """The drawing for these recipients."""
    height = ROW_HEIGHT * max(1, len(recipients)) + 2 * MARGIN
    middle = height / 2
    return Drawing(
        height,
        middle - BOX_HEIGHT / 2,
        tuple(_row(name, MARGIN + place * ROW_HEIGHT, middle) for place, name in enumerate(recipients)),
    )


def _row(recipient: str, top: float, middle: float) -> Row:
    box = top + (ROW_HEIGHT - BOX_HEIGHT) / 2
    right, left = HUB_X + BOX_WIDTH, RECIPIENT_X
    out, back = box + BOX_HEIGHT * 0.3, box + BOX_HEIGHT * 0.75
    bend, turn = right + 40, right + 50
    high, low = middle - 14, middle + 14
    outward = f"M{right},{high:g} C{bend},{high:g} {right},{out:g} {turn},{out:g} L{left - 8},{out:g}"
    inward = f"M{left},{back:g} L{turn},{back:g} C{right},{back:g} {bend},{low:g} {right + 8},{low:g}"
    return Row(recipient, box, outward, inward)
