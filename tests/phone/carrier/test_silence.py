"""Loops without an end, gaps of silence, and how long words, clips and breaks last."""

import pytest

from ivr.phone.errors import CarrierError
from ivr.phone.network.events import Ended, Said, Spoken
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import WsgiTransport
from tests.phone.carrier.tiny_line import (
    HANGUP,
    PUBLIC,
    TinyLine,
    carrier,
    dial,
    doc,
    gather,
    in_turn,
    of,
    refused,
    ring,
    say,
)


def test_a_loop_without_time_is_refused() -> None:
    line = TinyLine({"/voice": doc("<Redirect>/voice</Redirect>")})
    with pytest.raises(CarrierError, match="no time has passed"):
        ring(line)
    assert len(line.asked) == 10


def test_an_endless_call_is_refused() -> None:
    line = TinyLine({"/voice": doc(say("Hei"), "<Redirect>/voice</Redirect>")})
    with pytest.raises(CarrierError, match="more than 500 requests"):
        ring(line)
    assert len(line.asked) == 500


@pytest.mark.parametrize(
    "verbs",
    [
        ['<Pause length="3"/>'],
        ["<Pause/>", '<Pause length="2"/>'],
        [gather(say("Hei"), "<Pause/>", "<Pause/>", "<Pause/>")],
        [say("Hei", '<break time="2100ms"/>')],
        [say("Hei", '<break time="1s"/>'), '<Pause length="2"/>'],
        [say("Hei"), "<Pause/>", "<Redirect>/voice</Redirect>"],
    ],
)
def test_a_gap_of_silence_is_refused(verbs: list[str]) -> None:
    pages = {
        "/voice": in_turn(
            doc(*verbs, *([] if "Redirect" in verbs[-1] else [HANGUP])), doc('<Pause length="2"/>', HANGUP)
        )
    }
    with pytest.raises(CarrierError, match=r"/voice: .* s of silence"):
        ring(TinyLine(pages))


def test_two_seconds_of_silence_in_small_parts_are_no_gap() -> None:
    breaks = '<break time="100ms"/>' * 20
    assert ring(TinyLine({"/voice": doc(say("Hei", breaks), HANGUP)}))


def test_words_and_waiting_break_a_silence() -> None:
    line = TinyLine(
        {
            "/voice": doc('<Pause length="2"/>', say("Hei"), '<Pause length="2"/>', gather(action="/a", attributes="")),
            "/a": doc('<Pause length="2"/>', dial(attributes=""), '<Pause length="2"/>', HANGUP),
        }
    )
    assert of(ring(line), Ended) == [Ended(2 + 0.3 + 2 + 5 + 2 + 20 + 2, "line")]


def test_a_clip_breaks_a_silence_and_is_told_by_its_url() -> None:
    line = TinyLine({"/voice": doc("<Pause/>", *["<Play>audio/hei.wav</Play>"] * 2, '<Pause length="2"/>', HANGUP)})
    asked: list[str] = []

    def clip(url: str) -> Spoken:
        asked.append(url)
        return Spoken("fi-FI", "Hei.", 1.5, clip=url)

    transcript = carrier(WsgiTransport(line), clip_of=clip).call(ScriptedCaller([]), ScriptedContacts({}))
    assert asked == [f"{PUBLIC}/audio/hei.wav"] * 2
    assert [event.at for event in of(transcript, Said)] == [1.0, 2.5]
    assert of(transcript, Ended) == [Ended(6.0, "line")]


def test_a_clip_nobody_knows_is_refused() -> None:
    assert "/audio/hei.wav" in refused("<Play>/audio/hei.wav</Play>", HANGUP)


def test_slow_words_and_breaks_take_their_time() -> None:
    inner = '<prosody rate="50%">kaksi <break time="500ms"/> kolme</prosody> neljä'
    inner += '<break time="1s"/>'
    (event,) = of(ring(TinyLine({"/voice": doc(say("yksi ", inner), HANGUP)})), Said)
    assert event.spoken == Spoken("fi-FI", "yksi kaksi kolme neljä", 0.4 + 1.0 + 0.5 + 1.0 + 0.5 + 1.0, slow=True)


@pytest.mark.parametrize(("rate", "slow"), [("20%", True), ("99%", True), ("100%", False), ("200%", False)])
def test_only_a_rate_below_the_usual_is_slow(rate: str, slow: bool) -> None:
    spoken = say("", f'<prosody rate="{rate}">Hei</prosody>')
    (event,) = of(ring(TinyLine({"/voice": doc(spoken, HANGUP)})), Said)
    assert event.spoken.slow is slow
