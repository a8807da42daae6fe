"""Nonsense settings are refused at the start, by name."""

import pytest

from infra.runtime.refusals import Refusal
from infra.runtime.settings import environment_of, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [("KAIRAN_POSTGRES_PORT", "0"), ("KAIRAN_MUNICIPALITIES", "12"), ("KAIRAN_EMBEDDED_BROKERS", "2")],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refusal, match=name):
        load_settings()


def test_municipalities_pass_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_of({"municipalities": ("142158", "142166")}).items():
        monkeypatch.setenv(name, value)
    assert load_settings().municipalities == ("142158", "142166")
