"""File 2: the identity confirmation file (本人確認情報ファイル), 36 items.

Unlike file 1 it holds resident code and My Number themselves: it exists only inside deliveries that may carry them.
Items 29-36 are the national system's control fields; their public meaning is a working model. So are the formats: the
specification of the telegrams is not public, and each item's format says how certain it is.
"""

from typing import Annotated

from pydantic import StringConstraints

from topics.dates import RegisterDate
from topics.items.catalogue import Catalogue, ItemClass, ItemType, item
from topics.items.resident import MunicipalityCode, ReasonCode, Sex
from topics.model import WireModel

T = ItemType
CODE = ItemClass.RESIDENT_CODE

ResidentCodeText = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]
MyNumberText = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class IdentityRecord(WireModel):
    """One resident's identity confirmation information, item by item."""

    resident_code: ResidentCodeText = item(
        1, "住民票コード", T.TEXT, "Juki-net's code of a resident", "resident-code", item_class=CODE, required=True
    )
    name: str = item(2, "漢字氏名", T.TEXT, "name as written", "name", required=True)
    name_gaiji: int = item(
        3, "外字数（氏名）", T.COUNT, "characters of item 2 outside JIS X 0213", "gaiji", required=True, of="name"
    )
    name_kana: str = item(4, "ふりがな氏名", T.TEXT, "reading of the name", "kana", required=True)
    name_seion: str = item(
        5, "清音化かな氏名", T.TEXT, "reading without voicing, katakana", "seion", required=True, of="name_kana"
    )
    birth_date: RegisterDate = item(6, "生年月日", T.DATE, "date of birth", "date-or-leap-day", required=True)
    sex: Sex = item(7, "性別", T.CODE, "1 male, 2 female, 9 other or not stated", "code", required=True, codes="sex")
    municipality: MunicipalityCode = item(
        8, "市町村コード", T.CODE, "municipality of residence", "municipality-code", required=True
    )
    town_code: str | None = item(9, "大字・字コード", T.CODE, "town within the municipality", "town-code")
    postal_code: str | None = item(10, "郵便番号", T.CODE, "postal code", "postal-code")
    address: str = item(11, "住所", T.TEXT, "address", "address", required=True)
    address_gaiji: int = item(
        12, "外字数（住所）", T.COUNT, "characters of item 11 outside JIS X 0213", "gaiji", required=True, of="address"
    )
    my_number: MyNumberText = item(
        13, "個人番号", T.TEXT, "the individual number", "my-number", item_class=ItemClass.NUMBER, required=True
    )
    resident_since: RegisterDate = item(
        14, "住民となった日", T.DATE, "day of becoming a resident", "date-or-leap-day", required=True
    )
    address_since: RegisterDate = item(
        15, "住所を定めた日", T.DATE, "day of taking the address", "date-or-leap-day", required=True
    )
    filed_on: RegisterDate | None = item(16, "届出年月日", T.DATE, "day on which the address was filed", "date")
    previous_municipality: MunicipalityCode | None = item(
        17, "市町村コード（転入前）", T.CODE, "municipality moved in from", "municipality-code"
    )
    previous_address: str | None = item(18, "転入前住所", T.TEXT, "address moved in from", "address")
    previous_address_gaiji: int | None = item(
        19, "外字数（転入前住所）", T.COUNT, "characters of item 18 outside JIS X 0213", "gaiji", of="previous_address"
    )
    relationship: str | None = item(20, "続柄", T.TEXT, "relationship to the head of the household", "relationship")
    reason: ReasonCode | None = item(21, "異動事由", T.CODE, "reason of the change", "code", codes="reasons")
    changed_on: RegisterDate | None = item(22, "異動年月日", T.DATE, "day of the change", "date-of-change")
    reason_detail: str | None = item(23, "異動事由詳細", T.CODE, "detail of the reason", "opaque-code")
    former_resident_code: ResidentCodeText | None = item(
        24, "旧住民票コード", T.TEXT, "resident code before a change of code", "resident-code", item_class=CODE
    )
    resident_code_since: RegisterDate | None = item(
        25, "住民票コード使用年月日", T.DATE, "day from which the code is used", "date"
    )
    request_number: str | None = item(26, "依頼管理番号", T.TEXT, "correlates a request", "management-number")
    operator: str | None = item(27, "操作者ＩＤ", T.TEXT, "operator", "operator")
    terminal: str | None = item(28, "操作端末ＩＤ", T.TEXT, "operator's terminal", "operator")
    update_sequence: int | None = item(29, "更新順番号", T.COUNT, "strictly +1 per resident code", "count")
    abnormal_update_sequence: int | None = item(
        30, "異常時更新順番号", T.COUNT, "sequence of forced corrections outside the chain", "count"
    )
    update_forbidden: bool | None = item(31, "更新禁止フラグ", T.CODE, "the record is frozen", "flag")
    planned: bool | None = item(32, "予定者フラグ", T.CODE, "a move-out is announced", "flag")
    exclusive: bool | None = item(33, "排他フラグ", T.CODE, "locked by another process", "flag")
    gaiji: bool | None = item(34, "外字フラグ", T.CODE, "some text holds gaiji", "flag")
    record_status: str | None = item(
        35, "レコード状況フラグ", T.CODE, "active or ceased", "code", codes="record-status"
    )
    timestamp: str | None = item(36, "タイムスタンプ", T.TEXT, "when the change was registered, ISO 8601", "timestamp")


IDENTITY_FILE = Catalogue("identity", "本人確認情報ファイル", IdentityRecord)

CONTROL_ITEMS = frozenset(range(21, 37)) - {24, 25}
"""Items that describe the transmission, not the person: they alone never cause a delivery."""
