"""How calls are shown in the terminal."""

from __future__ import annotations

import io
import sys
import threading
from contextvars import copy_context
from dataclasses import dataclass

import pytest

from ivr.phone.network.events import Pressed, Requested, Said, Spoken
from ivr.phone.network.transcript import Transcript
from ivr.phone.sip import shown as module
from ivr.phone.sip.shown import ShownCall, ShownCalls, number_of_this_call

TRANSCRIPT = Transcript({}, {"fi-FI": "fi"})


@dataclass
class Rung:
    """A call of which only this is known."""

    peer: str
    seconds: float = 0.0


def begun(calls: ShownCalls, call: Rung) -> ShownCall:
    """A call that begins as in a thread of its own."""
    return copy_context().run(calls.begin, call)


def test_each_line_has_the_number_and_the_clock_of_its_call(capsys: pytest.CaptureFixture[str]) -> None:
    calls = ShownCalls(TRANSCRIPT)
    first, second = Rung("sip:anna@127.0.0.1:5080"), Rung("sip:[b]@127.0.0.1", 0.0)
    with calls.written():
        shown = begun(calls, first)
        begun(calls, second).event(Pressed(1.0, "3"))
        shown.event(Said(72.4, Spoken("fi-FI", "Hei.", 1.0), "plain"))
        shown.event(Requested(72.5, "https://line.example/voice", {}, "<Response/>"))
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "#1  0:00  sip:anna@127.0.0.1:5080 rings",
        "#2  0:00  sip:[b]@127.0.0.1 rings",
        "#2  0:01  caller presses 3",
        "#1  1:12  fi: Hei.",
    ]
    assert err == ""


def test_what_is_no_event_stands_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    calls = ShownCalls(TRANSCRIPT)
    rung = Rung("sip:anna@127.0.0.1")
    shown = begun(calls, rung)
    rung.seconds = 61.0
    shown.missed(Spoken("fi-FI", "Hei.", 0.0, slow=True), "it has no voice here")
    shown.fault("https://line.example/voice: 3 s of silence")
    calls.note("voices: 3 of 4 sentences are made")
    calls.ask("#1 on_call is rung: what now?")
    with calls.written():
        pass
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert err.splitlines() == [
        "#1  1:01  no sound, as it has no voice here: fi: Hei. (slowly)",
        "#1  1:01  the line broke a rule of telephony: https://line.example/voice: 3 s of silence",
        "voices: 3 of 4 sentences are made",
        "#1 on_call is rung: what now?",
    ]


def test_the_thread_of_a_call_knows_its_number() -> None:
    calls, numbers = ShownCalls(TRANSCRIPT), dict[str, str]()

    def carry(peer: str) -> None:
        calls.begin(Rung(peer))
        numbers[peer] = number_of_this_call()

    for peer in ("anna", "bo"):
        thread = threading.Thread(target=carry, args=(peer,))
        thread.start()
        thread.join()
    assert numbers == {"anna": "#1", "bo": "#2"}
    assert number_of_this_call() == ""


def test_calls_at_once_do_not_mix_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    calls = ShownCalls(TRANSCRIPT)
    words = Said(0.0, Spoken("fi-FI", "sana " * 40, 1.0), "plain")

    def carry() -> None:
        shown = calls.begin(Rung("sip:anna@127.0.0.1"))
        for _ in range(50):
            shown.event(words)

    threads = [threading.Thread(target=carry) for _ in range(4)]
    with calls.written():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 4 * 51
    assert sorted({line.partition("  ")[0] for line in out}) == ["#1", "#2", "#3", "#4"]
    assert {line.partition("  ")[2] for line in out} == {"0:00  sip:anna@127.0.0.1 rings", f"0:00  fi: {'sana ' * 40}"}


def test_no_call_waits_for_a_terminal_that_stands_still(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    calls = ShownCalls(TRANSCRIPT)  # and nobody writes
    call = begun(calls, Rung("sip:anna@127.0.0.1"))
    for key in "12345":
        call.event(Pressed(0.0, key))
    with calls.written():
        pass
    assert [line[-1] for line in capsys.readouterr().out.splitlines()] == ["s", "1", "2"]


def test_a_reader_who_is_gone_is_told_and_the_remarks_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = ShownCalls(TRANSCRIPT)

    def gone(*_words: object, **_options: object) -> None:
        raise SystemExit(1)  # what rich makes of a broken pipe

    monkeypatch.setattr(calls._events, "print", gone)
    with calls.written():
        begun(calls, Rung("sip:anna@127.0.0.1"))
        calls.ask("#1 on_call is rung: what now?")
    assert capsys.readouterr().err.splitlines()[-1] == "#1 on_call is rung: what now?"
    assert "nobody reads the transcript any more" in caplog.text


def test_a_line_that_cannot_be_written_is_lost_and_the_next_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = ShownCalls(TRANSCRIPT)

    def full(*_words: object, **_options: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(calls._events, "print", full)
    with calls.written():
        begun(calls, Rung("sip:anna@127.0.0.1"))
        calls.note("the next")
    assert capsys.readouterr().err.splitlines()[-1] == "the next"
    assert "no space left" in caplog.text


def test_a_sign_that_the_terminal_does_not_have_is_shown_as_another(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    calls = ShownCalls(TRANSCRIPT)
    with calls.written():
        begun(calls, Rung("sip:Äiti@127.0.0.1")).event(Pressed(1.0, "3"))
    assert written.getvalue().decode().splitlines() == [
        "#1  0:00  sip:?iti@127.0.0.1 rings",
        "#1  0:01  caller presses 3",
    ]
