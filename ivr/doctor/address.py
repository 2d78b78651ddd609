"""Checks of the public addresses: those of the line, asked as the provider asks, and that of the fallback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from itertools import chain
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

from ivr.core.utterance import Clip
from ivr.doctor.examined import Examined
from ivr.doctor.finding import Lacking, Seen, blocking, fine, warning
from ivr.doctor.web import MOST_REDIRECTS, NoWebAnswer, WebAnswer
from ivr.settings.read import public_number
from ivr.speech.web import ENDING, FOLDER
from ivr.telephony.twilio.emergency import MOST_BYTES, static_document
from ivr.telephony.twilio.signature import HEADER

SLOW_SECONDS = 2.0
FEW_DAYS, LAST_DAYS = 21, 3
"""Of a certificate: certbot renews 30 days before the end, so 21 means that it does not."""
CALL = "CA" + "0" * 32
XML = ("text/xml", "application/xml")
STATE = "asked=by+ivr%20doctor"
"""A query, as all later steps of a call have one: it is signed too, as it is written."""
PROXY = (
    "in the proxy: pass on path and query as they were written (in nginx no path in proxy_pass), the Host as it came "
    "($http_host), and the body; deploy/nginx/kemi.conf does"
)


def address(line: Examined) -> Iterator[Seen]:
    """The name of the public address leads to a machine that the provider can reach."""
    host, port = _host_and_port(line.public)
    try:
        found = line.web.resolve(host, port)
    except (OSError, UnicodeError):  # UnicodeError: it cannot be a name at all
        yield blocking(
            f"the name {host} is not known",
            "add an A record for it at your name service; an hour may pass until all know it",
        )
        return
    if hidden := [each for each in found if not ip_address(each.partition("%")[0]).is_global]:
        yield blocking(
            f"the name {host} leads to {', '.join(hidden)}, which nobody outside can reach",
            "let its record name the public address of the machine; where only this machine sees it so, take the name "
            "out of its /etc/hosts",
        )
    elif not any(ip_address(each.partition("%")[0]).version == 4 for each in found):
        yield warning(
            f"the name {host} leads to IPv6 alone, and nobody vouches that Twilio comes by it",
            "add an A record with the IPv4 address of the machine",
        )
    else:
        yield fine(f"{host} leads to {', '.join(found)}")


def _wait_for_a_name(line: Examined) -> None:
    """Raise Lacking where nobody knows the name of the line: nothing can be asked by it."""
    try:
        line.web.resolve(*_host_and_port(line.public))
    except (OSError, UnicodeError):
        raise Lacking("a name that is known") from None


def certificate(line: Examined) -> Iterator[Seen]:
    """The certificate of the public address is trusted, and will be for a while."""
    _wait_for_a_name(line)
    try:
        ends = line.web.valid_until(*_host_and_port(line.public))
    except NoWebAnswer as error:
        yield blocking(str(error), error.remedy)
        return
    days = (ends - line.now).days
    if days < FEW_DAYS:
        found = blocking if days < LAST_DAYS else warning
        yield found(f"the certificate ends in {days} days", "see why it is not renewed: certbot renew --dry-run")
    else:
        yield fine(f"trusted, {days} days left")


def round_trip(line: Examined) -> Iterator[Seen]:
    """A signed request by the public address is answered by the line: token, path and proxy at once.

    The caller is our own number, which the line rejects and does not count (rule T7).
    """
    url, problems = line.public, list[Seen]()
    _ = line.settings
    _wait_for_a_name(line)
    try:
        alive = line.web.ask("GET", f"{url}/live")
        ended = _signed(line, url, f"/voice/status?{STATE}", {"CallStatus": "completed"})
        called = _signed(line, url, "/voice", {"CallStatus": "ringing", "Direction": "inbound"})
    except NoWebAnswer as error:
        yield blocking(f"the public address does not answer: {error}", error.remedy)
        return
    if alive.status != 200 and called.status == 200:
        problems.append(warning(f"/live answers {alive.status}, so nobody outside can watch the line", PROXY))
    if fault := _wrong_answer(line, called, "/voice"):
        problems.append(fault)
    elif b"<Reject" not in called.body or called.type not in XML:
        problems.append(blocking("what answers at /voice is not this line", "see what nginx passes /voice on to"))
    elif ended.status != 204:
        problems.append(
            _wrong_answer(line, ended, "/voice/status") or blocking(f"/voice/status answers {ended.status}", PROXY)
        )
    elif refusing := [port for port, status in _asked_directly(line).items() if status == 403]:
        # The proxy has led us to one process, and leads every other call to another.
        problems.append(
            blocking(f"the process at port {refusing[0]} refuses what another takes: it runs with other settings", SAME)
        )
    elif not _clips_come_through(line):
        problems.append(
            blocking(
                "clips do not come through the proxy: callers would hear nothing in their place",
                f"pass on all below /audio too; {PROXY}",
            )
        )
    slowest = max(reply.seconds for reply in (alive, ended, called))
    if slowest > SLOW_SECONDS:
        problems.append(
            warning(f"an answer took {slowest:.1f} s; Twilio gives up after 4", "see what the machine does")
        )
    yield from problems
    if not problems:
        yield fine(f"a signed call was answered in {called.seconds * 1000:.0f} ms")


def _wrong_answer(line: Examined, reply: WebAnswer, path: str) -> Seen | None:
    """What a status other than one of success means for a signed request; None for those."""
    match reply.status:
        case 200 | 204:
            return None
        case 401 | 407:
            return blocking(
                "the proxy wants a password, which Twilio does not have", "ask none below /voice and /audio"
            )
        case 403:
            return _refused(line)
        case 404 | 405:
            return blocking(
                f"{path} answers {reply.status}: the path does not come through as it is written",
                f"IVR_PUBLIC_URL ends where {path} begins; {PROXY}",
            )
        case 413:
            return blocking("the proxy takes no body as long as a webhook's", "in nginx: client_max_body_size 64k")
        case status if 300 <= status < 400:
            where = "https" if reply.location.startswith("https:") else "another address"
            return blocking(
                f"{path} redirects to {where}, and a redirected webhook loses the digits",
                "write the final address into IVR_PUBLIC_URL, and let the proxy redirect nothing",
            )
        case 429:
            return blocking(
                "the proxy limits how often it is asked", "no limit by address below /voice: all webhooks come from few"
            )
        case 502 | 503 | 504:
            return blocking(
                f"the proxy answers {reply.status}: it reaches no process of the line",
                "see the check `processes`, and the ports in nginx",
            )
        case status:
            return blocking(f"{path} answers {status}", "see the log of the line and of the proxy")


def _refused(line: Examined) -> Seen:
    """A signature was refused: either the running process has other settings, or the proxy changes what is signed."""
    refused = "the line refuses a request that this token signs"
    if not (statuses := _asked_directly(line)):
        return blocking(
            f"{refused}: it runs with other settings, or the proxy changes what is signed", f"{SAME}; {PROXY}"
        )
    if 403 in statuses.values():
        return blocking(f"{refused}, also when asked without the proxy: it runs with other settings", SAME)
    return blocking(
        f"{refused}, but not when asked without the proxy: the proxy changes path, query, host or body", PROXY
    )


SAME = "write the same TWILIO_AUTH_TOKEN and IVR_PUBLIC_URL for both, and restart the line"


def _asked_directly(line: Examined) -> dict[int, int]:
    """Port -> what its process answers to a signed call without the proxy; none of those that do not answer."""
    form = {"CallStatus": "ringing"}
    return {
        port: reply.status
        for port, reply in _without_proxy(line, lambda base: _signed(line, base, "/voice", form, url=line.public))
    }


def _without_proxy(line: Examined, ask: Callable[[str], WebAnswer]) -> Iterator[tuple[int, WebAnswer]]:
    """Port and answer of each process of the line here that answers what is asked at its address."""
    for each in line.running:
        with suppress(NoWebAnswer):
            yield each.port, ask(f"http://{each.address}")


def fallback(line: Examined) -> Iterator[Seen]:
    """The fallback is there, asked exactly as the provider asks, and is the document of today."""
    url, token = line.fallback, line.settings.auth_tokens[0]
    number = public_number(line.content.office)
    if number is None:
        yield blocking("the number of on_call in office.yaml cannot be rung", "run `ivr fallback`: it says why")
        return
    query = urlencode({"AccountSid": line.settings.account or "", "CallSid": CALL, "ErrorCode": "11200"})
    asked = f"{url}{'&' if '?' in url else '?'}{query}"
    try:
        for _ in range(MOST_REDIRECTS):
            reply = line.web.ask("GET", asked, headers={HEADER: RequestValidator(token).compute_signature(asked, {})})
            if not (300 <= reply.status < 400 and reply.location):
                break
            asked = urljoin(asked, reply.location)
    except NoWebAnswer as error:
        yield blocking(f"the fallback is not there: {error}", WRITE)
        return
    wanted = static_document(line.content, number, line.settings.caller_id)
    if reply.status != 200:
        yield blocking(f"the fallback answers {reply.status} to a GET", WRITE)
    elif reply.type not in XML:
        yield blocking(f"the fallback is sent as {reply.type or 'nothing'}", "let its host send it as text/xml")
    elif len(reply.body) > MOST_BYTES:
        yield blocking("the fallback is longer than Twilio takes", WRITE)
    elif _canonical(reply.body) is None:
        yield blocking("the fallback is no XML: perhaps a page about the file, and not the file", WRITE)
    elif _canonical(reply.body) != _canonical(wanted):
        yield blocking("the fallback is not the document of today: its words or its number are others", WRITE)
    elif reply.body.strip() != wanted.strip():
        yield fine("it is the document of today, but for spaces")
    else:
        yield fine("it is the document of today")


WRITE = "run `ivr fallback`, put its document where IVR_FALLBACK_URL leads, and see that a GET of it is answered"


def _canonical(document: bytes) -> str | None:
    """A document without what its writing may differ in; None where it is no XML of TwiML."""
    if re.search(rb"<!(?!--)", document):  # TwiML has neither: entities are refused, and a page of HTML has a doctype
        return None
    try:
        return re.sub(r"\s+", " ", ElementTree.canonicalize(document.decode(), strip_text=True))
    except (ElementTree.ParseError, ValueError):
        return None


def _clips_come_through(line: Examined) -> bool:
    """Whether a clip that a process of the line gives is also given by the public address."""
    voices = line.voices
    said = chain.from_iterable(voices.script[code] for code in sorted(voices.offered))
    name = next((sound.name for each in said if isinstance(sound := voices.sound(each), Clip)), None)
    if name is None:
        return True
    path = f"{FOLDER}{name}{ENDING}"
    there = _without_proxy(line, lambda base: line.web.ask("GET", f"{base}{path}", here=True))
    wanted = {reply.body for _, reply in there if reply.status == 200}
    try:
        return not wanted or line.web.ask("GET", f"{line.public}{path}").body in wanted
    except NoWebAnswer:
        return False


def _signed(line: Examined, base: str, path: str, more: Mapping[str, str], *, url: str = "") -> WebAnswer:
    """Ask as the provider would: a form, signed with our token over the public address; `url`: where `base` is not
    that, but a process of this machine."""
    settings = line.settings
    number = settings.caller_id
    form = {"CallSid": CALL, "AccountSid": settings.account or "", "From": number, "To": number, **more}
    signature = RequestValidator(settings.auth_tokens[0]).compute_signature(f"{url or base}{path}", form)
    headers = {HEADER: signature, **({"Host": urlsplit(url).netloc} if url else {})}
    return line.web.ask("POST", f"{base}{path}", form, headers, here=bool(url))


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443
