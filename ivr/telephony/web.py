"""The webhooks: verify, read, step, write, journal. Whatever breaks, the caller gets an answer."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from ivr.core.call import StepTaken
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import PHONE
from ivr.core.speak import whisper
from ivr.telephony.port import Provider, Route, Webhook

log = logging.getLogger(__name__)
ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)
"""How a request to a proxy begins its target (RFC 9112, absolute-form)."""


def blueprint(
    provider: Provider, content: Content, clock: Callable[[], datetime], record: Callable[[StepTaken], None]
) -> Blueprint:
    """The routes `POST /voice` and, below it, `at/<node>`, `whisper`, `emergency` and `status`.

    `/voice/<node>` is the address of a node in version 0.1. `clock` gives aware moments. 403: the provider did not
    sign the request.
    """
    voice = Blueprint("voice", __name__)
    phone = content.office.schedules[PHONE]

    def take_step(webhook: Webhook, node: str | None) -> bytes:
        began = time.perf_counter()
        asked = provider.read(webhook, node)
        now = clock()
        started = asked.started or int(now.timestamp())
        next_step = step(content, asked.state, asked.event, now)
        body = provider.write(next_step, started)
        took = (time.perf_counter() - began) * 1000
        journal(StepTaken(asked.call_id, node or "", asked.event, next_step, phone.is_open(now), now, started, took))
        return body

    def journal(taken: StepTaken) -> None:
        try:
            record(taken)
        except Exception as error:  # noqa: BLE001 - a full disk must not end a call
            _report("journal", error)

    def answer(route: Route, work: Callable[[Webhook], bytes]) -> Response:
        webhook = _webhook()
        if not _verified(provider, webhook):
            return Response(status=403)
        try:
            body = work(webhook)
        except Exception as error:  # noqa: BLE001 - whatever breaks, the caller gets an answer
            _report(route, error)
            body = provider.emergency(webhook, route)
        if not body:
            return Response(status=204)
        return Response(body, content_type=provider.content_type, headers={"Cache-Control": "no-store"})

    @voice.post("/voice")
    def start() -> Response:
        return answer("start", lambda webhook: take_step(webhook, None))

    @voice.post("/voice/at/<node>")
    @voice.post("/voice/<node>")
    def at_node(node: str) -> Response:
        return answer("node", lambda webhook: take_step(webhook, node))

    @voice.post("/voice/whisper")
    def at_whisper() -> Response:
        def work(webhook: Webhook) -> bytes:
            asked = provider.read_whisper(webhook)
            return provider.write_whisper(asked, whisper(content, asked.language, asked.matter))

        return answer("whisper", work)

    @voice.post("/voice/emergency")
    def emergency() -> Response:
        return answer("emergency", lambda webhook: provider.emergency(webhook, "emergency"))

    @voice.post("/voice/status")
    def status() -> Response:
        return answer("status", lambda _webhook: b"")

    return voice


def _webhook() -> Webhook:
    """The request as it was sent; Flask refuses a body of more than MAX_CONTENT_LENGTH (413)."""
    query, body = request.query_string.decode("latin-1"), request.get_data(cache=False)
    return Webhook(request.method, _sent_path(), query, body, request.headers)


def _sent_path() -> str:
    """The path as it was sent, which is signed: WSGI itself only tells it decoded, servers also as it was."""
    sent: str = request.environ.get("REQUEST_URI") or request.path
    return ABSOLUTE.sub("", sent.partition("?")[0])


def _verified(provider: Provider, webhook: Webhook) -> bool:
    try:
        return provider.verify(webhook)
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - a request that cannot be verified is not genuine
        _report("verify", error)
        return False


def _report(where: str, error: Exception) -> None:
    """Log the kind and the places of an error, never its message: it may quote what a caller sent (rule P1)."""
    trace, places = error.__traceback__, list[str]()
    while trace:
        places.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("%s failed: %s at %s", where, type(error).__name__, " > ".join(places))
