"""What log and witness say to each other is the specification's, and nothing but its canonical form is read."""

import pytest

from tests.unit.ledger.logs import LOG, LOG_KEY, ORIGIN, WITNESS, WITNESS_KEY, WITNESS_NAME, leaves_of
from topics.ledger.note import Checkpoint, cosign, open_note, sign_checkpoint
from topics.ledger.verifiers import NoteCode, NoteError
from topics.ledger.witnessing import MOST_HASHES, Submission, parse_size, size_text, with_cosignatures

EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""  # noqa: E501
CHECKPOINT = Checkpoint(ORIGIN, 1, leaves_of(1)[0])
NOTE = sign_checkpoint(CHECKPOINT, ORIGIN, LOG_KEY)


def test_the_specification_s_request_is_read_as_written() -> None:
    submission = Submission.parse(EXAMPLE)
    assert (submission.old, len(submission.path)) == (20852014, 4)
    assert submission.note.startswith("example.com/behind-the-sofa\n20852163\n")
    assert submission.text() == EXAMPLE
    assert Submission.parse(Submission(0, [], NOTE).text()) == Submission(0, [], NOTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        EXAMPLE.replace("old ", "new "),
        EXAMPLE.replace("old 2", "old 02"),
        EXAMPLE.replace("old 2", "old -2"),
        EXAMPLE.replace("old 20852014", "old"),
        EXAMPLE.replace("Pl", ""),
        EXAMPLE.replace("kaw=", "kax="),
        EXAMPLE.replace("PlRN", ""),
        EXAMPLE.replace("\n", "\r\n"),
        f"old 1\n{'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=' * (MOST_HASHES + 1)}\n\n{NOTE}",
    ],
)
def test_what_is_no_submission_is_refused(text: str) -> None:
    with pytest.raises(NoteError) as refused:
        Submission.parse(text)
    assert refused.value.code is NoteCode.MALFORMED


@pytest.mark.parametrize("text", ["", "1", "01\n", "-1\n", "1\n\n", " 1\n", "one\n"])
def test_what_is_no_size_is_refused(text: str) -> None:
    assert parse_size(size_text(12)) == 12
    with pytest.raises(NoteError):
        parse_size(text)


def test_of_an_answer_only_the_known_witness_s_good_lines_are_kept() -> None:
    line = cosign(CHECKPOINT.body(), WITNESS_NAME, WITNESS_KEY, 7)
    stranger = cosign(CHECKPOINT.body(), "stranger", LOG_KEY, 7)
    assert with_cosignatures(NOTE, stranger + line, [WITNESS]) == NOTE + line
    assert open_note(NOTE + line, [LOG, WITNESS]).cosigned == {WITNESS_NAME: 7}


@pytest.mark.parametrize("answer", ["", "\n", "8\n", cosign("other\n", WITNESS_NAME, WITNESS_KEY, 7)])
def test_an_answer_without_a_good_line_is_refused(answer: str) -> None:
    with pytest.raises(NoteError):
        with_cosignatures(NOTE, answer, [WITNESS])
