"""By which name pages are reached, and whom they believe for whom it asks: pages of others get no answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, redirect, request

from ivr.settings.pages import is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SAME_SITE = ("same-origin", "none")

log = logging.getLogger(__name__)


class PagesApp(Flask):
    """Flask, which logs no address of a page: the one of an invitation is a secret."""

    def log_exception(self, exc_info: Any) -> None:
        """Log the error and the view; whoever formats it leaves out its message (rule P1)."""
        log.error("the page %s failed", request.endpoint, exc_info=exc_info)


class Forwarded:
    """Takes from the proxy in front for whom it asks. What anybody else says of that is ignored.

    `url`: where the pages are reached from other machines; None where this machine alone reaches them.
    """

    def __init__(self, app: WSGIApplication, url: str | None, proxy: IPv4Network | IPv6Network | None) -> None:
        self._app, self._proxy = app, proxy
        self._scheme = "https" if url else "http"

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        address, scheme = environ.pop("HTTP_X_FORWARDED_FOR", ""), environ.pop("HTTP_X_FORWARDED_PROTO", "")
        environ["wsgi.url_scheme"] = self._scheme
        if self._is_proxy(environ.get("REMOTE_ADDR", "")):
            if last := address.rpartition(",")[2].strip():  # the one that the proxy has added itself
                environ["REMOTE_ADDR"] = last
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        return self._app(environ, start)

    def _is_proxy(self, address: str) -> bool:
        try:
            return self._proxy is not None and ip_address(address) in self._proxy
        except ValueError:
            return False


def right_host(url: str | None) -> Response | None:
    """Answer by our own name only: a foreign one that leads here is refused (DNS rebinding); http leads to https."""
    if url is None:
        if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            abort(HTTPStatus.MISDIRECTED_REQUEST)
        return None
    if request.host.lower().removesuffix(":443") != urlsplit(url).netloc:
        abort(HTTPStatus.MISDIRECTED_REQUEST)
    if request.scheme != "https":
        query = request.query_string.decode()
        return cast("Response", redirect(url + quote(request.path) + (query and f"?{query}"), 308))
    return None


def right_origin(url: str | None) -> None:
    """Whatever is asked comes from a page of ours. Where a browser does not say, other checks must tell."""
    ours = url or f"http://{request.host}"
    if request.headers.get("Sec-Fetch-Site", "none") not in SAME_SITE or request.headers.get("Origin", ours) != ours:
        abort(403)
