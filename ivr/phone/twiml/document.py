"""Reads TwiML into values, and refuses what is invalid or would leave a caller in silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from urllib.parse import urldefrag, urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ivr.phone.errors import CarrierError, ProviderFault
from ivr.phone.twiml.grammar import check


@dataclass(frozen=True)
class Words:
    """Text of a Say; `rate` 1.0 is the usual pace, 0.8 slower."""

    text: str
    rate: float


@dataclass(frozen=True)
class Break:
    """Silence inside a Say."""

    seconds: float


@dataclass(frozen=True)
class SayVerb:
    """Speaks text by a voice of the provider; `language` is a tag such as fi-FI."""

    voice: str
    language: str
    parts: tuple[Words | Break, ...]


@dataclass(frozen=True)
class PlayVerb:
    """Plays the clip at `url`."""

    url: str


@dataclass(frozen=True)
class PauseVerb:
    """Silence."""

    seconds: float


Sound = SayVerb | PlayVerb | PauseVerb


@dataclass(frozen=True)
class GatherVerb:
    """Collects keys: at most `digits`, for `timeout` seconds; `on_empty`: the action is posted even without a key."""

    action: str
    sounds: tuple[Sound, ...]
    digits: int | None
    finish: str
    timeout: float
    on_empty: bool


@dataclass(frozen=True)
class DialVerb:
    """Rings one number for `timeout` seconds and lets them talk for `limit`; `whisper` is the `url` of its Number."""

    action: str | None
    number: str
    whisper: str | None
    timeout: float
    limit: float
    caller_id: str
    answer_on_bridge: bool


@dataclass(frozen=True)
class RedirectVerb:
    """Goes on with the document at `url`."""

    url: str


@dataclass(frozen=True)
class HangupVerb:
    """Ends the leg on which it runs."""


@dataclass(frozen=True)
class RejectVerb:
    """Does not take the call; `busy`: the caller hears a busy line."""

    busy: bool


Verb = SayVerb | PlayVerb | PauseVerb | GatherVerb | DialVerb | RedirectVerb | HangupVerb | RejectVerb
Audience = Literal["caller", "contact", "nobody"]
"""Who hears a document: the caller, a contact before the talk, or nobody because the caller has hung up."""


@dataclass(frozen=True)
class Document:
    """The verbs of one `<Response>`, in order."""

    verbs: tuple[Verb, ...]

    def voices(self) -> frozenset[str]:
        """The voices of every Say in it."""
        sounds = [sound for verb in self.verbs for sound in (verb.sounds if isinstance(verb, GatherVerb) else (verb,))]
        return frozenset(sound.voice for sound in sounds if isinstance(sound, SayVerb))


def read(body: bytes, base: str, audience: Audience) -> Document:
    """Read a document fetched from `base`, against which relative URLs resolve; CarrierError if a rule is broken."""
    try:
        root = _parse(body)
        check(root)
        verbs = tuple(_verb(element, base) for element in root)
        _check_audience(verbs, audience)
        _check_order(verbs)
    except CarrierError as error:
        raise error.within(base, f"\n{body.decode(errors='replace')[:2000]}") from error
    return Document(verbs)


def _parse(body: bytes) -> Element:
    if body[:1].isspace():
        raise ProviderFault(12100, "the document must begin with its markup (Twilio error 12100)")
    if b"<!DOCTYPE" in body:
        raise CarrierError("the document must have no DOCTYPE")
    try:
        # Entities, the danger of this parser, need the DOCTYPE refused above.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ProviderFault(12100, f"the document is not XML: {error} (Twilio error 12100)") from error
    if root.tag != "Response":
        raise ProviderFault(12100, f"the root must be <Response>, not <{root.tag}> (Twilio error 12100)")
    return root


def _check_audience(verbs: tuple[Verb, ...], audience: Audience) -> None:
    match audience:
        case "caller" if not verbs or not _decides(verbs[-1]):
            raise CarrierError(
                "the call would drop in silence: the document can run out of verbs; end it with"
                " Hangup, Reject, Redirect, a Dial with action or a Gather with actionOnEmptyResult"
            )
        case "contact":
            for verb in verbs:
                if not isinstance(verb, SayVerb | PlayVerb | GatherVerb | HangupVerb):
                    raise CarrierError(f"a whisper may only Say, Play, Gather and Hangup, not {type(verb).__name__}")
        case "nobody" if any(isinstance(verb, DialVerb) for verb in verbs):
            raise CarrierError("the caller is gone: nothing more may ring")


def _check_order(verbs: tuple[Verb, ...]) -> None:
    for verb, following in pairwise(verbs):
        # For a provider that does not post an empty result, a Gather may have an end behind it.
        safeguard = isinstance(verb, GatherVerb) and isinstance(following, RedirectVerb | HangupVerb)
        if _decides(verb) and not safeguard:
            raise CarrierError(f"{type(following).__name__} after {type(verb).__name__} never runs")


def _decides(verb: Verb) -> bool:
    """Nothing after this verb runs (docs/twilio.md, Order of verbs)."""
    match verb:
        case HangupVerb() | RejectVerb() | RedirectVerb():
            return True
        case DialVerb(action=action):
            return action is not None
        case GatherVerb(on_empty=on_empty):
            return on_empty
        case _:
            return False


def _verb(element: Element, base: str) -> Verb:
    match element.tag:
        case "Say" | "Play" | "Pause":
            return _sound(element, base)
        case "Gather":
            return _gather(element, base)
        case "Dial":
            return _dial(element, base)
        case "Redirect":
            return RedirectVerb(_resolved(base, element.text or ""))
        case "Hangup":
            return HangupVerb()
        case _:
            return RejectVerb(element.get("reason") == "busy")


def _sound(element: Element, base: str) -> Sound:
    match element.tag:
        case "Say":
            return SayVerb(element.attrib["voice"], element.attrib["language"], tuple(_parts(element, 1.0)))
        case "Play":
            return PlayVerb(urldefrag(_resolved(base, element.text or "")).url)
        case _:
            return PauseVerb(float(element.get("length", "1")))


def _parts(element: Element, rate: float) -> Iterator[Words | Break]:
    yield from _words(element.text, rate)
    for child in element:
        if child.tag == "break":
            yield Break(_seconds(child.attrib["time"]))
        else:
            yield from _parts(child, float(child.attrib["rate"].removesuffix("%")) / 100)
        yield from _words(child.tail, rate)


def _words(text: str | None, rate: float) -> Iterator[Words]:
    if plain := " ".join((text or "").split()):
        yield Words(plain, rate)


def _seconds(time: str) -> float:
    return float(time[:-2]) / 1000 if time.endswith("ms") else float(time[:-1])


def _gather(element: Element, base: str) -> GatherVerb:
    digits = element.get("numDigits")
    return GatherVerb(
        action=_resolved(base, element.attrib["action"]),
        sounds=tuple(_sound(child, base) for child in element),
        digits=int(digits) if digits else None,
        finish=element.get("finishOnKey", "#"),
        timeout=float(element.get("timeout", "5")),
        on_empty=element.get("actionOnEmptyResult") == "true",
    )


def _dial(element: Element, base: str) -> DialVerb:
    if len(element) != 1:
        raise CarrierError("<Dial> must nest exactly one <Number>: one phone rings at a time")
    (number,) = element
    return DialVerb(
        action=_optional(base, element.get("action")),
        number=(number.text or "").strip(),
        whisper=_optional(base, number.get("url")),
        timeout=float(element.get("timeout", "30")),
        limit=float(element.get("timeLimit", "14400")),
        caller_id=element.attrib["callerId"],
        answer_on_bridge=element.get("answerOnBridge") == "true",
    )


def _resolved(base: str, url: str) -> str:
    """The absolute URL, with the overrides in its fragment (docs/twilio.md, Connection overrides)."""
    return urljoin(base, url.strip())


def _optional(base: str, url: str | None) -> str | None:
    return None if url is None else _resolved(base, url)
