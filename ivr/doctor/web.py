"""The public addresses of the line and of its fallback, asked as the provider asks them."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, prepend_scheme_if_needed, select_proxy

from ivr.app import DOCTOR
from ivr.telephony.twilio.emergency import MOST_BYTES

SECONDS = 10.0
"""How long an address may be silent; the provider gives up after 15."""
WHOLE = 1.5
"""So many times as long may an answer take until it is whole."""
MOST_REDIRECTS = 10
CHAIN = "serve the certificate with its whole chain (with certbot fullchain.pem), from an authority that all trust"
BY_VERIFY_CODE = {
    9: ("is not valid yet", "set the clock of this machine; else get the certificate anew"),
    10: ("has expired", "renew it (with certbot: certbot renew), and let nginx read it: nginx -s reload"),
    18: ("is self-signed, and the provider trusts none of these", CHAIN),
    19: ("is self-signed, and the provider trusts none of these", CHAIN),
    20: ("is vouched for by nobody whom all trust, or its chain is not whole", CHAIN),
    21: ("is vouched for by nobody whom all trust, or its chain is not whole", CHAIN),
    62: ("is that of another name", "get one for the name in IVR_PUBLIC_URL"),
    64: ("names no such IP address", "write a name into IVR_PUBLIC_URL, and get a certificate for that"),
}
"""Why a certificate is not trusted, by OpenSSL's X509_V_ERR numbers (`man verify`)."""

OLD_TLS = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION")
"""What OpenSSL says of a server that speaks no TLS from 1.2 on."""
T = TypeVar("T")
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port -> its IP addresses. OSError where there are none."""


class WebAnswer(NamedTuple):
    """What was answered: `type` of the body, where a redirect leads, and after how many seconds."""

    status: int
    type: str
    body: bytes
    seconds: float
    location: str = ""


class NoWebAnswer(Exception):
    """Nobody answered; the message says why, `remedy` what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host."""
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


class Web:
    """Asks addresses, through the proxy and by the certificates that the environment names, if it names any."""

    def __init__(self, resolve: Resolve = addresses, seconds: float = SECONDS) -> None:
        self.resolve, self._seconds = resolve, seconds

    def valid_until(self, host: str, port: int) -> datetime:
        """Until when the certificate of a host is valid. NoWebAnswer where it is not trusted, or none is shown."""
        return self._in_time(lambda: self._valid_until(host, port))

    def ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        here: bool = False,
    ) -> WebAnswer:
        """One request, without following a redirect. `here`: a process of this machine, so through no proxy.

        Raises NoWebAnswer.
        """
        return self._in_time(lambda: self._ask(method, url, form, headers, here=here))

    def _in_time(self, look: Callable[[], T]) -> T:
        """What is seen, if it is whole in time: a limit of requests is one for each packet, and some drip."""
        told = SimpleQueue[tuple[T] | BaseException]()

        def run() -> None:
            try:
                told.put((look(),))
            except BaseException as error:  # noqa: BLE001 - it is raised to who waits
                told.put(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            seen = told.get(timeout=self._seconds * WHOLE)
        except Empty:
            raise NoWebAnswer(f"its answer is not whole after {self._seconds * WHOLE:.0f} s", LOOK) from None
        if isinstance(seen, BaseException):
            raise seen
        return seen[0]

    def _valid_until(self, host: str, port: int) -> datetime:
        trusted = requests.Session().merge_environment_settings(f"https://{host}", {}, None, None, None)["verify"]
        try:
            context = ssl.create_default_context(cafile=trusted if isinstance(trusted, str) else DEFAULT_CA_BUNDLE_PATH)
        except OSError:
            raise NoWebAnswer(
                "the certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names cannot be read",
                "correct that variable, or remove it",
            ) from None
        try:
            with (
                self._connected(host, port) as connection,
                context.wrap_socket(connection, server_hostname=host) as tls,
            ):
                ends = (tls.getpeercert() or {})["notAfter"]
        except ssl.SSLCertVerificationError as error:
            what, remedy = BY_VERIFY_CODE.get(error.verify_code, ("is not trusted", CHAIN))
            raise NoWebAnswer(f"the certificate of {host} {what}", remedy) from None
        except TimeoutError:
            raise NoWebAnswer(f"{host} says nothing at port {port}", OPEN_PORT) from None
        except ssl.SSLError as error:
            if error.reason in OLD_TLS:
                raise NoWebAnswer(
                    f"{host} speaks only a TLS that is too old", "in nginx: ssl_protocols TLSv1.2 TLSv1.3"
                ) from None
            raise NoWebAnswer(
                f"{host} does not speak TLS at port {port}", "see that nginx listens there with `ssl`"
            ) from None
        except OSError as error:
            raise NoWebAnswer(f"{host} takes no connection at port {port}: {_reason(error)}", OPEN_PORT) from None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)

    def _connected(self, host: str, port: int) -> socket.socket:
        """A connection to a host, through the proxy that `ask` would take, if there is one. Raises OSError."""
        url = f"https://{host}:{port}"
        proxy = select_proxy(url, get_environ_proxies(url))
        if not proxy:
            return socket.create_connection((host, port), self._seconds)
        parts = urlsplit(prepend_scheme_if_needed(proxy, "http"))
        tunnel = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=self._seconds)
        tunnel.set_tunnel(host, port, HTTPAdapter().proxy_headers(proxy))
        tunnel.connect()
        return tunnel.sock

    def _ask(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str] | None, *, here: bool
    ) -> WebAnswer:
        began = time.perf_counter()
        try:
            with requests.Session() as session:
                session.trust_env = not here
                with session.request(
                    method,
                    url,
                    data=form,
                    headers={"User-Agent": DOCTOR, **(headers or {})},
                    timeout=self._seconds,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
                    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                    location = answer.headers.get("Location", "")
                    return WebAnswer(answer.status_code, kind, body, time.perf_counter() - began, location)
        except requests.Timeout:
            raise NoWebAnswer(f"it does not answer within {self._seconds:.0f} s", LOOK) from None
        except requests.exceptions.SSLError:
            raise NoWebAnswer("its certificate is not trusted", CHAIN) from None
        except (OSError, ValueError) as error:  # of requests and urllib3; ValueError: an address of another form
            raise NoWebAnswer(f"it takes no request: {_reason(error)}", LOOK) from None
        except Exception as error:  # noqa: BLE001 - urllib3's own, where an answer breaks off while it is read
            raise NoWebAnswer(f"its answer breaks off: {type(error).__name__}", LOOK) from None


LOOK = "look at what answers there"
OPEN_PORT = "see that nginx runs, that the firewall lets port 443 in, and that the name leads to this machine"


def _reason(error: BaseException) -> str:
    """Why, in the words of the system; without the address, which requests quotes: it may hold a secret."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, socket.gaierror):
            return "its name is not known"
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, requests.RequestException):
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
