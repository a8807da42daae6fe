"""Who a person is by law: nationality (帰化・国籍喪失), former family name (旧氏), alias (通称)."""

from producers.register.book import Amendment, Book
from producers.register.filings import Alias, FormerName, NationalityLoss, Naturalisation
from producers.register.findings import FilingRefusedError, Rule
from producers.register.former_name import NoFamilyNameError, former_of, with_former, without_former
from producers.register.rules.common import changed, renamed, told_of_head
from producers.register.rules.entering import foreign_items
from topics.items.resident import PersonName, ResidentRecord

_OF_FOREIGNERS = (
    "foreign_resident_since", "nationality", "article_30_45_class", "residence_card_number", "residence_status",
    "alias", "alias_entries", "residence_card",
)  # fmt: skip


def naturalise(book: Book, filing: Naturalisation) -> list[Amendment]:
    """Naturalisation (帰化): one paired change. Numbers, address, sex and birth stay; item 25 becomes item 9."""
    record = book.active(filing.resident, "resident")
    items = dict.fromkeys(_OF_FOREIGNERS) | {
        "resident_class": "japanese",
        "resident_since": record.foreign_resident_since or record.resident_since,
        "registered_domicile": filing.registered_domicile,
        "domicile_head": filing.domicile_head,
    }
    return _renamed(book, record, "naturalisation-entry", filing.name, items)


def lose_nationality(book: Book, filing: NationalityLoss) -> list[Amendment]:
    """Loss of nationality (国籍喪失): one paired change to a foreign resident's record."""
    record = book.active(filing.resident, "resident")
    items = {
        **foreign_items(filing.foreign),
        "resident_class": "foreign",
        "registered_domicile": None,
        "domicile_head": None,
    }
    return _renamed(book, record, "nationality-loss-entry", filing.name or without_former(record.name), items)


def file_former_name(book: Book, filing: FormerName) -> list[Amendment]:
    """The former family name is entered, changed or removed (旧氏の記載・変更・削除); it stands within item 5."""
    record = book.active(filing.resident, "resident")
    had = former_of(record.name) is not None
    if filing.former is None:
        return _renamed(book, record, "former-name-removal", without_former(record.name), {})
    reason = "former-name-change" if had else "former-name-entry"
    return _renamed(book, record, reason, _with_former(record.name, filing.former), {})


def _with_former(name: PersonName, former: PersonName) -> PersonName:
    try:
        return with_former(without_former(name), former)
    except NoFamilyNameError:
        raise FilingRefusedError(
            Rule.NAME, "former", "the name has no family name apart; correct the name first"
        ) from None


def file_alias(book: Book, filing: Alias) -> list[Amendment]:
    """The alias is entered or removed (通称の記載・削除); item 31 keeps every entry and removal."""
    record = book.active(filing.resident, "resident")
    if filing.alias is not None and record.alias is not None:
        raise FilingRefusedError(Rule.NAME, "alias", "the person has an alias; file its removal first")
    if filing.alias is None and record.alias is None:
        return []
    reason, word = ("alias-removal", "削除") if filing.alias is None else ("alias-entry", "記載")
    entry = f"{word} {filing.changed_on}"
    entries = entry if record.alias_entries is None else f"{record.alias_entries}　{entry}"
    return [changed(record, reason, alias=filing.alias, alias_entries=entries)]


def _renamed(
    book: Book, record: ResidentRecord, reason: str, name: PersonName, items: dict[str, object]
) -> list[Amendment]:
    own = changed(record, reason, **items, **renamed(record, name))
    return [own, *told_of_head(book, record, name)]
