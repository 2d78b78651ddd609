"""An office with two numbers, one of them of a language, and an account that holds both and one of somebody else."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.content.load import load
from ivr.core.content import Content
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts
from tests.twilio_rest.provider import ACCOUNT, KEY, SECRET, TOKEN, Provider, running
from tests.twilio_rest.typed import opens

if TYPE_CHECKING:
    from tests.twilio_rest.phones import Phones

OURS, SWEDISH, LONGER = "+358753250000", "+358753250011", "+3587532500001"
LINE, FALLBACK = "https://line.example.fi", "https://files.example.org/fallback.xml"
ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_API_KEY": KEY,
    "TWILIO_API_SECRET": SECRET,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": LINE,
    "IVR_FALLBACK_URL": FALLBACK,
    "IVR_CALLER_ID": OURS,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": "+358401234567",
    "IVR_CONTACT_ON_CALL": "+358400291141",
}
Typed = Callable[..., Result]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Every request that a test makes is one that Twilio's documents describe."""
    with running(Provider()) as provider:
        provider.hold(LONGER, voice_url="https://other.example.org/")
        provider.hold(OURS, voice_url="https://old.example.fi/calls", status_callback="https://old.example.fi/ended")
        provider.hold(SWEDISH)
        yield provider
    assert provider.violations == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a site and all settings."""
    prompts = Prompts.copied_to(tmp_path, *FIRST)
    prompts.edit("office.yaml", "languages_by_number: {}", f'languages_by_number: {{"{SWEDISH}": sv}}')
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path


@pytest.fixture
def connect(provider: Provider, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """`ivr connect` as an operator types it; `typed` is what is answered to its question."""
    monkeypatch.setattr("ivr.commands.account.open_account", opens(provider.base))

    def typed(*words: str, typed: str = "y\n") -> Result:
        return CliRunner().invoke(main, ("connect", *words), input=typed)

    return typed


@pytest.fixture
def refusing() -> Iterator[str]:
    """An address at which nobody listens, and which nobody else gets meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def site(folder: Path) -> Content:
    """The content of the office."""
    content = load(folder / "prompts", TODAY).content
    assert content
    return content


@pytest.fixture
def phones(provider: Provider, site: Content) -> Phones:
    """The phone network, which rings whatever the account is asked to ring."""
    from tests.twilio_rest.phones import Phones  # it asks with the environment above

    provider.rings = phones = Phones(site)
    return phones
