"""An acknowledgement is believed only under its party's own key, unaltered, over the envelopes that were disclosed."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.inbox.acknowledgements import AcknowledgementCode, amiss
from topics.envelope.keys import KeyRegister, KeyState, PublicKey, public_key
from topics.envelope.suites import Algorithm, new_seed, public_bytes
from topics.messages.inbound import Acknowledgement, statement

TOPIC, CITY = "in.welfare.v1", "142158"
DIGEST = sha256(b"synthetic envelopes").hexdigest()
SEED, OTHER_SEED = new_seed(Algorithm.ED25519), new_seed(Algorithm.ED25519)


def _line(principal: str = "welfare", seed: bytes = SEED) -> PublicKey:
    return public_key(principal, Algorithm.ED25519, public_bytes(Algorithm.ED25519, seed), datetime.now(UTC))


REGISTER = KeyRegister.of([_line(), _line("prefecture", OTHER_SEED)])


def _acknowledgement(seed: bytes = SEED) -> Acknowledgement:
    told = statement("welfare", CITY, 1, 3, 5, "applied", DIGEST)
    line = next(line for line in REGISTER.keys.values() if line.verifier() == _public(seed))
    return Acknowledgement(
        party="welfare", municipality=CITY, number=9, generation=1, first=3, last=5, outcome="applied", digest=DIGEST,
        key_id=line.key_id, signature=Ed25519PrivateKey.from_private_bytes(seed).sign(told).hex(),
    )  # fmt: skip


def _public(seed: bytes) -> object:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key()


def test_what_the_party_signed_of_what_was_disclosed_is_believed() -> None:
    assert amiss(_acknowledgement(), REGISTER, TOPIC, DIGEST) is None


@pytest.mark.parametrize(
    ("word", "altered"),
    [
        ("first", 2), ("last", 6), ("outcome", "parked"), ("generation", 2), ("digest", "0" * 64),
        ("municipality", "142166"),
    ],
)  # fmt: skip
def test_an_altered_word_breaks_the_signature(word: str, altered: object) -> None:
    message = _acknowledgement().model_copy(update={word: altered})
    assert amiss(message, REGISTER, TOPIC, DIGEST) is AcknowledgementCode.SIGNATURE


def test_another_partys_key_and_an_unknown_one_are_refused() -> None:
    assert amiss(_acknowledgement(OTHER_SEED), REGISTER, TOPIC, DIGEST) is AcknowledgementCode.KEY
    unknown = _acknowledgement().model_copy(update={"key_id": "A" * 43})
    assert amiss(unknown, REGISTER, TOPIC, DIGEST) is AcknowledgementCode.KEY


@pytest.mark.parametrize(("mark", "code"), [(9, None), (8, AcknowledgementCode.KEY)])
def test_a_retired_key_is_good_up_to_its_mark(mark: int, code: AcknowledgementCode | None) -> None:
    retired = _line().model_copy(update={"state": KeyState.RETIRED, "marks": {f"{TOPIC}/{CITY}": mark}})
    assert amiss(_acknowledgement(), KeyRegister.of([retired]), TOPIC, DIGEST) is code


@pytest.mark.parametrize("disclosed", [None, "1" * 64])
def test_other_envelopes_than_were_disclosed_are_refused(disclosed: str | None) -> None:
    assert amiss(_acknowledgement(), REGISTER, TOPIC, disclosed) is AcknowledgementCode.DIGEST
