"""Names with matching readings, drawn by how frequent surnames are; a few with characters outside JIS X 0213."""

from functools import cache
from itertools import accumulate
from random import Random

from japanese_personal_name_dataset import load_dataset

from topics.items.resident import PersonName, Sex

GAIJI_SHARE = 0.02
VARIATION_SELECTOR = "\U000e0100"
FOREIGN_NAMES = (
    ("NGUYEN THI MAI", "ぐえん てぃ まい", "ベトナム"), ("TRAN VAN MINH", "ちゃん ゔぁん みん", "ベトナム"),
    ("SANTOS MARIA", "さんとす まりあ", "フィリピン"), ("LI WEI", "り うぇい", "中国"),
    ("KIM MINJUN", "きむ みんじゅん", "韓国"), ("SILVA ANA", "しるば あな", "ブラジル"),
    ("GURUNG BISHAL", "ぐるん びしゃる", "ネパール"), ("SMITH JOHN", "すみす じょん", "米国"),
)  # fmt: skip


@cache
def _surnames() -> tuple[tuple[tuple[str, str], ...], tuple[int, ...]]:
    entries = load_dataset(kind="opti", include_last_names=True)[2]
    names = tuple((kanji, entry["reading"]) for kanji, entry in entries.items())
    return names, tuple(accumulate(entry["count"] for entry in entries.values()))


@cache
def _given_names(sex: Sex) -> tuple[tuple[str, tuple[str, ...]], ...]:
    men, women, _ = load_dataset(kind="opti", include_last_names=True)
    entries = men if sex == "1" else women
    return tuple((reading, tuple(entry["kanji"])) for reading, entry in entries.items() if entry["kanji"])


def surname(random: Random) -> tuple[str, str]:
    """A surname and its reading."""
    names, weights = _surnames()
    kanji, reading = random.choices(names, cum_weights=weights)[0]
    return (_with_gaiji(kanji), reading) if random.random() < GAIJI_SHARE else (kanji, reading)


def full_name(random: Random, family: tuple[str, str], sex: Sex) -> PersonName:
    """A full name in this family."""
    reading, forms = random.choice(_given_names(sex))
    return PersonName(text=f"{family[0]}　{random.choice(forms)}", kana=f"{family[1]}　{reading}")


def foreign_name(random: Random) -> tuple[PersonName, str]:
    """A foreign resident's name and nationality."""
    text, kana, nationality = random.choice(FOREIGN_NAMES)
    return PersonName(text=text, kana=kana), nationality


def _with_gaiji(kanji: str) -> str:
    """The first character in a variant that the national character set cannot show."""
    if "高" in kanji:
        return kanji.replace("高", "髙", 1)
    return kanji[0] + VARIATION_SELECTOR + kanji[1:]
