"""Well-formed synthetic records of the three files, and how to make a fault in one."""

from typing import Any

from topics.items.catalogue import Catalogue
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.identity import IDENTITY_FILE
from topics.items.measures import measured
from topics.items.resident import RESIDENT_FILE
from topics.text.character_sets import character_set

REFERENCE = "0" * 31 + "a"
MY_NUMBER, RESIDENT_CODE = "123456789018", "24727059608"
GAIJI_NAME = "髙橋　太郎"
JIS_X_0213 = character_set("jis-x-0213")

RESIDENT: dict[str, Any] = {
    "addressee_number": "1000000007",
    "household_number": "2000000003",
    "resident_code": REFERENCE,
    "my_number": REFERENCE,
    "name": {"text": GAIJI_NAME, "kana": "たかはし　たろう"},
    "birth_date": "1975-02-29",
    "sex": "1",
    "relationship": "世帯主",
    "resident_since": "2001-04-01",
    "resident_since_filed_on": "2001-04-05",
    "resident_since_reason": "11",
    "resident_class": "japanese",
    "head_name": GAIJI_NAME,
    "address": {"text": "海老名市合成1番1号", "municipality": "142158", "postal_code": "2430492", "town_code": "00001"},
    "address_since": "2001-04-01",
    "registered_domicile": "なし",
    "domicile_head": "不明",
}
IDENTITY: dict[str, Any] = {
    "resident_code": RESIDENT_CODE,
    "name": GAIJI_NAME,
    "name_gaiji": 1,
    "name_kana": "たかはし　たろう",
    "name_seion": "タカハシ　タロウ",
    "birth_date": "1950-XX-XX",
    "sex": "2",
    "municipality": "142158",
    "address": "海老名市合成1番1号",
    "address_gaiji": 0,
    "my_number": MY_NUMBER,
    "resident_since": "2001-04-01",
    "address_since": "2001-04-01",
    "reason": "23",
    "changed_on": "2001-02-29",
    "record_status": "active",
    "planned": False,
    "update_sequence": 3,
    "timestamp": "2026-04-01T09:00:00.123+09:00",
}
DELIVERY_ADDRESS: dict[str, Any] = measured(
    DELIVERY_ADDRESS_FILE,
    {
        "management_number": "2026-000001",
        "destination_postal_code": "2430492",
        "destination_address": "海老名市合成1番1号",
        "destination_name": GAIJI_NAME,
        "municipality": "142158",
        "municipality_name": "海老名市",
        "municipality_phone": "046-000-0000",
        "persons": 1,
        "processed_on": "2026-04-01",
        "resident_code": RESIDENT_CODE,
        "name": GAIJI_NAME,
        "name_kana": "たかはし　たろう",
        "address": "海老名市合成1番1号",
        "birth_date": "1950-01-01",
        "sex": "1",
        "my_number": MY_NUMBER,
        "substitution_result": "1",
    },
    JIS_X_0213,
)
RECORDS: dict[str, tuple[Catalogue, dict[str, Any]]] = {
    "resident": (RESIDENT_FILE, RESIDENT),
    "identity": (IDENTITY_FILE, IDENTITY),
    "delivery-address": (DELIVERY_ADDRESS_FILE, DELIVERY_ADDRESS),
}
