"""What of the settings about Twilio can never work: a token, an account or an address, each with its remedy.

No message shows a value: it may be a secret.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

SHORTEST_TOKEN = 6
"""Shorter text is a slip: Twilio's own tokens are far longer."""
TOKEN_LENGTH = 32
"""Of a token as Twilio writes it: digits, and small letters from a to f."""
CUT_TOKEN = 16
"""From this length on, hexadecimal digits are a part of a token, or more than one."""
PLACEHOLDERS = {
    "authtoken", "authtokenhere", "changeme", "changethis", "example", "fillme", "insertme", "myauthtoken", "mytoken",
    "none", "null", "password", "placeholder", "replaceme", "replacethis", "secret", "thetoken", "todo", "token",
    "tokenhere", "twilioauthtoken", "twiliotoken",
}  # fmt: skip
"""Words that stand in a guide or a template where the token belongs, without what is not a letter."""
NOT_FILLED_IN = "$%<{["
"""What a part of a guide or a template begins with that is to be filled in."""
OURSELVES = ("localhost", "127.0.0.1", "::1")
"""Hosts of an address at which a simulated line answers."""
VOICE = "/voice"
"""The path of the webhook of a new call."""
PLACEHOLDER_HOST = re.compile(r"your[-_.]|your(domain|host|name|server|site|app)\b")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
"""A part of a host's name, between dots."""
COPY = "copy the auth token from the Twilio console"
WRITE = "write it in full: https://line.example.fi"
MAKE_FALLBACK = "run `ivr fallback`, put its document on another host or into a TwiML Bin, and write its address"
REACHABLE = "write the public name of your own server, from https:// on, and no address inside your network"


class Unfit(NamedTuple):
    """What is wrong with a value, and the remedy."""

    what: str
    remedy: str


QUOTES = "'\"`\u2018\u2019\u201c\u201d"
IN_QUOTES = Unfit("stands in quotes, which are taken as a part of it", "leave out the quotes")


def unfit_token(token: str) -> Unfit | None:
    """Why every call would be refused with this auth token; None where it may be one."""
    if not token:
        return Unfit("is empty", "write one token, or two with one comma between them")
    if token[0] in QUOTES or token[-1] in QUOTES:
        return IN_QUOTES
    if re.fullmatch("[A-Z]{2}[0-9a-fA-F]{32}", token):
        return Unfit("is the SID of an account, a key or the like, and no token", COPY)
    if _is_placeholder(token):
        return Unfit("is a placeholder", COPY)
    if not re.fullmatch("[0-9A-Za-z_-]+", token):
        return Unfit("has a space or a sign that no token has", f"{COPY}, without anything before or behind it")
    if len(token) < SHORTEST_TOKEN:
        return Unfit("is too short", COPY)
    if re.fullmatch("[0-9a-fA-F]+", token) and len(token) >= CUT_TOKEN:
        if len(token) != TOKEN_LENGTH:
            return Unfit(f"has {len(token)} characters, and a token has {TOKEN_LENGTH}", f"{COPY}, all of it and once")
        if token != token.lower():
            return Unfit("is in capital letters, and Twilio's are small", COPY)
    return None


def doubtful_token(token: str) -> Unfit | None:
    """Why a token that may be one probably is not; None where it looks like one."""
    if re.fullmatch(f"[0-9A-Za-z]{{{TOKEN_LENGTH}}}", token) and not re.fullmatch("[0-9a-f]+", token):
        return Unfit("looks like the secret of an API key, with which Twilio signs no call", COPY)
    return None


def unfit_account(account: str) -> Unfit | None:
    """Why this is no account SID; None where it is."""
    if re.fullmatch("AC[0-9a-f]{32}", account):
        return None
    remedy = "copy it from the Twilio console: AC and 32 digits or letters from a to f, without quotes"
    return Unfit("is no account SID", remedy)


def unfit_address(url: str) -> Unfit | None:
    """Why Twilio cannot, or must not, call this public address of the line; None where it can."""
    parts = _address(url)
    if not url:
        return Unfit("is missing", "write the address that Twilio calls: https://line.example.fi")
    if parts is None:
        return Unfit("is not an address", WRITE)
    if set(url) & set("?#@") or not url.isascii():
        return Unfit("has more than an address", "leave out user, query and #; use ASCII letters")
    host = parts.hostname or ""
    if parts.scheme == "http" and host not in OURSELVES:
        return Unfit("is not https", "calls carry private matters: use https")
    if PLACEHOLDER_HOST.match(host) or set(host) & set(NOT_FILLED_IN):
        return Unfit("is still the example text", REACHABLE)
    if not _is_reachable(host):
        return Unfit("is no address that Twilio can reach", REACHABLE)
    if parts.path.rstrip("/").endswith(VOICE):
        return Unfit(f"ends in {VOICE}, which the program adds itself", f"leave out {VOICE} here, and only here")
    return None


def unfit_fallback(url: str, public_url: str) -> Unfit | None:
    """Why this cannot be the address that Twilio asks where the line does not answer; None where it can."""
    parts = _address(url)
    if not url:
        return Unfit("is missing: where the line does not answer, the call would end", MAKE_FALLBACK)
    if parts is None or parts.scheme != "https" or not url.isascii() or set(url) & set("#@"):
        return Unfit("is not a plain https address", "write it in full, as in https://files.example.org/fallback.xml")
    host = _host(parts)
    if (
        host in OURSELVES
        or not _is_reachable(parts.hostname or "")
        or PLACEHOLDER_HOST.match(host)
        or set(host) & set(NOT_FILLED_IN)
    ):
        return Unfit("is no address that Twilio can reach", "write the public address of the document")
    line = _address(public_url)
    if line and host == _host(line):
        return Unfit("is at the host of the line, which fails with it", "put the document on a host that is not yours")
    return None


def _is_placeholder(token: str) -> bool:
    """Whether a token was never filled in: `your_auth_token`, `<token>`, `${TOKEN}`, `xxxxxxxx`."""
    letters = re.sub("[^a-z]", "", token.lower())
    return (
        token[0] in NOT_FILLED_IN
        or letters in PLACEHOLDERS
        or letters.startswith("your")
        or len(set(token.lower())) == 1
    )


def _address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:
        return None
    return parts if whole else None


def _host(parts: SplitResult) -> str:
    """The host in one spelling: a name without its last dot, and an IP address in its shortest form."""
    host = (parts.hostname or "").removesuffix(".")
    try:
        return str(ip_address(host))
    except ValueError:
        return host


def _is_reachable(host: str) -> bool:
    """Whether a host can be reached from the Internet, as far as its name or number tells."""
    if host in OURSELVES:
        return True
    try:
        return ip_address(host).is_global
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return len(labels) > 1 and all(map(LABEL.fullmatch, labels)) and not labels[-1].isdigit()
