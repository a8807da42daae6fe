"""Filings (届出) as the counter hands them in, one model for each kind; validated in form here, in sense by `rules`."""

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError

from producers.register.findings import FilingRefusedError, Rule
from producers.register.relationship import is_relationship
from producers.register.texts import SENTENCE, first_unfit
from topics.check_digits import is_serial
from topics.dates import RegisterDate, calendar_day
from topics.guarded import MyNumber, ResidentCode
from topics.items.resident import Address, PersonName, ReasonCode, ResidentClass, Sex
from topics.model import WireModel
from topics.strict_json import AmbiguousJsonError, unambiguous


def _checked(holds: Any, sentence: str) -> AfterValidator:
    def check(text: str) -> str:
        if not holds(text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


Serial = Annotated[str, _checked(is_serial, "10 digits, the last a check digit; look the person or household up")]
Relationship = Annotated[
    str, _checked(is_relationship, "words of 続柄 joined by の, four generations at most; else 縁故者 or 同居人")
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Day = Annotated[RegisterDate, _checked(calendar_day, "a day of the calendar")]
Article3045Class = Annotated[str, StringConstraints(pattern=r"^[1-4]$")]
ResidenceCardNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{8}[A-Z]{2}$")]
Operator = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


class ForeignStatus(WireModel):
    """What the register holds of a foreign resident (外国人住民) beside the common items; items 25-29."""

    since: RegisterDate
    nationality: Text
    article_30_45_class: Article3045Class
    residence_card_number: ResidenceCardNumber | None = None
    residence_status: Text | None = None


class NewPerson(WireModel):
    """A person who enters the register; with `addressee_number` one who had been in it before (再転入)."""

    name: PersonName
    birth_date: RegisterDate
    sex: Sex
    relationship: Relationship
    resident_class: ResidentClass = "japanese"
    addressee_number: Serial | None = None
    my_number: MyNumber | None = None
    resident_code: ResidentCode | None = None
    registered_domicile: Text | None = None
    domicile_head: Text | None = None
    foreign: ForeignStatus | None = None


class MigratedPerson(NewPerson):
    """A person taken over from the former system, with the dates as they stood there."""

    resident_since: RegisterDate
    resident_since_reason: ReasonCode
    address_since: RegisterDate
    previous_address: Text | None = None


class Place(WireModel):
    """A member's place in a household: who, and the relationship to its head."""

    addressee_number: Serial
    relationship: Relationship


class _Filing(WireModel):
    """`filed_on` is the day on which it is handed in (届出日); for what the office does by itself, of its decision.

    Of the six dates 異動日 is `changed_on`, 申出日 `requested_on`, 通知日 `notified_on`, 請求日 `claimed_on`.
    """

    filing_id: UUID
    operator: Operator
    filed_on: Day
    changed_on: RegisterDate
    requested_on: Day | None = None
    notified_on: Day | None = None
    claimed_on: Day | None = None
    provisional: bool = False

    @property
    def filed_day(self) -> date:
        """The day on which it is handed in."""
        return date.fromisoformat(self.filed_on)


Persons = Annotated[tuple[NewPerson, ...], Field(min_length=1, max_length=20)]
Residents = Annotated[tuple[Serial, ...], Field(min_length=1, max_length=20)]
Places = Annotated[tuple[Place, ...], Field(min_length=1, max_length=20)]


class Migration(_Filing):
    """A household of the former system (移行): its members and their address."""

    kind: Literal["migration"] = "migration"
    address: Address
    persons: Annotated[tuple[MigratedPerson, ...], Field(min_length=1, max_length=20)]


class DomesticMoveIn(_Filing):
    """Move-in from another municipality (国内転入); with `household_number` into a household that exists.

    `unreported` are addresses since the origin that were never reported (未届転入), the latest last. A child born on
    the way enters as one of the persons: a move-in filed with a birth is a move-in.
    """

    kind: Literal["move-in-domestic"] = "move-in-domestic"
    origin: Address
    unreported: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    address: Address
    persons: Persons
    household_number: Serial | None = None


class MoveInFromAbroad(_Filing):
    """Move-in from abroad (国外転入); who has never been numbered is numbered afterwards."""

    kind: Literal["move-in-abroad"] = "move-in-abroad"
    origin: Address
    address: Address
    persons: Persons
    household_number: Serial | None = None


class ExOfficioEntry(_Filing):
    """Ex-officio entry (職権記載) of persons who live here and stood in no register."""

    kind: Literal["ex-officio-entry"] = "ex-officio-entry"
    address: Address
    persons: Persons
    household_number: Serial | None = None


class MoveOutAnnounced(_Filing):
    """Announced move-out (転出届出), also abroad: the only filing whose day may lie ahead."""

    kind: Literal["move-out-announced"] = "move-out-announced"
    residents: Residents
    to: Address


class MoveOutEffective(_Filing):
    """The announced day has come (転出予定日の到来): what the register's clock files by itself."""

    kind: Literal["move-out-effective"] = "move-out-effective"
    residents: Residents


class MoveInNotice(_Filing):
    """Move-in notice (転入通知): where these persons went to live, and since when (`changed_on`)."""

    kind: Literal["move-in-notice"] = "move-in-notice"
    residents: Residents
    to: Address


class ExOfficioRemoval(_Filing):
    """Ex-officio removal (職権消除): declared missing (失踪宣告), late to announce, or not living here."""

    kind: Literal["ex-officio-removal"] = "ex-officio-removal"
    residents: Residents
    cause: Literal["declared-missing", "late-move-out", "not-living-here"]
    to: Address | None = None


class MoveWithin(_Filing):
    """Move within the city (転居), with all members or some, into a household that exists or a new one."""

    kind: Literal["move-within"] = "move-within"
    places: Places
    address: Address
    household_number: Serial | None = None


class Birth(_Filing):
    """Birth (出生) into a household; My Number comes later, from the national pool."""

    kind: Literal["birth"] = "birth"
    household_number: Serial
    child: NewPerson


class Death(_Filing):
    """Death (死亡)."""

    kind: Literal["death"] = "death"
    resident: Serial


class ChangeOfHead(_Filing):
    """Change of head (世帯主変更): the new places of all members."""

    kind: Literal["change-of-head"] = "change-of-head"
    household_number: Serial
    places: Places


class HouseholdSplit(_Filing):
    """Household split (世帯分離): these members become a household of their own at the same address."""

    kind: Literal["household-split"] = "household-split"
    places: Places


class HouseholdMerge(_Filing):
    """Household merge (世帯合併): all members of another household at the same address join `household_number`."""

    kind: Literal["household-merge"] = "household-merge"
    household_number: Serial
    places: Places


class HouseholdChange(_Filing):
    """Household change (世帯変更): some members join another household at the same address."""

    kind: Literal["household-change"] = "household-change"
    household_number: Serial
    places: Places


class _Correction(_Filing):
    resident: Serial
    refers_to: Annotated[int, Field(ge=1)] | None = None
    name: PersonName | None = None
    birth_date: RegisterDate | None = None
    sex: Sex | None = None
    resident_since: RegisterDate | None = None
    address_since: RegisterDate | None = None
    previous_address: Text | None = None
    registered_domicile: Text | None = None
    domicile_head: Text | None = None
    de_facto_head: Text | None = None
    remarks: Text | None = None


class ExOfficioCorrection(_Correction):
    """Ex-officio correction (職権修正) of what has become otherwise; `refers_to` is the history number in question."""

    kind: Literal["ex-officio-correction"] = "ex-officio-correction"


class ClericalCorrection(_Correction):
    """Correction of what was entered wrongly (誤記修正); `refers_to` is the history number in question."""

    kind: Literal["clerical-correction"] = "clerical-correction"


class MinorAmendment(_Filing):
    """Minor amendment (軽微な修正): another form of a name's characters, or other words for the same place.

    Either `resident` and `name`, or `household_number` and `address` for all who live there.
    """

    kind: Literal["minor-amendment"] = "minor-amendment"
    resident: Serial | None = None
    name: PersonName | None = None
    household_number: Serial | None = None
    address: Address | None = None


class NumberEntry(_Filing):
    """Entry of numbers (個人番号・住民票コードの職権記載) as the national organisation (機構) replied."""

    kind: Literal["number-entry"] = "number-entry"
    resident: Serial
    my_number: MyNumber | None = None
    resident_code: ResidentCode | None = None


class NumberChange(_Filing):
    """Another My Number in place of one's own: on request (個人番号の変更請求) or ex officio (個人番号の職権修正)."""

    kind: Literal["number-change-request", "number-correction"]
    resident: Serial
    my_number: MyNumber


class CodeChange(_Filing):
    """Another resident code in place of one's own, on request (住民票コードの変更請求)."""

    kind: Literal["code-change-request"] = "code-change-request"
    resident: Serial
    resident_code: ResidentCode


class Naturalisation(_Filing):
    """Naturalisation (帰化): a foreign resident's record goes on as a Japanese one's."""

    kind: Literal["naturalisation"] = "naturalisation"
    resident: Serial
    name: PersonName
    registered_domicile: Text
    domicile_head: Text


class NationalityLoss(_Filing):
    """Loss of Japanese nationality (国籍喪失): a Japanese record goes on as a foreign resident's."""

    kind: Literal["nationality-loss"] = "nationality-loss"
    resident: Serial
    name: PersonName | None = None
    foreign: ForeignStatus


class ResidenceNotice(_Filing):
    """Notice of the immigration authority (在留情報の通知): status of residence, card."""

    kind: Literal["residence-notice"] = "residence-notice"
    resident: Serial
    nationality: Text | None = None
    article_30_45_class: Article3045Class | None = None
    residence_card_number: ResidenceCardNumber | None = None
    residence_status: Text | None = None
    residence_card: Text | None = None


class FormerName(_Filing):
    """Former family name (旧氏) beside the present one: entered, changed, or removed when none is given."""

    kind: Literal["former-name"] = "former-name"
    resident: Serial
    former: PersonName | None = None


class Alias(_Filing):
    """Alias (通称) of a foreign resident: entered, or removed when none is given."""

    kind: Literal["alias"] = "alias"
    resident: Serial
    alias: PersonName | None = None


class Renewal(_Filing):
    """The record is written out anew (改製), or made again after a loss (再製)."""

    kind: Literal["renewal", "reproduction"]
    resident: Serial


class Annulment(_Filing):
    """Annulment (異動の取消し) of an earlier filing as a whole: restores the state before it, stacks history."""

    kind: Literal["annulment"] = "annulment"
    annuls: UUID


Filing = (
    Migration | DomesticMoveIn | MoveInFromAbroad | ExOfficioEntry | Birth | MoveOutAnnounced | MoveOutEffective
    | MoveInNotice | Death | ExOfficioRemoval | MoveWithin | ChangeOfHead | HouseholdSplit | HouseholdMerge
    | HouseholdChange | ExOfficioCorrection | ClericalCorrection | MinorAmendment | NumberEntry | NumberChange
    | CodeChange | Naturalisation | NationalityLoss | ResidenceNotice | FormerName | Alias | Renewal | Annulment
)  # fmt: skip

_GUARDED = {"my_number": True, "resident_code": True}
NUMBERS: Any = {**_GUARDED, "persons": {"__all__": _GUARDED}, "child": _GUARDED}
"""Where numbers stand in a filing: what is left out of every form in which it is kept or looked over."""

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_FILING: TypeAdapter[Filing] = TypeAdapter(Annotated[Filing, Field(discriminator="kind")])
_SENTENCES = {"union_tag_invalid": "must be one of the kinds of filing", "uuid_parsing": "must be a UUID"}
"""In place of the library's sentences that quote what they refuse."""


def parse_filing(text: str | bytes) -> Filing:
    """The filing in JSON `text`; raises `FilingRefusedError` that names the first field at fault, never its value."""
    try:
        filing = _FILING.validate_json(unambiguous(text))
    except AmbiguousJsonError as error:
        raise FilingRefusedError(Rule.FORMAT, "kind", f"{error}; write the filing anew") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(map(_field, first["loc"][1:])) or "kind"
        sentence = _SENTENCES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise FilingRefusedError(Rule.FORMAT, field, sentence) from None
    unfit = first_unfit(filing.model_dump(exclude_none=True, exclude=NUMBERS))
    if unfit is not None:
        raise FilingRefusedError(Rule.TEXT, unfit, SENTENCE)
    return filing


def _field(part: int | str) -> str:
    """A part of a field's place; an unknown field's name is the sender's own text, and repeated only if harmless."""
    return str(part) if isinstance(part, int) or _FIELD_NAME.fullmatch(part) else "?"
