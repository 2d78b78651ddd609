"""A line that is right in every way: its processes, its name, its certificate, its fallback, its account."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
import trustme

from ivr.app import line_app, operators_app
from ivr.doctor.examination import CHECKS
from ivr.doctor.examined import Examined
from ivr.doctor.finding import CheckResult, Lacking
from ivr.doctor.web import Web
from ivr.journal import Journal
from ivr.live.processes import Presence
from ivr.metrics import Metrics
from ivr.proof.kept import Kept
from ivr.proof.prove import Proved, load_and_prove
from ivr.serving import Current, Serving
from ivr.settings.env_file import SettingsError
from ivr.settings.read import public_number, read_settings
from ivr.speech.voices import VoiceSelector, audio_folders
from ivr.telephony.twilio.emergency import static_document
from ivr.telephony.twilio.plan import line_webhooks
from tests.content.conftest import FIRST, Prompts
from tests.serving import served
from tests.tls import names, tls_before
from tests.twilio_rest.conftest import ENVIRONMENT, FALLBACK, LINE, OURS, SWEDISH
from tests.twilio_rest.provider import Provider, running
from tests.twilio_rest.typed import opens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST, FALLBACK_HOST = "line.example.fi", "files.example.org"
REACHABLE = ("1.2.3.4",)


class Site(NamedTuple):
    """A site whose three languages are approved, what was proved of it, and a state folder that keeps the proof."""

    folder: Path
    proved: Proved
    state: Path


@pytest.fixture(scope="session")
def approved_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Tests do not change it."""
    root = tmp_path_factory.mktemp("doctor")
    prompts = Prompts.copied_to(root, *FIRST)
    prompts.edit("office.yaml", "languages_by_number: {}", f'languages_by_number: {{"{SWEDISH}": sv}}')
    for code in FIRST:
        prompts.approve(code)
    today, state = datetime.now(UTC).date(), root / "state"
    proved = load_and_prove(
        prompts.folder, today, audio_folders(prompts.folder, state / "recordings"), kept=Kept(state)
    )
    return Site(prompts.folder, proved, state)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who vouches for the certificates of the tests."""
    return trustme.CA()


@dataclass
class Outside:
    """What is around the line. A test plants its fault here before it looks.

    `between` stands for the proxy; `fallback` is what the host of the fallback answers; `days` of the certificate are
    left; `silent`: nobody answers at the name.
    """

    resolved: Sequence[str] | None = REACHABLE
    between: Callable[[WSGIApplication], WSGIApplication] = lambda app: app
    fallback: tuple[str, str, bytes] = ("200 OK", "text/xml", b"")
    certificate_of: str = HOST
    days: int = 80
    trusted: bool = True
    alive: bool = True
    clock_off: timedelta = timedelta(0)
    moved: str = ""
    """Where the host of the fallback sends whoever asks at its first address."""
    fallback_asked: list[WSGIEnvironment] = field(default_factory=list)


class Healthy:
    """A line that is right in every way, until a test plants a fault in one of its parts."""

    def __init__(self, site: Site, authority: trustme.CA, folder: Path, provider: Provider) -> None:
        self.provider, self.outside, self.folder = provider, Outside(), folder
        self.env = {**ENVIRONMENT, "IVR_STATE": str(folder / "state")}
        self.site: Path | SettingsError = site.folder
        self.whole = site.folder
        self.proved = site.proved
        self.metrics, self._authority = Metrics(), authority
        self.opens = opens(provider.base)
        self.ports = (0, 0)
        """Of its two processes; only the first one answers calls."""
        content = site.proved.content
        assert content
        self.content, self.settings = content, read_settings(self.env, content.office)
        voices = VoiceSelector(content, audio_folders(site.folder, site.state / "recordings"), self.now().date())
        self.current = Current(Serving.of(self.settings, content, voices, "one content"))
        self.current.ready = True
        self.journal = StringIO()
        self.writes = Journal(self.journal)
        self.app = line_app(self.current, self.now, time.time, self.writes, self.metrics)
        number = public_number(content.office)
        assert number
        self.today = static_document(content, number, OURS)
        self.outside.fallback = ("200 OK", "text/xml", self.today)

    def now(self) -> datetime:
        """The clock of this machine."""
        return datetime.now(UTC) + self.outside.clock_off

    def look(self, check: str, *, changed: Callable[[Examined], None] = lambda _line: None) -> list[CheckResult]:
        """What one check finds, after those it needs; `changed` is called before it looks."""
        with self.examined() as line:
            for each in CHECKS:
                if each.id == "credentials" and check not in BEFORE_THE_ACCOUNT:
                    assert [seen.state for seen in each.look(line)] == ["ok"]
            changed(line)
            look = next(each.look for each in CHECKS if each.id == check)
            try:
                return [CheckResult(check, *seen) for seen in look(line)]
            except Lacking as lacking:
                return [CheckResult(check, "waits", str(lacking), "", blocks=False)]

    @contextmanager
    def examined(self) -> Iterator[Examined]:
        """Everything around the line, and the line as the checks are given it."""
        with ExitStack() as opened:
            monkeypatch = opened.enter_context(pytest.MonkeyPatch.context())
            monkeypatch.setenv("NO_PROXY", "*")
            web = self.around(opened, monkeypatch)
            line = Examined(self.env, self.site, self.now, self.opens, web)
            if self.site == self.whole:
                line.__dict__["proved"] = self.proved  # which takes a while, and has tests of its own
            yield opened.enter_context(line)

    def around(self, opened: ExitStack, monkeypatch: pytest.MonkeyPatch) -> Web:
        """Start what is around the line, and return what asks it."""
        outside, ports = self.outside, dict[str, int]()
        begins, ends = _in_days(-100), _in_days(outside.days)
        certificate = self._authority.issue_cert(outside.certificate_of, not_before=begins, not_after=ends)
        for host, app in ((HOST, outside.between(self.app)), (FALLBACK_HOST, self._fallback)):
            port = _port(opened.enter_context(served(app)))
            issued = certificate if host == HOST else self._authority.issue_cert(host)
            ports[host] = opened.enter_context(tls_before(port, _context(issued)))
        if not outside.alive:
            del ports[HOST]
        opened.enter_context(names(ports))
        if outside.trusted:
            bundle = self.folder / "authority.pem"
            self._authority.cert_pem.write_to_path(str(bundle))
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        return Web(self._resolve)

    def _fallback(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        self.outside.fallback_asked.append(environ)
        status, kind, body = self.outside.fallback
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        if self.outside.moved and environ["PATH_INFO"] != self.outside.moved:
            status, headers = "302 Found", [*headers, ("Location", self.outside.moved)]
        start_response(status, headers)
        return [body]

    def _resolve(self, _host: str, _port: int) -> Sequence[str]:
        if self.outside.resolved is None:
            raise OSError("Name or service not known")
        return self.outside.resolved


BEFORE_THE_ACCOUNT = frozenset(each.id for each in CHECKS[: [each.id for each in CHECKS].index("clock")])
"""The checks that do not wait for an answer of the account."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """The account of the line, with its two numbers as `ivr connect` sets them."""
    with running(Provider()) as provider:
        wanted = asdict(line_webhooks(LINE, FALLBACK))
        provider.hold(OURS, bundle_sid="", **wanted)
        provider.hold(SWEDISH, bundle_sid="", **wanted)
        provider.calls = [(OURS, "completed")] * 3
        yield provider
    assert provider.violations == []
    assert provider.posts == [], "a doctor changes nothing"


@pytest.fixture
def line(approved_site: Site, authority: trustme.CA, tmp_path: Path, provider: Provider) -> Iterator[Healthy]:
    """A line that is right in every way, with two processes that operators can ask."""
    shutil.copytree(approved_site.state, tmp_path / "state")
    healthy = Healthy(approved_site, authority, tmp_path, provider)
    with ExitStack() as opened:
        healthy.ports = _port(opened.enter_context(served(healthy.app))), 18081
        for port in healthy.ports:
            address = opened.enter_context(served(operators_app(healthy.current, healthy.metrics)))
            presence = Presence(tmp_path / "state", ("127.0.0.1", _port(address)))
            presence.begins("127.0.0.1", port)
            opened.callback(presence.ends)
        healthy.metrics.watched = time.time() - 30
        opened.callback(healthy.writes.close)
        yield healthy


def _port(address: str) -> int:
    return urlsplit(address).port or 0


def _in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days, hours=1)


def _context(issued: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued.configure_cert(context)
    return context


def dead_process() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen(["true"]) as ended:
        pass
    return ended.pid
