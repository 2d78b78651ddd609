"""Where the microseconds of a webhook go: `make profile` prints a table for docs/capacity.md.

Each part is the CPU time of this process over many calls of public functions, on the webhooks of the bench; of several
rounds the fastest counts, as whatever else the machine does only adds to it. The whole and the server's share are
measured over HTTP, as the bench does. What no part explains is a row of its own.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, Any, cast

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from werkzeug.datastructures import EnvironHeaders

from ivr.app import line_app
from ivr.connections.answer import AnswerTask
from ivr.connections.deadline import Deadlines
from ivr.connections.workers import Workers
from ivr.content.load import load
from ivr.core.call import StepTaken
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import PHONE
from ivr.core.speak import whisper
from ivr.journal import Journal, open_journal
from ivr.metrics import Metrics
from ivr.serving import Current, Serving
from ivr.settings.read import read_settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from ivr.telephony.port import Webhook
from ivr.telephony.web import EMPTY, STEP_SECONDS, address_of
from tests.bench.load import put_load
from tests.bench.processes import cpu_seconds
from tests.bench.servers import ENVIRONMENT, ROOT, floor, line, running, webhooks
from tests.limits import PATIENCE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

CALLS, ROUNDS = 300, 7
"""Calls of a part in a round, for each webhook; and rounds."""
CALLERS, COUNT = 64, 4_000
BELOW_ZERO = (
    "A part below zero: it is what is left of two measurements, and the machine was busy otherwise. Measure again."
)
Part = Callable[[], object]


def environment_of(request: bytes) -> WSGIEnvironment:
    """What a server makes of a request, before it calls the application."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = {name.upper().replace("-", "_"): value for name, _, value in (field.partition(": ") for field in fields)}
    return {
        **{f"HTTP_{name}": value for name, value in headers.items()},
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers["CONTENT_TYPE"],
        "CONTENT_LENGTH": headers["CONTENT_LENGTH"],
        "SERVER_NAME": "line.example.fi",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }


def webhook_of(request: bytes) -> Webhook:
    """What the entry makes of a request."""
    environ = environment_of(request)
    path, body = environ["PATH_INFO"], environ["wsgi.input"].read()
    return Webhook(environ["REQUEST_METHOD"], path, environ["QUERY_STRING"], body, EnvironHeaders(environ))


class Parts:
    """The parts of a line's webhook, each as calls that can be timed: one for each of the webhooks."""

    def __init__(self, content: Content, folder: Path) -> None:
        settings = read_settings({**ENVIRONMENT, "IVR_STATE": str(folder)}, content.office)
        voices = VoiceSelector(content, NO_AUDIO, date.today(), settings.speech)  # noqa: DTZ011
        self._current = Current(Serving.of(settings, content, voices))
        self._content, self._provider = self._current()
        self._requests = webhooks()
        self._webhooks = [webhook_of(request) for request in self._requests]
        for webhook in self._webhooks:
            if not self._provider.verify(webhook):
                raise RuntimeError("the line refuses a webhook of the bench")
        self._now = datetime.now(UTC)

    def parse(self) -> list[Part]:
        """The server reads a request."""
        adjustments = Adjustments()

        def parse(request: bytes) -> None:
            parser = HTTPRequestParser(adjustments)
            parser.received(request[parser.received(request) :])
            if not parser.completed:
                raise RuntimeError("the server does not read a webhook of the bench")

        return [partial(parse, request) for request in self._requests]

    def hand_over(self) -> list[Part]:
        """The server gives a request to a thread that answers; with the way back."""
        workers, done = Workers(), Semaphore(0)

        class Task:
            service, abandoned = done.release, False

        def there_and_back() -> None:
            workers.add_task(Task)  # type: ignore[arg-type]
            if not done.acquire(timeout=PATIENCE):
                raise RuntimeError("the threads that answer have changed")

        return [there_and_back]

    def time_limit(self) -> list[Part]:
        """The loop is told until when an answer must be there, and that it is."""
        deadlines, answer = Deadlines(), cast("AnswerTask", object())

        def there_in_time() -> None:
            deadlines.begin(answer, STEP_SECONDS, lambda: EMPTY)
            deadlines.end(answer)

        return [there_in_time]

    def form(self) -> list[Part]:
        """Name and value of each field."""

        def read(webhook: Webhook) -> None:
            _ = Webhook(webhook.method, webhook.path, webhook.query, webhook.body, webhook.headers).form

        return [partial(read, webhook) for webhook in self._webhooks]

    def signature(self) -> list[Part]:
        """Whether the provider has signed it, once its form is read."""
        return [partial(self._provider.verify, webhook) for webhook in self._webhooks]

    def read(self) -> list[Part]:
        """State from the address, event from the form."""
        return [
            partial(self._provider.read_whisper, webhook)
            if node is None and route == "whisper"
            else partial(self._provider.read, webhook, node)
            for webhook, route, node in self._routed()
        ]

    def step(self) -> list[Part]:
        """What happens next, and whether the phone is open."""
        found = list[Part]()
        for webhook, route, node in self._routed():
            if route == "whisper":
                asked = self._provider.read_whisper(webhook)
                found.append(partial(whisper, self._content, asked.language, asked.matter))
            else:
                call = self._provider.read(webhook, node)
                found.append(partial(step, self._content, call.state, call.event, self._now))
        return found

    def write(self) -> list[Part]:
        """The answer as the provider wants it; most are kept from an earlier call."""
        found = list[Part]()
        for webhook, route, node in self._routed():
            if route == "whisper":
                asked = self._provider.read_whisper(webhook)
                plays = whisper(self._content, asked.language, asked.matter)
                found.append(partial(self._provider.write_whisper, asked, plays))
            else:
                call = self._provider.read(webhook, node)
                taken = step(self._content, call.state, call.event, self._now)
                found.append(partial(self._provider.write, taken, 1_795_500_000))
        return found

    def metrics(self) -> list[Part]:
        """It is counted, with its time."""
        metrics = Metrics()

        def count() -> None:
            metrics.accepted()
            metrics.answered("node", 0.001)

        return [count]

    def journal(self, journal: Journal) -> list[Part]:
        """A line is queued, and written by another thread."""
        is_open = self._content.office.schedules[PHONE].is_open
        found = list[Part]()
        for webhook, route, node in self._routed():
            if route != "whisper":
                call = self._provider.read(webhook, node)
                taken = step(self._content, call.state, call.event, self._now)
                values = (
                    call.call_id,
                    node or "",
                    call.event,
                    taken,
                    is_open(self._now),
                    self._now,
                    1_795_500_000,
                    20,
                    0.1,
                )
                found.append(partial(journal.record, StepTaken(*values)))
            else:
                found.append(lambda: None)
        return found

    def application(self, journal: Journal) -> list[Part]:
        """All that the server calls."""
        app = line_app(self._current, lambda: datetime.now(UTC), time.time, journal, Metrics())
        return [partial(_answered, app, request) for request in self._requests]

    def _routed(self) -> list[tuple[Webhook, str, str | None]]:
        addresses = ((webhook, address_of(webhook.path)) for webhook in self._webhooks)
        return [(webhook, address.route, address.node) for webhook, address in addresses if address]


def _answered(app: WSGIApplication, request: bytes) -> None:
    told = list[str]()

    def start_response(status: str, _headers: Any, _exc_info: Any = None) -> Callable[[bytes], object]:
        told.append(status)
        return lambda _data: None

    b"".join(app(environment_of(request), start_response))
    if told != ["200 OK"]:
        raise RuntimeError(f"a webhook was answered with {told}")


def microseconds(parts: Sequence[Part], ended: Callable[[], object] = lambda: None, calls: int = CALLS) -> float:
    """CPU time of a call, of all threads of this process; `ended` is called after the last, and counts."""
    for part in parts:
        part()
    began = time.process_time()
    for _ in range(calls):
        for part in parts:
            part()
    ended()
    return (time.process_time() - began) / (calls * len(parts)) * 1e6


def over_http(folder: Path) -> tuple[float, float]:
    """CPU of a webhook of the line, and of a WSGI callable on the same server that only reads the body."""
    spent: dict[int, list[float]] = {}
    with running(line(folder)) as ours, running(floor("raw")) as raw:
        for run in (ours, raw) * ROUNDS:
            before = cpu_seconds(run.pid)
            put_load(run.address, webhooks(), callers=CALLERS, count=COUNT)
            spent.setdefault(run.pid, []).append((cpu_seconds(run.pid) - before) / COUNT * 1e6)
        return min(spent[ours.pid]), min(spent[raw.pid])


def measured(parts: Parts, folder: Path, rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, float]:
    """Microseconds of each part."""

    def with_journal(make: Callable[[Journal], list[Part]]) -> float:
        journal = open_journal(str(folder / "journal"), folder)
        return microseconds(make(journal), journal.close, calls)

    def of(make: Callable[[], list[Part]]) -> float:
        made = make()
        return min(microseconds(made, calls=calls) for _ in range(rounds))

    found = {
        name: of(make)
        for name, make in {
            "parse": parts.parse,
            "hand over": parts.hand_over,
            "signature": parts.signature,
            "form": parts.form,
            "time limit": parts.time_limit,
            "read": parts.read,
            "step": parts.step,
            "write": parts.write,
            "metrics": parts.metrics,
        }.items()
    }
    found["journal"] = min(with_journal(parts.journal) for _ in range(rounds))
    application = min(with_journal(parts.application) for _ in range(rounds))
    named = ("signature", "form", "read", "step", "write", "metrics", "journal")
    found["entry"] = application - sum(found[name] for name in named)
    return found


def table(found: dict[str, float], whole: float, server: float) -> str:
    """The table, in the order in which a webhook goes through its parts."""
    rows = {
        "server: parse the request": found["parse"],
        "server: hand over to a thread, and back": found["hand over"],
        "server: the rest, mostly the system's receive and send": server - found["parse"] - found["hand over"],
        "entry: from WSGI to our values, and back": found["entry"],
        "form: its fields": found["form"],
        "signature": found["signature"],
        "time limit: kept by the loop": found["time limit"],
        "read: state and event": found["read"],
        "step": found["step"],
        "write: TwiML": found["write"],
        "metrics": found["metrics"],
        "journal: queue and write its line": found["journal"],
    }
    rows["what no part explains: threads that wake each other, caches that are cold"] = whole - sum(rows.values())
    rows["all of it"] = whole
    lines = [f"| {name} | {spent:.1f} | {spent / whole:.0%} |" for name, spent in rows.items()]
    if any(spent < 0 for spent in rows.values()):
        lines += ["", BELOW_ZERO]
    return "\n".join(["| part of a webhook | CPU, µs | share |", "|---|---|---|", *lines])


def main() -> None:
    """Print the table."""
    content = load(ROOT / "prompts", date.today()).content  # noqa: DTZ011
    if not content:
        raise SystemExit("the content is broken: ivr check")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(table(measured(Parts(content, folder), folder), *over_http(folder / "line")))


if __name__ == "__main__":
    main()
