"""The webhooks: verify, read, step, write, journal. Whatever breaks or hangs, the caller gets an answer."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, Response, request

from ivr.connections.deadline import DEADLINE, HttpAnswer, SetDeadline, no_deadline
from ivr.core.call import CallSeen, CallStarted, Dial, Sight, StepTaken
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import PHONE
from ivr.core.speak import whisper
from ivr.metrics import EMERGENCY, GET, HUNG, OLD, Metrics
from ivr.telephony.port import CallReport, Provider, Route, Webhook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)
"""How a request to a proxy begins its target (RFC 9112, absolute-form)."""

OLDEST_ADDRESS = 6 * 3600
"""Seconds after the start of a call, its talks not counted, when its addresses hold no private number any more."""

STEP_SECONDS = 2.5
"""Longest time from a request to its answer; the provider gives up after 4 s (`urls.CONNECTION`)."""
MOST_HUNG = 64
"""While so many steps hang, none is begun, and every answer is the emergency document."""

MOST_BYTES = 64 * 1024
"""Longest body of a request; a webhook has a few hundred bytes."""

PLAIN_LENGTH = re.compile("[1-9][0-9]{0,4}")
"""How the length of a plain body is written; also `0215` is a number, and left to Flask."""

METHODS = ("GET", "POST")
"""A number can be set to either at the provider; ours is POST, a GET is told."""

EMPTY, FORBIDDEN = HttpAnswer("204 No Content", [], b""), HttpAnswer("403 Forbidden", [("Content-Length", "0")], b"")


class Address(NamedTuple):
    """Which of our addresses was asked for; `node` only where it names one."""

    route: Route
    node: str | None = None


See = Callable[[CallSeen], None]
"""Takes what was seen of a call, to count it; it may neither wait nor raise."""


def unseen(_seen: CallSeen) -> None:
    """Where calls are not counted."""


class Sinks(NamedTuple):
    """Where the request of a call is counted, its step recorded, and what is seen of it told."""

    metrics: Metrics
    record: Callable[[StepTaken], None]
    see: See


class _Asked(NamedTuple):
    """A genuine request: by what it is answered, where it is counted, and when it came, by `time.perf_counter`."""

    content: Content
    provider: Provider
    webhook: Webhook
    address: Address
    counts: Sinks
    began: float


class _Answer(NamedTuple):
    """An answer, and what it shows of the call, for the counts; `counts`: where else than its request it is counted."""

    body: bytes
    seen: tuple[Sight, ...] = ()
    taken: StepTaken | None = None
    counts: Sinks | None = None


class Answers:
    """Answers every webhook.

    `serving`: what answers now, content and provider; swapped between two requests. `clock` gives aware moments, `age`
    epoch seconds that no change of the clock moves. `record` takes each step for the journal, `see` what is counted of
    calls. `step_seconds`: how long a step may take, where the server can tell. `hung`: how many steps have not ended in
    time and go on now.

    A call that an administrator starts, to see that the line answers, is answered as any other and counted nowhere: its
    faults stand in the log alone.
    """

    def __init__(
        self,
        serving: Callable[[], tuple[Content, Provider]],
        clock: Callable[[], datetime],
        age: Callable[[], float],
        record: Callable[[StepTaken], None],
        metrics: Metrics,
        step_seconds: float = STEP_SECONDS,
        see: See = unseen,
    ) -> None:
        self._serving, self._clock, self._age = serving, clock, age
        self._callers = Sinks(metrics, record, see)
        self._administrators = Sinks(Metrics(), lambda _taken: None, unseen)
        self._step_seconds = step_seconds
        self._counting = threading.Lock()
        self.hung = 0

    def answer(self, webhook: Webhook, address: Address, set_deadline: SetDeadline = no_deadline) -> HttpAnswer:
        """A document of the provider; 403 where the provider did not sign the request, 204 if nothing is to be said."""
        content, provider = self._serving()
        if (counts := self._verified(provider, webhook, address.route)) is None:
            return FORBIDDEN
        asked = _Asked(content, provider, webhook, address, counts, time.perf_counter())

        def instead() -> HttpAnswer:
            self._hangs(1)
            log.error("%s took too long", address.route)
            return self._sent(asked, _emergency(asked, hung=True))

        if self.hung >= MOST_HUNG:
            return self._sent(asked, _emergency(asked, hung=True))
        in_time = set_deadline(self._step_seconds, instead)
        answer = self._answer(asked)
        if not in_time():
            self._hangs(-1)
            return EMPTY  # which is dropped
        return self._sent(asked, answer)

    def _sent(self, asked: _Asked, answer: _Answer) -> HttpAnswer:
        """What is sent, and only that, is seen."""
        try:
            self._see(asked, answer)
        except Exception as error:  # noqa: BLE001 - counting must not end a call
            _report("counts", error)
        return _as_http(asked, answer.body)

    def _see(self, asked: _Asked, answer: _Answer) -> None:
        see, taken, route = (answer.counts or asked.counts).see, answer.taken, asked.address.route
        if see is unseen or not (answer.seen or route in ("emergency", "status")):
            return
        report = asked.provider.report(asked.webhook, route)
        if report.of_contact or (report.ended and "emergency" in answer.seen):  # that, nobody hears
            return
        at = taken.now if taken else self._clock()
        for what in answer.seen or _told(route, report):
            see(CallSeen(report.call_id, report.token, what, at, taken.started if taken else None, taken))

    def _hangs(self, more: int) -> None:
        with self._counting:
            self.hung += more

    def _answer(self, asked: _Asked) -> _Answer:
        try:
            return self._work(asked)
        except BaseException as error:  # noqa: BLE001 - whatever breaks, or wants to end the process, in a step
            _report(asked.address.route, error)
        return _emergency(asked)

    def _work(self, asked: _Asked) -> _Answer:
        match asked.address.route:
            case "start" | "node":
                return self._step(asked)
            case "whisper":
                wanted = asked.provider.read_whisper(asked.webhook)
                body = asked.provider.write_whisper(wanted, whisper(asked.content, wanted.language, wanted.matter))
                return _Answer(body, ("accepted",) if wanted.accepted else ())
            case "emergency":
                return _Answer(asked.provider.emergency(asked.webhook, "emergency"))
            case "status":
                return _Answer(b"")

    def _step(self, asked: _Asked) -> _Answer:
        began = time.perf_counter()
        content, provider, webhook, address, counts, _ = asked
        call = provider.read(webhook, address.node)
        age = int(self._age())
        started = age if call.started is None else call.started + call.talked
        if age - started > OLDEST_ADDRESS:
            counts.metrics.happened(OLD)
            return _Answer(provider.emergency(webhook, address.route, public_only=True))
        now = self._clock()
        next_step = step(content, call.state, call.event, now)
        body = provider.write(next_step, started)
        took = (time.perf_counter() - began) * 1000
        is_open = content.office.schedules[PHONE].is_open(now)
        node, second = address.node or "", age - started
        taken = StepTaken(call.call_id, node, call.event, next_step, is_open, now, started, second, took)
        if isinstance(next_step.action, Dial):
            counts = self._callers  # no probe comes so far: this is a person who shows its number
        try:
            counts.record(taken)
        except Exception as error:  # noqa: BLE001 - the journal must not end a call
            _report("journal", error)
        if isinstance(call.event, CallStarted) and call.event.caller != "anyone":
            return _Answer(body)
        return _Answer(body, ("step", "accepted") if call.reached else ("step",), taken, counts)

    def _verified(self, provider: Provider, webhook: Webhook, route: Route) -> Sinks | None:
        """Where a genuine request is counted; None for any other, which is a refusal whoever it says is calling."""
        try:
            genuine, names_us = provider.verify(webhook), False
            if not genuine:
                names_us = provider.names_us(webhook)
        except Exception as error:  # noqa: BLE001 - a request that cannot be verified is not genuine
            _report("verify", error)
            genuine = names_us = False
        if not genuine:
            self._callers.metrics.refused(names_us=names_us)
            return None
        counts = self._administrators if _is_of_administrator(provider, webhook, route) else self._callers
        counts.metrics.accepted()
        if webhook.method != "POST":
            counts.metrics.happened(GET)
        return counts


def _is_of_administrator(provider: Provider, webhook: Webhook, route: Route) -> bool:
    try:
        return provider.is_of_administrator(webhook, route)
    except Exception as error:  # noqa: BLE001 - a genuine request is answered, and rather counted than not
        _report("counts", error)
        return False


def _as_http(asked: _Asked, body: bytes) -> HttpAnswer:
    asked.counts.metrics.answered(asked.address.route, time.perf_counter() - asked.began)
    if not body:
        return EMPTY
    headers = [
        ("Content-Type", asked.provider.content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    return HttpAnswer("200 OK", headers, body)


def _emergency(asked: _Asked, *, hung: bool = False) -> _Answer:
    if hung:
        asked.counts.metrics.happened(HUNG)
    asked.counts.metrics.happened(EMERGENCY)
    seen: tuple[Sight, ...] = ("emergency",) if asked.address.route in ("start", "node") else ()
    try:
        return _Answer(asked.provider.emergency(asked.webhook, asked.address.route), seen)
    except Exception as error:  # noqa: BLE001 - also where the form cannot be read
        _report("emergency", error)
        return _Answer(asked.provider.emergency(None, asked.address.route), seen)


def _told(route: Route, report: CallReport) -> tuple[Sight, ...]:
    """What the form of such a route tells of a call.

    That of the emergency document is asked after it has rung somebody, or first where no step could be asked for.
    """
    if route == "status":
        return ("ended",) if report.ended else ()
    if report.rung is None:
        return () if report.ended else ("emergency",)
    return ("accepted",) if report.rung == "answered" else ("missed",)


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


class PlainWebhooks:
    """WSGI middleware that answers a plain webhook, nearly every one, without the cost of Flask.

    All that is in any way unusual is passed on to `views`, which answer the same by the same `Answers`.
    """

    def __init__(self, views: WSGIApplication, answers: Answers) -> None:
        self.views, self._answers = views, answers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a webhook, or pass the request on."""
        path, length = environ["PATH_INFO"], environ.get("CONTENT_LENGTH", "")
        address = address_of(path) if environ["REQUEST_METHOD"] == "POST" and path.isascii() else None
        if address is None or not PLAIN_LENGTH.fullmatch(length) or int(length) > MOST_BYTES:
            return self.views(environ, start_response)
        body = environ["wsgi.input"].read(int(length))
        sent = _sent_path(environ.get("REQUEST_URI") or path)
        webhook = Webhook("POST", sent, environ.get("QUERY_STRING", ""), body, _Headers(environ))
        reply = self._answers.answer(webhook, address, environ.get(DEADLINE, no_deadline))
        start_response(reply.status, reply.headers)
        return [reply.body] if reply.body else []


class _Headers(NamedTuple):
    """The header fields of a request."""

    environ: WSGIEnvironment

    def get(self, name: str, default: str) -> str:
        value: str = self.environ.get(f"HTTP_{name.upper().replace('-', '_')}", default)
        return value


def blueprint(answers: Answers) -> Blueprint:
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
            return Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(METHODS)})
        status, headers, body = answers.answer(_webhook(), address, request.environ.get(DEADLINE, no_deadline))
        response = Response(body, status, headers)
        if not body:
            del response.content_type
        return response

    return voice


def _webhook() -> Webhook:
    """The request as it was sent; Flask refuses a body of more than MAX_CONTENT_LENGTH (413)."""
    query, body = request.query_string.decode("latin-1"), request.get_data(cache=False)
    sent = _sent_path(request.environ.get("REQUEST_URI") or request.path)
    return Webhook(request.method, sent, query, body, request.headers)


def _sent_path(target: str) -> str:
    """The path as it was sent, which is signed: WSGI itself only tells it decoded, servers also as it was."""
    path = target.partition("?")[0]
    return path if path.startswith("/") else ABSOLUTE.sub("", path)


def _report(where: str, error: BaseException) -> None:
    """Log the kind and the places of an error, never its message: it may quote what a caller sent (rule P1)."""
    trace, places = error.__traceback__, list[str]()
    while trace:
        places.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("%s failed: %s at %s", where, type(error).__name__, " > ".join(places))
