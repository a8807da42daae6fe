"""Terms and one record to work on."""

from topics.envelope.run import Head, Terms

TOPIC = "out.welfare.v1"
CITY = "142158"
TERMS = Terms(
    sender="hub",
    recipient="welfare",
    topic=TOPIC,
    municipality=CITY,
    generation=1,
    content="kairan.delivery.v1",
    basis=("number-act-9",),
    items=(1, 5, 6),
)
SUBJECT = "abcdefghijklmnopqrstuvwx"
PAYLOAD = b'{"schema_version":"kairan.delivery.v1"}'


def head(number: int = 7, key: str = SUBJECT) -> Head:
    return Head(key=key, event_id=f"welfare-1-{CITY}-{number}", number=number, sequence=1)
