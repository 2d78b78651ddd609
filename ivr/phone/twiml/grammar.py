"""Which TwiML is accepted: one table of elements, their attributes, values and nesting."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag
from xml.etree.ElementTree import Element

from ivr.phone.errors import CarrierError

Check = Callable[[str], str | None]
"""Takes a value and returns what is wrong with it, or None."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMERGENCY = re.compile(r"\+?(?:00)?(?:358)?(?:112|911|999|110|118)")


def whole(low: int, high: int) -> Check:
    """A check for a whole number from `low` to `high`."""

    def check(text: str) -> str | None:
        fits = re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high
        return None if fits else f"must be a whole number from {low} to {high}"

    return check


def one_of(*words: str) -> Check:
    """A check for one word of a closed list."""
    return lambda text: None if text in words else f"must be one of {', '.join(map(repr, words))}"


def shaped(pattern: str, says: str) -> Check:
    """A check for text that a regular expression matches as a whole; `says` describes it."""
    return lambda text: None if re.fullmatch(pattern, text) else f"must be {says}"


_RETRIES = "(4xx|5xx|ct|rt|all)"
OVERRIDES: Mapping[str, Check] = {  # docs/twilio.md, Connection overrides
    "ct": whole(100, 10000),
    "rt": whole(100, 15000),
    "tt": whole(100, 15000),
    "rc": whole(0, 5),
    "rp": shaped(f"{_RETRIES}(,{_RETRIES})*", "a comma list of 4xx 5xx ct rt all"),
}


def url(text: str) -> str | None:
    """A URL, relative or not, with valid overrides in its fragment, if any (docs/twilio.md, Connection overrides)."""
    if not re.fullmatch(r"[!-~]+", text):
        return "must be a URL of ASCII characters without spaces"
    fragment = urldefrag(text).fragment
    seen: set[str] = set()
    for key, _, value in (pair.partition("=") for pair in fragment.split("&") if fragment):
        if key not in OVERRIDES or key in seen:
            return f"has the override {key!r}; known, once each: {' '.join(OVERRIDES)}"
        seen.add(key)
        if wrong := OVERRIDES[key](value):
            return f"has an override {key}={value!r} that {wrong}"
    return None


def number(text: str) -> str | None:
    """A number that may be rung (docs/twilio.md, Numbers: E.164, never an emergency number)."""
    if _EMERGENCY.fullmatch(text):
        return "is an emergency number, which a machine must never ring"
    return None if _E164.fullmatch(text) else "must be a number in E.164, such as +358401234567 (Twilio error 13223)"


def words(text: str) -> str | None:
    """Text to say: fewer than 3000 characters, which is stricter than Polly (docs/twilio.md, Speaking)."""
    if not text:
        return "must have words"
    return None if len(text) < 3000 else "must have fewer than 3000 characters"


_POST = one_of("POST")
_BOOLEAN = one_of("true", "false")
_RING_TONES = (
    "at au be bg br ch cl cn cz de dk ee es fi fr gr hu il in it jp lt mx my nl no nz ph pl pt ru se sg th tw uk us"
    " us-old ve za"
)


@dataclass(frozen=True)
class ElementRule:
    """What one element may contain; without `text` it must contain no text of its own."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    nests: tuple[str, ...] = ()
    text: Check | None = None


ELEMENTS: Mapping[str, ElementRule] = {  # docs/twilio.md, Order of verbs to Numbers; "POST only" is our own rule
    "Response": ElementRule(nests=("Say", "Play", "Pause", "Gather", "Dial", "Redirect", "Hangup", "Reject")),
    "Say": ElementRule(
        attributes={
            "voice": shaped(r"(Polly|Google)\.[A-Za-z0-9-]+", "Polly.X or Google.X"),
            "language": shaped("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as fi-FI"),
        },
        required=("voice", "language"),
        nests=("prosody", "break"),
        text=words,
    ),
    "prosody": ElementRule(
        attributes={"rate": shaped("([2-9][0-9]|1[0-9]{2}|200)%", "20% to 200%")},
        required=("rate",),
        nests=("break",),
        text=words,
    ),
    "break": ElementRule(
        attributes={"time": shaped(r"[0-9]{1,5}ms|[0-9]{1,2}(\.[0-9]+)?s", "a time such as 500ms or 1s")},
        required=("time",),
    ),
    "Play": ElementRule(text=url),
    "Pause": ElementRule(attributes={"length": whole(1, 3600)}),
    "Gather": ElementRule(
        attributes={
            "action": url,
            "method": _POST,
            "input": one_of("dtmf"),
            "numDigits": whole(1, 1000),
            "finishOnKey": shaped("[0-9#*]?", "one key or empty"),
            "timeout": whole(1, 600),
            "actionOnEmptyResult": _BOOLEAN,
        },
        required=("action",),
        nests=("Say", "Play", "Pause"),
    ),
    "Dial": ElementRule(
        attributes={
            "action": url,
            "method": _POST,
            "timeout": whole(5, 600),
            "timeLimit": whole(1, 14400),
            "callerId": shaped(_E164.pattern, "a number in E.164 (Twilio error 13214)"),
            "answerOnBridge": _BOOLEAN,
            "ringTone": one_of(*_RING_TONES.split()),
        },
        required=("callerId",),
        nests=("Number",),
    ),
    "Number": ElementRule(attributes={"url": url, "method": _POST}, text=number),
    "Redirect": ElementRule(attributes={"method": _POST}, text=url),
    "Hangup": ElementRule(),
    "Reject": ElementRule(attributes={"reason": one_of("rejected", "busy")}),
}


def check(element: Element, path: str = "") -> None:
    """Check an element and everything in it against the table; CarrierError names the first fault."""
    path += f"<{element.tag}>"
    rule = ELEMENTS[element.tag]
    _check_attributes(element, rule, path)
    own = (element.text or "") + "".join(child.tail or "" for child in element)
    if rule.text is None and own.strip():
        raise CarrierError(f"{path} must not have text of its own: {own.strip()[:40]!r}")
    if rule.text and (wrong := rule.text("".join(element.itertext()).strip())):
        raise CarrierError(f"the text of {path} {wrong}: {''.join(element.itertext()).strip()[:80]!r}")
    for child in element:
        if child.tag not in rule.nests:
            allowed = ", ".join(rule.nests) or "nothing"
            raise CarrierError(f"{path} must not nest <{child.tag}>; it may nest {allowed}")
        check(child, path)


def _check_attributes(element: Element, rule: ElementRule, path: str) -> None:
    for name, value in element.attrib.items():
        if name not in rule.attributes:
            raise CarrierError(
                f"{path} has an unknown attribute {name!r}; known: {', '.join(rule.attributes) or 'none'}"
            )
        if wrong := rule.attributes[name](value):
            raise CarrierError(f"{path} {name}={value!r} {wrong}")
    for name in rule.required:
        if name not in element.attrib:
            raise CarrierError(f"{path} must have the attribute {name!r}")
