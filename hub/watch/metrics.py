"""Every metric's name, meaning and labels, in one place; and their values from a survey.

Names are kafka-lag-exporter's where it has one (`kafka_consumergroup_group_*`, `kafka_partition_*`), kafka_exporter's
for the members of a group, and `kairan_*` for what only the hub knows. No label tells of a person.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from hub.watch.survey import Survey, Watched
from hub.watch.verdict import State

Sample = tuple[Sequence[str], float]
Samples = Callable[[Survey], Iterator[Sample]]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: name, meaning, labels, and what a survey says of it. A counter's samples end in `_total`."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    samples: Samples
    kind: Literal["gauge", "counter"] = "gauge"

    def metric(self, survey: Survey) -> Metric:
        """The metric with its values."""
        made = (GaugeMetricFamily if self.kind == "gauge" else CounterMetricFamily)(
            self.name, self.meaning, labels=self.labels
        )
        for labels, value in self.samples(survey):
            made.add_metric(list(labels), value)
        return made


PLACE = ("group", "topic", "partition")
OWED = ("municipality", "recipient", "stage", "what")


def _each(value: Callable[[Watched], float | None]) -> Samples:
    def samples(survey: Survey) -> Iterator[Sample]:
        for each in survey.watched:
            figure = value(each)
            if figure is not None and each.verdict.state is not State.BLIND:
                yield (each.stream.group, each.stream.topic, str(each.stream.partition)), figure

    return samples


def _partitions(value: Callable[[Watched], float]) -> Samples:
    def samples(survey: Survey) -> Iterator[Sample]:
        for each in survey.watched:
            if each.verdict.state is not State.BLIND:
                yield (each.stream.topic, str(each.stream.partition)), value(each)

    return samples


def _grouped(by: Callable[[Watched], tuple[str, ...]], value: Callable[[Sequence[Watched]], float]) -> Samples:
    def samples(survey: Survey) -> Iterator[Sample]:
        seen = sorted((each for each in survey.watched if each.verdict.state is not State.BLIND), key=by)
        for key, members in groupby(seen, key=by):
            yield key, value(list(members))

    return samples


def _group(each: Watched) -> tuple[str, ...]:
    return (each.stream.group,)


def _group_and_topic(each: Watched) -> tuple[str, ...]:
    return each.stream.group, each.stream.topic


def _lag(each: Watched) -> int:
    return each.reading.lag


def _age(each: Watched) -> float:
    return each.reading.age_seconds


def _drain(each: Watched) -> float:
    return inf if each.drain_seconds is None else each.drain_seconds


def _states(survey: Survey) -> Iterator[Sample]:
    for each in survey.watched:
        for state in State:
            place = (each.stream.group, each.stream.topic, str(each.stream.partition))
            yield (*place, state.value), float(each.verdict.state is state)


def _owed(value: Literal["changes", "oldest_seconds", "limit_seconds"]) -> Samples:
    def samples(survey: Survey) -> Iterator[Sample]:
        for each in survey.hub.owed:
            yield (each.municipality, each.recipient, each.stage, each.what), getattr(each, value)

    return samples


def _deliveries(survey: Survey) -> Iterator[Sample]:
    for each in survey.hub.told:
        for step in ("last_number", "dispatched", "acknowledged", "applied", "held", "parked"):
            yield (each.municipality, each.recipient, STEPS.get(step, step)), getattr(each, step)


STEPS = {"last_number": "decided", "dispatched": "sent"}


def _undecided(survey: Survey) -> Iterator[Sample]:
    decided = {each.municipality: each.next_position - 1 for each in survey.hub.ledgers}
    for each in survey.registers:
        yield (each.municipality,), max(0, each.position - decided[each.municipality])


def _ledger(value: Callable[[int, int | None], float]) -> Samples:
    def samples(survey: Survey) -> Iterator[Sample]:
        for each in survey.hub.ledgers:
            yield (each.municipality,), value(each.size, each.witnessed)

    return samples


FAMILIES = (
    Family("kafka_consumergroup_group_lag", "Records not yet read", PLACE, _each(_lag)),
    Family(
        "kafka_consumergroup_group_lag_seconds",
        "Age of the oldest unread record, exact to the broker's millisecond",
        PLACE,
        _each(_age),
    ),
    Family(
        "kafka_consumergroup_group_offset",
        "The offset that the group reads next",
        PLACE,
        _each(lambda each: each.reading.committed),
    ),
    Family(
        "kafka_consumergroup_group_max_lag",
        "Records not yet read, of the group's worst partition",
        ("group",),
        _grouped(_group, lambda members: max(map(_lag, members))),
    ),
    Family(
        "kafka_consumergroup_group_max_lag_seconds",
        "Age of the oldest record that the group has not read",
        ("group",),
        _grouped(_group, lambda members: max(map(_age, members))),
    ),
    Family(
        "kafka_consumergroup_group_sum_lag",
        "Records that the group has not read",
        ("group",),
        _grouped(_group, lambda members: sum(map(_lag, members))),
    ),
    Family(
        "kafka_consumergroup_group_topic_sum_lag",
        "Records of the topic that the group has not read",
        ("group", "topic"),
        _grouped(_group_and_topic, lambda members: sum(map(_lag, members))),
    ),
    Family(
        "kafka_consumergroup_members",
        "Processes that read as the group",
        ("group",),
        _grouped(_group, lambda members: float(members[0].reading.members or 0)),
    ),
    Family(
        "kafka_partition_latest_offset",
        "The offset written next",
        ("topic", "partition"),
        _partitions(lambda each: each.reading.latest),
    ),
    Family(
        "kafka_partition_earliest_offset",
        "The first offset that is kept",
        ("topic", "partition"),
        _partitions(lambda each: each.reading.earliest),
    ),
    Family(
        "kairan_stream_drain_seconds",
        "Time until everything is read at the present pace; +Inf when it never is",
        PLACE,
        _each(_drain),
    ),
    Family("kairan_stream_state", "1 for the state in which a stream is", (*PLACE, "state"), _states),
    Family("kairan_unacknowledged_changes", "Changes that a recipient has not acknowledged", OWED, _owed("changes")),
    Family(
        "kairan_unacknowledged_oldest_seconds",
        "Age of the oldest change that a recipient has not acknowledged",
        OWED,
        _owed("oldest_seconds"),
    ),
    Family(
        "kairan_unacknowledged_limit_seconds",
        "How old it may be: ten minutes, or what a grant with a window allows",
        OWED,
        _owed("limit_seconds"),
    ),
    Family(
        "kairan_deliveries",
        "Deliveries that went this step, with a generation of the recipient's",
        ("municipality", "recipient", "step"),
        _deliveries,
        "counter",
    ),
    Family(
        "kairan_outbox_changes",
        "Registered changes that the relay has not sent",
        ("municipality",),
        lambda survey: (((each.municipality,), each.outbox) for each in survey.registers),
    ),
    Family(
        "kairan_undecided_changes", "Registered changes that the hub has not decided", ("municipality",), _undecided
    ),
    Family("kairan_ledger_entries", "Entries of the ledger", ("municipality",), _ledger(lambda size, _: size)),
    Family(
        "kairan_ledger_unwitnessed_entries",
        "Entries that no witnessed checkpoint covers yet",
        ("municipality",),
        _ledger(lambda size, witnessed: size - (witnessed or 0)),
    ),
    Family(
        "kairan_unreadable_records",
        "Records on the hub's topics that it could not read and has put aside",
        ("municipality",),
        lambda survey: (((each.municipality,), each.parked) for each in survey.hub.ledgers),
    ),
    Family(
        "kairan_survey_blind_streams",
        "Declared streams that the watch does not see",
        (),
        lambda survey: iter([((), float(sum(each.verdict.state is State.BLIND for each in survey.watched)))]),
    ),
    Family(
        "kairan_survey_timestamp_seconds",
        "When the watch last saw everything, in seconds since 1970",
        (),
        lambda survey: iter([((), survey.taken_at.timestamp())]),
    ),
)
"""What a survey is exported as."""
FAILURES = "kairan_survey_failures"
"""Surveys that a server did not answer; told even when there is no survey."""
