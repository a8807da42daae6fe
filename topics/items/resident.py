"""File 1: the resident register file (住民基本台帳ファイル), 44 items.

Items 2 and 3 hold random references to a version in the numbers database, never the numbers themselves.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from topics.dates import RegisterDate
from topics.items.catalogue import Blank, Catalogue, ItemClass, ItemType, item, part
from topics.model import WireModel

T = ItemType

NumberReference = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Serial = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
Sex = Literal["1", "2", "9"]
ResidentClass = Literal["japanese", "foreign"]


class PersonName(WireModel):
    """A name as received (code points and IVS kept) with its reading (ふりがな, hiragana)."""

    text: str = part("as written", "name", required=True)
    kana: str = part("its reading", "kana", required=True)


class Address(WireModel):
    """An address (住所): full text, municipality code, 7-digit postal code and 5-digit town code (大字・字コード)."""

    text: str = part("as written", "address", required=True)
    municipality: MunicipalityCode | None = part("municipality", "municipality-code")
    postal_code: str | None = part("postal code", "postal-code")
    town_code: str | None = part("town within the municipality", "town-code")


class Removal(WireModel):
    """Why and when a person ceased to be a resident (消除): reason code, day of the change, day filed."""

    reason: ReasonCode = part("reason of the removal", "code", required=True, codes="reasons")
    removed_on: RegisterDate = part("day of the removal", "date-of-change", required=True)
    filed_on: RegisterDate = part("day on which it was filed", "date", required=True)


class PlannedMoveOut(WireModel):
    """An announced move-out (転出予定) that is not yet effective."""

    planned_on: RegisterDate = part("day on which it is to take effect", "date", required=True)
    to: Address = part("address moved out to", "parts", required=True)


class ResidentRecord(WireModel):
    """One resident's record, item by item."""

    addressee_number: Serial = item(1, "宛名番号", T.TEXT, "the city's own number of a person", "serial", required=True)
    resident_code: NumberReference | None = item(
        2,
        "住民票コード",
        T.TEXT,
        "Juki-net's code of a resident",
        "number-reference",
        item_class=ItemClass.RESIDENT_CODE,
        blank=Blank.NOT_WHILE_RESIDENT,
    )
    my_number: NumberReference | None = item(
        3, "個人番号", T.TEXT, "the individual number", "number-reference", item_class=ItemClass.NUMBER
    )
    household_number: Serial = item(4, "世帯番号", T.TEXT, "the number of the household", "serial", required=True)
    name: PersonName = item(5, "氏名", T.NAME, "full name and reading", "parts", required=True)
    birth_date: RegisterDate = item(6, "生年月日", T.DATE, "date of birth", "date-or-leap-day", required=True)
    sex: Sex = item(7, "性別", T.CODE, "1 male, 2 female, 9 other or not stated", "code", required=True, codes="sex")
    relationship: str | None = item(8, "続柄", T.TEXT, "relationship to the head of the household", "relationship")
    resident_since: RegisterDate = item(
        9, "住民となった年月日", T.DATE, "day of becoming a resident", "date-or-leap-day", required=True
    )
    resident_since_filed_on: RegisterDate | None = item(
        10, "住民となった届出年月日", T.DATE, "day on which that was filed", "date"
    )
    resident_since_reason: ReasonCode = item(
        11, "住民となった事由", T.CODE, "reason of becoming a resident", "code", required=True, codes="reasons"
    )
    resident_class: ResidentClass = item(
        12,
        "住民区分（日本人、外国人）",
        T.CODE,
        "Japanese or foreign resident",
        "code",
        required=True,
        codes="resident-class",
    )
    head_name: str | None = item(13, "世帯主名", T.TEXT, "name of the head; empty while no head is set", "name")
    address: Address = item(14, "現住所", T.ADDRESS, "present address", "parts", required=True)
    address_since: RegisterDate = item(
        15, "住所を定めた年月日", T.DATE, "day of taking the address", "date-or-leap-day", required=True
    )
    address_since_filed_on: RegisterDate | None = item(
        16, "住所を定めた届出年月日", T.DATE, "day on which that was filed", "date"
    )
    previous_address: str | None = item(17, "前住所", T.TEXT, "address before the present one", "address")
    moved_in_from: Address | None = item(18, "転入元住所", T.ADDRESS, "address outside the city moved in from", "parts")
    moved_out_to: Address | None = item(19, "転出先住所", T.ADDRESS, "address outside the city moved out to", "parts")
    registered_domicile: str | None = item(
        20, "本籍地", T.TEXT, "registered domicile", "address", blank=Blank.NOT_FOR_JAPANESE
    )
    domicile_head: str | None = item(
        21, "筆頭者", T.TEXT, "first person of the family register", "name", blank=Blank.NOT_FOR_JAPANESE
    )
    remarks: str | None = item(22, "備考欄", T.TEXT, "remarks", "text")
    de_facto_head: str | None = item(23, "事実上の世帯主", T.TEXT, "de facto head of the household", "name")
    removal: Removal | None = item(24, "消除情報", T.ENTRY, "why and when the record was removed", "parts")
    foreign_resident_since: RegisterDate | None = item(
        25,
        "外国人住民となった年月日（外国人住民のみ）",
        T.DATE,
        "day of becoming a foreign resident",
        "date-or-leap-day",
        blank=Blank.NOT_FOR_FOREIGN,
    )
    nationality: str | None = item(26, "国籍（外国人住民のみ）", T.TEXT, "nationality or region", "text")
    article_30_45_class: str | None = item(
        27,
        "法第30条45規定区分（外国人住民のみ）",
        T.CODE,
        "class by Article 30-45 of the act",
        "code",
        codes="article-30-45-class",
    )
    residence_card_number: str | None = item(
        28,
        "在留カード等の番号（外国人住民のみ）",
        T.TEXT,
        "number of the residence card",
        "residence-card",
        blank=Blank.NOT_FOR_FOREIGN,
    )
    residence_status: str | None = item(29, "在留資格（外国人住民のみ）", T.TEXT, "status of residence", "text")
    alias: PersonName | None = item(30, "通称名（外国人住民のみ）", T.NAME, "alias in daily use", "parts")
    alias_entries: str | None = item(
        31, "通称の記載と消除に関する事項（外国人住民のみ）", T.TEXT, "entries and removals of aliases", "text"
    )
    individual_entries: str | None = item(32, "個別記載事項", T.TEXT, "entries of other services", "long-text")
    planned_move_out: PlannedMoveOut | None = item(33, "転出予定者情報", T.ENTRY, "an announced move-out", "parts")
    removed_record: str | None = item(34, "除票住民票情報", T.TEXT, "the removed record", "long-text")
    certificate_history: str | None = item(35, "証明書発行履歴", T.TEXT, "certificates issued", "long-text")
    change_history: str | None = item(36, "異動履歴", T.TEXT, "history of changes", "long-text")
    juki_card: str | None = item(37, "住基カード発行状況", T.TEXT, "basic resident register card", "long-text")
    my_number_card: str | None = item(38, "個人番号カード等情報", T.TEXT, "My Number card", "long-text")
    residence_card: str | None = item(39, "在留カード等情報", T.TEXT, "residence card", "long-text")
    processing_stop: str | None = item(40, "処理停止情報", T.TEXT, "stop of processing", "long-text")
    seal_registration: str | None = item(41, "印鑑登録情報", T.TEXT, "seal registration", "long-text")
    seal_image: str | None = item(42, "印影情報", T.TEXT, "image of the seal", "long-text")
    seal_changes: str | None = item(43, "印鑑登録異動履歴", T.TEXT, "changes of the seal registration", "long-text")
    seal_certificates: str | None = item(44, "印鑑証明書発行履歴", T.TEXT, "seal certificates issued", "long-text")


RESIDENT_FILE = Catalogue("resident", "住民基本台帳ファイル", ResidentRecord)
