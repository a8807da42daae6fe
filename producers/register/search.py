"""Search at the counter by name and birth date (氏名・生年月日検索); the list it answers with cannot hold a number."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator

from infra.runtime.refusals import Refusal
from infra.runtime.scrubber import MARK, RUN, scrub
from infra.runtime.settings import Settings
from producers.register.access import Occasion, looking_up
from producers.register.lookup import COUNTER_ROLE
from topics.dates import EDTF, RegisterDate, is_legal
from topics.items.resident import Serial
from topics.model import WireModel
from topics.text.characters import length
from topics.text.search import kana_key, name_key

MOST = 20
LEAST_CHARACTERS = 2
WILDCARDS = frozenset("*?%_＊？％＿")


def _no_number(text: str) -> str:
    """Runs of digits that are a My Number or a resident code are not shown, wherever they come from."""
    return RUN.sub(MARK, text) if scrub(text)[1] else text


Shown = Annotated[str, AfterValidator(_no_number)]


class Listed(WireModel):
    """A resident in a list: enough to tell people apart. No field can hold a My Number or a resident code."""

    addressee_number: Serial
    name: Shown
    kana: Shown
    birth_date: RegisterDate
    address: Shown
    state: Literal["active", "ceased"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Keys by which somebody is searched: the beginning of a name or of a reading, and the whole birth date."""

    name_key: str
    kana_key: str
    birth_date: RegisterDate


def wanted(name: str, birth: str) -> Wanted:
    """What is searched for; raises `Refusal` for what would find anybody."""
    if WILDCARDS & set(name):
        raise Refusal("KRN-SEARCH-WILDCARD", "name: no wildcards; write the name or its beginning")
    key, kana = name_key(name), kana_key(name)
    if min(length(key), length(kana)) < LEAST_CHARACTERS:
        raise Refusal("KRN-SEARCH-SHORT", f"name: at least {LEAST_CHARACTERS} characters; write more of the name")
    if not re.fullmatch(EDTF, birth) or not is_legal(birth, leap_day=True):
        raise Refusal("KRN-SEARCH-BIRTH", "birth: the register's date, as 1980-02-29 or 1980-02-XX; ask for it")
    return Wanted(key, kana, birth)


async def search_residents(settings: Settings, municipality: str, who: Wanted, occasion: Occasion) -> list[Listed]:
    """Residents who fit, at most `MOST`; raises `Refusal` when more do. Either way the search is logged."""
    async with looking_up(settings, municipality, COUNTER_ROLE, occasion) as lookup:
        rows = await lookup.ask("search", who.name_key, who.kana_key, who.birth_date, MOST)
        too_many = any(row["addressee_number"] is None for row in rows)
        await lookup.tell([] if too_many else [row["addressee_number"] for row in rows])
    if too_many:
        raise Refusal("KRN-SEARCH-MANY", f"name: more than {MOST} residents fit; write more of the name")
    return [Listed.model_validate(dict(row)) for row in rows]
