"""What is read back of a document, for the walk over all states."""

from __future__ import annotations

import pytest

from ivr.core.call import CallState, Collect, HangUp, Step
from ivr.core.utterance import Utterance
from ivr.telephony.port import CallRequest
from ivr.telephony.twiml.received import received

STATE = CallState("main_open", "fi")


def never_read(*_: object) -> CallRequest:
    raise AssertionError("nothing can be reported")


def test_a_document_that_says_nowhere_what_happens_next_is_an_error() -> None:
    step = Step(STATE, (), Collect(5), "started", ())
    with pytest.raises(ValueError, match="the document at main_open says nowhere what happens next"):
        received(lambda _step, _started: b"<Response/>", never_read, step)


def test_after_the_end_nothing_is_reported() -> None:
    assert received(lambda _step, _started: b"", never_read, Step(STATE, (), HangUp(), "gone", ())) == ()


def test_what_is_said_is_said_at_the_usual_pace_unless_it_is_asked_for() -> None:
    assert Utterance("nobody_free.sorry", "fi", "Paina numeroa.").slow is False
