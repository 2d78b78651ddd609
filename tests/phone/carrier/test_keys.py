"""Keys that a caller presses early, in time, late or never, and what a Gather makes of them."""

import pytest

from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import Ended, Event, Pressed, Requested, Waited
from ivr.phone.network.people import Attention, Press, ScriptedContacts
from ivr.phone.network.transport import WsgiTransport
from tests.phone.carrier.tiny_line import (
    HANGUP,
    MENU,
    Impatient,
    TinyLine,
    carrier,
    dial,
    digits,
    doc,
    gather,
    of,
    ring,
    said,
    say,
)


def test_a_key_stops_the_words_at_once() -> None:
    line = TinyLine(MENU)
    transcript = ring(line, ["early 3"])
    assert digits(line) == ["3"]
    assert of(transcript, Pressed) == [Pressed(0.5, "3")]
    assert [text[0] for text in said(transcript)] == ["a", "c", "H"]


def test_a_late_key_comes_a_second_after_the_words() -> None:
    line = TinyLine(MENU)
    assert of(ring(line, ["*", "#"]), Pressed) == [Pressed(7.0, "*"), Pressed(11.0, "#")]
    assert (digits(line), digits(line, "/voice/third")) == (["*"], ["#"])


def test_a_late_key_fits_into_a_short_wait() -> None:
    line = TinyLine({**MENU, "/voice": doc('<Gather action="/voice/next" numDigits="1" timeout="1"/>', HANGUP)})
    assert of(ring(line, ["1"]), Pressed) == [Pressed(0.5, "1")]


@pytest.mark.parametrize(
    ("script", "posted", "waited"),
    [(["wait", "2"], ["", "2"], [Waited(11.0, 5.0)]), ([], ["", ""], [Waited(11.0, 5.0), Waited(19.0, 5.0)])],
    ids=["waits once", "after the last step"],
)
def test_silence_posts_empty_digits(script: list[str], posted: list[str], waited: list[Waited]) -> None:
    line = TinyLine(MENU)
    transcript = ring(line, script)
    assert [*digits(line), *digits(line, "/voice/third")] == posted
    assert of(transcript, Waited) == waited


def test_without_action_on_empty_silence_falls_through() -> None:
    line = TinyLine({"/voice": doc('<Gather action="/voice/next" numDigits="1"/>', say("Hei"), HANGUP)})
    transcript = ring(line)
    assert said(transcript) == ["Hei"]
    assert of(transcript, Waited) == [Waited(5.0, 5.0)]
    assert digits(line) == []


@pytest.mark.parametrize(
    ("behaviour", "second", "begins"),
    [
        (CarrierBehaviour(early_keys="buffered"), "0", ["a", "H"]),
        (CarrierBehaviour(early_keys="lost"), "", ["a", "c", "H"]),
    ],
    ids=["is buffered for the next Gather", "is lost"],
)
def test_an_early_key(behaviour: CarrierBehaviour, second: str, begins: list[str]) -> None:
    line = TinyLine(MENU)
    transcript = ring(line, ["now 10"], behaviour=behaviour)
    assert (digits(line), digits(line, "/voice/third")) == (["1"], [second])
    assert of(transcript, Pressed) == [Pressed(0.5, "1"), Pressed(0.5, "0")]
    assert [text[0] for text in said(transcript)] == begins


@pytest.mark.parametrize(
    ("behaviour", "at"),
    [(CarrierBehaviour(keys_in_words="buffered"), 3.0), (CarrierBehaviour(keys_in_words="lost"), 4.0)],
)
def test_keys_in_plain_words_do_not_stop_them(behaviour: CarrierBehaviour, at: float) -> None:
    line = TinyLine({"/voice": doc(say("a" * 30), gather(say("b" * 30))), "/voice/next": doc(HANGUP)})
    phone = carrier(WsgiTransport(line), behaviour=behaviour)
    transcript = phone.call(Impatient(), ScriptedContacts({}))
    assert digits(line) == ["4"]
    assert of(transcript, Ended) == [Ended(at, "line")]


@pytest.mark.parametrize(
    ("behaviour", "posted"),
    [
        (CarrierBehaviour(keys_while_ringing="buffered"), "4"),
        (CarrierBehaviour(keys_while_ringing="buffered", early_keys="lost"), "4"),
        (CarrierBehaviour(keys_while_ringing="lost", keys_in_words="buffered"), ""),
    ],
    ids=["kept", "kept there alone", "lost, and those from before it too"],
)
def test_a_key_while_a_phone_rings(behaviour: CarrierBehaviour, posted: str) -> None:
    pages = {"/voice": doc(say("a" * 15), dial(attributes=""), gather(), HANGUP), "/voice/next": doc(HANGUP)}
    line = TinyLine(pages)
    carrier(WsgiTransport(line), behaviour=behaviour).call(FirstSeconds(), ScriptedContacts({}))
    assert digits(line) == [posted]


class FirstSeconds(Impatient):
    """Presses a key in the words, and one while it rings."""

    def __init__(self) -> None:
        self._left = 5

    def key_within(self, seconds: float, moment: Attention, /) -> Press | None:
        self._left -= 1
        return super().key_within(seconds, moment) if self._left >= 0 else None


class Typist:
    """Presses the given keys one by one, each a second into a Gather's waiting."""

    def __init__(self, keys: str) -> None:
        self._keys = list(keys)

    def hears(self, event: Event) -> None:
        pass

    def key_within(self, _seconds: float, moment: Attention, /) -> Press | None:
        return Press(self._keys.pop(0), 1.0) if self._keys and moment is Attention.WAITING else None


@pytest.mark.parametrize(
    ("attributes", "keys", "posted", "finished", "seconds"),
    [
        ('numDigits="3"', "1234", "123", "", 3),
        ('numDigits="3"', "12", "12", "", 7),
        ('numDigits="3"', "1#2", "1", "#", 2),
        ("", "1234567#", "1234567", "#", 8),
        ('finishOnKey="*"', "1#*", "1#", "*", 3),
        ('numDigits="1" finishOnKey=""', "#", "#", "", 1),
        ('actionOnEmptyResult="true"', "#", "", "#", 1),
        ('actionOnEmptyResult="true"', "", "", "", 5),
    ],
)
def test_a_gather_collects_keys(attributes: str, keys: str, posted: str, finished: str, seconds: float) -> None:
    safeguard = "" if "true" in attributes else HANGUP
    line = TinyLine({"/voice": doc(f'<Gather action="/a" {attributes}/>', safeguard), "/a": doc(HANGUP)})
    transcript = carrier(WsgiTransport(line)).call(Typist(keys), ScriptedContacts({}))
    (form,) = line.forms("/a")
    assert (form["Digits"], form["FinishedOnKey"]) == (posted, finished)
    assert of(transcript, Requested)[1].at == seconds
    assert bool(of(transcript, Waited)) is (keys == "")


def test_the_finish_key_alone_falls_through() -> None:
    line = TinyLine({"/voice": doc('<Gather action="/a"/>', say("Hei"), HANGUP)})
    transcript = carrier(WsgiTransport(line)).call(Typist("#"), ScriptedContacts({}))
    assert line.forms("/a") == []
    assert said(transcript) == ["Hei"]


def test_now_types_two_digits_into_one_gather() -> None:
    line = TinyLine({"/voice": doc('<Gather action="/a" numDigits="2"/>', HANGUP), "/a": doc(HANGUP)})
    ring(line, ["now 42"])
    assert digits(line, "/a") == ["42"]


def test_early_keys_fill_a_gather_of_two_digits() -> None:
    pages = {
        "/voice": doc(gather(say("a" * 30))),
        "/voice/next": doc('<Gather action="/a" numDigits="2"/>', HANGUP),
        "/a": doc(HANGUP),
    }
    line = TinyLine(pages)

    class Hasty(Typist):
        def key_within(self, _seconds: float, moment: Attention, /) -> Press | None:
            ready = self._keys and moment is not Attention.WAITING
            return Press(self._keys.pop(0), 0.0) if ready else None

    carrier(WsgiTransport(line)).call(Hasty("142"), ScriptedContacts({}))
    assert digits(line, "/a") == ["42"]


@pytest.mark.parametrize("script", [["early 1"], ["now 10"]])
def test_half_a_second_may_span_two_sounds(script: list[str]) -> None:
    line = TinyLine({**MENU, "/voice": doc(gather(say("aaa"), say("bbbbb")))})
    assert of(ring(line, script), Pressed)[0] == Pressed(0.5, "1")
    assert digits(line) == ["1"]


def test_only_a_wait_is_over_with_the_waiting() -> None:
    line = TinyLine(MENU)
    assert of(ring(line, ["hang up after 12"]), Ended) == [Ended(12.0, "caller")]


@pytest.mark.parametrize("after", [-0.1, 5.1])
def test_a_caller_acts_within_the_time_offered(after: float) -> None:
    class Impossible(Impatient):
        def key_within(self, seconds: float, _moment: Attention, /) -> Press | None:
            return Press("1", after) if seconds else None

    line = TinyLine({"/voice": doc(gather())})
    with pytest.raises(ValueError, match=r"offered 5.0 s"):
        carrier(WsgiTransport(line)).call(Impossible(), ScriptedContacts({}))
