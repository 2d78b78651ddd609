"""`ivr phone --sip` with a gateway that has no network: its options, what it tells, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from types import ModuleType, TracebackType

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.commands import sip_line as module
from ivr.commands.sip_line import TelephoneCall, running_clock
from ivr.phone.clip_builder import ClipBuilder, Progress
from ivr.phone.errors import CarrierError
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.virtual import VirtualCall
from ivr.phone.sip import sounds
from ivr.speech.voices import audio_folders
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.speech.test_voices import make, script

GATEWAY = "ivr.phone.sip.gateway"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = ("--at", "2026-11-24 10:00")


class GatewayFault(Exception):
    """As the gateway's own."""


class TelephoneOfATest(VirtualCall):
    """A call in virtual time that comes from a telephone."""

    peer = "sip:anna@127.0.0.1:5080"

    def __init__(self, *steps: str) -> None:
        super().__init__(VirtualClock(NOON), ScriptedCaller(steps), ScriptedContacts({}, "answers"))
        self.hears: Callable[[Event], None] = lambda _event: None  # type: ignore[assignment]


class BrokenLine(TelephoneOfATest):
    """A call in which the line breaks a rule."""

    def answer(self) -> None:
        raise CarrierError("https://guidance-line.example/voice: a rule")


class FakeGateway:
    """Takes these calls, each in a thread of its own, and then waits to be stopped."""

    last: FakeGateway
    calls: Iterable[TelephoneCall] = ()
    fault: str = ""
    ends_by: signal.Signals = signal.SIGTERM

    def __init__(
        self,
        listen: tuple[str, int],
        *,
        phones: Mapping[str, str],
        allowed: Sequence[IPv4Network],
        sound_of: Callable[[Spoken], bytes],
        without_phone: Callable[..., object],
        tell: Callable[[str], None],
    ) -> None:
        FakeGateway.last = self
        assert callable(without_phone)
        assert callable(tell)
        self.listen, self.phones, self.allowed, self.sound_of = listen, phones, allowed, sound_of
        self.address = f"sip:kemi@{listen[0]}:{listen[1]}"
        self.closed, self._stopped = False, threading.Event()

    def __enter__(self) -> FakeGateway:
        if self.fault:
            raise GatewayFault(self.fault)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.closed = True

    def serve(self, on_call: Callable[[TelephoneCall], None]) -> None:
        for call in self.calls:
            copy_context().run(on_call, call)
        os.kill(os.getpid(), self.ends_by)
        assert self._stopped.wait(PATIENCE)

    def stop(self) -> None:
        self._stopped.set()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Prompts.copied_to(tmp_path_factory.mktemp("sip"), *FIRST, "so").folder


@pytest.fixture(autouse=True)
def gateway(site: Path, monkeypatch: pytest.MonkeyPatch) -> type[FakeGateway]:
    """The gateway of the test, and a clip builder that makes nothing."""

    class Fresh(FakeGateway):
        pass

    fake = ModuleType(GATEWAY)
    fake.Gateway, fake.GatewayFault = Fresh, GatewayFault  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, GATEWAY, fake)
    monkeypatch.setattr(sounds, "PATIENCE", 0.0)
    monkeypatch.setattr(ClipBuilder, "start", lambda _builder: None)
    monkeypatch.setattr(ClipBuilder, "wait", lambda _builder, _seconds: True)
    monkeypatch.setenv("IVR_SITE", str(site))
    return Fresh


def phone(*words: str) -> Result:
    return CliRunner().invoke(main, ["phone", *words])


class TestOptions:
    def test_by_default_it_listens_on_this_machine_only(self) -> None:
        result = phone("--sip")
        assert result.exit_code == 0, result.output
        assert result.stderr.splitlines()[-2:] == [
            "the line is at sip:kemi@127.0.0.1:5060   (Ctrl-C ends it)",
            "ending: the calls that go on are hung up from here",
        ]
        last = FakeGateway.last
        assert (last.listen, last.phones, last.allowed) == (("127.0.0.1", 5060), {}, [])

    def test_the_port_may_be_left_out(self) -> None:
        assert phone("--sip", "127.0.0.1").exit_code == 0
        assert FakeGateway.last.listen == ("127.0.0.1", 5060)

    def test_a_contact_has_a_telephone_and_the_other_is_answered_here(self) -> None:
        result = phone("--sip", "127.0.0.1:0", "--contact", "on_call=sip:duty@127.0.0.1:5080")
        assert result.exit_code == 0, result.output
        assert list(FakeGateway.last.phones.values()) == ["sip:duty@127.0.0.1:5080"]
        assert "on_call: rung at sip:duty@127.0.0.1:5080\n" in result.stderr
        assert "social_instructor: no telephone, and no terminal here" in result.stderr

    def test_all_faults_are_told_at_once_each_with_what_to_write(self) -> None:
        result = phone(
            *("--sip", "here", "--allow", "192.168.1.7/24", "--allow", "neighbours", "--at", "tomorrow"),
            *("--contact", "mother=sip:m@127.0.0.1", "--contact", "on_call"),
        )
        assert result.exit_code == 1
        for told in (
            "'here': write HOST or HOST:PORT, such as 127.0.0.1:5060",
            "--allow: '192.168.1.7/24': write the network of that address, 192.168.1.0/24",
            "--allow: 'neighbours': write a network such as 192.168.1.0/24",
            "'tomorrow' is no date and time; write \"2026-12-24 10:00\"",
            "'mother=sip:m@127.0.0.1': write NAME=sip:..., where NAME is one of on_call, social_instructor",
            "'on_call': write NAME=sip:...",
        ):
            assert told in result.stderr

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("127.0.0.1:99999",), "99999"),
            (("8.8.8.8:5060",), "private network"),
            (("127.0.0.1:5060", "--allow", "8.8.0.0/16"), "only private networks"),
            (("127.0.0.1:5060", "--contact", "on_call=duty"), "on_call: duty is no SIP address"),
            (("127.0.0.1:5060", "--contact", "on_call=sip:duty@10.0.0.7"), "outside the networks"),
            (("127.0.0.1:5060", "--contact", "on_call=sip:kemi@127.0.0.1"), "where the line itself listens"),
            (("127.0.0.1:5070", *2 * ("--contact", "on_call=sip:d@127.0.0.1")), "on_call is named twice"),
        ],
    )
    def test_what_cannot_be_reached_is_refused(self, words: tuple[str, ...], told: str) -> None:
        result = phone("--sip", *words)
        assert result.exit_code == 1
        assert told in result.stderr

    @pytest.mark.parametrize(
        "words", [("--contact", "on_call=sip:d@127.0.0.1"), ("--allow", "10.0.0.0/8"), DAY, ("--waiting",)]
    )
    def test_what_belongs_to_telephones_is_refused_without_them(self, words: tuple[str, ...]) -> None:
        result = phone(*words)
        assert result.exit_code == 2
        assert f"{words[0]}: only with --sip" in result.stderr

    def test_what_belongs_to_the_page_is_refused_with_telephones(self) -> None:
        result = phone("--sip", "--port", "5061", "--no-open")
        assert result.exit_code == 2
        assert "--port, --no-open: only without --sip; write --sip HOST" in result.stderr

    def test_an_address_that_is_in_use_is_told(self, gateway: type[FakeGateway]) -> None:
        gateway.fault = "cannot listen at 127.0.0.1:5060: it is in use"
        result = phone("--sip")
        assert (result.exit_code, result.stderr.splitlines()[-1]) == (1, f"Error: {gateway.fault}")

    @pytest.mark.parametrize(
        ("version", "remedy"),
        [((3, 13), "pip install 'kemi-guidance-line[sip]'"), ((3, 14), "with Python 3.11, 3.12 or 3.13")],
    )
    def test_a_stack_that_is_not_installed_is_told_at_once(
        self, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], remedy: str
    ) -> None:
        monkeypatch.setitem(sys.modules, GATEWAY, None)
        monkeypatch.setattr(sys, "version_info", version)
        result = phone("--sip")
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: what speaks SIP is not installed")
        assert remedy in result.stderr


class TestCalls:
    def test_a_call_is_shown_on_standard_output_and_silent_sentences_on_the_other(
        self, gateway: type[FakeGateway]
    ) -> None:
        gateway.calls = (TelephoneOfATest("1", "1"),)
        result = phone("--sip", *DAY)
        assert result.exit_code == 0, result.output
        first, *lines = result.stdout.splitlines()
        assert first == "#1  0:00  sip:anna@127.0.0.1:5080 rings"
        assert all(re.match(r"#1  \d:\d\d  ", line) for line in lines)
        assert any(line.endswith("rings social_instructor") for line in lines)
        assert lines[-1].endswith("the talk ends (by contact)") or lines[-1].endswith("the line ends the call")
        silent = [line for line in result.stderr.splitlines() if "no sound" in line]
        assert silent[0].startswith("#1  0:00  no sound, as its voice is being made: fi: ")
        assert len(silent) == len(set(silent))

    def test_the_line_answers_at_the_time_that_is_given(self, gateway: type[FakeGateway]) -> None:
        gateway.calls = (TelephoneOfATest("1", "1"),)
        assert "rings on_call" in phone("--sip", "--at", "2026-11-24 22:00").stdout

    def test_a_rule_that_is_broken_is_told_and_the_next_call_is_taken(self, gateway: type[FakeGateway]) -> None:
        gateway.calls = (BrokenLine(), TelephoneOfATest("hang up"))
        result = phone("--sip", *DAY)
        assert result.exit_code == 0, result.output
        assert (
            "#1  0:00  the line broke a rule of telephony: https://guidance-line.example/voice: a rule\n"
            in result.stderr
        )
        assert result.stdout.splitlines()[-1].endswith("the caller hangs up")
        assert result.stdout.splitlines()[-1].startswith("#2")

    @pytest.mark.parametrize(("more", "heard"), [((), False), (("--waiting",), True)])
    def test_languages_that_wait_are_offered_if_asked_for(
        self, gateway: type[FakeGateway], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], heard: bool
    ) -> None:
        monkeypatch.setattr(module, "heard_draft_voices", lambda _site, _content: {})
        gateway.calls = (TelephoneOfATest("hang up after 60"),)
        result = phone("--sip", *DAY, *more)
        assert ("so: Af-Soomaali: riix siddeed." in result.stdout) == heard
        assert ("This line offers those too." in result.stderr) == heard

    def test_a_language_is_offered_once_its_voice_is_made(
        self, gateway: type[FakeGateway], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST, "uk")
        monkeypatch.setenv("IVR_SITE", str(prompts.folder))
        monkeypatch.setattr(module, "LOOKED_EVERY", -1.0)

        def calls() -> Iterator[TelephoneCall]:
            yield TelephoneOfATest("hang up after 60")
            audio = audio_folders(prompts.folder, tmp_path / "recordings")
            audio.rendered.mkdir(parents=True)
            content = prompts.load().content
            assert content
            for said in script(content, "uk"):
                make(content, audio, said, "offline")
            yield TelephoneOfATest("hang up after 60")

        gateway.calls = calls()
        result = phone("--sip", *DAY)
        assert result.exit_code == 0, result.output
        assert "This line makes these voices now" in result.stderr
        offered = [line.partition(" ")[0] for line in result.stdout.splitlines() if "uk: Українська" in line]
        assert set(offered) == {"#2"}

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_it_ends_in_order_by_each_signal(self, gateway: type[FakeGateway], number: signal.Signals) -> None:
        before = signal.getsignal(number)
        gateway.ends_by = number
        assert phone("--sip").exit_code == 0
        assert FakeGateway.last.closed
        assert signal.getsignal(number) is before


class TestVoices:
    def test_progress_is_told_until_all_are_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        progress = iter([Progress(3, 9, ""), Progress(3, 9, ""), Progress(5, 9, ""), Progress(9, 9, "")])
        waits = iter([False, False, True])
        monkeypatch.setattr(ClipBuilder, "progress", lambda _builder: next(progress))
        told = self.told(monkeypatch, lambda _builder, _seconds: next(waits))
        assert "making 6 of 9 sentences by the offline voice" in told
        assert "voices: 5 of 9 sentences are made\nvoices: 9 of 9 sentences are made\n" in told

    def test_an_engine_that_fails_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ClipBuilder, "progress", lambda _builder: Progress(3, 9, "no engine"))
        told = self.told(monkeypatch, lambda _builder, _seconds: True)
        assert "voices: 3 of 9 sentences are made; no more can be made, so 6 are silent: no engine\n" in told

    def test_new_voices_need_no_new_thread(self, gateway: type[FakeGateway], monkeypatch: pytest.MonkeyPatch) -> None:
        """While clips are made, each look makes the line anew."""
        journals, now = list[int](), module.NewestLine.now

        def counted(line: module.NewestLine) -> object:
            found = now(line)
            journals.append([thread.name for thread in threading.enumerate()].count("journal"))
            return found

        monkeypatch.setattr(module, "LOOKED_EVERY", -1.0)
        monkeypatch.setattr("ivr.commands.sip_line.VoiceSelector.have_clips_changed", lambda _voices: True)
        monkeypatch.setattr(module.NewestLine, "now", counted)
        gateway.calls = (TelephoneOfATest("hang up"), TelephoneOfATest("hang up"))
        assert phone("--sip", *DAY).exit_code == 0
        assert len(journals) == 2
        assert journals[0] == journals[1]

    def told(self, monkeypatch: pytest.MonkeyPatch, wait: Callable[[ClipBuilder, float], bool]) -> str:
        """What is told when its thread has ended."""
        monkeypatch.setattr(ClipBuilder, "wait", wait)
        start = threading.Thread.start

        def start_and_join(thread: threading.Thread) -> None:
            start(thread)
            if thread.name == "telling-progress":
                thread.join(PATIENCE)

        monkeypatch.setattr(threading.Thread, "start", start_and_join)
        result = phone("--sip")
        assert result.exit_code == 0, result.output
        return result.stderr


def test_the_clock_begins_where_it_is_told_and_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [100.0]
    monkeypatch.setattr("ivr.commands.sip_line.time.monotonic", lambda: passed[0])
    start = datetime.fromisoformat("2026-10-25T03:30:00+03:00")
    clock = running_clock(start, "Europe/Helsinki")
    passed[0] += 90
    assert clock() == start + timedelta(seconds=90)
    assert running_clock(None, "Europe/Helsinki")().tzinfo is not None
