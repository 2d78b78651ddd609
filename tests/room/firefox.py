"""A real Firefox without a window, driven by a few commands of WebDriver BiDi (w3.org/TR/webdriver-bidi).

Playwright drives a Firefox of its own only; this one is Debian's, as people have it. aiohttp comes with the library of
Twilio.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest

from tests.limits import PATIENCE, until

T = TypeVar("T")

BROWSERS = ("firefox-esr", "firefox")
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://127\.0\.0\.1:\d+)")
PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,  # a microphone that no machine needs to have
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.cubeb.force_mock_context": True,  # without a sound card nothing would drive the Web Audio graph
    # Nothing is asked of another machine.
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.server": "",
    "browser.startup.page": 0,
    "extensions.getAddons.cache.enabled": False,
    "services.settings.server": "data:,",
}


class Tab:
    """The one tab of a running Firefox."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, loop: asyncio.AbstractEventLoop) -> None:
        self._socket, self._loop, self._number = socket, loop, 0
        self._context = ""

    def begin(self) -> None:
        """Ask for a session, and take the tab that is open."""
        self.command("session.new", capabilities={})
        self._context = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do something, and give the result; what the browser refuses fails the test."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}

        async def asked() -> dict[str, Any]:
            await self._socket.send_json(message)
            while True:
                answer: dict[str, Any] = await self._socket.receive_json(timeout=PATIENCE)
                if answer.get("id") == message["id"]:
                    return answer

        answer = _done(self._loop, asked())
        assert answer["type"] == "success", answer
        result: dict[str, Any] = answer["result"]
        return result

    def before_every_page(self, script: str) -> None:
        """Run a function in every page before its own scripts."""
        self.command("script.addPreloadScript", functionDeclaration=script)

    def open(self, address: str) -> None:
        """Go to an address."""
        self.command("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def ask(self, expression: str) -> Any:
        """What an expression is in the page: a text, a number, true or false, or None."""
        done = self.command(
            "script.evaluate",
            expression=expression,
            target={"context": self._context},
            awaitPromise=True,
            userActivation=False,
        )
        assert done["type"] == "success", done
        return done["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Wait until an expression is true, and give what it is."""
        return until(lambda: self.ask(expression), lambda: f"{expression}: {self.ask('document.body.innerText')}")

    def click(self, selector: str) -> None:
        """Press with a mouse what a selector finds, as soon as it is there."""
        self.wait_for(f"!!document.querySelector({selector!r})")
        self.ask(f"void document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        found = self.command(
            "browsingContext.locateNodes", context=self._context, locator={"type": "css", "value": selector}
        )
        at = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        mouse = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": at},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        actions = [{"type": "pointer", "id": "mouse", "actions": mouse}]
        self.command("input.performActions", context=self._context, actions=actions)


@contextmanager
def running_firefox(profile: Path) -> Iterator[Tab]:
    """Firefox with a new profile; where there is none, what needs it fails, and does not pass by."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Firefox is installed; on Debian: apt-get install firefox-esr")
    profile.mkdir(parents=True)
    lines = (f"user_pref({_js(name)}, {_js(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = profile / "told"
    with told.open("w") as said:
        process = subprocess.Popen(
            [path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
            env={**os.environ, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdout=said,
            stderr=said,
        )
    try:

        def address() -> re.Match[str] | None:
            assert process.poll() is None, told.read_text()
            return LISTENING.search(told.read_text())

        listens = until(address, told.read_text)
        assert listens
        with _connected(f"{listens[1]}/session") as tab:
            tab.begin()
            yield tab
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def _connected(address: str) -> Iterator[Tab]:
    """A tab by a loop in a thread of its own: Playwright keeps one that runs in the thread of the tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="bidi")
    thread.start()
    try:
        session = _done(loop, _made(aiohttp.ClientSession))
        try:
            yield Tab(_done(loop, _reached(session, address)), loop)
        finally:
            _done(loop, session.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


def _done(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)


async def _made(make: Callable[[], T]) -> T:
    """A client belongs to the loop in which it is made."""
    return make()


async def _reached(session: aiohttp.ClientSession, address: str) -> aiohttp.ClientWebSocketResponse:
    return await session.ws_connect(address, max_msg_size=1 << 26)


def _js(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
