"""Filings that put a record right: corrections, minor amendments, notices, new sheets, annulment."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from producers.register.filings.parts import Article3045Class, FilingForm, ResidenceCardNumber, Serial, Text
from topics.dates import RegisterDate
from topics.items.resident import Address, PersonName, Sex


class _Correction(FilingForm):
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


class MinorAmendment(FilingForm):
    """Minor amendment (軽微な修正): another form of a name's characters, or other words for the same place.

    Either `resident` and `name`, or `household_number` and `address` for all who live there.
    """

    kind: Literal["minor-amendment"] = "minor-amendment"
    resident: Serial | None = None
    name: PersonName | None = None
    household_number: Serial | None = None
    address: Address | None = None


class ResidenceNotice(FilingForm):
    """Notice of the immigration authority (在留情報の通知): status of residence, card."""

    kind: Literal["residence-notice"] = "residence-notice"
    resident: Serial
    nationality: Text | None = None
    article_30_45_class: Article3045Class | None = None
    residence_card_number: ResidenceCardNumber | None = None
    residence_status: Text | None = None
    residence_card: Text | None = None


class Renewal(FilingForm):
    """The record is written out anew (改製), or made again after a loss (再製)."""

    kind: Literal["renewal", "reproduction"]
    resident: Serial


class Annulment(FilingForm):
    """Annulment (異動の取消し) of an earlier filing as a whole: restores the state before it, stacks history."""

    kind: Literal["annulment"] = "annulment"
    annuls: UUID
