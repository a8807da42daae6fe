"""Reading the list of what ought to stand here: whole, of one making, from the hub, for this recipient."""

from pathlib import Path

from infra.runtime.key_ring import KeyRing
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.envelope.files import read_envelopes
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.places import consistency_terms
from topics.grant import Grant
from topics.messages.consistency import ConsistencyBatch

FORM = "CONSISTENCY-LIST"


def read_list(settings: Settings, ring: KeyRing, grant: Grant, municipality: str, path: Path) -> list[ConsistencyBatch]:
    """All batches in order; raises `Refusal` when the list is not one, not whole, or not for this recipient."""
    opener = Opener(consistency_terms(settings.environment, grant, municipality), ring.register, ring.private)
    try:
        with path.open("rb") as file:
            values = list(read_envelopes(file))
        batches = [ConsistencyBatch.from_wire(opener.open(each, municipality.encode()).payload) for each in values]
    except EnvelopeError as refused:
        raise Refusal(refused.code, f"{path} is no list of the hub's for {grant.recipient}") from None
    except ValueError:
        raise Refusal(FORM, f"{path} is no list of what ought to stand at {grant.recipient}") from None
    return _whole(batches, grant, municipality, path)


def _whole(batches: list[ConsistencyBatch], grant: Grant, municipality: str, path: Path) -> list[ConsistencyBatch]:
    whose = (grant.recipient, municipality, grant.generation)
    makings = {(each.list_id, each.batches) for each in batches}
    numbered = [each.batch for each in batches] == list(range(1, len(batches) + 1))
    ours = all((each.recipient, each.municipality, each.generation) == whose for each in batches)
    if not (numbered and ours and len(makings) == 1 and batches[0].batches == len(batches)):
        raise Refusal(FORM, f"{path} is not one whole list for {grant.recipient}; make it anew")
    return batches
