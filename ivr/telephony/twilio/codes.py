"""Twilio's codes of errors in plain words, each with a remedy (docs/twilio.md, Error codes)."""

from __future__ import annotations

from collections.abc import Mapping

PAY = "look at its state in the Twilio console, and pay what is open"
REACH = "open /live of IVR_PUBLIC_URL from outside; look at the proxy, the firewall and whether the line runs"
CERTIFICATE = "look at the certificate: its name, its last day, and that the whole chain is served"
OTHER_ANSWERS = "see that no proxy answers in place of the line"
ALLOW = "allow the low-risk numbers of that country in the Twilio console (Voice, Geo permissions)"
NOT_OURS = "see that IVR_CALLER_ID and IVR_PROBE_NUMBER are numbers of this account, or verified there"
RING_IT = "see that it is right: ring it once from a phone"
SUPPORT = "write to Twilio's support"
PERMIT = (
    "make a Standard API key in the Twilio console, or give a Restricted key Phone Numbers (read and write); only a "
    "Main key may ask of accounts and keys"
)
MEANINGS: Mapping[int, tuple[str, str]] = {
    10001: ("the account is not active", PAY),
    10002: ("a trial account may not do this", "upgrade the account"),
    10003: ("the account takes no calls", PAY),
    10004: ("the account has too many calls at once", "run it again when fewer people call, or ask Twilio for more"),
    11200: ("the line gave no usable answer", REACH),
    11201: ("no connection to the line in time", REACH),
    11202: ("the line refused the connection", REACH),
    11203: ("the line did not answer in time", "see what else the machine does"),
    11205: ("no connection to the line, or none in time", REACH),
    11206: ("the connection to the line broke off", REACH),
    11210: ("the name of the line is not known", "look at IVR_PUBLIC_URL and at its entry in the DNS"),
    11215: ("the line redirected too often", "write the final address into IVR_PUBLIC_URL"),
    11217: (
        "the line answered with a fault",
        "403: see that TWILIO_AUTH_TOKEN and IVR_PUBLIC_URL are right; else its log",
    ),
    11220: ("no secure connection to the line", CERTIFICATE),
    11235: ("the certificate has another name", CERTIFICATE),
    11236: ("the certificate has expired", CERTIFICATE),
    11237: ("the certificate's chain is not whole", CERTIFICATE),
    11750: ("the answer is too long", OTHER_ANSWERS),
    12100: ("the answer is no TwiML", OTHER_ANSWERS),
    12200: ("a part of the answer is not known to it", "report it: the line should send no such thing"),
    12300: ("the answer has a type that is not TwiML's", OTHER_ANSWERS),
    13214: ("the number that is shown is not ours", NOT_OURS),
    13223: ("the number that is rung is not in international form", "correct IVR_CONTACT_..."),
    13224: ("the number cannot be rung", RING_IT),
    13225: ("Twilio blocks the number that is rung", SUPPORT),
    13227: ("the account may not ring this country", ALLOW),
    13805: ("a trial account cut the call", "upgrade the account"),
    20005: ("the account is not active", PAY),
    21210: ("the number that is shown is not ours", NOT_OURS),
    21215: ("the account may not ring this country", ALLOW),
    21216: ("Twilio blocks the number that is rung", SUPPORT),
    21402: ("Twilio refuses an address", "see that IVR_PUBLIC_URL and IVR_FALLBACK_URL are public addresses"),
    21649: ("the number lacks its papers", "get its regulatory bundle approved in the Twilio console"),
    32016: ("the phone network gave no sign for a minute", f"run it again; if it stays, {SUPPORT}"),
    32205: ("the account may not ring this country", ALLOW),
    70051: ("the API key may not do this", PERMIT),
}
"""Code -> what it means here, and the remedy."""


def what_code_means(code: int) -> tuple[str, str]:
    """A code in words, and the remedy; one that is not known is to be looked up."""
    return MEANINGS.get(code) or (f"Twilio's error {code}", f"look it up at www.twilio.com/docs/api/errors/{code}")
