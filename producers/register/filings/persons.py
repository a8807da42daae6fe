"""Filings of who a person is by law: numbers, nationality, names."""

from typing import Literal

from producers.register.filings.parts import FilingForm, ForeignStatus, Serial, Text
from topics.guarded import MyNumber, ResidentCode
from topics.items.resident import PersonName


class NumberEntry(FilingForm):
    """Entry of numbers (個人番号・住民票コードの職権記載) as the national organisation (機構) replied."""

    kind: Literal["number-entry"] = "number-entry"
    resident: Serial
    my_number: MyNumber | None = None
    resident_code: ResidentCode | None = None


class NumberChange(FilingForm):
    """Another My Number in place of one's own: on request (個人番号の変更請求) or ex officio (個人番号の職権修正)."""

    kind: Literal["number-change-request", "number-correction"]
    resident: Serial
    my_number: MyNumber | None = None


class CodeChange(FilingForm):
    """Another resident code in place of one's own, on request (住民票コードの変更請求)."""

    kind: Literal["code-change-request"] = "code-change-request"
    resident: Serial
    resident_code: ResidentCode | None = None


class Naturalisation(FilingForm):
    """Naturalisation (帰化): a foreign resident's record goes on as a Japanese one's."""

    kind: Literal["naturalisation"] = "naturalisation"
    resident: Serial
    name: PersonName
    registered_domicile: Text
    domicile_head: Text


class NationalityLoss(FilingForm):
    """Loss of Japanese nationality (国籍喪失): a Japanese record goes on as a foreign resident's."""

    kind: Literal["nationality-loss"] = "nationality-loss"
    resident: Serial
    name: PersonName | None = None
    foreign: ForeignStatus


class FormerName(FilingForm):
    """Former family name (旧氏) beside the present one: entered, changed, or removed when none is given."""

    kind: Literal["former-name"] = "former-name"
    resident: Serial
    former: PersonName | None = None


class Alias(FilingForm):
    """Alias (通称) of a foreign resident: entered, or removed when none is given."""

    kind: Literal["alias"] = "alias"
    resident: Serial
    alias: PersonName | None = None
