"""What a call of `ivr probe` has shown: the requests that Twilio made in it, against those that its keys ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.proof.probe import Probe
from ivr.telephony.twilio.calls import SEE_NUMBER, Asked, path_of
from ivr.telephony.twiml.urls import NODES
from ivr.telephony.web import address_of

NOT_HEARD = "run it again in an hour; if it stays, keys do not pass through the phone network: press one on a phone"
DOCUMENT, RINGS = "<Response>", "<Dial"
"""What stands in an answer of ours, where Twilio keeps answers, and in one that rings somebody."""
LOG = "look at the log of the line"


@dataclass(frozen=True)
class ProbeFault:
    """Something that a call of ours has shown, and its remedy."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}. Remedy: {self.remedy}."


def of_the_line(asked: Sequence[Asked], public_url: str) -> list[tuple[Asked, str]]:
    """The requests to our webhooks in a call, each with its path; those of its end are left out."""
    found = [(each, path) for each in asked if (path := path_of(each, public_url))]
    return [(each, path) for each, path in found if (at := address_of(path)) and at.route != "status"]


def wrong_requests(asked: Sequence[Asked], call: Probe, public_url: str) -> Iterator[ProbeFault]:
    """What is wrong with the requests of a call that was answered: the start, then each key at its node, in order."""
    ours = of_the_line(asked, public_url)
    if not ours:
        where = "another address was" if asked else "no address was"
        yield ProbeFault(f"the line was not asked at all, {where}", SEE_NUMBER)
        return
    for each, path in ours:
        if each.status != 200:
            yield ProbeFault(f"{path} was answered with {each.status or 'nothing'}", LOG)
        if RINGS in each.answer:  # no key of a probe leads there
            yield ProbeFault(f"{path} was answered by the emergency words: the line has failed there", LOG)
            return  # what follows from it is no fault of the keys
    if address_of(ours[0][1]) != ("start", None):
        yield ProbeFault("the call did not begin at /voice", SEE_NUMBER)
    heard = [(each, path) for each, path in ours if each.key]
    for place, press in enumerate(call.presses):
        if place >= len(heard):
            yield ProbeFault(f"key {press.key} was not heard (key {place + 1} of {len(call.presses)})", NOT_HEARD)
            return
        each, path = heard[place]
        at = address_of(path)
        if each.key != press.key or at is None or at.node not in press.nodes:
            yield ProbeFault(f"key {each.key} was heard at {path}, where {press.key} was expected", NOT_HEARD)
            return
    if len(heard) > len(call.presses):
        yield ProbeFault("a key was heard twice", NOT_HEARD)
    last = heard[len(call.presses) - 1][0]
    led = [node for node in call.hours if f"{NODES}{node}?" in last.answer]
    if DOCUMENT in last.answer and not (led and f"lang={call.language}" in last.answer):
        yield ProbeFault("the last key did not lead to the opening hours", LOG)


def has_kept_answers(asked: Sequence[Asked], public_url: str) -> bool:
    """Whether Twilio tells what the line answered last: only then is it known what the last key led to."""
    ours = of_the_line(asked, public_url)
    return bool(ours) and DOCUMENT in ours[-1][0].answer
