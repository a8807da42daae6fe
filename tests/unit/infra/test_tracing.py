"""Traces: nothing at all when off; when on, a trace for each record, links, and no word of an error."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from infra.certificates.authority import issue_all
from infra.check.topic_reader import Raw
from infra.check.wrappings import TRACEPARENT as FORM
from infra.check.wrappings import of_record
from infra.embedded.processes import free_ports
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from infra.runtime.tls import server_context
from infra.runtime.tracing import OFF, PROCESSED, Traces, stop_traces, traceparent_in, traces_of
from tests.collector import Collector, Context, collector
from topics.declared import declared_by_recipient
from topics.messages.headers import TRACEPARENT

TOPIC = "synthetic.v1"
GOOD = f"00-{'0a' * 16}-{'0b' * 8}-03"
CONSUMER, PRODUCER = 5, 4
TRACED = {"addressee", "jlis", "prefecture"}


@pytest.fixture
def heard() -> Iterator[Collector]:
    """A collector, and nothing left over for another test."""
    with collector() as running:
        yield running
        stop_traces()


def _settings(url: str, certificates: Path | None = None) -> Settings:
    own = {"certificates_directory": certificates} if certificates else {}
    return load_settings(traces_url=url, **own)


def _traces(heard: Collector) -> Traces:
    return traces_of(_settings(heard.url), "relay", "register")


def _context(traceparent: str) -> Context:
    _, trace, span, _ = traceparent.split("-")
    return bytes.fromhex(trace), bytes.fromhex(span)


def test_off_is_nothing() -> None:
    assert traces_of(_settings(""), "hub", "hub") is OFF
    with OFF.filing("142158") as context, OFF.batch("process", TOPIC, ["not looked at"]):
        assert context is None
        assert PROCESSED.get() is None
    assert OFF.create(TOPIC, GOOD) is None
    assert tuple(OFF.header(GOOD)) == ()


def test_off_does_not_even_import_the_library() -> None:
    roles = "hub.service, consumers.service, producers.relay.service, producers.register.registrar"
    told = f"import sys, {roles}; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


def test_every_record_has_a_trace_of_its_own_linked_to_its_cause(heard: Collector) -> None:
    traces = _traces(heard)
    with traces.filing("142158") as filing:
        made = [traces.create(TOPIC, filing) for _ in range(3)]
    stop_traces()
    root, *created = sorted(heard.spans(), key=lambda span: span.name != "register filing")
    assert (root.role, root.attributes, root.links) == ("relay", {"kairan.municipality": "142158"}, ())
    assert [(span.name, span.kind, span.links) for span in created] == [
        (f"create {TOPIC}", PRODUCER, (root.context,))
    ] * 3
    assert {span.context for span in created} == {_context(each or "") for each in made}
    assert len({span.context[0] for span in heard.spans()}) == 4
    assert not any(span.parent for span in heard.spans())


def test_a_batch_is_linked_to_each_context_once_and_counts_all(heard: Collector) -> None:
    with _traces(heard).batch("process", TOPIC, [GOOD, None, GOOD, "00-none", GOOD.replace("0b", "0c")]):
        inside = PROCESSED.get()
    assert PROCESSED.get() is None
    stop_traces()
    (span,) = heard.spans()
    assert (span.name, span.kind, span.context) == (f"process {TOPIC}", CONSUMER, _context(inside or ""))
    assert span.links == (_context(GOOD), _context(GOOD.replace("0b", "0c")))
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.destination.name": TOPIC,
        "messaging.operation.type": "process",
        "messaging.batch.message_count": 5,
    }


def test_no_link_of_a_full_batch_is_left_out(heard: Collector) -> None:
    with _traces(heard).batch("send", TOPIC, [f"00-{n:032x}-{n:016x}-01" for n in range(1, 1001)]):
        pass
    stop_traces()
    assert len(heard.spans()[0].links) == 1000


def test_an_error_is_told_by_its_class_alone(heard: Collector) -> None:
    with pytest.raises(ValueError, match="海老名"), _traces(heard).batch("process", TOPIC, ()):
        raise ValueError("海老名市合成一番町")
    stop_traces()
    assert heard.spans()[0].attributes["error.type"] == "ValueError"
    assert "海老名".encode() not in b"".join(heard.requests)


def test_a_header_is_as_declared_whether_something_was_kept_or_not(heard: Collector) -> None:
    traces = _traces(heard)
    ((name, kept),) = traces.header(traces.create(TOPIC, None))
    others = [value for _ in range(100) for _, value in traces.header(None)]
    assert name == TRACEPARENT
    assert all(FORM.fullmatch(value) for value in (kept, *others))
    assert len({value[3:35] for value in (kept, *others)}) == 101
    assert {value[-2:] for value in (kept, *others)} == {kept[-2:]}
    stop_traces()
    assert [span.name for span in heard.spans()] == [f"create {TOPIC}"]


def test_a_collector_that_is_down_fails_nobody_and_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    said = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(said))
    try:
        traces = traces_of(_settings(f"http://127.0.0.1:{free_ports(1)[0]}"), "hub", "hub")
        for _ in range(2000):
            traces.create(TOPIC, GOOD)
        stop_traces()
    finally:
        structlog.reset_defaults()
    assert capfd.readouterr() == ("", "")
    assert said.getvalue().count("\n") == 1
    assert re.search(r"code\S*=\S*TRACES-LOST", said.getvalue())


def test_by_tls_the_role_shows_its_own_certificate(tmp_path: Path) -> None:
    issue_all(tmp_path, ("witness", "hub"))
    settings = _settings("", tmp_path)
    with collector(server_context(settings, "witness")) as heard:
        traces_of(_settings(heard.url, tmp_path), "hub", "hub").create(TOPIC, None)
        stop_traces()
        assert len(heard.spans()) == 1


def test_by_tls_without_a_certificate_a_role_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="KRN-CERTIFICATE"):
        traces_of(_settings("https://127.0.0.1:4318", tmp_path), "hub", "hub")


@pytest.mark.parametrize(
    "url", ["http://collector:4318", "http://10.0.0.1:4318", "https://a:b@c:1", "grpc://127.0.0.1:1"]
)
def test_nothing_is_told_in_the_clear_to_another_machine(url: str) -> None:
    with pytest.raises(Refusal, match="KAIRAN_TRACES_URL"):
        _settings(url)


@pytest.mark.parametrize(
    ("contexts", "amiss"),
    [
        ([GOOD], False),
        ([], False),
        ([GOOD, GOOD], True),
        ([GOOD.upper()], True),
        ([GOOD[:-1]], True),
        ([GOOD + "-00"], True),
        ([f"00-{'00' * 16}-{'0b' * 8}-01"], True),
        ([f"00-{'0a' * 16}-{'00' * 8}-01"], True),
        (["海老名"], True),
    ],
)
def test_a_context_on_a_topic_is_held_to_its_form(contexts: list[str], amiss: bool) -> None:
    told = Raw(7, b"a" * 24, b"", tuple((TRACEPARENT, each.encode()) for each in contexts))
    found = [departure.sentence for departure in of_record(TOPIC, told)]
    assert found == [f"topic {TOPIC}: offset 7 has a traceparent that is none"] * amiss


def test_what_a_stranger_wrote_is_read_without_harm() -> None:
    assert traceparent_in([("other", b"x")]) is None
    assert traceparent_in([(TRACEPARENT, None)]) is None
    assert traceparent_in([(TRACEPARENT, b"\xff")]) == "\ufffd"
    assert traceparent_in([(TRACEPARENT, GOOD.encode())]) == GOOD


def test_who_is_traced_is_decided_by_the_grant() -> None:
    assert {name for name, grant in declared_by_recipient().items() if grant.traced} == TRACED
