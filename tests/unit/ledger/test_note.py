"""Notes and checkpoints: the specifications' own examples, and the refusal of everything a hand could alter."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.logs import LOG, LOG_KEY, ORIGIN, WITNESS, WITNESS_KEY, WITNESS_NAME, leaves_of
from topics.ledger.note import Checkpoint, cosign, open_note, origin_of, sign_checkpoint, verified
from topics.ledger.verifiers import Kind, NoteCode, NoteError, Verifier

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
COSIGNER_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
TIME = 1_800_000_000
CHECKPOINT = Checkpoint(ORIGIN, 12, leaves_of(1)[0])
NOTE = sign_checkpoint(CHECKPOINT, ORIGIN, LOG_KEY)
COSIGNED = NOTE + cosign(CHECKPOINT.body(), WITNESS_NAME, WITNESS_KEY, TIME)


def refusal(text: str, *verifiers: Verifier) -> NoteCode:
    with pytest.raises(NoteError) as refused:
        open_note(text, verifiers)
    return refused.value.code


def test_the_example_of_the_note_specification_is_verified() -> None:
    verifier = Verifier.parse(EXAMPLE_KEY)
    assert verifier.vkey == EXAMPLE_KEY
    assert verified(EXAMPLE, [verifier]) == ("This is an example message.\n", {verifier: 0})


@pytest.mark.parametrize("vkey", [EXAMPLE_KEY, COSIGNER_KEY, LOG.vkey, WITNESS.vkey])
def test_verifier_keys_are_read_as_written_and_no_altered_one_is(vkey: str) -> None:
    assert Verifier.parse(vkey).vkey == vkey
    for position, character in enumerate(vkey):
        for other in {"A", "b", "0", "+", " ", "="} - {character}:
            with pytest.raises(NoteError):
                Verifier.parse(vkey[:position] + other + vkey[position + 1 :])


def test_the_example_of_the_checkpoint_specification_is_read_as_written() -> None:
    checkpoint = Checkpoint.parse(BODY)
    assert (checkpoint.origin, checkpoint.size, checkpoint.body()) == ("example.com/behind-the-sofa", 20852163, BODY)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        BODY[:-1],
        BODY + "\n",
        BODY + "extension\n",
        BODY.replace("20852163", "020852163"),
        BODY.replace("20852163", "+20852163"),
        BODY.replace("20852163", "-1"),
        BODY.replace("20852163", ""),
        BODY.replace("20852163", "２"),
        BODY.replace("20852163", "1_0"),
        BODY.replace("20852163", "1" * 5000),
        BODY.replace("q2I=", "q2J="),
        BODY.replace("q2I=", "q2I"),
        BODY.replace("CsUY", ""),
        BODY.replace("example.com/behind-the-sofa", ""),
        BODY.replace("behind-the", "behind the"),
        BODY.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_canonical_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(NoteError) as refused:
        Checkpoint.parse(body)
    assert refused.value.code is NoteCode.CHECKPOINT


def test_a_note_tells_its_checkpoint_who_signed_and_when_it_was_witnessed() -> None:
    opened = open_note(COSIGNED, [LOG, WITNESS])
    assert (opened.checkpoint, opened.signed_by, opened.cosigned) == (CHECKPOINT, (LOG,), {WITNESS_NAME: TIME})
    assert open_note(COSIGNED, [LOG]).cosigned == {}
    assert refusal(COSIGNED, WITNESS) is NoteCode.UNSIGNED
    assert refusal(COSIGNED) is NoteCode.UNSIGNED


def test_a_cosigned_message_is_the_specification_s() -> None:
    line = cosign(BODY, WITNESS_NAME, WITNESS_KEY, 1679315147)
    assert verified(f"{BODY}\n{line}", [WITNESS]) == (BODY, {WITNESS: 1679315147})
    message = f"cosignature/v1\ntime 1679315147\n{BODY}".encode()
    signature = WITNESS_KEY.sign(message)
    assert Verifier(WITNESS_NAME, Kind.NOTE, WITNESS.public).verifies(signature, message)


def test_a_key_is_good_for_its_own_kind_name_and_log() -> None:
    as_note = Verifier(WITNESS_NAME, Kind.NOTE, WITNESS.public)
    assert refusal(COSIGNED, as_note) is NoteCode.UNSIGNED
    other = sign_checkpoint(CHECKPOINT, origin_of("", "132047"), LOG_KEY)
    known = Verifier(origin_of("", "132047"), Kind.NOTE, LOG.public)
    assert refusal(other, LOG) is NoteCode.UNSIGNED
    assert refusal(other, known) is NoteCode.ORIGIN


def test_a_known_key_s_failing_signature_condemns_the_note() -> None:
    forged = sign_checkpoint(Checkpoint(ORIGIN, 13, CHECKPOINT.root), ORIGIN, LOG_KEY)
    text = CHECKPOINT.body() + forged.removeprefix(forged.partition("\n\n")[0] + "\n")
    assert refusal(text, LOG) is NoteCode.SIGNATURE
    assert refusal(NOTE + cosign(BODY, WITNESS_NAME, WITNESS_KEY, TIME), LOG, WITNESS) is NoteCode.SIGNATURE
    assert refusal(NOTE + NOTE.partition("\n\n")[2], LOG) is NoteCode.MALFORMED


@given(st.integers(0, len(COSIGNED) - 1), st.sampled_from([*string.printable, "—", "\u3000", "\ud800"]))
def test_no_altered_character_passes(position: int, character: str) -> None:
    altered = COSIGNED[:position] + character + COSIGNED[position + 1 :]
    _passes_only_without_the_altered_line(altered)


def test_no_flipped_bit_passes() -> None:
    encoded = COSIGNED.encode()
    for bit in range(len(encoded) * 8):
        altered = bytearray(encoded)
        altered[bit // 8] ^= 1 << bit % 8
        _passes_only_without_the_altered_line(altered.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("length", range(len(COSIGNED)))
def test_a_truncated_note_passes_only_as_the_note_it_was_before_the_witness(length: int) -> None:
    if COSIGNED[:length] != NOTE:
        with pytest.raises(NoteError):
            open_note(COSIGNED[:length], [LOG, WITNESS])


def _passes_only_without_the_altered_line(altered: str) -> None:
    """An altered name or key id is an unknown key's, whose signature counts for nothing."""
    if altered == COSIGNED:
        return
    try:
        opened = open_note(altered, [LOG, WITNESS])
    except NoteError:
        return
    assert altered.startswith(NOTE)
    assert (opened.checkpoint, opened.signed_by, opened.cosigned) == (CHECKPOINT, (LOG,), {})
