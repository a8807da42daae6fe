"""Whatever the text: the set shows what is told, as many characters as before, and whatever differs is counted."""

from hypothesis import given
from hypothesis import strategies as st

from topics.text.character_sets import SHIPPED, CharacterSet, character_set
from topics.text.characters import characters, length
from topics.text.encoding import encode, gaiji_count

ALPHABET = "山髙葛𠮷靑か\u3099A　\ue000\U00020001\ufe00\U000e0100\U000e0102"
texts = st.one_of(st.text(alphabet=ALPHABET), st.text(st.characters(exclude_categories=["Cs"])))
sets = st.sampled_from(SHIPPED).map(character_set)


@given(texts, sets)
def test_every_difference_is_counted_and_placed(text: str, recipient_set: CharacterSet) -> None:
    encoded = encode(text, recipient_set)
    pairs = zip(characters(text), characters(encoded.text), strict=True)
    assert encoded.positions == tuple(place for place, (one, other) in enumerate(pairs, start=1) if one != other)
    assert encoded.gaiji == gaiji_count(text, recipient_set)


@given(texts, sets, st.integers(0, 30))
def test_nothing_is_cut_and_all_can_be_shown(text: str, recipient_set: CharacterSet, limit: int) -> None:
    encoded = encode(text, recipient_set, limit=limit)
    assert encoded.length == length(encoded.text) == length(text)
    assert encoded.excess == max(0, length(text) - limit)
    assert encode(encoded.text, recipient_set).gaiji == 0


@given(texts)
def test_characters_joined_are_the_text(text: str) -> None:
    assert "".join(characters(text)) == text


@given(texts, sets)
def test_what_is_shown_as_a_whole_is_shown_character_by_character(text: str, recipient_set: CharacterSet) -> None:
    whole = recipient_set.shows_all(text)
    assert not whole or all(map(recipient_set.shows, characters(text)))
