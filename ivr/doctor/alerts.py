"""What Twilio's alerts of the last day mean for this line, each with a remedy (docs/twilio.md, Error codes)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.doctor.finding import Seen, warning

LOOK = "look at /live from outside, at the proxy, and at the log of the line"
CONTACT_NUMBERS = "correct the IVR_CONTACT_... of who is rung, and IVR_CALLER_ID"
MEANINGS: Mapping[str, tuple[str, str]] = {
    "11200": ("it got no usable answer", LOOK),
    "11201": ("it could not connect in time", LOOK),
    "11202": ("its connection was refused", "see that nginx runs, and the firewall"),
    "11203": ("the line did not answer in time", "see what else the machine does"),
    "11205": ("it could not connect in the time it has", LOOK),
    "11210": ("it did not find the name", "see the record of the name at your name service"),
    "11215": ("it was redirected too often", "write the final address into IVR_PUBLIC_URL"),
    "11217": ("it was answered with 4xx or 5xx", "403: see the check `round_trip`; 502: see the check `processes`"),
    "11220": ("it could not agree on TLS", "allow TLS 1.2 and 1.3, as in deploy/nginx/kemi.conf"),
    "11235": ("the certificate had another name", "get one for the name in IVR_PUBLIC_URL"),
    "11236": ("the certificate had expired", "renew it"),
    "11237": ("the certificate was not trusted", "serve it with its whole chain"),
    "11750": ("the answer was too long", "a proxy sends a page of its own; see its log"),
    "12100": ("the answer was no TwiML", "a proxy sends a page of its own; see its log"),
    "12200": ("it did not know a part of the TwiML", "report it: the line should not send such"),
    "12300": ("the answer had another type", "let no proxy change Content-Type"),
    "13214": ("it does not let us show our number", "IVR_CALLER_ID has to be a number of this account"),
    "13223": ("a number that was rung is not in E.164", CONTACT_NUMBERS),
    "13224": ("a number that was rung does not exist or cannot be reached", CONTACT_NUMBERS),
    "13225": ("it blocks a number that was rung", "ask Twilio's support"),
    "13227": ("calls to that country are not permitted", "see the check `dialling`"),
    "21215": ("calls to that country are not permitted", "see the check `dialling`"),
    "21216": ("it blocks a number that was rung", "ask Twilio's support"),
    "32016": ("a network gave no sign for a minute", "ring the contact from another phone"),
    "32205": ("calls to that country are not permitted", "see the check `dialling`"),
    "10001": ("the account is not active", "see its state in the console, and pay"),
    "10002": ("a trial account may not do this", "upgrade the account"),
    "10003": ("calls were refused, as the account is not active", "see its state in the console, and pay"),
    "10004": ("there were more calls at once than the account may have", "ask Twilio for more"),
    "13805": ("a trial account cut a call", "upgrade the account"),
}
"""Code -> what happened, from Twilio's side, and the remedy."""
HIDDEN = frozenset({"11200", "11217"})
"""Of these the fallback took the call: who rang was served, by the emergency words alone."""


def in_words(counts: Mapping[str, int]) -> Iterator[Seen]:
    """Each code with how often it came, the most frequent first."""
    for code, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        unknown = ("an error without a code", "see Monitor, Errors in the console")
        if code:
            unknown = ("an error", f"see www.twilio.com/docs/api/errors/{code}")
        what, remedy = MEANINGS.get(code, unknown)
        hidden = ", which only the fallback served" if code in HIDDEN else ""
        how_often = "once" if count == 1 else f"{count} times"
        yield warning(f"{how_often} {code or ''}".rstrip() + f": {what}{hidden}", remedy)
