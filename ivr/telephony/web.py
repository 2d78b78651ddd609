"""The webhooks: verify, read, step, write, journal. Whatever breaks or hangs, the caller gets an answer."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from flask import Blueprint, Response, request

from ivr.core.call import StepTaken
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import PHONE
from ivr.core.speak import whisper
from ivr.metrics import EMERGENCY, GET, HUNG, OLD, Metrics
from ivr.telephony.limit import TimeLimit, TookTooLong
from ivr.telephony.port import Provider, Route, Webhook

log = logging.getLogger(__name__)
ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)
"""How a request to a proxy begins its target (RFC 9112, absolute-form)."""

OLDEST_ADDRESS = 6 * 3600
"""Seconds after the start of a call, its talks not counted, when its addresses hold no private number any more."""

METHODS = ("GET", "POST")
"""A number can be set to either at the provider; ours is POST, a GET is told."""


class WebhookAnswer(NamedTuple):
    """An answer to a webhook; a body is always a document of the provider."""

    status: int
    body: bytes


class Address(NamedTuple):
    """Which of our addresses was asked for; `node` only where it names one."""

    route: Route
    node: str | None = None


class Answers:
    """Answers every webhook.

    `serving`: what answers now, content and provider; swapped between two requests. `clock` gives aware moments, `age`
    epoch seconds that no change of the clock moves. `record` takes each step for the journal.
    """

    def __init__(
        self,
        serving: Callable[[], tuple[Content, Provider]],
        clock: Callable[[], datetime],
        age: Callable[[], float],
        record: Callable[[StepTaken], None],
        metrics: Metrics,
        limit: TimeLimit,
    ) -> None:
        self._serving, self._clock, self._age = serving, clock, age
        self._record, self._metrics, self._limit = record, metrics, limit

    def answer(self, webhook: Webhook, address: Address) -> WebhookAnswer:
        """Status and body: 403 where the provider did not sign the request, 204 where nothing is to be said."""
        content, provider = self._serving()
        if not self._verified(provider, webhook):
            return WebhookAnswer(403, b"")
        began = time.perf_counter()
        body = self._body(content, provider, webhook, address)
        self._metrics.answered(address.route, time.perf_counter() - began)
        return WebhookAnswer(200 if body else 204, body)

    def _body(self, content: Content, provider: Provider, webhook: Webhook, address: Address) -> bytes:
        try:
            return self._limit.run(partial(self._work, content, provider, webhook, address))
        except TookTooLong:
            self._metrics.happened(HUNG)
            log.error("%s took too long", address.route)  # noqa: TRY400 - it happened elsewhere
        except BaseException as error:  # noqa: BLE001 - whatever breaks, or wants to end the process, in a step
            _report(address.route, error)
        self._metrics.happened(EMERGENCY)
        try:
            return provider.emergency(webhook, address.route)
        except Exception as error:  # noqa: BLE001 - also where the form cannot be read
            _report("emergency", error)
            return provider.emergency(None, address.route)

    def _work(self, content: Content, provider: Provider, webhook: Webhook, address: Address) -> bytes:
        match address.route:
            case "start" | "node":
                return self._step(content, provider, webhook, address)
            case "whisper":
                asked = provider.read_whisper(webhook)
                return provider.write_whisper(asked, whisper(content, asked.language, asked.matter))
            case "emergency":
                return provider.emergency(webhook, "emergency")
            case "status":
                return b""

    def _step(self, content: Content, provider: Provider, webhook: Webhook, address: Address) -> bytes:
        began = time.perf_counter()
        asked = provider.read(webhook, address.node)
        age = int(self._age())
        started = age if asked.started is None else asked.started + asked.talked
        if age - started > OLDEST_ADDRESS:
            self._metrics.happened(OLD)
            return provider.emergency(webhook, address.route, public_only=True)
        now = self._clock()
        next_step = step(content, asked.state, asked.event, now)
        body = provider.write(next_step, started)
        took = (time.perf_counter() - began) * 1000
        is_open = content.office.schedules[PHONE].is_open(now)
        self._journal(StepTaken(asked.call_id, address.node or "", asked.event, next_step, is_open, now, started, took))
        return body

    def _journal(self, taken: StepTaken) -> None:
        try:
            self._record(taken)
        except Exception as error:  # noqa: BLE001 - the journal must not end a call
            _report("journal", error)

    def _verified(self, provider: Provider, webhook: Webhook) -> bool:
        try:
            genuine, names_us = provider.verify(webhook), False
            if not genuine:
                names_us = provider.names_us(webhook)
        except Exception as error:  # noqa: BLE001 - a request that cannot be verified is not genuine
            _report("verify", error)
            genuine = names_us = False
        if genuine:
            self._metrics.accepted()
            if webhook.method != "POST":
                self._metrics.happened(GET)
        else:
            self._metrics.refused(names_us=names_us)
        return genuine


def address_of(path: str) -> Address | None:
    """The address of ours at a path, however its slashes are written; None for any other path.

    `/voice/<node>` is the address of a node in version 0.1.
    """
    match [part for part in path.split("/") if part]:
        case ["voice"]:
            return Address("start")
        case ["voice", ("whisper" | "status" | "emergency") as route]:
            return Address(route)
        case ["voice", "at", node] | ["voice", node]:
            return Address("node", node)
        case _:
            return None


def blueprint(answers: Callable[[Webhook, Address], WebhookAnswer], content_type: str) -> Blueprint:
    """`/voice` and, below it, `at/<node>`, `whisper`, `emergency` and `status`, by POST or GET.

    They are answered before Flask chooses a view: one that did not know `//voice` would answer 404, one that redirects
    would lose the form.
    """
    voice = Blueprint("voice", __name__)

    @voice.before_app_request
    def webhook() -> Response | None:
        address = address_of(request.path)
        if address is None:
            return None
        if request.method not in METHODS:
            return Response(status=405, headers={"Allow": ", ".join(METHODS)})
        status, body = answers(_webhook(), address)
        if not body:
            return Response(status=status)
        return Response(body, status, content_type=content_type, headers={"Cache-Control": "no-store"})

    return voice


def _webhook() -> Webhook:
    """The request as it was sent; Flask refuses a body of more than MAX_CONTENT_LENGTH (413)."""
    query, body = request.query_string.decode("latin-1"), request.get_data(cache=False)
    return Webhook(request.method, _sent_path(), query, body, request.headers)


def _sent_path() -> str:
    """The path as it was sent, which is signed: WSGI itself only tells it decoded, servers also as it was."""
    sent: str = request.environ.get("REQUEST_URI") or request.path
    return ABSOLUTE.sub("", sent.partition("?")[0])


def _report(where: str, error: BaseException) -> None:
    """Log the kind and the places of an error, never its message: it may quote what a caller sent (rule P1)."""
    trace, places = error.__traceback__, list[str]()
    while trace:
        places.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("%s failed: %s at %s", where, type(error).__name__, " > ".join(places))
