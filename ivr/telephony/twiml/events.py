"""Form fields of a request to events; every value of a field is answered, also one that is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from ivr.core.call import CallerGone, CallStarted, Event, KeyPressed, NoInput, Outcome, TransferEnded
from ivr.telephony.port import LineNumbers

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""The values of CallStatus that mean that the caller is gone."""
DIALLED: Mapping[str, Outcome] = {
    "completed": "declined",
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "failed",
}
"""DialCallStatus -> outcome, where no talk took place; any other value means failed."""
SPELLED = re.compile(r"(?:sips?:|tel:)?\+?([1-9]\d{6,14})(?:[@;].*)?", re.ASCII)
LONGEST_WHISPER = 60
"""Seconds that no whisper takes: without DialBridged, a dialled leg of this length was a talk."""
SHORTEST_TALK = 30
"""Seconds of the shortest talk with a contact that connects at once; a shorter one may have been a voicemail."""


def read_event(form: Mapping[str, str], *, begins: bool, at_once: bool, line: LineNumbers, revision: str) -> Event:
    """The event that a form reports. `begins`: it came to `/voice`; `at_once`: the contact connects without a key."""
    if form.get("CallStatus") in ENDED:
        return CallerGone()
    if begins:
        return CallStarted(caller(form.get("From", ""), line), line.languages.get(e164(form.get("To", ""))))
    if "DialCallStatus" in form:
        return TransferEnded(outcome(form, at_once=at_once))
    if digits := form.get("Digits"):
        return KeyPressed(digits, revision)
    return NoInput()


def outcome(form: Mapping[str, str], *, at_once: bool) -> Outcome:
    """How ringing a contact ended. DialBridged says whether two people talked; without it the duration decides."""
    seconds = seconds_talked(form)
    match form.get("DialBridged"), form.get("DialCallStatus", ""):
        case "true", _:
            return "answered" if not at_once or seconds >= SHORTEST_TALK else "declined"
        case None, "completed" if seconds >= (SHORTEST_TALK if at_once else LONGEST_WHISPER):
            return "answered"
        case _, status:
            return DIALLED.get(status, "failed")


def caller(number: str, line: LineNumbers) -> Literal["anyone", "contact", "ourselves"]:
    """Whether a call comes from our own number or from a contact (rule T7). A caller id can be forged."""
    number = e164(number)
    if number == line.caller_id or number in line.languages:
        return "ourselves"
    rung = any(number in numbers for numbers in line.contacts.values())
    return "contact" if rung or number in line.resting else "anyone"


def e164(number: str) -> str:
    """A number as Twilio may also spell it, without + or as a SIP address, in E.164; any other text as it is."""
    spelled = SPELLED.fullmatch(number)
    return f"+{spelled[1]}" if spelled else number


def seconds_talked(form: Mapping[str, str]) -> int:
    """How long the dialled leg lasted, in seconds; 0 where it is not told."""
    return _seconds(form.get("DialCallDuration"))


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
