"""Sheets and their shape: what is on them by kind, every page marked, what the font lacks told."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pypdf import PdfReader

from infra.runtime.refusals import Refusal
from producers.register.access import Occasion
from producers.register.documents.content import Line, Sheet, compose
from producers.register.documents.font import font_characters
from producers.register.documents.pdf import SYNTHETIC, render
from producers.register.documents.request import KINDS, ON_REQUEST, DocumentKind, Request, allowed, purposes
from tests.unit.register.counter import MY_NUMBER, Counter
from topics.guarded import MyNumber
from topics.text.encoding import MISSING_MARK, encode

DAY = date(2026, 4, 1)
OFF_UNLESS_ASKED = {2, 3, 8, 13, 17, 18, 20, 21}


def _request(kind: DocumentKind, purpose: str = "identity", **more: Any) -> Request:
    return Request(kind, "0000000019", Occasion("counter-1", purpose, "c1"), **more)


def _sheet(*texts: str) -> Sheet:
    return Sheet(
        "住民票の写し", tuple((Line(5, "氏名", text),) for text in texts), "証明する。", "令和8年4月1日", "drill"
    )


def _pages(content: bytes) -> list[str]:
    return [page.extract_text().replace("\0", "") for page in PdfReader(BytesIO(content)).pages]


@pytest.mark.parametrize("kind", [DocumentKind.RESIDENT_RECORD, DocumentKind.CERTIFICATE])
def test_the_items_of_12_5_are_left_out_unless_asked_for(kind: DocumentKind) -> None:
    counter = Counter()
    records = [counter.record(resident) for resident in counter.family("世帯主", "子")]
    sheet = compose(_request(kind), records, {}, DAY, "drill")
    assert [len(person) > 3 for person in sheet.persons] == [True, True]
    assert not {line.item for person in sheet.persons for line in person} & OFF_UNLESS_ASKED
    asked = compose(_request(kind, extra=("relationship",)), records, {}, DAY, "drill")
    assert {"続柄", "世帯主名"} <= {line.label for line in asked.persons[1]}


def test_a_number_is_on_it_for_whom_it_was_read() -> None:
    counter = Counter()
    (resident,) = counter.family("世帯主")
    record = counter.record(resident).model_copy(update={"my_number": "0" * 32})
    request = _request(DocumentKind.RESIDENT_RECORD, "tax", with_my_number=True)
    sheet = compose(request, [record], {"0" * 32: MyNumber(MY_NUMBER)}, DAY, "drill")
    assert [line.text for line in sheet.persons[0] if line.item == 3] == [MY_NUMBER]
    assert MY_NUMBER not in repr(sheet)
    with pytest.raises(KeyError):
        compose(request, [record], {}, DAY, "drill")


def test_every_page_says_that_it_is_synthetic() -> None:
    pages = _pages(render(_sheet(*["合成　太郎"] * 60)).content)
    assert len(pages) > 1
    assert all(page.count(SYNTHETIC) == 2 for page in pages)
    assert "".join(pages).count("合成　太郎") == 60


def test_a_variant_the_font_has_is_kept_and_one_it_lacks_is_told() -> None:
    rendered = render(_sheet("葛\U000e0100城", "辻\U000e01ef", "\ue000か\u3099"))
    assert [(s.person, s.position, s.kind.value) for s in rendered.substituted] == [
        (2, 1, "variant"), (3, 1, "missing"), (3, 2, "variant"),
    ]  # fmt: skip
    text = "".join(_pages(rendered.content))
    assert "葛\U000e0100城" in text
    assert f"{MISSING_MARK}が" in text
    assert "異なる字形で示した文字: 3" in text


def test_the_font_is_within_and_is_a_subset() -> None:
    rendered = render(_sheet("合成"))
    assert len(rendered.content) < 100_000
    written = rendered.content
    assert b"/FontFile3" in written or b"/FontFile2" in written
    assert b"+NotoSansCJKJP" in written


@examples(max_examples=50)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20))
def test_no_character_is_dropped(text: str) -> None:
    shown = encode(text, font_characters())
    assert shown.length == len(_numbered(text))
    replaced = set(shown.positions)
    assert all(font_characters().shows(character) or n in replaced for n, character in _numbered(text))


def _numbered(text: str) -> list[tuple[int, str]]:
    from topics.text.characters import characters

    return list(enumerate(characters(text), start=1))


@pytest.mark.parametrize("purpose", sorted(purposes()))
def test_a_number_is_for_declared_purposes_alone(purpose: str) -> None:
    may = purposes()[purpose].numbers
    assert set(may) <= set(KINDS.values())
    for kind, more in (("my-number", {"with_my_number": True}), ("resident-code", {"with_resident_code": True})):
        request = _request(DocumentKind.RESIDENT_RECORD, purpose, **more)
        if kind in may:
            assert allowed(request) is request
        else:
            with pytest.raises(Refusal, match="KRN-DOCUMENT-NUMBER"):
                allowed(request)


def test_what_is_on_request_is_on_no_document_by_itself() -> None:
    on_request = {number for numbers in ON_REQUEST.values() for number in numbers}
    assert all(not on_request & set(_request(kind).items) for kind in DocumentKind)
