"""TwiML as values: a strict reader that refuses whatever a caller might pay for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from urllib.parse import urldefrag, urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ivr.phone.errors import CarrierError
from ivr.phone.twiml.grammar import check


@dataclass(frozen=True)
class Words:
    """A stretch of a Say; `rate` 0.8 is slower than usual."""

    text: str
    rate: float


@dataclass(frozen=True)
class Break:
    """Silence inside a Say."""

    seconds: float


@dataclass(frozen=True)
class SayVerb:
    language: str
    voice: str
    parts: tuple[Words | Break, ...]


@dataclass(frozen=True)
class PlayVerb:
    url: str


@dataclass(frozen=True)
class PauseVerb:
    seconds: float


Sound = SayVerb | PlayVerb | PauseVerb


@dataclass(frozen=True)
class GatherVerb:
    """Collects keys; `on_empty`: the action is posted even without one."""

    action: str
    sounds: tuple[Sound, ...]
    digits: int | None
    finish: str
    timeout: float
    on_empty: bool


@dataclass(frozen=True)
class Number:
    """One phone to ring; `whisper` is the URL of what it hears before the talk."""

    number: str
    whisper: str | None
    status_callback: str | None
    status_events: tuple[str, ...]


@dataclass(frozen=True)
class DialVerb:
    action: str | None
    numbers: tuple[Number, ...]
    timeout: float
    limit: float
    caller_id: str | None
    answer_on_bridge: bool
    hangup_on_star: bool
    sequential: bool


@dataclass(frozen=True)
class RedirectVerb:
    url: str


@dataclass(frozen=True)
class HangupVerb:
    pass


@dataclass(frozen=True)
class RejectVerb:
    pass


Verb = SayVerb | PlayVerb | PauseVerb | GatherVerb | DialVerb | RedirectVerb | HangupVerb | RejectVerb
Leg = Literal["caller", "whisper", "gone"]
"""Who hears it: the caller, a contact before the talk, or nobody any more."""


@dataclass(frozen=True)
class Document:
    verbs: tuple[Verb, ...]


# Estimates: SSML leaves these words to the engine, and a percentage says it exactly.
_RATES = {"x-slow": 0.5, "slow": 0.8, "medium": 1.0, "fast": 1.2, "x-fast": 1.5}
_STRENGTHS = {"none": 0.0, "x-weak": 0.0, "weak": 0.2, "medium": 0.4, "strong": 0.8, "x-strong": 1.2}


def read(body: bytes, base: str, leg: Leg) -> Document:
    """Read a document fetched from `base`; relative URLs resolve against it."""
    try:
        root = _parse(body)
        check(root)
        verbs = tuple(verb for element in root for verb in _verbs(element, base))
        _check_leg(verbs, leg)
        _check_order(verbs)
    except CarrierError as error:
        raise CarrierError(f"{base}: {error}\n{body.decode(errors='replace')[:2000]}") from error
    return Document(verbs)


def _parse(body: bytes) -> Element:
    if body[:1].isspace() or b"<!DOCTYPE" in body:
        raise CarrierError("the document must begin with its markup and have no DOCTYPE (Twilio error 12100)")
    try:
        # Entities, the danger of this parser, need the DOCTYPE refused above.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise CarrierError(f"the document is not XML: {error} (Twilio error 12100)") from error
    if root.tag != "Response":
        raise CarrierError(f"the root must be <Response>, not <{root.tag}> (Twilio error 12100)")
    return root


def _check_leg(verbs: tuple[Verb, ...], leg: Leg) -> None:
    match leg:
        case "caller" if not verbs or not _decides(verbs[-1]):
            raise CarrierError(
                "the call would drop in silence: the document can run out of verbs; end it with"
                " Hangup, Reject, Redirect, a Dial with action or a Gather with actionOnEmptyResult"
            )
        case "whisper":
            for verb in verbs:
                if not isinstance(verb, SayVerb | PlayVerb | GatherVerb | HangupVerb):
                    raise CarrierError(f"a whisper may only Say, Play, Gather and Hangup, not {type(verb).__name__}")
        case "gone" if any(isinstance(verb, DialVerb) for verb in verbs):
            raise CarrierError("the caller is gone: nothing more may ring")


def _check_order(verbs: tuple[Verb, ...]) -> None:
    for verb, following in pairwise(verbs):
        belt = isinstance(verb, GatherVerb) and isinstance(following, RedirectVerb | HangupVerb)
        if _decides(verb) and not belt:
            raise CarrierError(f"{type(following).__name__} after {type(verb).__name__} is dead: it never runs")


def _decides(verb: Verb) -> bool:
    """Nothing after this verb runs (facts 2 and 5)."""
    match verb:
        case HangupVerb() | RejectVerb() | RedirectVerb():
            return True
        case DialVerb(action=action):
            return action is not None
        case GatherVerb(on_empty=on_empty):
            return on_empty
        case _:
            return False


def _verbs(element: Element, base: str) -> Iterator[Verb]:
    match element.tag:
        case "Say" | "Play" | "Pause":
            yield from _sounds(element, base)
        case "Gather":
            yield _gather(element, base)
        case "Dial":
            yield _dial(element, base)
        case "Redirect":
            yield RedirectVerb(_resolved(base, element.text or ""))
        case "Hangup":
            yield HangupVerb()
        case _:
            yield RejectVerb()


def _sounds(element: Element, base: str) -> Iterator[Sound]:
    """One sound for each time that it is heard."""
    match element.tag:
        case "Say":
            say = SayVerb(element.attrib["language"], element.attrib["voice"], tuple(_parts(element, 1.0)))
            yield from [say] * int(element.get("loop", "1"))
        case "Play":
            yield from [PlayVerb(_resolved(base, element.text or ""))] * int(element.get("loop", "1"))
        case _:
            yield PauseVerb(float(element.get("length", "1")))


def _parts(element: Element, rate: float) -> Iterator[Words | Break]:
    yield from _words(element.text, rate)
    for child in element:
        if child.tag == "break":
            yield Break(_break_seconds(child))
        else:
            yield from _parts(child, _rate(child.attrib["rate"]))
        yield from _words(child.tail, rate)


def _words(text: str | None, rate: float) -> Iterator[Words]:
    if plain := " ".join((text or "").split()):
        yield Words(plain, rate)


def _rate(value: str) -> float:
    return float(value.rstrip("%")) / 100 if value.endswith("%") else _RATES[value]


def _break_seconds(element: Element) -> float:
    time = element.get("time")
    if time is None:
        return _STRENGTHS[element.get("strength", "medium")]
    return float(time[:-2]) / 1000 if time.endswith("ms") else float(time[:-1])


def _gather(element: Element, base: str) -> GatherVerb:
    digits = element.get("numDigits")
    return GatherVerb(
        action=_resolved(base, element.attrib["action"]),
        sounds=tuple(sound for child in element for sound in _sounds(child, base)),
        digits=int(digits) if digits else None,
        finish=element.get("finishOnKey", "#"),
        timeout=float(element.get("timeout", "5")),
        on_empty=element.get("actionOnEmptyResult") == "true",
    )


def _dial(element: Element, base: str) -> DialVerb:
    if not 1 <= len(element) <= 10:
        raise CarrierError("<Dial> must nest one to ten <Number>")
    return DialVerb(
        action=_optional(base, element.get("action")),
        numbers=tuple(_number(child, base) for child in element),
        timeout=float(element.get("timeout", "30")),
        limit=float(element.get("timeLimit", "14400")),
        caller_id=element.get("callerId"),
        answer_on_bridge=element.get("answerOnBridge") == "true",
        hangup_on_star=element.get("hangupOnStar") == "true",
        sequential=element.get("sequential") == "true",
    )


def _number(element: Element, base: str) -> Number:
    return Number(
        number=(element.text or "").strip(),
        whisper=_optional(base, element.get("url")),
        status_callback=_optional(base, element.get("statusCallback")),
        status_events=tuple(element.get("statusCallbackEvent", "completed").split()),
    )


def _resolved(base: str, url: str) -> str:
    """The URL that is requested and signed: absolute, without its fragment (facts 1.2)."""
    return urldefrag(urljoin(base, url.strip())).url


def _optional(base: str, url: str | None) -> str | None:
    return None if url is None else _resolved(base, url)
