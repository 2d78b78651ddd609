"""The client of Twilio: what we rely on in it, and whom it asks."""

from __future__ import annotations

import ast
from typing import Any
from urllib.parse import urlsplit

import pytest

from ivr.settings.account import read_access, read_fallback
from ivr.settings.env_file import SettingsError
from ivr.telephony.twilio.account import SECONDS, Account, AccountFault, Http
from tests.conftest import ROOT
from tests.twilio_rest.conftest import OURS
from tests.twilio_rest.provider import ACCOUNT, KEY, SECRET, Provider, in_twilios_form


class Asked(Exception):
    """Raised in place of a request."""


class Noting(Http):
    """Asks nobody, and keeps whom it would have asked, and with what."""

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:  # noqa: ARG002 - the client's signature
        self.host, self.auth, self.path = urlsplit(url).netloc, more["auth"], urlsplit(url).path
        raise Asked


@pytest.mark.parametrize(
    ("place", "host"),
    [(None, "api.twilio.com"), (("ie1", "dublin"), "api.dublin.ie1.twilio.com")],
    ids=["US", "Ireland"],
)
def test_nothing_is_taken_from_the_environment_of_the_process(
    monkeypatch: pytest.MonkeyPatch, place: tuple[str, str] | None, host: str
) -> None:
    for name, value in {
        "TWILIO_ACCOUNT_SID": "AC" + "9" * 32,
        "TWILIO_AUTH_TOKEN": "old,new",
        "TWILIO_REGION": "au1",
        "TWILIO_EDGE": "sydney",
    }.items():
        monkeypatch.setenv(name, value)
    http = Noting()
    with Account(ACCOUNT, KEY, SECRET, place, http) as account, pytest.raises(Asked):
        account.find(OURS)
    assert (http.host, http.auth) == (host, (KEY, SECRET))
    assert ACCOUNT in http.path


@pytest.mark.parametrize(
    ("region", "place"), [("", None), ("us1", None), ("ie1", ("ie1", "dublin")), ("au1", ("au1", "sydney"))]
)
def test_a_region_is_asked_at_its_edge(region: str, place: tuple[str, str] | None) -> None:
    env = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": SECRET, "TWILIO_REGION": region}
    access = read_access(env)
    assert access.place == place
    assert not any(secret in repr(access) for secret in (ACCOUNT, KEY, SECRET))


@pytest.mark.parametrize(
    ("line", "fallback"),
    [
        ("https://line.example.fi:8443/kemi/", "https://LINE.example.fi./fallback.xml"),
        ("https://line.example.fi.", "https://line.example.fi:444/fallback.xml?a=b"),
        ("https://[2a00:1190::1]", "https://[2A00:1190:0:0::0001]:444/fallback.xml"),
    ],
)
def test_a_fallback_at_the_host_of_the_line_is_known_in_every_spelling(line: str, fallback: str) -> None:
    with pytest.raises(SettingsError, match="is at the host of the line"):
        read_fallback({"IVR_PUBLIC_URL": line, "IVR_FALLBACK_URL": fallback})


def test_the_client_waits_no_longer_than_we_say() -> None:
    http = Http()
    assert http._client.timeout == SECONDS
    assert http._client.session
    http.close()


def test_a_fault_has_status_code_and_remedy(provider: Provider) -> None:
    provider.before = lambda _asked: in_twilios_form(429, 20429)
    with Account(ACCOUNT, KEY, SECRET, None, Http(provider.base)) as account, pytest.raises(AccountFault) as raised:
        account.find(OURS)
    fault = raised.value
    assert (fault.status, fault.code, fault.remedy) == (429, 20429, "wait a minute and run it again")
    assert fault.__suppress_context__
    assert ACCOUNT not in str(fault)


def test_a_wrong_secret_is_told_by_the_provider_alone(provider: Provider) -> None:
    with Account(ACCOUNT, KEY, "other", None, Http(provider.base)) as account, pytest.raises(AccountFault) as raised:
        account.find(OURS)
    assert raised.value.status == 401


def test_only_one_module_imports_the_client() -> None:
    importing = set()
    for path in (ROOT / "ivr").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.startswith(("twilio.rest", "twilio.http")) for name in names):
                importing.add(path.name)
    assert importing == {"account.py"}
