"""Twilio's signature of a request: HMAC-SHA1 over address and form (RFC 2104; Twilio, "Webhooks Security")."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from ipaddress import IPv6Address
from itertools import chain
from urllib.parse import urlsplit

from ivr.telephony.port import Webhook

HEADER = "X-Twilio-Signature"
HOST_HEADERS = ("Host", "X-Forwarded-Host")
"""Where the host stands as Twilio was told it, unless a proxy has changed it."""
SIGNATURE = re.compile("[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=")
"""The 20 bytes of a SHA-1 in Base64, in their one canonical spelling."""
MOST_FIELDS = 250
"""Fields of a form: a webhook has a few dozen, and each field of a stranger costs time before it can be refused."""
PORT = re.compile(r":\d*$")
ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
DEFAULT_PORTS = {"https": 443, "http": 80}


class Signature:
    """Checks signatures against one auth token, or two while rotating.

    The signed address is the configured one with the raw path and query: the framework decodes the address, so that
    genuine requests would be refused, and headers of a proxy can be forged. Twilio signs the address as somebody typed
    it, so every usual spelling is tried: with or without port, in other capitals of the host, with an empty query. The
    twilio package is ten times slower, knows one spelling, and cuts an IPv6 address at its first colon.
    """

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        url = urlsplit(public_url)
        self._scheme, self._paths = url.scheme, _escapes(url.path)
        host, default = PORT.sub("", url.netloc), DEFAULT_PORTS.get(url.scheme)
        port = url.port or default
        self._ports = ("", f":{port}", ":") if port == default else ("", f":{port}")  # RFC 3986, 6.2.3
        self._keyed = [hmac.new(token.encode(), digestmod="sha1") for token in tokens]
        self._hosts = dict.fromkeys(_typed(host))
        self._begun = [*self._begin(self._netlocs(self._hosts)), *self._begin([url.netloc])]
        self._folded = {host.lower() for host in self._hosts}

    def matches(self, webhook: Webhook) -> bool:
        """Whether one of the tokens signed this request. What cannot be a signature costs no look at the form."""
        given = webhook.headers.get(HEADER, "")
        if not SIGNATURE.fullmatch(given) or webhook.body.count(b"&") >= MOST_FIELDS:
            return False
        digest, rests = b64decode(given), _rests(webhook)
        return any(
            hmac.compare_digest(_digest(begun, rest), digest)
            for rest in rests
            for begun in chain(self._begun, self._begun_as_sent(webhook))
        )

    def _begun_as_sent(self, webhook: Webhook) -> Iterator[hmac.HMAC]:
        """With capitals as only a header shows them. It may be forged: it chooses a spelling of our host, no other."""
        sent = dict.fromkeys(PORT.sub("", webhook.headers.get(name, "")) for name in HOST_HEADERS)
        hosts = [host for host in sent if host not in self._hosts and host.lower() in self._folded]
        yield from self._begin(self._netlocs(hosts))

    def _netlocs(self, hosts: Iterable[str]) -> Iterator[str]:
        return (f"{host}{port}" for host in hosts for port in self._ports)

    def _begin(self, netlocs: Iterable[str]) -> Iterator[hmac.HMAC]:
        """For each spelling of the configured address and each token, the HMAC so far."""
        for netloc in netlocs:
            for path in self._paths:
                for keyed in self._keyed:
                    begun = keyed.copy()
                    begun.update(f"{self._scheme}://{netloc}{path}".encode())
                    yield begun


def _typed(host: str) -> Iterator[str]:
    """A host as it is configured, then in the capitals that people type, then an IPv6 address short and in full."""
    yield host
    small = host.lower().split(".")
    for capitals in range(len(small) + 1):
        yield ".".join([*(label.capitalize() for label in small[:capitals]), *small[capitals:]])
    yield host.upper()
    with suppress(ValueError):
        address = IPv6Address(host.strip("[]"))
        for written in (address.compressed, address.exploded):
            yield from (f"[{written}]", f"[{written.upper()}]")


def _escapes(path: str) -> dict[str, None]:
    """A path with its escapes as they are, in capitals, and in small letters: `%c3` is `%C3` (RFC 3986, 6.2.2.1)."""
    other = (ESCAPE.sub(lambda escape: escape[0].upper(), path), ESCAPE.sub(lambda escape: escape[0].lower(), path))
    return dict.fromkeys((path, *other))


def _rests(webhook: Webhook) -> list[bytes]:
    """What is signed after the configured address. Nobody passes on whether an empty query had its question mark."""
    targets = [f"{webhook.path}?{webhook.query}"] if webhook.query else [webhook.path, f"{webhook.path}?"]
    fields = _fields(webhook) if webhook.body else ""
    return [f"{target}{fields}".encode() for target in targets]


def _fields(webhook: Webhook) -> str:
    """Name and value of each field, sorted by name; of a field that is sent twice, each different value once."""
    return "".join(chain.from_iterable(sorted(set(webhook.fields))))


def _digest(begun: hmac.HMAC, rest: bytes) -> bytes:
    signing = begun.copy()  # four times faster than a new HMAC
    signing.update(rest)
    return signing.digest()
