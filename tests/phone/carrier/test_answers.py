"""What the carrier takes from a line as an answer, and which documents it refuses."""

from collections.abc import Mapping

import pytest

from ivr.phone.network.events import Ended
from tests.phone.carrier.tiny_line import (
    BYE,
    HANGUP,
    OTHER,
    OURS,
    PUBLIC,
    WORKER,
    TinyLine,
    dial,
    doc,
    gather,
    number,
    of,
    refused,
    ring,
    said,
    say,
)


def test_an_error_answer_is_quoted() -> None:
    message = refused(raw="x" * 500, status="500 Internal Server Error")
    assert "answered 500" in message
    assert message.endswith(": " + "x" * 200)


NO_ANSWERS: Mapping[str, tuple[str, dict[str, str], str]] = {
    "204": ("", {"status": "204 No Content"}, "200"),
    "201": ("", {"status": "201 Created"}, "200"),
    "redirect": ("", {"status": "307 Temporary Redirect", "location": "/voice/"}, "redirected to /voice/"),
    "no content type": (BYE, {"content_type": ""}, "12300"),
    "plain text": (BYE, {"content_type": "text/plain"}, "12300"),
    "html": (BYE, {"content_type": "text/html"}, "12300"),
    "application/xml": (BYE, {"content_type": "application/xml"}, "12300"),
    "latin-1": (BYE, {"content_type": "text/xml; charset=latin-1"}, "12300"),
    "nothing": ("", {}, "12100"),
    "words": ("Hello", {}, "12100"),
    "no end tag": ("<Response>", {}, "12100"),
    "unknown entity": ("<Response>&nbsp;</Response>", {}, "12100"),
    "crossed tags": ("<Response><Say></Response>", {}, "12100"),
    "a leading blank": (" " + doc("<Hangup/>"), {}, "12100"),
    "a leading line": ("\n<Response><Hangup/></Response>", {}, "12100"),
    "another root": ("<Reply/>", {}, "12100"),
    "doctype": ('<!DOCTYPE a [<!ENTITY b "c">]><Response><Hangup/></Response>', {}, "DOCTYPE"),
    "another host": (doc("<Redirect>https://elsewhere.example/voice</Redirect>"), {}, "leads away"),
    "another scheme": (doc("<Redirect>http://line.example/voice</Redirect>"), {}, "leads away"),
}
"""What a line answers, with which headers, and a sign of the rule in the message."""


@pytest.mark.parametrize(("raw", "reply", "sign"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_refused(raw: str, reply: dict[str, str], sign: str) -> None:
    assert sign in refused(raw=raw, **reply)


@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=utf-8", "Text/XML;charset=UTF-8"])
def test_text_xml_is_accepted(content_type: str) -> None:
    assert ring(TinyLine({"/voice": BYE}, content_type=content_type))


def test_more_than_64_kb_are_refused() -> None:
    room = 64 * 1024 - len(BYE.encode())
    assert ring(TinyLine({"/voice": BYE.replace("</Response>", " " * room + "</Response>")}))
    assert "11750" in refused(raw=BYE.replace("</Response>", " " * (room + 1) + "</Response>"))


WRONG: Mapping[str, str] = {
    "unknown verb": "<Record/>",
    "unknown verb in a Gather": gather("<Hangup/>"),
    "lower case": "<hangup/>",
    "text between verbs": "Hello <Hangup/>",
    "text after a verb": "<Hangup/> hello",
    "text in a Gather": gather("Press 1"),
    "attribute of Response": "",
    "unknown attribute": '<Say voice="Polly.Suvi" language="fi-FI" lang="fi">Hei</Say>',
    "Say without a voice": '<Say language="fi-FI">Hei</Say>',
    "Say without a language": '<Say voice="Polly.Suvi">Hei</Say>',
    "Say with an odd voice": '<Say voice="alice" language="fi-FI">Hei</Say>',
    "Say by a basic voice": '<Say voice="woman" language="fi-FI">Hei</Say>',
    "Say with an odd language": '<Say voice="Polly.Suvi" language="Finnish">Hei</Say>',
    "Say without words": say(" \n "),
    "Say with a break only": say("", '<break time="1s"/>'),
    "Say too long": say("x" * 3000),
    "Say in a loop": '<Say voice="Polly.Suvi" language="fi-FI" loop="2">Hei</Say>',
    "Say within Say": say("a", say("b")),
    "prosody without rate": say("a", "<prosody>b</prosody>"),
    "prosody with an odd rate": say("a", '<prosody rate="10%">b</prosody>'),
    "prosody with a rate in words": say("a", '<prosody rate="slow">b</prosody>'),
    "prosody with a pitch": say("a", '<prosody rate="80%" pitch="low">b</prosody>'),
    "prosody without words": say("a", '<prosody rate="80%"/>'),
    "prosody outside Say": '<prosody rate="80%">b</prosody>',
    "break without a time": say("a", "<break/>"),
    "break with an odd time": say("a", '<break time="1"/>'),
    "break with a strength": say("a", '<break time="1s" strength="weak"/>'),
    "other SSML": say("a", "<emphasis>b</emphasis>"),
    "Play of nothing": "<Play/>",
    "Play of digits": '<Play digits="1">a.wav</Play>',
    "Play of an odd URL": "<Play>/audio/päivää.wav</Play>",
    "Play in a loop": '<Play loop="2">/a.wav</Play>',
    "Pause of nothing": '<Pause length="0"/>',
    "Pause of a fraction": '<Pause length="0.5"/>',
    "Gather without action": "<Gather><Pause/></Gather>",
    "Gather with an empty action": gather(action=""),
    "Gather by GET": gather(attributes='method="GET"'),
    "Gather of speech": '<Gather action="/a" input="dtmf speech"/>',
    "Gather of no digits": '<Gather action="/a" numDigits="0"/>',
    "Gather finished by a word": '<Gather action="/a" finishOnKey="12"/>',
    "Gather without time": '<Gather action="/a" timeout="0"/>',
    "Gather with an odd time": '<Gather action="/a" timeout="auto"/>',
    "Gather with an odd boolean": '<Gather action="/a" actionOnEmptyResult="True"/>',
    "Gather with a language": '<Gather action="/a" language="fi-FI"/>',
    "Dial of nobody": f'<Dial action="/a" callerId="{OURS}"/>',
    "Dial of two": dial(number(WORKER), number(OTHER)),
    "Dial of text": f'<Dial action="/a" callerId="{OURS}">{WORKER}</Dial>',
    "Dial of a client": f'<Dial action="/a" callerId="{OURS}"><Client>me</Client></Dial>',
    "Dial by GET": dial(attributes='action="/a" method="GET"'),
    "Dial too short": f'<Dial action="/a" callerId="{OURS}" timeout="4">{number()}</Dial>',
    "Dial too long": f'<Dial action="/a" callerId="{OURS}" timeout="601">{number()}</Dial>',
    "Dial too long a talk": dial(attributes='action="/a" timeLimit="14401"'),
    "Dial as nobody": f'<Dial action="/a" callerId="anonymous">{number()}</Dial>',
    "Dial without a caller id": f'<Dial action="/a">{number()}</Dial>',
    "Dial with an odd boolean": f'<Dial action="/a" callerId="{OURS}" answerOnBridge="yes">{number()}</Dial>',
    "Dial that a star ends": dial(attributes='action="/a" hangupOnStar="true"'),
    "Dial in sequence": dial(attributes='action="/a" sequential="true"'),
    "Dial with an odd tone": dial(attributes='action="/a" ringTone="xx"'),
    "Dial with a recording": dial(attributes='action="/a" record="do-not-record"'),
    "Number of no number": dial(number("")),
    "Number of a national number": dial(number("0401234567")),
    "Number with spaces": dial(number("+358 40 1234567")),
    "Number of a service": dial(number("112")),
    "Number of the emergency centre": dial(number("+358112")),
    "Number by GET": dial(number(attributes='url="/w" method="GET"')),
    "Number with a callback": dial(number(attributes='statusCallback="/s"')),
    "Number with events": dial(number(attributes='statusCallbackEvent="completed"')),
    "Number within Response": number(),
    "Redirect to nowhere": "<Redirect/>",
    "Redirect by GET": '<Redirect method="GET">/a</Redirect>',
    "Hangup with a reason": '<Hangup reason="busy"/>',
    "Hangup holding a verb": f"<Hangup>{say('a')}</Hangup>",
    "Pause with text": "<Pause>a</Pause>",
    "break with text": say("a", '<break time="1s">b</break>'),
    "Hangup with text": "<Hangup>a</Hangup>",
    "Reject with text": "<Reject>a</Reject>",
    "Dial with text beside a Number": f'<Dial action="/a" callerId="{OURS}">{WORKER}{number()}</Dial>',
    "Dial with an odd action": dial(attributes='action="/a b"'),
    "Number with an odd whisper": dial(number(attributes='url=""')),
    "Reject for another reason": '<Reject reason="tired"/>',
}


@pytest.mark.parametrize("what", WRONG)
def test_what_the_table_does_not_allow_is_refused(what: str) -> None:
    if what == "attribute of Response":
        message = refused(raw='<Response version="1"><Hangup/></Response>')
    else:
        # With a Hangup behind it, so that the only fault is the one meant.
        message = refused(WRONG[what], HANGUP if "action" not in WRONG[what] else "")
    assert message.startswith(f"{PUBLIC}/voice: ")
    assert any(
        sign in message for sign in ("must", "known: ", "is an emergency number, which a machine must never ring")
    ), message
    assert "never runs" not in message
    assert "silence" not in message


def test_the_message_names_the_rule_and_shows_the_document() -> None:
    message = refused('<Pause length="0"/>', HANGUP)
    assert "<Response><Pause> length='0' must be a whole number from 1 to 3600" in message
    assert '<Pause length="0"/><Hangup/>' in message


@pytest.mark.parametrize("emergency", ["112", "+358112", "+112", "911", "00358112"])
def test_an_emergency_number_is_never_rung(emergency: str) -> None:
    assert "emergency number" in refused(dial(number(emergency)))


def test_every_allowed_attribute_is_accepted() -> None:
    pages = {
        "/voice": doc(
            '<Say voice="Google.fi-FI-Standard-B" language="fi-FI">Hei</Say>',
            '<Pause length="1"/>',
            '<Gather action="/a" method="POST" input="dtmf" numDigits="3" finishOnKey="#" timeout="1"/>',
            f'<Dial method="POST" timeout="5" timeLimit="10" callerId="{OURS}" answerOnBridge="false" ringTone="fi">'
            f'<Number url="/w" method="POST">{WORKER}</Number></Dial>',
            '<Redirect method="POST">/reject</Redirect>',
        ),
        "/reject": doc('<Reject reason="busy"/>'),
    }
    assert of(ring(TinyLine(pages)), Ended) == [Ended(7.3, "rejected")]


SILENT, DEAD = "the call would drop in silence", "never runs"
PATHS: Mapping[str, tuple[str, list[str]]] = {
    "nothing": (SILENT, []),
    "only words": (SILENT, [say("Hei")]),
    "words and a pause": (SILENT, [say("Hei"), '<Pause length="1"/>']),
    "only a clip": (SILENT, ["<Play>/a.wav</Play>"]),
    "a Gather that falls through": (SILENT, ['<Gather action="/voice/next"/>']),
    "a Dial without action": (SILENT, [dial(attributes="")]),
    "two ends": (DEAD, [HANGUP, HANGUP]),
    "words behind the end": (DEAD, [HANGUP, say("Hei"), HANGUP]),
    "an end behind a Redirect": (DEAD, ["<Redirect>/a</Redirect>", HANGUP]),
    "an end behind a Reject": (DEAD, ["<Reject/>", HANGUP]),
    "an end behind a Dial": (DEAD, [dial(), HANGUP]),
    "a Redirect behind a Dial": (DEAD, [dial(), "<Redirect>/a</Redirect>"]),
    "words behind a Gather": (DEAD, [gather(), say("Hei"), HANGUP]),
    "words behind a safeguard": (DEAD, [gather(), "<Redirect>/a</Redirect>", say("Hei"), HANGUP]),
}
"""Documents that can run out, and verbs that never run."""


@pytest.mark.parametrize(("sign", "verbs"), PATHS.values(), ids=PATHS)
def test_a_document_that_can_run_out_and_a_verb_that_never_runs_are_refused(sign: str, verbs: list[str]) -> None:
    assert sign in refused(*verbs)


def test_a_redirect_may_stand_behind_a_gather_as_a_safeguard() -> None:
    line = TinyLine({"/voice": doc(gather(), "<Redirect>/never</Redirect>"), "/voice/next": BYE})
    assert said(ring(line)) == ["Hei hei."]


def test_reject_ends_the_call() -> None:
    line = TinyLine({"/voice": doc("<Reject/>")})
    assert of(ring(line), Ended) == [Ended(0.0, "rejected")]
    assert len(line.forms("/voice/status")) == 1
