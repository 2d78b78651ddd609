"""Twilio's words to ours and back: each table has an answer for every word."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ivr.core.call import CallerGone, CallStarted, Event, KeyPressed, NoInput, Outcome, TransferEnded
from ivr.telephony.port import LineNumbers
from ivr.telephony.twiml.events import outcome, read_event
from tests.speech.test_voices import first
from tests.telephony.conftest import INSTRUCTOR, ON_CALL, OURS, SECOND, find, verbs
from tests.telephony.conftest import Line as LineUnderTest

SOMALI = "+358753250111"
CONTACTS = {"on_call": (ON_CALL,), "social_instructor": (INSTRUCTOR, SECOND)}
LINE = LineNumbers("https://line.example", OURS, CONTACTS, "FI", languages={SOMALI: "so"})


@pytest.mark.parametrize(
    ("form", "begins", "event"),
    [
        ({"From": "+358401234567"}, True, CallStarted()),
        ({"From": "+358401234567", "To": OURS}, True, CallStarted()),
        ({"From": "+358401234567", "To": SOMALI}, True, CallStarted(language="so")),
        ({"From": ON_CALL, "To": SOMALI}, True, CallStarted("contact", "so")),
        ({"From": SOMALI, "To": OURS}, True, CallStarted("ourselves")),
        ({"From": OURS}, True, CallStarted("ourselves")),
        ({"From": ON_CALL}, True, CallStarted("contact")),
        ({"From": SECOND}, True, CallStarted("contact")),
        ({"CallStatus": "ringing"}, True, CallStarted()),
        ({"CallStatus": "completed"}, True, CallerGone()),
        ({"Digits": "5"}, False, KeyPressed("5", "rev")),
        ({"Digits": "*"}, False, KeyPressed("*", "rev")),
        ({"Digits": ""}, False, NoInput()),
        ({}, False, NoInput()),
        ({"DialCallStatus": "busy"}, False, TransferEnded("busy")),
        ({"DialCallStatus": "busy", "Digits": "1"}, False, TransferEnded("busy")),
        *(
            ({"CallStatus": word, "Digits": "1", "DialCallStatus": "completed"}, False, CallerGone())
            for word in ("completed", "busy", "failed", "no-answer", "canceled")
        ),
    ],
)
def test_events(form: dict[str, str], begins: bool, event: Event) -> None:
    assert read_event(form, begins=begins, at_once=False, line=LINE, revision="rev") == event


@pytest.mark.parametrize(
    ("status", "bridged", "seconds", "expected"),
    [
        ("completed", "true", "90", "answered"),
        ("completed", "true", None, "answered"),
        ("completed", "false", "90", "declined"),
        ("completed", None, "20", "declined"),
        ("completed", None, None, "declined"),
        ("completed", None, "60", "answered"),
        ("answered", None, None, "answered"),
        ("busy", "false", "0", "busy"),
        ("no-answer", "false", "0", "no_answer"),
        ("no-answer", None, "70", "no_answer"),
        ("failed", None, None, "failed"),
        ("canceled", None, None, "failed"),
        ("a new word", None, None, "failed"),
        ("", None, None, "failed"),
    ],
)
def test_outcomes(status: str, bridged: str | None, seconds: str | None, expected: Outcome) -> None:
    form = {"DialCallStatus": status, "DialBridged": bridged, "DialCallDuration": seconds}
    assert outcome({name: value for name, value in form.items() if value is not None}, at_once=False) == expected


def words(element: ElementTree.Element) -> list[str]:
    return ["".join(say.itertext()) for say in element.iter("Say")]


class TestDocuments:
    def test_listening(self, line: LineUnderTest) -> None:
        document = line.twiml("/voice/at/front?lang=en&matter=child&t=1795507140")
        gather, redirect = document
        action = gather.attrib.pop("action")
        assert gather.attrib == {
            "actionOnEmptyResult": "true",
            "finishOnKey": "",
            "input": "dtmf",
            "method": "POST",
            "numDigits": "1",
            "timeout": "5",
        }
        assert (redirect.text, redirect.attrib) == (action, {"method": "POST"})
        say = gather[0]
        assert (say.text, say.attrib) == (
            "Our phone service is open until three in the afternoon.",
            {"voice": "Polly.Amy-Neural", "language": "en-GB"},
        )

    def test_slowly(self, line: LineUnderTest) -> None:
        say = find(line.twiml("/voice/at/main_open?lang=en", {"Digits": "9"}), "Say")
        assert say.text is None
        assert (say[0].tag, say[0].attrib, say[0].text) == (
            "prosody",
            {"rate": "80%"},
            "Our phone service is open until three in the afternoon.",
        )

    def test_ringing(self, line: LineUnderTest) -> None:
        document = line.twiml("/voice/at/main_open?lang=ru&t=1795507140", {"Digits": "2"})
        # rev is missing, so the key is asked again: use the menu's own address instead.
        action = find(document, "Gather").attrib["action"]
        document = line.twiml(action, {"Digits": "2"})
        gather, announcement, dial = document
        assert words(gather) == [first(line.content, "safety.only_these_languages", "ru").text]
        assert "actionOnEmptyResult" not in gather.attrib
        assert announcement.text == first(line.content, "child.calling", "ru").text
        assert dial.attrib == {
            "action": gather.attrib["action"],
            "answerOnBridge": "true",
            "callerId": OURS,
            "method": "POST",
            "ringTone": "fi",
            "timeLimit": "14400",
            "timeout": "25",
        }
        number = find(dial, "Number")
        assert number.text == ON_CALL
        assert number.attrib["method"] == "POST"
        assert "/voice/whisper?lang=ru&matter=child#rc=2" in number.attrib["url"]

    def test_ringing_in_turn(self, line: LineUnderTest) -> None:
        form = {"DialCallStatus": "busy"}
        document = line.twiml("/voice/at/instructor?lang=en", form)
        assert verbs(document) == ["Dial"]
        assert find(document, "Number").text == SECOND
        assert "&try=1&" in find(document, "Dial").attrib["action"]
        document = line.twiml("/voice/at/instructor?lang=en&try=1", form)
        assert "/voice/at/nobody_free?" in find(document, "Gather").attrib["action"]

    def test_the_whisper_is_said_three_times_and_then_hangs_up(self, line: LineUnderTest) -> None:
        document = line.twiml("/voice/whisper?lang=sv&matter=child")
        gather, hangup = document
        assert words(gather) == 3 * ["Paina numeroa. Kemin neuvontapuhelin.", "Kieli: ruotsi.", "Asia: huoli lapsesta."]
        assert (gather.attrib["numDigits"], gather.attrib["finishOnKey"], hangup.tag) == ("1", "", "Hangup")
        assert "/voice/whisper?lang=sv&matter=child" in gather.attrib["action"]

    def test_the_whisper_says_when_no_language_was_chosen_and_nothing_pressed(self, line: LineUnderTest) -> None:
        said = words(line.twiml("/voice/whisper?matter=silent"))
        assert said[1:3] == ["Kieltä ei valittu.", "Soittaja ei valinnut mitään."]

    @pytest.mark.parametrize("key", ["1", "0", "#", "*"])
    def test_any_key_takes_the_call(self, line: LineUnderTest, key: str) -> None:
        assert verbs(line.twiml("/voice/whisper?lang=sv", {"Digits": key})) == []

    def test_the_end(self, line: LineUnderTest) -> None:
        assert verbs(line.twiml("/voice/at/after_talk?lang=en")) == ["Say", "Say", "Hangup"]

    def test_a_loop_is_not_taken(self, line: LineUnderTest) -> None:
        document = line.twiml("/voice", {"From": OURS})
        assert verbs(document) == ["Reject"]

    def test_a_contact_that_rings_us_rings_nobody(self, line: LineUnderTest) -> None:
        assert verbs(line.twiml("/voice", {"From": ON_CALL})) == ["Say", "Hangup"]

    def test_the_groups_of_a_number_are_apart(self, line: LineUnderTest) -> None:
        gather = find(line.twiml("/voice/at/last_words?lang=en", {"Digits": "9"}), "Gather")
        digits = gather.findall("Say")[2:-1]
        shape = "".join("|" if say.find("break") is not None else "." for say in digits)
        assert shape == 2 * "...|..|..|"
        assert [pause.attrib for pause in gather.iter("break")] == 6 * [{"time": "400ms"}]
