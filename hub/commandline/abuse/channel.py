"""Cases 16-25: nobody talks to the brokers, or is taken for a broker, without the right certificate."""

import asyncio
import ssl
from contextlib import suppress
from datetime import timedelta

from aiokafka.protocol.admin import SaslHandShakeRequest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.commandline.abuse.administration import CLUSTER, creation, every_rule
from hub.commandline.abuse.case import Attempt, Case, Evidence, NotTriableError, accepted, all_refused
from hub.commandline.abuse.evidence import ServerLogs, denied
from hub.commandline.abuse.knock import CLOSED, Knock, knock
from hub.commandline.abuse.link import Address, fetch, first_address, told
from hub.commandline.abuse.rights import intruder, out_of
from hub.commandline.abuse.strangers import certified
from infra.runtime.settings import Settings
from infra.runtime.tls import ORGANIZATION, UNIT, client_context

CONTROLLER = "CONTROLLER://"
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
ROUNDS = 4
NO_PRINCIPAL = "NoMatchingRule"


def trusting(settings: Settings) -> ssl.SSLContext:
    """A context that knows the deployment's authority and has no certificate of its own."""
    return ssl.create_default_context(cafile=str(settings.certificates_directory / "ca.crt"))


def presenting(settings: Settings, principal: str) -> ssl.SSLContext:
    """The same with a principal's certificate; unlike ours it would also speak older versions."""
    context = trusting(settings)
    directory = settings.certificates_directory
    context.load_cert_chain(directory / f"{principal}.crt", directory / f"{principal}.key")
    return context


async def _alert(settings: Settings, context: ssl.SSLContext) -> Attempt:
    done = await asyncio.to_thread(knock, first_address(settings), context)
    return Attempt(refused=True, cause=done.word) if done.word not in ("", CLOSED) else accepted()


async def _no_certificate(settings: Settings) -> Attempt:
    return await _alert(settings, trusting(settings))


async def _expired(settings: Settings) -> Attempt:
    with certified(settings, intruder(settings), lifetime=timedelta(minutes=-1)) as own:
        return await _alert(settings, presenting(own, intruder(settings)))


async def _other_authority(settings: Settings) -> Attempt:
    with certified(settings, intruder(settings), trusted=False) as own:
        return await _alert(settings, presenting(own, intruder(settings)))


async def _for_servers_only(settings: Settings) -> Attempt:
    with certified(settings, intruder(settings), usages=[ExtendedKeyUsageOID.SERVER_AUTH]) as own:
        return await _alert(settings, presenting(own, intruder(settings)))


async def _plain_text(settings: Settings) -> Attempt:
    logs = ServerLogs(settings)
    done = await asyncio.to_thread(knock, first_address(settings), None)
    if not done.word:
        return accepted()
    return await _by_broker(logs, done, "SSL handshake failed")


async def _older_version(settings: Settings) -> Attempt:
    context = presenting(settings, intruder(settings))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return await _alert(settings, context)


async def _rogue_broker(settings: Settings) -> Attempt:
    """Our own client refuses whoever poses as a broker, and tells it why."""
    with certified(settings, "broker", trusted=False) as rogue, certified(settings, intruder(settings)) as recipient:
        return all_refused(
            await asyncio.to_thread(posing, settings, rogue, "broker"),
            await asyncio.to_thread(posing, settings, recipient, intruder(settings)),
        )


def posing(settings: Settings, own: Settings, principal: str) -> Attempt:
    """Both ends of one handshake, step by step, over buffers instead of a network."""
    context = presenting_as_server(own, principal)
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(settings, intruder(settings)).wrap_bio(inward, outward, server_hostname="127.0.0.1")
    server = context.wrap_bio(outward, inward, server_side=True)
    try:
        for _ in range(ROUNDS):
            _step(client)
            _step(server)
    except ssl.SSLCertVerificationError:
        return Attempt(refused=True, cause=_alert_at(server))
    return accepted()


def presenting_as_server(settings: Settings, principal: str) -> ssl.SSLContext:
    """A server's context with a principal's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    directory = settings.certificates_directory
    context.load_cert_chain(directory / f"{principal}.crt", directory / f"{principal}.key")
    return context


def _step(end: ssl.SSLObject) -> None:
    with suppress(ssl.SSLWantReadError):
        end.do_handshake()


def _alert_at(server: ssl.SSLObject) -> str:
    """The alert by which the client told the rogue server that it does not believe it."""
    try:
        server.do_handshake()
        server.read(1)
    except ssl.SSLError as error:
        return error.reason or ""
    return ""


async def _passwords(settings: Settings) -> Attempt:
    return all_refused(*[await _signing_in(settings, mechanism) for mechanism in MECHANISMS])


async def _signing_in(settings: Settings, mechanism: str) -> Attempt:
    answer = await told(settings, intruder(settings), SaslHandShakeRequest(mechanism))
    return Attempt(refused=True, cause=answer) if answer else accepted()


async def _controller(settings: Settings) -> Attempt:
    """The controllers' listener knows the certificate and grants it nothing."""
    address = controller_address(settings)
    topic = out_of(settings, "drill-new")
    return all_refused(
        await denied(settings, intruder(settings), CLUSTER, fetch("__cluster_metadata"), address),
        await denied(settings, intruder(settings), CLUSTER, every_rule(), address),
        await denied(settings, intruder(settings), f"Topic:LITERAL:{topic} ", creation(topic), address),
    )


def controller_address(settings: Settings) -> Address:
    """Where the first controller listens; raises `NotTriableError` where that is not told."""
    for file in sorted((settings.state_directory / "kafka").glob("node-*.properties")):
        told = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        for listener in told["listeners"].split(","):
            if listener.startswith(CONTROLLER):
                host, _, port = listener.removeprefix(CONTROLLER).rpartition(":")
                return host, int(port)
    raise NotTriableError("the controllers' listener is not told to this machine")


def odd_subjects(principal: str) -> dict[str, x509.Name]:
    """Subjects that a careless rule would take for this principal, or another of ours."""
    ours = ((NameOID.ORGANIZATION_NAME, ORGANIZATION), (NameOID.ORGANIZATIONAL_UNIT_NAME, UNIT))
    within = f"x,CN={principal},OU={UNIT},O={ORGANIZATION}"
    return {
        "two common names": _name(*ours, (NameOID.COMMON_NAME, "admin"), (NameOID.COMMON_NAME, principal)),
        "a common name inside the organization": _name((NameOID.ORGANIZATION_NAME, within)),
        "upper case": _name(*ours, (NameOID.COMMON_NAME, principal.upper())),
        "a comma in the common name": _name((NameOID.COMMON_NAME, f"{principal},OU={UNIT},O={ORGANIZATION}")),
        "another unit": _name(ours[0], (NameOID.ORGANIZATIONAL_UNIT_NAME, "guests"), (NameOID.COMMON_NAME, principal)),
    }


def _name(*attributes: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


async def _odd_subjects(settings: Settings) -> Attempt:
    subjects = odd_subjects(intruder(settings)).values()
    return all_refused(*[await _odd_subject(settings, subject) for subject in subjects])


async def _odd_subject(settings: Settings, subject: x509.Name) -> Attempt:
    with certified(settings, intruder(settings), subject=subject) as own:
        logs = ServerLogs(settings)
        done = await asyncio.to_thread(knock, first_address(settings), presenting(own, intruder(settings)))
        return await _by_broker(logs, done, NO_PRINCIPAL) if done.word else accepted()


async def _by_broker(logs: ServerLogs, done: Knock, reason: str) -> Attempt:
    """Refused for `reason` by the broker's log on this very connection; by what was heard where no log is here."""
    if not logs.readable:
        return Attempt(refused=True, cause=done.word)
    ours, why = await logs.line(f":{done.port}-"), await logs.line(reason)
    if ours is None or why is None:
        return Attempt(refused=False, cause=f"{done.word}, but the broker's log does not say why")
    return Attempt(refused=True, cause=why[why.index(reason) :].partition(", rules [")[0].rstrip(")"))


CHANNEL = (
    Case(16, "a client without a certificate", Evidence.ALERT, _no_certificate),
    Case(17, "an expired certificate", Evidence.ALERT, _expired),
    Case(18, "a certificate of another authority", Evidence.ALERT, _other_authority),
    Case(19, "a certificate for servers only", Evidence.ALERT, _for_servers_only),
    Case(20, "plain text to the TLS port", Evidence.BROKER, _plain_text),
    Case(21, "TLS 1.2", Evidence.ALERT, _older_version),
    Case(22, "somebody poses as a broker to our client", Evidence.ALERT, _rogue_broker),
    Case(23, "signing in by password", Evidence.PROTOCOL, _passwords),
    Case(24, "a recipient talks to the controllers", Evidence.AUTHORIZER, _controller),
    Case(25, "subjects that look like a principal's", Evidence.BROKER, _odd_subjects),
)
