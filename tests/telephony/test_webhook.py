"""What the web may send us, and what it gets: 403, 405, 413, or a right answer. Never a 500, never a dropped call."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.core.call import CallStarted, CallState
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import Office
from ivr.core.utterance import Sound, SpokenByProvider, Utterance
from ivr.journal import Journal
from ivr.telephony.port import LineNumbers
from ivr.telephony.twilio.provider import Twilio
from tests.telephony.conftest import (
    DAY,
    INSTRUCTOR,
    NEW_TOKEN,
    ON_CALL,
    OURS,
    TOKEN,
    URL,
    Line,
    find,
    line_settings,
    verbs,
)

NODE = "/voice/at/main_open?lang=en&matter=guidance&rev={rev}&t=1795507140"


class TestSignature:
    @pytest.mark.parametrize(
        "path", ["/voice", "/voice/at/main_open", "/voice/whisper", "/voice/status", "/voice/at/gone"]
    )
    def test_an_unsigned_request_is_refused_without_content(self, line: Line, path: str) -> None:
        for headers in ({}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "wrong"}):
            response = line.client.post(path, data={"CallSid": "CA1"}, headers=headers)
            assert (response.status_code, response.data) == (403, b"")

    def test_both_tokens_are_accepted_while_rotating(self, line: Line) -> None:
        assert line.post("/voice", token=TOKEN).status_code == 200
        assert line.post("/voice", token=NEW_TOKEN).status_code == 200
        assert line.post("/voice", token="an-older-token").status_code == 403

    def test_a_changed_field_or_query_is_refused(self, line: Line) -> None:
        signed = line.post("/voice/at/main_open?lang=en").request.headers["X-Twilio-Signature"]
        for path, form in (("/voice/at/main_open?lang=fi", {}), ("/voice/at/main_open?lang=en", {"Digits": "1"})):
            fields = {"CallSid": "CA1", "From": "+358401234567", "CallStatus": "in-progress", **form}
            response = line.client.post(path, data=fields, headers={"X-Twilio-Signature": signed})
            assert response.status_code == 403

    def test_the_raw_query_is_what_is_signed(self, line: Line) -> None:
        """Flask's own idea of the address decodes %C3%A4, and would refuse a genuine request."""
        assert line.post("/voice/at/main_open?q=%C3%A4&lang=en&empty=").status_code == 200

    def test_fields_with_spaces_and_other_scripts_keep_their_signature(self, line: Line) -> None:
        assert (
            line.post("/voice", {"FromCity": " Kemi ", "CallerName": "Ääkkönen سارة", "Empty": ""}).status_code == 200
        )

    def test_whatever_breaks_while_verifying_is_a_refusal(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> bool:
            raise UnicodeError

        monkeypatch.setattr("ivr.telephony.twilio.signature.Signature.matches", broken)
        assert line.post("/voice").status_code == 403


class TestOddRequests:
    def test_other_methods_are_refused(self, line: Line) -> None:
        for path in ("/voice", "/voice/at/main_open", "/voice/whisper", "/voice/status"):
            assert line.client.get(path).status_code == 403  # a number may be set to GET, but this is not signed
            for method in ("put", "delete", "head", "options"):
                assert getattr(line.client, method)(path).status_code == 405

    def test_a_huge_body_is_refused(self, line: Line) -> None:
        assert line.post("/voice", {"Digits": "1" * 70_000}).status_code == 413

    @pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"CallSid=%ff%fe", b"a=%zz&&&=", b"\x00" * 100])
    def test_broken_text_is_refused_quietly(self, line: Line, body: bytes) -> None:
        response = line.client.post("/voice", data=body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 403

    @pytest.mark.untraced
    @pytest.mark.parametrize(
        "path",
        [
            "/voice/at/no_such_node",
            "/voice/at/main_open?lang=xx",
            "/voice/at/main_open?matter=gossip",
            "/voice/at/main_open?try=-1",
            "/voice/at/main_open?try=99999999999999999999999",
            "/voice/at/main_open?try=²",
            "/voice/at/main_open?rev=gone&t=yesterday",
            "/voice/at/main_open?lang=en&lang=fi",
            "/voice/at/main_open",
            "/voice/at/on_call?try=7",
            "/voice/at/front",
            "/voice/at/goodbye",
        ],
    )
    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"Digits": ""},
            {"Digits": "12#"},
            {"Digits": "w"},
            {"Digits": "1"},
            {"DialCallStatus": "sideways"},
            {"DialCallStatus": "completed", "DialCallDuration": "-"},
            {"DialCallStatus": "completed", "DialCallDuration": "9" * 5000},
            {"DialCallStatus": "completed", "DialBridged": "maybe"},
            {"CallStatus": "unheard-of"},
            {"CallSid": ""},
        ],
    )
    def test_unknown_values_that_are_signed_still_lead_somewhere(
        self, line: Line, path: str, form: dict[str, str]
    ) -> None:
        document = line.twiml(path.replace("²", "%C2%B2"), form)
        assert verbs(document)[-1] in ("Redirect", "Dial", "Hangup")

    @pytest.mark.parametrize("number", ["anonymous", "", "+266696687", "sip:a@b", "Ääkkönen", "112"])
    def test_an_odd_caller_is_served_like_anybody(self, line: Line, number: str) -> None:
        assert verbs(line.twiml("/voice", {"From": number})) == ["Gather", "Redirect"]

    def test_a_status_of_a_call_never_seen_is_taken(self, line: Line) -> None:
        response = line.post("/voice/status", {"CallSid": "CA-never", "CallStatus": "completed"})
        assert (response.status_code, response.data) == (204, b"")

    def test_missing_fields_begin_a_call_all_the_same(self, line: Line) -> None:
        assert verbs(line.twiml("/voice", {"From": "", "CallSid": "", "CallStatus": ""})) == ["Gather", "Redirect"]

    def test_the_same_request_again_has_the_same_answer(self, line: Line) -> None:
        action = find(line.twiml("/voice"), "Gather").attrib["action"]
        first = line.post(action, {"Digits": "3"})
        assert line.post(action, {"Digits": "3"}).data == first.data


class TestWhenSomethingBreaks:
    @pytest.fixture
    def broken(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> Line:
        def fails(*_: object) -> None:
            raise RuntimeError("a caller's number: +358401234567")

        monkeypatch.setattr("ivr.telephony.web.step", fails)
        monkeypatch.setattr("ivr.telephony.web.whisper", fails)
        return line

    @pytest.mark.parametrize("path", ["/voice", "/voice/at/main_open?lang=en", "/voice/at/gone"])
    def test_112_is_said_and_the_urgent_line_rings_twice(self, broken: Line, path: str) -> None:
        first = broken.twiml(path)
        assert first[0].text == "Jos olet vaarassa, lopeta puhelu. Soita yksi yksi kaksi."
        assert verbs(first)[-1] == "Dial"
        action = find(first, "Dial").attrib["action"]
        again = broken.twiml(action, {"DialCallStatus": "no-answer"})
        words = [say.text for say in again.findall("Say")]
        assert words[-1] == "If you are in danger, call one one two."
        assert verbs(again)[-1] == "Hangup"
        assert "action" not in find(again, "Dial").attrib
        digits = ["zero", "four", "zero", "zero", "two", "nine", "one", "one", "four", "one"]
        assert words[verbs(again).index("Dial") - 10 : verbs(again).index("Dial")] == digits
        for document in (first, again):
            assert find(document, "Dial/Number").text == ON_CALL
            assert "url" not in find(document, "Dial/Number").attrib

    @pytest.mark.parametrize(
        "form",
        [
            {"DialCallStatus": "completed", "DialBridged": "true"},
            {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "3"},
            {"DialCallStatus": "completed", "DialCallDuration": "300"},
            {"DialCallStatus": "answered"},
        ],
    )
    def test_a_talk_after_the_first_ringing_is_not_followed_by_a_second(
        self, broken: Line, form: dict[str, str]
    ) -> None:
        action = find(broken.twiml("/voice"), "Dial").attrib["action"]
        for path in (action, "/voice/at/on_call?lang=en"):
            assert verbs(broken.twiml(path, form)) == ["Say", "Say", "Say", "Hangup"]

    @pytest.mark.parametrize(
        "form",
        [
            {"DialCallStatus": "completed", "DialBridged": "true"},
            {"CallStatus": "completed"},
            {"CallStatus": "completed", "DialCallStatus": "no-answer"},
        ],
    )
    def test_after_a_talk_or_without_a_caller_nothing_rings(self, broken: Line, form: dict[str, str]) -> None:
        kinds = verbs(broken.twiml("/voice/at/instructor?lang=en", form))
        assert kinds == ["Say", "Say", "Say", "Hangup"]

    def test_whoever_picked_up_is_connected(self, broken: Line) -> None:
        assert verbs(broken.twiml("/voice/whisper?lang=en")) == []

    def test_what_is_logged_tells_where_and_not_what(self, broken: Line, caplog: pytest.LogCaptureFixture) -> None:
        broken.post("/voice")
        assert "RuntimeError" in caplog.text
        assert "401234567" not in caplog.text

    def test_a_journal_that_fails_does_not_stop_a_call(
        self, content: Content, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fails(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("ivr.journal.Journal.record", fails)
        assert verbs(Line(content).twiml("/voice")) == ["Gather", "Redirect"]
        assert "journal failed: OSError" in caplog.text

    def test_health_tells_of_journal_lines_that_could_not_be_written(
        self, content: Content, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Full(io.StringIO):
            def write(self, _text: str) -> int:
                raise OSError(28, "No space left on device")

        line = Line(content, journal=Journal(Full()))
        assert verbs(line.twiml("/voice")) == ["Gather", "Redirect"]
        line.journal.close()
        assert line.client.get("/health").status_code == 503
        assert "1 journal lines are lost: OSError" in caplog.text


class TestHealth:
    def test_live_answers_anybody(self, line: Line) -> None:
        assert (line.client.get("/live").status_code, line.client.get("/live").data) == (200, b"ok\n")

    def test_health_tells_strangers_whether_it_is_well_and_no_more(self, line: Line) -> None:
        response = line.client.get("/health")
        assert (response.status_code, response.get_json()) == (200, {"status": "ok"})

    def test_a_line_that_was_made_ready_says_so(self, line: Line) -> None:
        assert (line.client.get("/ready").status_code, line.client.get("/ready").data) == (200, b"ready\n")


class TestAtOnce:
    """A contact that is a switchboard connects whoever picks up, without a key."""

    @pytest.fixture
    def switchboard(self, content: Content) -> Line:
        office: Office = content.office
        contact = office.contacts["on_call"].model_copy(update={"accept": "at_once"})
        changed = office.model_copy(update={"contacts": {**office.contacts, "on_call": contact}})
        return Line(replace(content, office=changed))

    def test_nobody_is_asked_for_a_key(self, switchboard: Line) -> None:
        number = find(switchboard.twiml("/voice/at/main_open?lang=en", {"Digits": "0"}), "Number")
        assert "url" not in number.attrib

    @pytest.mark.parametrize(
        ("form", "node"),
        [
            ({"DialBridged": "true", "DialCallDuration": "29"}, "on_call_again"),
            ({"DialBridged": "true", "DialCallDuration": "30"}, "after_talk"),
            ({"DialCallDuration": "30"}, "after_talk"),
            ({"DialCallDuration": "3"}, "on_call_again"),
            ({"DialBridged": "true"}, "on_call_again"),
        ],
    )
    def test_a_talk_counts_from_thirty_seconds_on(self, switchboard: Line, form: dict[str, str], node: str) -> None:
        document = switchboard.twiml("/voice/at/on_call?lang=en", {"DialCallStatus": "completed", **form})
        assert f"/voice/at/{node}?" in find(document, "Gather").attrib["action"]


def test_every_address_that_the_line_gives_carries_the_state_and_leads_back_to_it(line: Line) -> None:
    line.now += timedelta(seconds=30)
    action = find(
        line.twiml(NODE.format(rev=line.content.revision("main_open", "en")), {"Digits": "4"}), "Gather"
    ).attrib["action"]
    rev = line.content.revision("information", "en")
    assert action == (
        f"{URL}/voice/at/information?lang=en&matter=guidance&rev={rev}&t=1795507140"
        "#rc=2&rp=ct,rt,5xx&ct=2000&rt=4000&tt=14000"
    )


def test_the_line_never_shows_the_callers_number(line: Line) -> None:
    dial = find(line.twiml("/voice/at/main_open?lang=en", {"Digits": "0"}), "Dial")
    assert dial.attrib["callerId"] == OURS


def test_a_document_is_small_enough_for_the_provider(line: Line) -> None:
    sizes = [
        len(line.post(f"/voice/at/{name}?lang={lang}", {"Digits": key}).data)
        for name in line.content.flow.nodes
        for lang in ("", "fi")
        for key in ("9", "1", "2", "")
    ]
    assert max(sizes) < 16_000


def test_one_token_is_enough(content: Content) -> None:
    assert Line(content, settings=line_settings(auth_tokens=(TOKEN,))).post("/voice").status_code == 200


def test_a_call_keeps_its_language_though_it_is_offered_no_more(content: Content) -> None:
    """Rule O4; the whisper too tells the language."""
    line = Line(content)
    for path in ("/voice/at/main_open?lang=so", "/voice/whisper?lang=so"):
        assert "lang=so" in line.post(path).get_data(as_text=True)
    said = line.post("/voice/at/main_open?lang=so", {"Digits": "0"}).get_data(as_text=True)
    assert ("fi-FI" in said, "sv-SE" in said, "en-GB" in said, "so-SO" in said) == (True, True, True, False)


def test_what_was_written_by_the_voices_before_is_never_sent_again(content: Content) -> None:
    """A voice that is lost while a document is being written."""
    voices = ["Polly.Before"]

    def sound_of(utterance: Utterance) -> tuple[Sound, ...]:
        said = SpokenByProvider(voices[-1], "fi-FI", utterance.text)
        if len(voices) == 1:
            voices.append("Polly.After")
            provider.clear_cache()
        return (said,)

    numbers = {"on_call": (ON_CALL,), "social_instructor": (INSTRUCTOR,)}
    provider = Twilio(content, LineNumbers(URL, OURS, numbers, "FI", content.office.rings), (TOKEN,), sound_of)
    first = step(content, CallState(""), CallStarted(), DAY)
    assert b"Polly.Before" in provider.write(first, 0)
    assert b"Polly.Before" not in provider.write(first, 0)
