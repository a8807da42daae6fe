"""What is asked for: the kind of document, the items on it beside the usual ones, and for what purpose."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from infra.runtime.refusals import Refusal
from producers.register.access import Occasion
from topics.model import WireModel


class DocumentKind(StrEnum):
    """The documents that the register issues."""

    RESIDENT_RECORD = "resident-record"  # 住民票の写し
    CERTIFICATE = "certificate"  # 住民票記載事項証明書
    CODE_NOTICE = "code-notice"  # 住民票コード通知票


TITLES = MappingProxyType(
    {
        DocumentKind.RESIDENT_RECORD: "住民票の写し",
        DocumentKind.CERTIFICATE: "住民票記載事項証明書",
        DocumentKind.CODE_NOTICE: "住民票コード通知票",
    }
)
USUAL = MappingProxyType(
    {
        DocumentKind.RESIDENT_RECORD: (5, 30, 6, 7, 9, 14, 15, 16),
        DocumentKind.CERTIFICATE: (5, 6, 7, 14),
        DocumentKind.CODE_NOTICE: (5, 6, 7, 14),
    }
)
"""Items of file 1 that stand on a document without being asked for."""
ON_REQUEST = MappingProxyType(
    {
        "relationship": (8, 13),  # 続柄 and the head's name
        "domicile": (20, 21),  # 本籍 and 筆頭者
        "previous-address": (17, 18),
        "residence": (25, 26, 27, 28, 29),  # of foreign residents
    }
)
"""Items that stand on a copy or a certificate only when they are asked for; 住民基本台帳法12条5項."""
MY_NUMBER, RESIDENT_CODE = 3, 2
KINDS = MappingProxyType({MY_NUMBER: "my-number", RESIDENT_CODE: "resident-code"})


class DeclaredPurpose(WireModel):
    """A purpose for which documents are issued; `numbers` are the kinds that may then be asked for."""

    code: str
    title: str
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A document that somebody asks for at the counter; the occasion's purpose is the code of a declared one."""

    kind: DocumentKind
    resident: str
    occasion: Occasion
    extra: tuple[str, ...] = ()
    household: bool = False
    with_my_number: bool = False
    with_resident_code: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """The guarded items that are to stand on it."""
        code = self.with_resident_code or self.kind is DocumentKind.CODE_NOTICE
        return (MY_NUMBER,) * self.with_my_number + (RESIDENT_CODE,) * code

    @property
    def items(self) -> tuple[int, ...]:
        """The plain items that are to stand on it, in the order they are shown."""
        extra = (number for name, numbers in ON_REQUEST.items() if name in self.extra for number in numbers)
        return (*USUAL[self.kind], *extra)


@cache
def purposes() -> MappingProxyType[str, DeclaredPurpose]:
    """All declared purposes by code."""
    text = files("producers.register.documents").joinpath("purposes.yaml").read_text(encoding="utf-8")
    return MappingProxyType({told.code: told for told in map(DeclaredPurpose.model_validate, yaml.safe_load(text))})


def allowed(request: Request) -> Request:
    """The request itself; raises `Refusal` when it asks for what such a document or purpose does not permit."""
    purpose = purposes().get(request.occasion.purpose)
    if purpose is None:
        raise Refusal("KRN-DOCUMENT-PURPOSE", f"purpose: one of {', '.join(purposes())}")
    if not set(request.extra) <= set(ON_REQUEST):
        raise Refusal("KRN-DOCUMENT-ITEMS", f"items: of {', '.join(ON_REQUEST)}")
    for number in request.numbers:
        if KINDS[number] not in purpose.numbers:
            fitting = ", ".join(p.code for p in purposes().values() if KINDS[number] in p.numbers)
            raise Refusal("KRN-DOCUMENT-NUMBER", f"{KINDS[number]}: not for this purpose; only for {fitting}")
    if request.kind is DocumentKind.CODE_NOTICE and (request.household or request.extra or request.with_my_number):
        raise Refusal("KRN-DOCUMENT-ITEMS", "a resident-code notice is for one person and tells that code alone")
    return request
