"""A call as a page holds it, and a speech engine that only says tones."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from werkzeug.test import Client, TestResponse

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.phone.browser.shown import SimulatedLine
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.offer import offer_of
from ivr.speech.port import EngineFault, Speech, SynthesisRequest
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.conftest import ROOT, TODAY
from tests.limits import PATIENCE

HERE = "http://127.0.0.1:5080/"
BROWSER = ROOT / "ivr" / "phone" / "browser"
BY_DAY = "2026-11-24T10:00"
TONE = Speech((0.3 * np.sin(np.arange(1600) * 2 * np.pi * 440 / 8000)).astype(np.float32), 8000)
SAID_FIRST = ("safety.opening", "choose_language.", "calling.short")
Message = dict[str, Any]


@dataclass
class Tones:
    """A speech engine that says everything as a short tone; one that is `counted` waits for leave at each."""

    counted: bool = False
    breaks_at: int = 10_000
    name: str = "tones"
    spoken: list[SynthesisRequest] = field(default_factory=list)
    leave: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        for request in requests:
            self.asked.release()
            if self.counted:
                assert self.leave.acquire(timeout=PATIENCE)
            if len(self.spoken) >= self.breaks_at:
                raise EngineFault("the tones are broken")
            self.spoken.append(request)
            yield request, TONE

    def voices(self) -> dict[str, tuple[str, ...]]:
        return {}


def line_of(content: Content, audio: Audio = NO_AUDIO) -> SimulatedLine:
    return SimulatedLine(
        content,
        closed_set(content, TODAY),
        partial(simulated_app, audio=audio),
        lambda: VoiceSelector(content, audio, TODAY, "text").subtitle,
        seconds_by_locale(content.languages),
        lambda: offer_of(content, VoiceSelector(content, audio, TODAY)),
    )


def begun(name: str, before: set[threading.Thread]) -> list[threading.Thread]:
    """The threads of a name that run now and did not before."""
    return [thread for thread in set(threading.enumerate()) - before if thread.name == name]


def get(client: Client, path: str, **headers: str) -> TestResponse:
    return client.get(path, base_url=HERE, headers=headers, buffered=True)


class Page:
    """A call as a page holds it: time passes at once, and keys are pressed when the line waits for one."""

    def __init__(
        self, client: Client, at: str | None = BY_DAY, dials: str | None = None, *, waiting: bool = False
    ) -> None:
        self._client = client
        answer = client.post("/calls", base_url=HERE, json={"at": at, "dials": dials, "waiting": waiting})
        assert answer.status_code == 200
        self.path = f"/calls/{answer.get_json()['call']}"
        self.messages: list[Message] = []

    def asks(self) -> bool:
        """Ask for what has happened; whether the call goes on."""
        answer = get(self._client, f"{self.path}?after={len(self.messages)}").get_json()
        self.messages += answer["messages"]
        return not answer["over"]

    def posts(self, path: str, **body: object) -> int:
        return self._client.post(f"{self.path}/{path}", base_url=HERE, json=body).status_code

    def until(self, kind: str) -> Message:
        """Let time pass until something happens."""
        return self.goes([], {}, until=kind)

    def goes(self, keys: Sequence[str], rings: Mapping[str, str], until: str = "") -> Message:
        """Press keys, let contacts do what they do (the others do not answer), and let time pass."""
        left, seen = list(keys), len(self.messages)
        goes_on = True
        while goes_on:
            goes_on = self.asks()
            for message in self.messages[seen:]:
                if message["kind"] == until:
                    return message
                self._does(message, left, rings)
            seen = len(self.messages)
        assert not until, f"nothing was {until}"
        assert not left, f"nobody asked for {left}"
        return self.messages[-1]

    def _does(self, message: Message, keys: list[str], rings: Mapping[str, str]) -> None:
        if message["kind"] == "rings":
            what = rings.get(message["contact"], "no answer")
            after = message["seconds"] if what == "no answer" else 4.3
            assert self.posts(f"rings/{message['n']}", what=what, after=after) == 204
        if message["kind"] == "moment":
            act = {"what": "passed"}
            if message["moment"] == "waiting" and keys:
                act = {"what": "key", "key": keys.pop(0)}
            assert self.posts(f"moments/{message['n']}", after=1.0, **act) == 204

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.messages if message["kind"] == kind]
