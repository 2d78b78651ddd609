"""A caller who hangs up, wherever the call is, and what the line is told after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from ivr.phone.errors import CarrierError
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import Ended, Event, NotReached, TalkEnded
from ivr.phone.network.people import Attention, HangsUp, ScriptedContacts
from ivr.phone.network.transport import WsgiTransport
from tests.phone.carrier.tiny_line import (
    BYE,
    DIAL_PAGES,
    HANGUP,
    MENU,
    WORKER,
    Answers,
    TinyLine,
    carrier,
    dial,
    digits,
    doc,
    gather,
    of,
    ring,
    say,
)


@dataclass(frozen=True)
class Gone:
    """A caller who hangs up: what is told last, what the line is asked, and what is posted behind it if anything is."""

    does: str
    pages: Mapping[str, Answers]
    ends: Sequence[Event]
    asked: Sequence[str]
    posted: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    contact: str = "no_answer"
    answered: bool = True


def gone(
    script: Sequence[str], pages: Mapping[str, Answers], contacts: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[Event], TinyLine, TinyLine]:
    """The same hang-up without and with the action posted after it."""
    plain, posting = TinyLine(pages), TinyLine(pages)
    transcript = ring(plain, script, contacts, CarrierBehaviour(action_after_hangup="none"))
    ring(posting, script, contacts, CarrierBehaviour(action_after_hangup="all"))
    return transcript, plain, posting


WITHOUT_ACTION = doc(dial(attributes=""), HANGUP)
NEXT = {**MENU, "/voice/next": BYE}
GONE: Mapping[str, Gone] = {
    "in the words of a Gather": Gone(
        "hang up", NEXT, [Ended(1.0, "caller")], ["/voice"], "/voice/next", {"Digits": "", "CallStatus": "completed"}
    ),
    "while a Gather waits": Gone(
        "hang up after 8", NEXT, [Ended(8.0, "caller")], ["/voice"], "/voice/next", {"Digits": ""}
    ),
    "in a wait without words": Gone(
        "hang up", {"/voice": doc(gather()), "/voice/next": doc()}, [Ended(1.0, "caller")], ["/voice"], "/voice/next"
    ),
    "in plain words": Gone(
        "hang up", {"/voice": doc(say("a" * 6), say("b" * 30), HANGUP)}, [Ended(1.0, "caller")], ["/voice"]
    ),
    "while it rings": Gone(
        "hang up after 10",
        DIAL_PAGES,
        [NotReached(10.0, WORKER, "canceled"), Ended(10.0, "caller")],
        ["/voice"],
        "/voice/after",
        {"CallStatus": "completed", "DialCallStatus": "canceled", "DialBridged": "false"},
    ),
    "in words, not counting the ringing between": Gone(
        "hang up",
        {**DIAL_PAGES, "/voice": doc(say("a" * 5), dial())},
        [Ended(0.5 + 2 + 0.5, "caller")],
        ["/voice", "/voice/after"],
        contact="busy",
    ),
    "during the whisper": Gone(
        "hang up after 8",
        DIAL_PAGES,
        [NotReached(8.0, WORKER, "canceled"), Ended(8.0, "caller")],
        ["/voice", "/voice/whisper"],
        "/voice/after",
        {"DialCallDuration": "2"},
        contact="answers listens 4",
    ),
    "in a talk": Gone(
        "hang up after 40",
        DIAL_PAGES,
        [TalkEnded(40.0, WORKER, "caller"), Ended(40.0, "caller")],
        ["/voice", "/voice/whisper", "/voice/accept"],
        "/voice/after",
        {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "34"},
        contact="answers",
    ),
    "on a Dial without action": Gone(
        "hang up after 10",
        {**DIAL_PAGES, "/voice": WITHOUT_ACTION},
        [NotReached(10.0, WORKER, "canceled"), Ended(10.0, "caller")],
        ["/voice"],
        answered=False,
    ),
}


@pytest.mark.parametrize("row", GONE.values(), ids=GONE)
def test_hanging_up(row: Gone) -> None:
    transcript, plain, posting = gone([row.does], row.pages, {WORKER: [row.contact]})
    assert transcript[-1 - len(row.ends) : -1] == row.ends
    assert of(transcript, Ended) == row.ends[-1:]
    asked = [*row.asked, "/voice/status"]
    assert [target for target, _ in plain.asked] == asked
    (over,) = plain.forms("/voice/status")
    assert over["CallDuration"] == (f"{row.ends[-1].at:.0f}" if row.answered else "0")
    assert over["CallStatus"] == ("completed" if row.answered else "no-answer")
    assert [target for target, _ in posting.asked] == [*asked, *([row.posted] if row.posted else [])]
    if row.posted:
        form = posting.forms(row.posted)[0]
        assert form | {**row.form} == form


def test_hanging_up_in_the_words_after_a_key() -> None:
    transcript, plain, _ = gone(["early 1", "hang up"], {**MENU, "/voice/third": doc()})
    assert of(transcript, Ended) == [Ended(1.5, "caller")]
    assert digits(plain) == ["1"]


def test_hanging_up_waits_for_words_while_it_rings() -> None:
    pages = {**DIAL_PAGES, "/voice": doc(dial())}
    transcript, _, _ = gone(["hang up"], pages, {WORKER: ["voicemail"]})
    assert of(transcript, Ended) == [Ended(15.6 + 0.8, "line")]


def test_hanging_up_between_two_documents_leaves_nothing_pending() -> None:
    _, plain, posting = gone(["early 1", "hang up after 0"], MENU)
    assert digits(plain) == digits(posting) == ["1"]
    assert [target for target, _ in posting.asked] == ["/voice", "/voice/next", "/voice/status"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [(dial(), "nothing more may ring"), ("<Record/>", "must not nest <Record>")],
    ids=["rings somebody", "is no TwiML"],
)
def test_the_answer_to_a_caller_who_is_gone_is_read_as_strictly_and_rings_nobody(answer: str, why: str) -> None:
    line = TinyLine({"/voice": doc(gather()), "/voice/next": doc(answer)})
    with pytest.raises(CarrierError, match=why):
        ring(line, ["hang up"], behaviour=CarrierBehaviour(action_after_hangup="all"))


@pytest.mark.parametrize(
    ("pages", "asked"),
    [(NEXT, ["/voice", "/voice/status"]), (DIAL_PAGES, ["/voice", "/voice/status", "/voice/after"])],
    ids=["not that of a Gather", "that of a Dial"],
)
def test_which_action_is_usually_posted_after_the_caller_has_hung_up(
    pages: Mapping[str, Answers], asked: list[str]
) -> None:
    line = TinyLine(pages)
    ring(line, ["hang up after 2"])
    assert [target for target, _ in line.asked] == asked


def test_a_live_caller_may_hang_up_by_protocol() -> None:
    class Leaver:
        def hears(self, event: Event, /) -> None:
            pass

        def key_within(self, _seconds: float, moment: Attention, /) -> HangsUp | None:
            return HangsUp(0.2) if moment is Attention.SPEAKING else None

    transcript = carrier(WsgiTransport(TinyLine(MENU))).call(Leaver(), ScriptedContacts({}))
    assert of(transcript, Ended) == [Ended(0.2, "caller")]
