"""The witness cosigns what continues the latest it has cosigned, and nothing else."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from infra.runtime.refusals import Refusal
from infra.witness.store import Store
from infra.witness.witness import Witness
from tests.unit.ledger.logs import LOG, LOG_KEY, ORIGIN, WITNESS, WITNESS_KEY, WITNESS_NAME, leaves_of, nodes_over
from topics.ledger.note import Checkpoint, open_note, origin_of, sign_checkpoint
from topics.ledger.tree import EMPTY_ROOT, consistency_path, tree_root
from topics.ledger.verifiers import NoteError
from topics.ledger.witnessing import Submission

TIME = 1_800_000_000
NODES = nodes_over(leaves_of(64))
OTHER = nodes_over(leaves_of(65)[1:])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = Store(tmp_path / "witness")
    yield kept
    kept.close()


@pytest.fixture
def witness(store: Store) -> Witness:
    return Witness(WITNESS_KEY, store, lambda: {ORIGIN: [LOG]})


def note(size: int, nodes: object = NODES, origin: str = ORIGIN) -> str:
    root = tree_root(size, NODES if nodes is NODES else OTHER)
    return sign_checkpoint(Checkpoint(origin, size, root), origin, LOG_KEY)


def submission(old: int, size: int) -> str:
    return Submission(old, consistency_path(old, size, NODES), note(size)).text()


def test_growth_is_cosigned_and_the_latest_is_kept(witness: Witness, store: Store) -> None:
    for moment, (old, size) in enumerate([(0, 3), (3, 8), (8, 8), (8, 64)]):
        answer = witness.add(submission(old, size), TIME + moment)
        assert answer.status is HTTPStatus.OK
        opened = open_note(note(size) + answer.text, [LOG, WITNESS])
        assert opened.cosigned == {WITNESS_NAME: TIME + moment}
        assert witness.latest(ORIGIN).text == store.latest(ORIGIN) == note(size) + answer.text


def test_an_empty_log_is_cosigned_with_the_empty_root_alone(witness: Witness) -> None:
    assert witness.add(submission(0, 0), TIME).status is HTTPStatus.OK
    wrong = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), ORIGIN, LOG_KEY)
    assert witness.add(Submission(0, [], wrong).text(), TIME).status is HTTPStatus.UNPROCESSABLE_ENTITY


PATH = tuple(consistency_path(8, 9, NODES))
FORGED = sign_checkpoint(Checkpoint(ORIGIN, 9, EMPTY_ROOT), ORIGIN, LOG_KEY).replace("\n9\n", "\n10\n")
ELSEWHERE = note(9, origin=origin_of("", "000000"))
REFUSED = {
    "no submission": ("nothing", HTTPStatus.BAD_REQUEST),
    "no checkpoint": (Submission(8, PATH, "a\n\n— b AAAAAAA=\n").text(), HTTPStatus.BAD_REQUEST),
    "another log": (Submission(8, PATH, ELSEWHERE).text(), HTTPStatus.NOT_FOUND),
    "a forged size": (Submission(8, PATH, FORGED).text(), HTTPStatus.FORBIDDEN),
    "a stranger's key": (
        Submission(8, PATH, sign_checkpoint(Checkpoint(ORIGIN, 9, EMPTY_ROOT), ORIGIN, WITNESS_KEY)).text(),
        HTTPStatus.FORBIDDEN,
    ),
    "larger before than after": (Submission(8, [], note(7)).text(), HTTPStatus.BAD_REQUEST),
    "a rollback": (submission(3, 7), HTTPStatus.CONFLICT),
    "from nothing": (submission(0, 9), HTTPStatus.CONFLICT),
    "from what was never seen": (submission(9, 10), HTTPStatus.CONFLICT),
    "no proof": (Submission(8, [], note(9)).text(), HTTPStatus.UNPROCESSABLE_ENTITY),
    "a proof too long": (Submission(8, [*PATH, bytes(32)], note(9)).text(), HTTPStatus.UNPROCESSABLE_ENTITY),
    "a fork of the same size": (Submission(8, [], note(8, OTHER)).text(), HTTPStatus.UNPROCESSABLE_ENTITY),
    "a fork that grows": (
        Submission(8, consistency_path(8, 9, OTHER), note(9, OTHER)).text(),
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_continue_the_log_is_refused_and_leaves_no_trace(witness: Witness, case: str) -> None:
    body, status = REFUSED[case]
    before = witness.add(submission(0, 8), TIME).text
    answer = witness.add(body, TIME + 1)
    assert answer.status is status
    assert "—" not in answer.text
    assert (answer.text == "8\n") == (status is HTTPStatus.CONFLICT)
    assert witness.latest(ORIGIN).text == note(8) + before
    assert witness.add(submission(8, 9), TIME + 2).status is HTTPStatus.OK


def test_a_fork_that_the_log_has_signed_is_kept_as_evidence(witness: Witness, tmp_path: Path) -> None:
    witness.add(submission(0, 8), TIME)
    assert list(tmp_path.rglob("*.refused")) == []
    witness.add(REFUSED["a fork of the same size"][0], TIME)
    assert [file.read_text() for file in tmp_path.rglob("*.refused")] == [note(8, OTHER)]


def test_signatures_that_come_along_are_not_kept(witness: Witness) -> None:
    with_stranger = note(3) + note(3, origin="stranger").partition("\n\n")[2]
    line = witness.add(Submission(0, [], with_stranger).text(), TIME).text
    assert witness.latest(ORIGIN).text == note(3) + line
    again = witness.add(Submission(3, [], note(3) + line).text(), TIME + 1).text
    assert witness.latest(ORIGIN).text == note(3) + again


def test_a_store_that_somebody_else_wrote_is_not_built_on(witness: Witness, store: Store) -> None:
    witness.add(submission(0, 8), TIME)
    store.keep(ORIGIN, note(3))
    with pytest.raises(NoteError):
        witness.add(submission(3, 9), TIME)


def test_a_directory_has_one_witness(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="KRN-WITNESS"):
        Store(tmp_path / "witness")
    assert store.latest("../../" * 9 + "etc/passwd") is None
    assert (tmp_path / "witness").stat().st_mode & 0o077 == 0


def test_every_file_of_the_store_is_its_owner_s_alone(witness: Witness, tmp_path: Path) -> None:
    witness.add(submission(0, 8), TIME)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) == 1
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
