"""Who may speak to the line: whoever signs as Twilio does, over any spelling of its address, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ivr.telephony.port import Webhook
from ivr.telephony.twilio.signature import MOST_FIELDS, Signature
from tests.telephony.conftest import TOKEN, URL, Line

NOBODYS = "A" * 27 + "="
"""What looks like a signature, and is none."""
PORTS = (80, 443, 444, 8443)
DEFAULT = {"https": 443, "http": 80}
PATHS = ("/voice", "/voice/", "//voice", "/V%6fice", "/v%6Fice", "/voice/at/main_open", "/voice//at/%C3%A4", "/")
QUERIES = ("", "q=%C3%A4", "lang=ar&try=1&rev=3f9c21ab&t=1764000000", "a=&b", "a=%c3%a4+b", "?", "a=b?c=d")
PREFIXES = ("", "/kemi", "/Kemi/Line", "/k%c3%a4", "/k//emi")
LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8).filter(lambda label: label[0] != "-")
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
ADDRESSES = st.ip_addresses(v=6).map(lambda address: f"[{address}]")
FIELDS = st.lists(
    st.tuples(st.sampled_from(["CallSid", "From", "Digits", "ä", "a b", ""]), st.text(max_size=6)), max_size=6
)


@dataclass(frozen=True)
class Request:
    """A request to a line that is configured with one address, and signed for another."""

    configured: str
    signed: str
    method: str
    path: str
    query: str
    fields: Sequence[tuple[str, str]]
    headers: dict[str, str]
    token: str = TOKEN

    @property
    def signature(self) -> str:
        return str(RequestValidator(self.token).compute_signature(self.signed, MultiDict(self.fields)))

    def taken(self, signature: str | None = None) -> bool:
        headers = Headers({**self.headers, "X-Twilio-Signature": signature or self.signature})
        webhook = Webhook(self.method, self.path, self.query, urlencode(self.fields).encode(), headers)
        return Signature(self.configured, ["another", TOKEN]).matches(webhook)


@st.composite
def cased(draw: st.DrawFn, text: str) -> str:
    """The same letters, each small or a capital."""
    capitals = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    return "".join(letter.upper() if capital else letter for letter, capital in zip(text, capitals, strict=True))


def typed(host: str) -> list[str]:
    """A host as somebody types it."""
    if host.startswith("["):
        address = IPv6Address(host[1:-1])
        written = [f"[{address.compressed}]", f"[{address.exploded}]"]
        return [*written, *(each.upper() for each in written)]
    first, *others = host.split(".")
    capitals = [first.capitalize(), *(label.capitalize() for label in others)]
    return [host, host.upper(), ".".join([first.capitalize(), *others]), ".".join(capitals)]


@st.composite
def genuine(draw: st.DrawFn) -> Request:
    """A request that Twilio signed over a spelling of the configured address."""
    scheme = draw(st.sampled_from(["https", "http"]))
    host = draw(NAMES | ADDRESSES)
    port = draw(st.none() | st.integers(1, 65535).filter(lambda port: port != DEFAULT[scheme]))
    prefix, path, query = (draw(st.sampled_from(among)) for among in (PREFIXES, PATHS, QUERIES))
    method = draw(st.sampled_from(["POST", "GET"]))
    fields = draw(FIELDS) if method == "POST" else []
    at_default = ("", ":", f":{DEFAULT[scheme]}", f":0{DEFAULT[scheme]}")
    configured = draw(cased(host)) + (f":{port}" if port else draw(st.sampled_from(at_default)))
    spelled, headers = draw(st.sampled_from(typed(host))), {"Host": draw(st.sampled_from(["127.0.0.1:8080", "", "["]))}
    if draw(st.booleans()):  # what a header shows may have any capitals
        spelled = draw(cased(host))
        headers[draw(st.sampled_from(["Host", "X-Forwarded-Host"]))] = spelled + draw(st.sampled_from(["", ":8443"]))
    netloc = spelled + draw(st.sampled_from(["", f":{port}"] if port else at_default[:3]))
    target = f"{path}?{query}" if query else path + draw(st.sampled_from(["", "?"]))
    escaped = draw(st.sampled_from([prefix, prefix.replace("%c3%a4", "%C3%A4")]))
    signed = f"{scheme}://{netloc}{escaped}{target}"
    return Request(f"{scheme}://{configured}{prefix}", signed, method, path, query, fields, headers)


@pytest.mark.untraced
@given(genuine())
def test_what_was_signed_over_any_spelling_of_our_address_is_taken(request: Request) -> None:
    assert request.taken()


@pytest.mark.untraced
@given(genuine())
def test_whatever_the_vendors_validator_takes_is_taken(request: Request) -> None:
    """It tries an address with and without port, and cuts an IPv6 address at its first colon: what then is signed
    is no address."""
    fields, validator = MultiDict(request.fields), RequestValidator(TOKEN)
    plain = "[" not in request.signed and not request.signed.endswith("?") and ":/" not in request.signed[8:]
    if plain:
        assert validator.validate(request.signed, fields, request.signature)
    for forged in (request.signature, NOBODYS, request.signature[::-1], request.signature[:-2] + "B="):
        if validator.validate(request.signed, fields, forged):
            assert request.taken(forged)
        elif plain:
            assert not request.taken(forged)


def with_port(url: str, port: int) -> str:
    scheme, rest = url.split("://")
    netloc, slash, path = rest.partition("/")
    host = netloc if netloc.endswith("]") else netloc.rpartition(":")[0] or netloc
    return f"{scheme}://{host}:{port}{slash}{path}"


@pytest.mark.untraced
@given(genuine(), st.data())
def test_what_no_spelling_explains_is_refused(request: Request, data: st.DataObject) -> None:
    signature = request.signature
    scheme, rest = request.configured.split("://")
    field = ("Zz", "1")
    forged = {
        "a field more": replace(request, fields=[*request.fields, field]),
        "a field less": replace(request, fields=[*request.fields, field]),
        "another path": replace(request, path=request.path + "x"),
        "another case of the path": replace(request, path=request.path.swapcase()),
        "another prefix": replace(request, configured=request.configured + "/x"),
        "another query": replace(request, query=request.query + "&z=1"),
        "another host": replace(request, configured=f"{scheme}://x{rest}" if rest[0] != "[" else f"{scheme}://x"),
        "another scheme": replace(request, configured=f"{'http' if scheme == 'https' else 'https'}://{rest}"),
        "another token": request,
        "another signature": request,
    }
    if request.path == "/":
        del forged["another case of the path"]
    how = data.draw(st.sampled_from(sorted(forged)))
    if how == "a field less":
        signature = forged[how].signature
        assert not request.taken(signature)
    elif how == "another token":
        assert not request.taken(replace(request, token="stolen").signature)
    elif how == "another signature":
        place = data.draw(st.integers(0, 26))
        letter = "A" if signature[place] != "A" else "B"
        assert not request.taken(signature[:place] + letter + signature[place + 1 :])
    else:
        assert not forged[how].taken(signature), how


@pytest.mark.untraced
@given(genuine(), st.sampled_from(PORTS), st.sampled_from(PORTS))
def test_another_port_is_refused(request: Request, configured: int, signed: int) -> None:
    request = replace(
        request, configured=with_port(request.configured, configured), signed=with_port(request.signed, signed)
    )
    assert request.taken() == (configured == signed)


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_a_header_cannot_bring_another_host(header: str) -> None:
    asked = Request(URL, "https://evil.example/kemi/voice", "POST", "/voice", "", [], {header: "evil.example"})
    assert not asked.taken()


@pytest.mark.parametrize(
    "signature",
    ["", "A", "A" * 28, "A" * 26 + "B=", "A" * 27 + "==", f"{NOBODYS}, {NOBODYS}", "ä" * 27 + "=", "=" * 28],
)
def test_what_can_be_no_signature_costs_no_look_at_the_form(signature: str) -> None:
    webhook = Webhook("POST", "/voice", "", b"a=1&" * 16000, Headers({"X-Twilio-Signature": signature}))
    assert not Signature(URL, [TOKEN]).matches(webhook)
    assert "fields" not in vars(webhook), "the fields are read at their first use"


def test_a_form_of_many_fields_is_refused_before_it_is_read() -> None:
    def asked(count: int) -> Request:
        return Request(URL, f"{URL}/voice", "POST", "/voice", "", [(f"f{n}", "") for n in range(count)], {})

    assert asked(MOST_FIELDS).taken()
    assert not asked(MOST_FIELDS + 1).taken()
    webhook = Webhook("POST", "/voice", "", b"a=1&" * 16000, Headers({"X-Twilio-Signature": NOBODYS}))
    assert not Signature(URL, [TOKEN]).matches(webhook)
    assert "fields" not in vars(webhook)


@pytest.mark.parametrize("path", ["/voice", "/v%6Fice", "/%76oice?", "/voice?q=%C3%A4"])
@pytest.mark.parametrize("before", ["", "http://line.example.fi", "HTTPS://LINE.EXAMPLE.FI:443"])
def test_the_path_is_verified_as_it_was_sent(line: Line, path: str, before: str) -> None:
    """Servers tell it as REQUEST_URI, also where a proxy has sent the whole address; PATH_INFO is decoded."""
    fields = {"CallSid": "CA1", "From": "+358401234567", "CallStatus": "ringing"}
    builder = EnvironBuilder("/voice", method="POST", query_string=path.partition("?")[2], data=fields)
    builder.headers["X-Twilio-Signature"] = RequestValidator(TOKEN).compute_signature(URL + path, fields)
    environ = builder.get_environ()
    body, status, _ = run_wsgi_app(line.client.application, {**environ, "REQUEST_URI": before + path})
    assert status == "200 OK"
    assert b"<Gather" in b"".join(body)
    _, status, _ = run_wsgi_app(line.client.application, {**builder.get_environ(), "REQUEST_URI": f"{before}/x{path}"})
    assert status.startswith("403")
