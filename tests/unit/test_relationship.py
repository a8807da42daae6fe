"""Relationships (続柄): which words, how many generations, and the codes of the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.relationship import (
    DISTANT,
    GENERATIONS,
    HEAD,
    Relationship,
    RelationshipError,
    RelationshipFault,
    from_codes,
    is_relationship,
    read_relationship,
    relationship_through,
)

ALONE = (HEAD, DISTANT, "同居人")
JOINING = (
    "夫",
    "妻",
    "夫（未届）",
    "妻（未届）",
    "子",
    "子（子の夫）",
    "子（子の妻）",
    "父",
    "母",
    "兄",
    "姉",
    "弟",
    "妹",
)
words = st.lists(st.sampled_from(JOINING), min_size=1, max_size=7)

FAULTS = {
    "孫": RelationshipFault.FORBIDDEN,
    "祖父母": RelationshipFault.FORBIDDEN,
    "甥": RelationshipFault.FORBIDDEN,
    "妻の姪": RelationshipFault.FORBIDDEN,
    "長男": RelationshipFault.FORBIDDEN,
    "内縁の妻": RelationshipFault.FORBIDDEN,
    "子の子の子の子の子": RelationshipFault.GENERATIONS,
    "子（子の妻）の子の子の子の子": RelationshipFault.GENERATIONS,
    "": RelationshipFault.UNKNOWN,
    "の": RelationshipFault.UNKNOWN,
    "子の": RelationshipFault.UNKNOWN,
    "子子": RelationshipFault.UNKNOWN,
    "世帯主の子": RelationshipFault.UNKNOWN,
    "同居人の子": RelationshipFault.UNKNOWN,
    "妻(未届)": RelationshipFault.UNKNOWN,
    "子 ": RelationshipFault.UNKNOWN,
}


@pytest.mark.parametrize("text", ALONE)
def test_some_words_stand_alone(text: str) -> None:
    assert read_relationship(text).words == (text,)


@pytest.mark.parametrize("text", FAULTS)
def test_what_is_no_relationship_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(RelationshipError, match="write") as refusal:
        read_relationship(text)
    assert refusal.value.fault is FAULTS[text]
    assert not is_relationship(text)


@given(words)
def test_words_joined_are_read_as_those_words_up_to_four_generations(joined: list[str]) -> None:
    text = "の".join(joined)
    if len(joined) > GENERATIONS:
        assert not is_relationship(text)
        assert relationship_through(joined).words == (DISTANT,)
    else:
        told = read_relationship(text)
        assert told == relationship_through(joined) == Relationship(tuple(joined))
        assert told.notation == text


@given(words.filter(lambda joined: len(joined) <= GENERATIONS))
def test_the_wire_leads_back(joined: list[str]) -> None:
    told = Relationship(tuple(joined))
    assert len(told.codes) == len(joined)
    assert from_codes(told.codes, told.notation) == told


def test_the_sample_codes() -> None:
    assert read_relationship("妻の母").codes == ("12", "52")
    assert [read_relationship(word).codes for word in ALONE] == [("02",), ("98",), ("99",)]


def test_codes_that_tell_something_else_than_the_words_are_refused() -> None:
    with pytest.raises(RelationshipError):
        from_codes(("12", "51"), "妻の母")
