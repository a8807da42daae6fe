"""File 3: the delivery address file (送付先情報ファイル), 61 items: where number notices and cards are sent.

A length (項目長) precedes each text that varies, a count of gaiji (外字数) follows it. The layout of the file sent to
機構 is not public: names are the assessment's, formats say how certain they are. Two names are slips of the pen there:
item 15 counts gaiji of an address and not of a code, and item 32 repeats the name of item 28 where the telephone
stands for the other places; each is known by its right name too.
"""

from topics.dates import RegisterDate
from topics.items.catalogue import Catalogue, ItemClass, ItemType, item
from topics.items.identity import MyNumberText, ResidentCodeText
from topics.items.resident import MunicipalityCode, Sex
from topics.model import WireModel

T = ItemType


class DeliveryAddressRecord(WireModel):
    """One resident's delivery address, item by item."""

    management_number: str = item(
        1, "送付先管理番号", T.TEXT, "number of the sending", "management-number", required=True
    )
    destination_postal_code: str | None = item(2, "送付先郵便番号", T.CODE, "postal code it is sent to", "postal-code")
    destination_address_length: int = item(
        3, "送付先住所　漢字項目長", T.COUNT, "length of item 4", "length", required=True, of="destination_address"
    )
    destination_address: str = item(4, "送付先住所　漢字", T.TEXT, "address it is sent to", "address", required=True)
    destination_address_gaiji: int = item(
        5, "送付先住所　漢字外字数", T.COUNT, "gaiji of item 4", "gaiji", required=True, of="destination_address"
    )
    destination_name_length: int = item(
        6, "送付先氏名　漢字項目長", T.COUNT, "length of item 7", "length", required=True, of="destination_name"
    )
    destination_name: str = item(7, "送付先氏名　漢字", T.TEXT, "name it is sent to", "name", required=True)
    destination_name_gaiji: int = item(
        8, "送付先氏名　漢字外字数", T.COUNT, "gaiji of item 7", "gaiji", required=True, of="destination_name"
    )
    municipality: MunicipalityCode = item(
        9, "市町村コード", T.CODE, "municipality that sends it", "municipality-code", required=True
    )
    municipality_name_length: int | None = item(
        10, "市町村名　項目長", T.COUNT, "length of item 11", "length", of="municipality_name"
    )
    municipality_name: str | None = item(11, "市町村名", T.TEXT, "its name", "name")
    municipality_postal_code: str | None = item(12, "市町村郵便番号", T.CODE, "its postal code", "postal-code")
    municipality_address_length: int | None = item(
        13, "市町村住所　項目長", T.COUNT, "length of item 14", "length", of="municipality_address"
    )
    municipality_address: str | None = item(14, "市町村住所", T.TEXT, "its address", "address")
    municipality_address_gaiji: int | None = item(
        15,
        "市町村コード　外字数",
        T.COUNT,
        "gaiji of item 14",
        "gaiji",
        of="municipality_address",
        aliases=("市町村住所　外字数",),
    )
    municipality_phone: str | None = item(16, "市町村電話番号", T.TEXT, "its telephone", "phone")
    handover_place_length: int | None = item(
        17, "交付場所名　項目長", T.COUNT, "length of item 18", "length", of="handover_place"
    )
    handover_place: str | None = item(18, "交付場所名", T.TEXT, "where the card is handed over", "name")
    handover_place_gaiji: int | None = item(
        19, "交付場所名　外字数", T.COUNT, "gaiji of item 18", "gaiji", of="handover_place"
    )
    handover_postal_code: str | None = item(20, "交付場所郵便番号", T.CODE, "its postal code", "postal-code")
    handover_address_length: int | None = item(
        21, "交付場所住所　項目長", T.COUNT, "length of item 22", "length", of="handover_address"
    )
    handover_address: str | None = item(22, "交付場所住所", T.TEXT, "its address", "address")
    handover_address_gaiji: int | None = item(
        23, "交付場所住所　外字数", T.COUNT, "gaiji of item 22", "gaiji", of="handover_address"
    )
    handover_phone: str | None = item(24, "交付場所電話番号", T.TEXT, "its telephone", "phone")
    card_place_length: int | None = item(
        25, "カード送付場所名　項目長", T.COUNT, "length of item 26", "length", of="card_place"
    )
    card_place: str | None = item(26, "カード送付場所名", T.TEXT, "where the card is sent", "name")
    card_place_gaiji: int | None = item(
        27, "カード送付場所名　外字数", T.COUNT, "gaiji of item 26", "gaiji", of="card_place"
    )
    card_postal_code: str | None = item(28, "カード送付場所郵便番号", T.CODE, "its postal code", "postal-code")
    card_address_length: int | None = item(
        29, "カード送付場所住所　項目長", T.COUNT, "length of item 30", "length", of="card_address"
    )
    card_address: str | None = item(30, "カード送付場所住所", T.TEXT, "its address", "address")
    card_address_gaiji: int | None = item(
        31, "カード送付場所住所　外字数", T.COUNT, "gaiji of item 30", "gaiji", of="card_address"
    )
    card_phone: str | None = item(
        32, "カード送付場所郵便番号", T.TEXT, "its telephone", "phone", aliases=("カード送付場所電話番号",)
    )
    persons: int = item(33, "対象となる人数", T.COUNT, "how many persons it concerns", "count", required=True)
    processed_on: RegisterDate = item(34, "処理年月日", T.DATE, "day of processing", "date", required=True)
    operator: str | None = item(35, "操作者ＩＤ", T.TEXT, "operator", "operator")
    terminal: str | None = item(36, "操作端末ＩＤ", T.TEXT, "operator's terminal", "operator")
    print_class: str | None = item(37, "印刷区分", T.CODE, "what is printed", "opaque-code")
    resident_code: ResidentCodeText = item(
        38,
        "住民票コード",
        T.TEXT,
        "Juki-net's code of a resident",
        "resident-code",
        item_class=ItemClass.RESIDENT_CODE,
        required=True,
    )
    name_length: int = item(39, "氏名　漢字項目長", T.COUNT, "length of item 40", "length", required=True, of="name")
    name: str = item(40, "氏名　漢字", T.TEXT, "name as written", "name", required=True)
    name_gaiji: int = item(41, "氏名　漢字　外字数", T.COUNT, "gaiji of item 40", "gaiji", required=True, of="name")
    name_kana_length: int = item(
        42, "氏名　かな項目長", T.COUNT, "length of item 43", "length", required=True, of="name_kana"
    )
    name_kana: str = item(43, "氏名　かな", T.TEXT, "reading of the name", "kana", required=True)
    postal_code: str | None = item(44, "郵便番号", T.CODE, "postal code of residence", "postal-code")
    address_length: int = item(45, "住所　項目長", T.COUNT, "length of item 46", "length", required=True, of="address")
    address: str = item(46, "住所", T.TEXT, "address of residence", "address", required=True)
    address_gaiji: int = item(47, "住所　外字数", T.COUNT, "gaiji of item 46", "gaiji", required=True, of="address")
    birth_date: RegisterDate = item(48, "生年月日", T.DATE, "date of birth", "date-or-leap-day", required=True)
    sex: Sex = item(49, "性別", T.CODE, "1 male, 2 female, 9 other or not stated", "code", required=True, codes="sex")
    my_number: MyNumberText = item(
        50, "個人番号", T.TEXT, "the individual number", "my-number", item_class=ItemClass.NUMBER, required=True
    )
    article_30_45_class: str | None = item(
        51,
        "法第30条の45に規定する区分",
        T.CODE,
        "class by Article 30-45 of the act",
        "code",
        codes="article-30-45-class",
    )
    residence_until: RegisterDate | None = item(
        52, "在留期間の満了の日", T.DATE, "last day of the period of residence", "date"
    )
    substitution_result: str | None = item(
        53, "代替文字変換結果", T.CODE, "whether characters were replaced", "code", codes="substitution-result"
    )
    substitute_name_length: int | None = item(
        54, "代替文字氏名　項目長", T.COUNT, "length of item 55", "length", of="substitute_name"
    )
    substitute_name: str | None = item(
        55, "代替文字氏名", T.TEXT, "item 40 with substitute characters", "name", original="name"
    )
    substitute_address_length: int | None = item(
        56, "代替文字住所　項目長", T.COUNT, "length of item 57", "length", of="substitute_address"
    )
    substitute_address: str | None = item(
        57, "代替文字住所", T.TEXT, "item 46 with substitute characters", "address", original="address"
    )
    substitute_name_positions: tuple[int, ...] | None = item(
        58,
        "代替文字氏名位置情報",
        T.POSITIONS,
        "which characters of item 55 are substitutes",
        "positions",
        of="substitute_name",
        original="name",
    )
    substitute_address_positions: tuple[int, ...] | None = item(
        59,
        "代替文字住所位置情報",
        T.POSITIONS,
        "which characters of item 57 are substitutes",
        "positions",
        of="substitute_address",
        original="address",
    )
    gaiji: bool | None = item(60, "外字フラグ", T.CODE, "some text holds gaiji", "flag")
    gaiji_patterns: str | None = item(61, "外字パターン", T.TEXT, "images of the gaiji", "gaiji-patterns")


DELIVERY_ADDRESS_FILE = Catalogue("delivery-address", "送付先情報ファイル", DeliveryAddressRecord)

OFFICE_ITEMS = frozenset(range(9, 33))
"""Items about the municipality's offices, alike for everybody it sends."""
SENDING_ITEMS = frozenset({1, *OFFICE_ITEMS, *range(33, 38)})
"""Items that describe the sending and its sender, not the person: they alone never cause a delivery."""
