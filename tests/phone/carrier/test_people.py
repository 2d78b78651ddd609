"""What scripted callers and contacts can be told to do."""

import pytest

from ivr.phone.network.people import (
    Answer,
    Busy,
    Failed,
    LeavesWhisper,
    NoAnswer,
    ScriptedCaller,
    ScriptedContacts,
    Voicemail,
    parse_pickup,
)
from tests.phone.carrier.tiny_line import OTHER, WORKER


@pytest.mark.parametrize(
    "step", ["", "12", "a", "early", "early 12", "now 1", "now 123", "hang  up", "hang up after x", "Wait"]
)
def test_a_step_that_cannot_be_done_is_refused(step: str) -> None:
    with pytest.raises(ValueError, match=r'cannot do .*; a step is one of\n"1" .*') as error:
        ScriptedCaller(["1", step])
    assert '"hang up after 20"' in str(error.value)


@pytest.mark.parametrize(
    ("text", "pickup"),
    [
        ("answers", Answer(5.0, "5", 60.0, None)),
        ("answers after 8, talks 30", Answer(8.0, "5", 30.0, None)),
        ("answers presses *, listens 2.5", Answer(5.0, "*", 60.0, 2.5)),
        ("answers presses nothing", Answer(presses=None)),
        ("voicemail", Voicemail(10.0)),
        ("voicemail after 3", Voicemail(3.0)),
        ("hangs_up_in_whisper after 3, listens 2", LeavesWhisper(3.0, 2.0)),
        ("busy", Busy(2.0)),
        ("failed after 0", Failed(0.0)),
        ("no_answer", NoAnswer()),
    ],
)
def test_what_a_contact_does_is_read(text: str, pickup: object) -> None:
    assert parse_pickup(text) == pickup


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sleeps",
        "answers 8",
        "answers after",
        "answers after -1",
        "busy talks 3",
        "no_answer after 3",
        "answers after 1, after 2",
        "answers,",
    ],
)
def test_what_a_contact_cannot_do_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'cannot do .*; it can do one of\n"answers"'):
        parse_pickup(text)


def test_contacts_do_one_thing_a_ring_and_repeat_the_last() -> None:
    contacts = ScriptedContacts({WORKER: ["busy", "failed"]}, default="voicemail")
    assert [contacts.answers(WORKER) for _ in range(3)] == [Busy(), Failed(), Failed()]
    assert contacts.answers(OTHER) == Voicemail()


def test_a_contact_without_anything_to_do_is_refused() -> None:
    with pytest.raises(ValueError, match="say what the contact does"):
        ScriptedContacts({WORKER: []})
