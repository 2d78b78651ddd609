"""Phones that ring, the whisper that whoever picks up hears, and the talk."""

from collections.abc import Mapping

import pytest

from ivr.phone.errors import CarrierError
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import Bridged, Event, NotReached, PickedUp, Requested, Ringing, Said, Spoken, TalkEnded
from ivr.phone.network.people import Answer, Attention, Press, ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import WsgiTransport
from ivr.phone.network.virtual import REACTS_SECONDS
from tests.phone.carrier.tiny_line import (
    DIAL_PAGES,
    HANGUP,
    OURS,
    WHISPER,
    WORKER,
    Answers,
    Impatient,
    TinyLine,
    carrier,
    dial,
    digits,
    doc,
    gather,
    in_turn,
    number,
    of,
    ring,
    said,
    say,
)


def outcome(
    contact: str, pages: Mapping[str, Answers] | None = None, behaviour: CarrierBehaviour | None = None
) -> tuple[dict[str, str], list[Event]]:
    """What the Dial's action is told, and the call."""
    line = TinyLine({**DIAL_PAGES, **(pages or {})})
    transcript = ring(line, contacts={WORKER: [contact]}, behaviour=behaviour)
    (form,) = line.forms("/voice/after")
    told = {key: value for key, value in form.items() if key.startswith("Dial") and key != "DialCallSid"}
    return told, transcript


def test_a_person_who_presses_is_bridged() -> None:
    told, transcript = outcome("answers after 6, listens 3, talks 90")
    assert told == {"DialCallStatus": "completed", "DialCallDuration": "93", "DialBridged": "true"}
    at = 1.1
    assert [event for event in transcript if not isinstance(event, Requested)][1:-2] == [
        Ringing(at, WORKER),
        PickedUp(at + 6, WORKER, "person"),
        Said(at + 6, Spoken("fi-FI", "Paina.", 0.6), "whisper"),
        Bridged(at + 9, WORKER),
        TalkEnded(at + 99, WORKER, "contact"),
    ]


def test_whole_seconds_are_seconds_too() -> None:
    """Whoever writes a contact in Python may write 12 for 12.0."""
    line = TinyLine(DIAL_PAGES)

    class Staff:
        def answers(self, _number: str) -> Answer:
            return Answer(listens=1, after=2, talks=3)

    events = carrier(WsgiTransport(line)).call(ScriptedCaller([]), Staff())
    assert len(of(events, Bridged)) == 1


def test_the_whisper_runs_on_the_contacts_leg() -> None:
    line = TinyLine(DIAL_PAGES)
    ring(line, contacts={WORKER: ["answers"]})
    parent = line.forms("/voice")[0]["CallSid"]
    whisper, accept = line.forms("/voice/whisper")[0], line.forms("/voice/accept")[0]
    assert whisper["ParentCallSid"] == accept["ParentCallSid"] == parent
    assert whisper["CallSid"] == accept["CallSid"] == line.forms("/voice/after")[0]["DialCallSid"] != parent
    assert (whisper["From"], whisper["To"]) == (OURS, WORKER)
    assert (whisper["Direction"], whisper["CallStatus"]) == ("outbound-dial", "in-progress")
    assert "Digits" not in whisper
    assert accept["Digits"] == "5"


@pytest.mark.parametrize(
    ("contact", "status", "seconds"),
    [
        ("busy", "busy", 2),
        ("busy after 4", "busy", 4),
        ("failed", "failed", 1),
        ("no_answer", "no-answer", 20),
        ("answers after 21", "no-answer", 20),
        ("voicemail after 20.5", "no-answer", 20),
    ],
)
def test_a_contact_who_is_not_reached(contact: str, status: str, seconds: float) -> None:
    told, transcript = outcome(contact)
    assert told == {"DialCallStatus": status, "DialBridged": "false"}
    assert of(transcript, NotReached) == [NotReached(1.1 + seconds, WORKER, status)]
    assert of(transcript, PickedUp) == []


@pytest.mark.parametrize("declined_as", ["completed", "no-answer"])
@pytest.mark.parametrize(
    "contact", ["voicemail after 8", "answers after 8, presses nothing", "answers after 8, listens 9"]
)
def test_a_declined_call_is_reported_as_the_switch_says(contact: str, declined_as: str) -> None:
    told, transcript = outcome(contact, behaviour=CarrierBehaviour(declined_as=declined_as))  # type: ignore[arg-type]
    assert told == {"DialCallStatus": declined_as, "DialCallDuration": "6", "DialBridged": "false"}
    assert of(transcript, NotReached) == [NotReached(14.7, WORKER, declined_as)]
    assert of(transcript, Bridged) == []


@pytest.mark.parametrize("declined_as", ["completed", "no-answer"])
@pytest.mark.parametrize(
    ("contact", "seconds"), [("hangs_up_in_whisper", 4), ("hangs_up_in_whisper after 8, listens 0.2", 0.2)]
)
def test_whoever_hangs_up_in_the_whisper_is_told_as_completed_and_not_bridged(
    contact: str, seconds: float, declined_as: str
) -> None:
    told, transcript = outcome(contact, behaviour=CarrierBehaviour(declined_as=declined_as))  # type: ignore[arg-type]
    assert told == {"DialCallStatus": "completed", "DialCallDuration": f"{seconds:.0f}", "DialBridged": "false"}
    (picked_up,), (gone,) = of(transcript, PickedUp), of(transcript, NotReached)
    assert (picked_up.how, gone.status) == ("person", "completed")
    assert gone.at - picked_up.at == pytest.approx(seconds)
    assert of(transcript, Bridged) == []


def test_whoever_hangs_up_where_there_is_no_whisper_had_a_short_talk() -> None:
    told, transcript = outcome("hangs_up_in_whisper listens 3", {"/voice": doc(dial(number(attributes="")))})
    assert told == {"DialCallStatus": "completed", "DialCallDuration": "3", "DialBridged": "true"}
    assert of(transcript, TalkEnded) == [TalkEnded(8.0, WORKER, "contact")]


@pytest.mark.parametrize("contact", ["answers after 25", "no_answer"])
def test_a_phone_may_ring_longer_than_it_was_asked_to(contact: str) -> None:
    told, transcript = outcome(contact, behaviour=CarrierBehaviour(rings_longer=5.0))
    assert told["DialCallStatus"] == ("no-answer" if contact == "no_answer" else "completed")
    over = [event.at for event in transcript if isinstance(event, NotReached | PickedUp)]
    assert over == [1.1 + 25]


@pytest.mark.parametrize("contact", ["answers", "voicemail", "busy", "failed", "no_answer"])
def test_dial_bridged_can_be_absent(contact: str) -> None:
    told, _ = outcome(contact, behaviour=CarrierBehaviour(dial_bridged=False))
    assert "DialBridged" not in told


def test_a_voicemail_is_bridged_when_the_whisper_forgets_to_hang_up() -> None:
    forgetful = {"/voice/whisper": doc('<Gather action="/voice/accept" numDigits="1" timeout="5"/>')}
    told, transcript = outcome("voicemail", forgetful)
    assert told == {"DialCallStatus": "completed", "DialCallDuration": "65", "DialBridged": "true"}
    assert of(transcript, PickedUp) == [PickedUp(11.1, WORKER, "voicemail")]


def test_without_a_whisper_whoever_answers_is_bridged() -> None:
    told, transcript = outcome("voicemail", {"/voice": doc(dial(number(attributes="")))})
    assert told["DialCallDuration"] == "60"
    assert of(transcript, Bridged) == [Bridged(10.0, WORKER)]


def test_a_refusing_key_ends_in_the_hangup_of_its_answer() -> None:
    told, _ = outcome("answers", {"/voice/accept": doc(say("Kiitos."), HANGUP)})
    assert told["DialBridged"] == "false"


def test_a_silent_contact_is_asked_again_by_the_action() -> None:
    again: dict[str, Answers] = {
        "/voice/whisper": doc(gather(say("Paina."), action="/voice/accept")),
        "/voice/accept": in_turn(WHISPER, doc()),
    }
    told, transcript = outcome("answers listens 7", again)
    assert told["DialBridged"] == "true"
    assert [text for text in said(transcript) if "Paina" in text] == ["Paina.", "Neuvontapuhelu. Paina."]
    assert of(transcript, Bridged) == [Bridged(1.1 + 5 + 7, WORKER)]


def test_a_contact_presses_once_and_does_not_try_again() -> None:
    asked_again = {"/voice/accept": in_turn(WHISPER, doc(), doc())}
    told, transcript = outcome("answers listens 4", asked_again)
    assert told["DialBridged"] == "true"
    assert of(transcript, Bridged)[0].at == pytest.approx(1.1 + 5 + 4 + 2.2 + 5)


def test_waiting_breaks_the_silence_of_a_whisper() -> None:
    asking = '<Gather action="/voice/accept" timeout="5"><Pause length="2"/></Gather>'
    told, _ = outcome("voicemail", {"/voice/whisper": doc(asking, asking, HANGUP)})
    assert told["DialCallDuration"] == "14"


def test_the_contact_presses_only_once_it_is_asked() -> None:
    words_first = {"/voice/whisper": doc(say("x" * 80), gather(say("y" * 30), action="/voice/accept"), HANGUP)}
    _, transcript = outcome("answers listens 4", words_first)
    assert of(transcript, Bridged) == [Bridged(1.1 + 5 + 8, WORKER)]


def test_a_person_presses_once_all_has_been_told_and_its_first_words_come_again() -> None:
    words = [say(text) for text in ("Paina.", "Kieli: suomi.", "Asia: neuvonta.")]
    told_twice = {"/voice/whisper": doc(gather(*words, *words, action="/voice/accept"), HANGUP)}
    _, transcript = outcome("answers", told_twice)
    bridged = of(transcript, Bridged)[0]
    assert said(transcript)[1:5] == ["Paina.", "Kieli: suomi.", "Asia: neuvonta.", "Paina."]
    again = [event.at for event in of(transcript, Said) if event.spoken.text == "Paina."]
    assert bridged.at == pytest.approx(again[1] + REACTS_SECONDS)


def test_a_person_who_is_told_only_once_presses_when_the_line_waits() -> None:
    _, transcript = outcome("answers", {"/voice/whisper": doc(gather(say("Paina."), action="/voice/accept"), HANGUP)})
    assert of(transcript, Bridged)[0].at > of(transcript, Said)[0].at + REACTS_SECONDS


@pytest.mark.parametrize("verb", ["<Pause/>", dial(), "<Redirect>/voice</Redirect>", "<Reject/>"])
def test_a_whisper_may_not_hold_other_verbs(verb: str) -> None:
    with pytest.raises(CarrierError, match=r"/voice/whisper: a whisper may only Say, Play, Gather and Hangup"):
        outcome("answers", {"/voice/whisper": doc(verb)})


def test_a_whisper_lasts_at_most_thirty_seconds() -> None:
    page = doc(*[f'<Gather action="/voice/accept" timeout="10">{say("x" * 50)}</Gather>'] * 2, HANGUP)
    outcome("voicemail", {"/voice/whisper": page})
    with pytest.raises(CarrierError, match="more than 30 s"):
        outcome("voicemail", {"/voice/whisper": page.replace("xx</Say>", "xxx</Say>")})


def test_a_whisper_has_no_gap_of_silence() -> None:
    page = doc(gather(say("x"), '<Pause length="3"/>', action="/voice/accept"), HANGUP)
    with pytest.raises(CarrierError, match="3 s of silence"):
        outcome("voicemail", {"/voice/whisper": page})


def test_the_caller_does_not_hear_silence_during_the_whisper() -> None:
    silent = {"/voice": doc(dial().replace(' answerOnBridge="true"', ""))}
    with pytest.raises(CarrierError, match="s of silence"):
        outcome("answers listens 4", silent)
    told, _ = outcome("answers listens 1", silent)
    assert told["DialBridged"] == "true"


def test_a_talk_ends_at_its_limit() -> None:
    told, transcript = outcome(
        "answers talks 500, listens 4", {"/voice": doc(dial(attributes='action="/voice/after" timeLimit="60"'))}
    )
    assert told["DialCallDuration"] == "64"
    assert of(transcript, TalkEnded) == [TalkEnded(69.0, WORKER, "limit")]


def test_without_an_action_the_next_verb_follows() -> None:
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(attributes=""), say("Soita 112."), dial(attributes=""), HANGUP)})
    transcript = ring(line, contacts={WORKER: ["busy", "answers"]})
    assert [type(event).__name__ for event in transcript if not isinstance(event, Requested)] == (
        ["Ringing", "NotReached", "Said", "Ringing", "PickedUp", "Said", "Bridged", "TalkEnded", "Ended"]
    )
    assert line.forms("/voice/after") == []


@pytest.mark.parametrize(("attribute", "seconds"), [("", 30), ('timeout="25"', 25), ('timeout="5"', 5)])
def test_a_phone_rings_for_the_timeout(attribute: str, seconds: float) -> None:
    page = doc(dial().replace('timeout="20"', attribute))
    _, transcript = outcome("no_answer", {"/voice": page})
    assert of(transcript, NotReached) == [NotReached(seconds, WORKER, "no-answer")]
    _, transcript = outcome(f"answers after {seconds}", {"/voice": page})
    assert of(transcript, PickedUp) == [PickedUp(seconds, WORKER, "person")]


class Presser(Impatient):
    """Presses one key at a second of the call, wherever that falls."""

    def __init__(self, key: str, second: float) -> None:
        self._key, self._left = key, second

    def key_within(self, seconds: float, _moment: Attention, /) -> Press | None:
        if 0 <= self._left <= seconds:
            press, self._left = Press(self._key, self._left), -1.0
            return press
        self._left -= seconds if self._left >= 0 else 0
        return None


def test_a_key_pressed_in_a_talk_is_for_the_contact_and_not_for_the_line() -> None:
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial()), "/voice/after": doc(gather()), "/voice/next": doc(HANGUP)})
    transcript = carrier(WsgiTransport(line)).call(
        Presser("*", 30.0), ScriptedContacts({WORKER: ["answers talks 120, listens 4"]})
    )
    assert of(transcript, TalkEnded) == [TalkEnded(129.0, WORKER, "contact")]
    assert digits(line) == [""]
