"""The drill's forgeries without their stride: every bit and every length of an envelope; and the controls."""

from pathlib import Path

import pytest

from hub.commandline.abuse.envelopes import every, lengths
from hub.commandline.abuse.post import Post, flipped, post
from infra.runtime.settings import load_settings
from topics.envelope.suites import Algorithm


@pytest.fixture(params=list(Algorithm)[:2])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Post:
    return post(load_settings(state_directory=tmp_path), request.param)


def test_what_is_as_it_should_be_is_taken(door: Post) -> None:
    assert door.code(door.sealed()) == ""


def test_every_flipped_bit_of_an_envelope_is_refused_by_its_recipient(door: Post) -> None:
    value = door.sealed()
    tried = every(door, flipped(value), "flipped bits")
    assert tried.refused
    assert tried.cause.startswith(f"{8 * len(value)} flipped bits")


def test_every_other_length_of_an_envelope_is_refused_by_its_recipient(door: Post) -> None:
    value = door.sealed()
    tried = every(door, lengths(value), "other lengths")
    assert tried.refused
    assert tried.cause.startswith(f"{len(value) + 1} other lengths")


def test_an_unaltered_envelope_among_altered_ones_is_told(door: Post) -> None:
    value = door.sealed()
    assert not every(door, [*flipped(value, 1000), value], "flipped bits").refused
    assert not every(door, [], "flipped bits").refused
