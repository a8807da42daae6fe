"""Households as they come: who lives together, how old they are, where they are from, and their invented numbers."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from producers.synthetic.names import foreign_name, full_name, surname
from topics.check_digits import my_number_digit, resident_code_digit
from topics.items.resident import Address, Sex
from topics.relationship import HEAD

FOREIGN_SHARE = 0.025
UNKNOWN_DATE_SHARE = 0.001
SHAPES: tuple[tuple[tuple[str, ...], int], ...] = (
    ((HEAD,), 38), ((HEAD, "妻"), 20), ((HEAD, "妻", "子"), 14), ((HEAD, "妻", "子", "子"), 14),
    ((HEAD, "子"), 6), ((HEAD, "子", "子"), 3), ((HEAD, "妻", "子", "母"), 3), ((HEAD, "夫", "子"), 2),
)  # fmt: skip
AGES = {"子": (0, 22), "母": (60, 95), "父": (60, 95)}
ADULT = (20, 90)


@dataclass(frozen=True, slots=True)
class Family:
    """What a household's persons share: its shape, its family name, where it is registered."""

    relationships: tuple[str, ...]
    name: tuple[str, str]
    foreign: bool
    domicile: Address


def family(random: Random, domicile: Address, largest: int = 20) -> Family:
    """A family of at most `largest` persons."""
    fitting = [(shape, weight) for shape, weight in SHAPES if len(shape) <= largest]
    shapes, weights = zip(*fitting, strict=True)
    return Family(random.choices(shapes, weights)[0], surname(random), random.random() < FOREIGN_SHARE, domicile)


def persons(random: Random, kin: Family, today: date, *, numbered: bool) -> list[dict[str, Any]]:
    """The family's members as a filing tells them, the head first."""
    head_sex = _sex_of_head(random, kin.relationships)
    told = [_person(random, kin, relationship, head_sex, today) for relationship in kin.relationships]
    for person in told:
        if not kin.foreign:
            person["domicile_head"] = told[0]["name"].text
        if numbered:
            person |= {"my_number": my_number(random), "resident_code": resident_code(random)}
    return told


def child(random: Random, name: tuple[str, str], born_on: date) -> dict[str, Any]:
    """A newborn."""
    sex = _either(random)
    return {
        "name": full_name(random, name, sex),
        "birth_date": born_on.isoformat(),
        "sex": sex,
        "relationship": "子",
        "resident_code": resident_code(random),
    }


def my_number(random: Random) -> str:
    """An invented My Number with a right check digit."""
    body = f"{random.randrange(10**11):011d}"
    return body + my_number_digit(body)


def resident_code(random: Random) -> str:
    """An invented resident code with a right check digit."""
    body = f"{random.randrange(10**10):010d}"
    return body + resident_code_digit(body)


def _person(random: Random, kin: Family, relationship: str, head_sex: Sex, today: date) -> dict[str, Any]:
    sex = _sex(random, relationship, head_sex)
    youngest, oldest = AGES.get(relationship, ADULT)
    birth = birth_date(random, today.year - random.randint(youngest + 1, oldest + 1))
    person: dict[str, Any] = {"birth_date": birth, "sex": sex, "relationship": relationship}
    if not kin.foreign:
        return person | {"name": full_name(random, kin.name, sex), "registered_domicile": kin.domicile.text}
    name, nationality = foreign_name(random)
    return person | {"name": name, "resident_class": "foreign", "foreign": foreign_status(random, today, nationality)}


def foreign_status(random: Random, since: date, nationality: str) -> dict[str, str]:
    """A foreign resident's status with an invented residence card."""
    letters = [random.choice("ABCDEFGHJKLMNPQRSTUVWXY") for _ in range(4)]
    card = f"{letters[0]}{letters[1]}{random.randrange(10**8):08d}{letters[2]}{letters[3]}"
    status = {"since": since.isoformat(), "nationality": nationality, "article_30_45_class": "1"}
    return status | {"residence_card_number": card, "residence_status": "技術・人文知識・国際業務"}


def _sex_of_head(random: Random, relationships: tuple[str, ...]) -> Sex:
    if "妻" in relationships:
        return "1"
    return "2" if "夫" in relationships else _either(random)


def _sex(random: Random, relationship: str, head_sex: Sex) -> Sex:
    fixed: dict[str, Sex] = {HEAD: head_sex, "妻": "2", "母": "2", "夫": "1", "父": "1"}
    return fixed[relationship] if relationship in fixed else _either(random)


def _either(random: Random) -> Sex:
    return "1" if random.random() < 0.5 else "2"


def birth_date(random: Random, year: int) -> str:
    """A day of birth in this year; of a few people the day, or the month too, is not known."""
    day = f"{year}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    if random.random() >= UNKNOWN_DATE_SHARE:
        return day
    return random.choice((f"{year}-XX-XX", f"{day[:7]}-XX"))
