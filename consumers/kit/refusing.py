"""Refusing (機能エラー): the register is told which deliveries broke a rule here, by number and the rule's code."""

from collections import defaultdict
from collections.abc import Collection
from functools import partial

from consumers.kit.checks import Terms
from consumers.kit.gate import ranges
from consumers.kit.outbox import Draft
from consumers.kit.settlement import Settlement
from topics.messages.inbound import LONGEST_REFUSAL, FunctionalError


def functional_errors(settlement: Settlement, terms: Terms, before: Collection[int]) -> list[Draft]:
    """One for each contiguous run of delivery numbers refused under one code; what was parked as it came `before` was
    told then."""
    if not terms.tells_refusals:
        return []
    numbers: dict[str, set[int]] = defaultdict(set)
    for finding in settlement.park:
        if finding.number is not None and finding.number not in before:
            numbers[finding.code].add(finding.number)
    for number, code in settlement.spoil.items():
        numbers[code].add(number)
    runs = [(code, run) for code in sorted(numbers) for run in ranges(numbers[code], longest=LONGEST_REFUSAL)]
    return [_error(terms, code, run) for code, run in runs]


def _error(terms: Terms, code: str, run: range) -> Draft:
    return partial(
        FunctionalError,
        party=terms.recipient,
        municipality=terms.municipality,
        generation=terms.generation,
        first=run.start,
        last=run.stop - 1,
        code=code,
    )
