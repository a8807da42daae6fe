"""Acknowledgements as evidence: the recipient signs what it took in and what became of it."""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256

from consumers.kit.checks import Terms
from consumers.kit.gate import ranges
from consumers.kit.outbox import Draft
from consumers.kit.settlement import Outcome
from topics.envelope.sealing import Signer
from topics.messages.inbound import Acknowledgement, statement


def acknowledgements(
    outcomes: Mapping[Outcome, frozenset[int]], terms: Terms, digests: Mapping[int, bytes], signer: Signer
) -> list[Draft]:
    """One signed acknowledgement for each contiguous run of delivery numbers with one outcome; `digests` has the
    envelope of every number in the outcomes."""
    runs = [(outcome, run) for outcome, numbers in outcomes.items() for run in ranges(numbers)]
    return [_signed(terms, outcome, run, digests, signer) for outcome, run in sorted(runs, key=lambda p: p[1].start)]


def _signed(terms: Terms, outcome: Outcome, run: range, digests: Mapping[int, bytes], signer: Signer) -> Draft:
    digest = sha256(b"".join(digests[number] for number in run)).hexdigest()
    told = statement(terms.recipient, terms.municipality, terms.generation, run.start, run.stop - 1, outcome, digest)
    return partial(
        Acknowledgement,
        party=terms.recipient,
        municipality=terms.municipality,
        generation=terms.generation,
        first=run.start,
        last=run.stop - 1,
        outcome=outcome,
        digest=digest,
        key_id=signer.key_id,
        signature=signer.private.sign(told).hex(),
    )
