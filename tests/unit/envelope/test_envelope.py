"""What is sealed to a party opens for that party alone, as it was, where it was; every departure has its code."""

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

from hub.commandline.abuse.parties import Parties, parties
from tests.unit.envelope.makings import (
    CITY,
    PAYLOAD,
    SUBJECT,
    TERMS,
    TOPIC,
    head,
)
from topics.envelope.keys import KeyState, PublicKey, place
from topics.envelope.opening import EnvelopeCode, EnvelopeError, take_apart
from topics.envelope.padding import SMALLEST_BUCKET, pad, unpad
from topics.envelope.run import RUN_RECORDS, SignedRun, wrap_info
from topics.envelope.sealing import OpenRun, start_run
from topics.envelope.suites import Algorithm

KEY = SUBJECT.encode()


def people_of(algorithm: Algorithm = Algorithm.X25519) -> Parties:
    return parties("hub", "welfare", "prefecture", "register", algorithm=algorithm)


def refusal(people: Parties, value: bytes, key: bytes | None = KEY) -> EnvelopeCode:
    with pytest.raises(EnvelopeError) as refused:
        people.opener(TERMS).open(value, key)
    return refused.value.code


def sealed(people: Parties) -> bytes:
    return people.sealer(TERMS).seal(head(), PAYLOAD)


@pytest.mark.parametrize("algorithm", [Algorithm.X25519, Algorithm.X_WING])
def test_a_sealed_record_opens_for_its_recipient_by_itself(algorithm: Algorithm) -> None:
    people = people_of(algorithm)
    sealer = people.sealer(TERMS)
    values = [sealer.seal(head(number), PAYLOAD) for number in range(1, 2 * RUN_RECORDS + 2)]
    assert len(sealer.started) == 3
    for number, value in reversed(list(enumerate(values, start=1))):
        opened = people.opener(TERMS).open(value, KEY)
        assert (opened.head, opened.payload) == (head(number), PAYLOAD)


def test_every_single_flipped_bit_is_refused() -> None:
    people = people_of()
    value = sealed(people)
    opener = people.opener(TERMS)
    for position in range(len(value) * 8):
        altered = bytearray(value)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises(EnvelopeError):
            opener.open(bytes(altered), KEY)
    assert opener.open(value, KEY).payload == PAYLOAD


def test_every_truncation_is_refused_and_so_is_an_addition() -> None:
    people = people_of()
    value = sealed(people)
    for length in range(len(value)):
        refusal(people, value[:length])
    assert refusal(people, value + b"\0") is EnvelopeCode.ALTERED
    assert refusal(people, b"") is EnvelopeCode.MALFORMED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sender": "register"}, EnvelopeCode.SENDER),
        ({"recipient": "prefecture"}, EnvelopeCode.RECIPIENT),
        ({"topic": "out.prefecture.v1"}, EnvelopeCode.TOPIC),
        ({"municipality": "112089"}, EnvelopeCode.MUNICIPALITY),
        ({"generation": 2}, EnvelopeCode.GENERATION),
        ({"content": "kairan.delivery.v0"}, EnvelopeCode.CONTENT),
        ({"basis": ("juki-act-30-6",)}, EnvelopeCode.BASIS),
        ({"items": (1, 2, 5, 6)}, EnvelopeCode.ITEMS),
    ],
)
def test_a_record_made_for_elsewhere_is_refused_though_rightly_signed(
    change: dict[str, object], code: EnvelopeCode
) -> None:
    people = people_of()
    keys = people.keys("hub", "welfare")
    elsewhere = TERMS.model_copy(update=change)
    assert refusal(people, start_run(elsewhere, keys, 7).seal(head(), PAYLOAD)) is code


def test_another_message_key_or_number_is_refused() -> None:
    people = people_of()
    run = start_run(TERMS, people.keys("hub", "welfare"), 7)
    assert refusal(people, run.seal(head(), PAYLOAD), b"another") is EnvelopeCode.MESSAGE_KEY
    assert refusal(people, run.seal(head(), PAYLOAD), None) is EnvelopeCode.MESSAGE_KEY
    assert refusal(people, run.seal(head(6), PAYLOAD)) is EnvelopeCode.RANGE
    assert refusal(people, run.seal(head(RUN_RECORDS + 1), PAYLOAD)) is EnvelopeCode.RANGE


def test_a_head_of_another_record_does_not_open() -> None:
    people = people_of()
    run = start_run(TERMS, people.keys("hub", "welfare"), 7)
    first, second = run.seal(head(7), PAYLOAD), run.seal(head(8), PAYLOAD)
    assert len(first) == len(second)
    cut = len(first) - len(take_apart(first).sealed)
    assert refusal(people, second[:cut] + first[cut:]) is EnvelopeCode.ALTERED


def test_a_key_that_the_register_does_not_know_is_refused() -> None:
    people, strangers = people_of(), people_of()
    foreign = strangers.sealer(TERMS).seal(head(), PAYLOAD)
    assert refusal(people, foreign) is EnvelopeCode.KEY_UNKNOWN


def test_a_key_of_another_party_is_refused() -> None:
    people = people_of()
    hub, prefecture = people.register().signing_key("hub"), people.register().seal_key("prefecture")
    assert hub is not None
    assert prefecture is not None
    keys = people.keys("hub", "prefecture")
    assert refusal(people, start_run(TERMS, keys, 7).seal(head(), PAYLOAD)) is EnvelopeCode.KEY_UNKNOWN
    intruder = people.add("register", Algorithm.ED25519)
    keys = type(keys)(people.signer(intruder), people.keys("hub", "welfare").recipient)
    assert refusal(people, start_run(TERMS, keys, 7).seal(head(), PAYLOAD)) is EnvelopeCode.KEY_UNKNOWN


def test_a_signature_by_another_key_under_the_hubs_name_is_refused() -> None:
    people = people_of()
    intruder = people.add("register", Algorithm.ED25519)
    run = start_run(TERMS, people.keys("hub", "welfare"), 7)
    forged = OpenRun(SignedRun.sign(run.signed.run, people.signer(intruder).private), run.content_key)
    assert refusal(people, forged.seal(head(), PAYLOAD)) is EnvelopeCode.SIGNATURE


@pytest.mark.parametrize(
    ("which", "state"),
    [("sender", KeyState.RETIRED), ("sender", KeyState.DESTROYED), ("recipient", KeyState.RETIRED)],
)
def test_a_retired_key_is_good_up_to_its_mark_and_no_further(which: str, state: KeyState) -> None:
    people = people_of()
    run = start_run(TERMS, people.keys("hub", "welfare"), 1)
    line = _line(people, which)
    people.put(line.model_copy(update={"state": state, "marks": {place(TOPIC, CITY): 7}}))
    assert people.opener(TERMS).open(run.seal(head(7), PAYLOAD), KEY).payload == PAYLOAD
    assert refusal(people, run.seal(head(8), PAYLOAD)) is EnvelopeCode.KEY_RETIRED


def _line(people: Parties, which: str) -> PublicKey:
    register = people.register()
    line = register.signing_key("hub") if which == "sender" else register.seal_key("welfare")
    assert line is not None
    return line


@pytest.mark.parametrize("which", ["sender", "recipient"])
def test_a_key_that_is_retiring_opens_whatever_comes(which: str) -> None:
    people = people_of()
    run = start_run(TERMS, people.keys("hub", "welfare"), 1)
    people.put(_line(people, which).model_copy(update={"state": KeyState.RETIRING}))
    assert people.opener(TERMS).open(run.seal(head(8), PAYLOAD), KEY).payload == PAYLOAD


def test_a_destroyed_key_opens_nothing_any_more_not_even_a_run_opened_before() -> None:
    people = people_of()
    opener, value = people.opener(TERMS), sealed(people)
    assert opener.open(value, KEY).payload == PAYLOAD
    line = _line(people, "recipient")
    people.put(line.model_copy(update={"state": KeyState.DESTROYED, "marks": {place(TOPIC, CITY): 7}}))
    with pytest.raises(EnvelopeError, match="ENV-KEY-UNKNOWN"):
        opener.open(value, KEY)
    people.put(line)
    del people.seeds[line.key_id]
    assert refusal(people, value) is EnvelopeCode.KEY_UNKNOWN


def test_a_downgraded_suite_is_refused() -> None:
    people = people_of(Algorithm.X_WING)
    run = start_run(TERMS, people.keys("hub", "welfare"), 7)
    weaker = run.signed.run.model_copy(update={"suite": Algorithm.X25519})
    forged = OpenRun(SignedRun.sign(weaker, people.keys("hub", "welfare").signer.private), run.content_key)
    assert refusal(people, forged.seal(head(), PAYLOAD)) is EnvelopeCode.SUITE


def test_a_wrapped_key_does_not_move_into_another_run() -> None:
    people = people_of()
    run = start_run(TERMS, people.keys("hub", "welfare"), 7)
    other = run.signed.run.model_copy(update={"last": 63})
    forged = OpenRun(SignedRun.sign(other, people.keys("hub", "welfare").signer.private), run.content_key)
    assert refusal(people, forged.seal(head(), PAYLOAD)) is EnvelopeCode.WRAPPED_KEY
    broken = run.signed.run.model_copy(update={"wrapped": "?"})
    forged = OpenRun(SignedRun.sign(broken, people.keys("hub", "welfare").signer.private), run.content_key)
    assert refusal(people, forged.seal(head(), PAYLOAD)) is EnvelopeCode.WRAPPED_KEY


def test_after_a_rotation_new_runs_use_the_new_key_and_old_ones_still_open() -> None:
    people = people_of()
    sealer = people.sealer(TERMS)
    before = sealer.seal(head(1), PAYLOAD)
    newer = people.add("welfare", Algorithm.X_WING)
    people.put(newer.model_copy(update={"since": newer.since.replace(year=2027)}))
    after = sealer.seal(head(2), PAYLOAD)
    assert take_apart(after).signed.run.suite is Algorithm.X_WING
    assert take_apart(after).signed.run.last == RUN_RECORDS
    assert {people.opener(TERMS).open(value, KEY).payload for value in (before, after)} == {PAYLOAD}


def test_an_independent_implementation_opens_what_was_sealed() -> None:
    people = people_of()
    value = sealed(people)
    run = take_apart(value).signed.run
    suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
    private = KEMKey.from_pyca_cryptography_key(_x25519(people))
    wrapped = run.wrapped_bytes()
    context = suite.create_recipient_context(wrapped[:32], private, info=wrap_info(run))
    content_key = context.open(wrapped[32:])
    envelope = take_apart(value)
    padded = AESGCM(content_key).decrypt(envelope.nonce, envelope.sealed, envelope.signed.binding() + envelope.told)
    assert unpad(padded) == PAYLOAD


def _x25519(people: Parties) -> object:
    return people.private(_line(people, "recipient"))


@given(st.binary(max_size=20_000))
def test_padding_gives_back_what_it_got_in_a_bucket(payload: bytes) -> None:
    padded = pad(payload)
    assert unpad(padded) == payload
    assert len(padded) % SMALLEST_BUCKET == 0
    assert (len(padded) // SMALLEST_BUCKET).bit_count() == 1


@pytest.mark.parametrize(
    "spoil", [lambda p: p[:-1] + b"\1", lambda p: p + bytes(len(p)), lambda _: b"", lambda p: p[:9]]
)
def test_padding_that_is_none_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    assert unpad(spoil(pad(b"payload"))) is None


def test_small_payloads_are_all_of_one_length() -> None:
    people = people_of()
    sizes = {len(people.sealer(TERMS).seal(head(), b"x" * size)) for size in (0, 1, 500, 2000)}
    assert len(sizes) == 1


def test_nothing_of_the_payload_is_in_plain_sight_and_nothing_personal_in_the_head() -> None:
    people = people_of()
    value = people.sealer(TERMS).seal(head(), "受取人山田太郎".encode())
    assert "山田".encode() not in value
    envelope = take_apart(value)
    assert set(json.loads(envelope.told)) == {"key", "event_id", "number", "sequence"}
    assert set(json.loads(envelope.signed.raw)["terms"]) == set(TERMS.model_dump())
