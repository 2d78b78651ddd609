"""Twilio's form fields to our events, by tables that have an answer for every word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ivr.core.call import CallerGone, CallStarted, Event, KeyPressed, NoInput, Outcome, TransferEnded
from ivr.telephony.port import LineNumbers

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Words of CallStatus that mean the caller is gone."""
DIALLED: Mapping[str, Outcome] = {
    "completed": "declined",
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "failed",
}
"""DialCallStatus where no talk took place; a word that is not here has failed too."""
WHISPER_SECONDS = 60
"""A whisper never lasts this long: a longer leg that Twilio says nothing more about was a talk."""
TALK_SECONDS = 30
"""Whoever connects at once counts as a person from so much talk on; less is a voicemail or a wrong turn."""


def read_event(form: Mapping[str, str], *, begins: bool, at_once: bool, line: LineNumbers, revision: str) -> Event:
    """What happened, in our words. `at_once`: the contact that was rung connects without pressing a key."""
    if form.get("CallStatus") in ENDED:
        return CallerGone()
    if begins:
        return CallStarted(caller(form.get("From", ""), line), line.languages.get(form.get("To", "")))
    if "DialCallStatus" in form:
        return TransferEnded(outcome(form, at_once=at_once))
    if digits := form.get("Digits"):
        return KeyPressed(digits, revision)
    return NoInput()


def outcome(form: Mapping[str, str], *, at_once: bool) -> Outcome:
    """What came of ringing a contact. DialBridged says whether two people talked; without it, time does."""
    seconds = _seconds(form.get("DialCallDuration"))
    match form.get("DialBridged"), form.get("DialCallStatus", ""):
        case "true", _:
            return "answered" if not at_once or seconds >= TALK_SECONDS else "declined"
        case None, "completed" if seconds >= (TALK_SECONDS if at_once else WHISPER_SECONDS):
            return "answered"
        case _, status:
            return DIALLED.get(status, "failed")


def caller(number: str, line: LineNumbers) -> Literal["anyone", "contact", "ourselves"]:
    """Whether a call comes from ourselves or from a contact (rule T7). A number proves nothing more than that."""
    if number == line.caller_id or number in line.languages:
        return "ourselves"
    return "contact" if any(number in numbers for numbers in line.contacts.values()) else "anyone"


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
