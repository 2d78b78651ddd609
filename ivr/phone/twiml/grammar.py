"""What TwiML may look like: one table of elements, their attributes, values and nesting."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag
from xml.etree.ElementTree import Element

from ivr.phone.errors import CarrierError

Check = Callable[[str], str | None]
"""Says what is wrong with a value, or None."""

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMERGENCY = re.compile(r"\+?(?:00)?(?:358)?(?:112|911|999|110|118)")


def whole(low: int, high: int) -> Check:
    """A whole number within bounds."""

    def check(text: str) -> str | None:
        fits = re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high
        return None if fits else f"must be a whole number from {low} to {high}"

    return check


def one_of(*words: str) -> Check:
    """One word of a closed list."""
    return lambda text: None if text in words else f"must be one of {', '.join(map(repr, words))}"


def shaped(pattern: str, says: str) -> Check:
    """Text that a regular expression matches from end to end."""
    return lambda text: None if re.fullmatch(pattern, text) else f"must be {says}"


_RETRIES = "(4xx|5xx|ct|rt|all)"
OVERRIDES: Mapping[str, Check] = {  # facts 1.2: connection overrides
    "ct": whole(100, 10000),
    "rt": whole(100, 15000),
    "tt": whole(100, 15000),
    "rc": whole(0, 5),
    "rp": shaped(f"{_RETRIES}(,{_RETRIES})*", "a comma list of 4xx 5xx ct rt all"),
    "sni": one_of("y", "n"),
    "e": shaped("[a-z-]+(,[a-z-]+)*", "a comma list of edges"),
}


def url(text: str) -> str | None:
    """A URL, relative or not, whose fragment (if any) holds valid connection overrides (facts 1.2)."""
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
    """A number that may be rung (facts 5 and 7: E.164, never an emergency number)."""
    if _EMERGENCY.fullmatch(text):
        return "is an emergency number, which a machine must never ring"
    return None if E164.fullmatch(text) else "must be a number in E.164, such as +358401234567 (Twilio error 13223)"


def words(text: str) -> str | None:
    """Text to say (facts 3: Polly takes at most 3000 characters)."""
    if not text:
        return "must have words"
    return None if len(text) < 3000 else "must have fewer than 3000 characters"


_POST = one_of("POST")
_BOOLEAN = one_of("true", "false")
_LANGUAGE = shaped("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as fi-FI")
_RING_TONES = (
    "at au be bg br ch cl cn cz de dk ee es fi fr gr hu il in it jp lt mx my nl no nz ph pl pt ru se sg th tw uk us"
    " us-old ve za"
)
_EVENT = "(initiated|ringing|answered|completed)"


@dataclass(frozen=True)
class ElementRule:
    """What one element may hold; without `text` it holds no text of its own."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    nests: tuple[str, ...] = ()
    text: Check | None = None


ELEMENTS: Mapping[str, ElementRule] = {  # facts 2 to 5; "POST only" is our own rule
    "Response": ElementRule(nests=("Say", "Play", "Pause", "Gather", "Dial", "Redirect", "Hangup", "Reject")),
    "Say": ElementRule(
        attributes={
            "voice": shaped(r"man|woman|(Polly|Google)\.[A-Za-z0-9-]+", "man, woman, Polly.X or Google.X"),
            "language": _LANGUAGE,
            "loop": whole(1, 1000),
        },
        required=("voice", "language"),
        nests=("prosody", "break"),
        text=words,
    ),
    "prosody": ElementRule(
        attributes={
            "rate": shaped("x-slow|slow|medium|fast|x-fast|([2-9][0-9]|1[0-9]{2}|200)%", "slow or 20% to 200%")
        },
        required=("rate",),
        nests=("break",),
        text=words,
    ),
    "break": ElementRule(
        attributes={
            "time": shaped(r"[0-9]{1,5}ms|[0-9]{1,2}(\.[0-9]+)?s", "a time such as 500ms or 1s"),
            "strength": one_of("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        }
    ),
    "Play": ElementRule(attributes={"loop": whole(1, 1000)}, text=url),
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
            "language": _LANGUAGE,
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
            "callerId": shaped(E164.pattern, "a number in E.164 (Twilio error 13214)"),
            "answerOnBridge": _BOOLEAN,
            "ringTone": one_of(*_RING_TONES.split()),
            "record": shaped("true|false|do-not-record|record-from-(answer|ringing)(-dual)?", "a way of recording"),
            "hangupOnStar": _BOOLEAN,
            "sequential": _BOOLEAN,
        },
        nests=("Number",),
    ),
    "Number": ElementRule(
        attributes={
            "url": url,
            "method": _POST,
            "statusCallback": url,
            "statusCallbackEvent": shaped(f"{_EVENT}( {_EVENT})*", "a list of initiated ringing answered completed"),
        },
        text=number,
    ),
    "Redirect": ElementRule(attributes={"method": _POST}, text=url),
    "Hangup": ElementRule(),
    "Reject": ElementRule(attributes={"reason": one_of("rejected", "busy")}),
}


def check(element: Element, path: str = "") -> None:
    """Refuse an element that its row of the table does not allow, and all within it."""
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
