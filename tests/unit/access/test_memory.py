"""Windows of facts: the same facts come to the same, however often and in which order they are told."""

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some

from hub.watch.access.memory import FACT, HANDLING_DAYS, OPEN_DAYS, Memory, is_explained
from hub.watch.access.sweep import sweep
from hub.watch.access.taking import apply, is_stale, take
from tests.unit.access.entries import DAY, HOUR, MONDAY, handled, looked, said, up_to
from topics.messages.access import Entry, Question

LOG: list[Entry] = [
    looked("a1", MONDAY, "x"),
    looked("a1", MONDAY, "y"),
    handled(MONDAY, "z"),
    looked("a2", MONDAY, "z"),
    looked("a1", MONDAY + DAY, "x"),
    looked("a1", MONDAY + 2 * DAY, "x"),
    *[looked(f"a{n}", MONDAY + n * HOUR, "w") for n in range(1, 7)],
]
END = up_to(MONDAY + 5 * DAY)


@given(some.permutations(LOG), some.lists(some.sampled_from(LOG), max_size=8))
@examples(max_examples=60)
def test_doubles_and_order_change_nothing(log: list[Entry], again: list[Entry]) -> None:
    assert said([*log, *again, END, *again, END]) == said([*LOG, END])


@given(some.integers(0, len(LOG)))
@examples(max_examples=20)
def test_whoever_is_killed_begins_anew_from_the_facts(point: int) -> None:
    memory = Memory()
    before = said(LOG[:point], memory)
    anew = Memory()
    for fact in memory.facts.values():
        anew.remember(FACT.validate_json(fact.to_wire()))
    assert before | said([*LOG[max(0, point - 2) :], END], anew) == said([*LOG, END])


def test_what_is_over_becomes_numbers_and_the_unexplained_stays() -> None:
    memory = Memory()
    said([*LOG, up_to(MONDAY + (OPEN_DAYS + 1) * DAY), up_to(MONDAY + (HANDLING_DAYS + 4) * DAY)], memory)
    left = [fact for fact in memory.facts.values() if fact.type == "look-up"]
    assert len(left) == len(LOG) - 2
    assert not [fact for fact in left if fact.operator == "a2" and fact.subjects[0].pseudonym.startswith("z")]
    assert memory.tally("a1", MONDAY.date()).lookups == 3
    assert not memory.handled


def test_a_day_stands_as_it_was_tallied() -> None:
    memory = Memory()
    said([looked("a1", MONDAY, found=0), up_to(MONDAY + (OPEN_DAYS + 1) * DAY)], memory)
    late = looked("a1", MONDAY, found=0)
    assert is_stale(memory, late)
    assert not is_stale(memory, looked("a1", MONDAY + 2 * DAY, found=0))


def test_a_document_explains_as_long_as_what_it_explains_is_judged() -> None:
    """One day apart, at the edge of what is kept, the later one is still explained."""
    memory = Memory()
    document = looked("a1", MONDAY, "x", question=Question.DOCUMENT)
    search = looked("a2", MONDAY + 20 * HOUR, "x")
    for days in range(1, OPEN_DAYS + 6):
        for entry in (
            (document, search, up_to(MONDAY.replace(hour=1) + days * DAY))
            if days == 1
            else (up_to(MONDAY.replace(hour=1) + days * DAY),)
        ):
            taken = take(memory, entry)
            if taken.sweep is not None:
                apply(memory, taken.sweep)
        if search.event_id in memory.facts:
            assert is_explained(memory, search)
    assert not memory.facts.keys() & {document.event_id, search.event_id}


def test_a_sweep_alters_nothing_by_itself() -> None:
    memory = Memory()
    said([*LOG, END], memory)
    before = dict(memory.facts)
    assert sweep(memory).gone == ()
    assert memory.facts == before
