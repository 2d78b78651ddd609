"""What every test shares: the real content, and a guard that lets no test reach beyond this machine."""

from __future__ import annotations

import fcntl
import gc
import os
import socket
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import coverage
import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache

from ivr.content.load import Loaded, _Loader, load
from ivr.content.po import read_po
from ivr.content.yaml import Model, YamlFile, read_yaml, validate
from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.core.office import Office
from ivr.core.script import closed_set
from ivr.proof.prove import walk_all
from ivr.speech.clips import Rendered
from ivr.speech.espeak import Espeak
from ivr.speech.render import build, jobs
from tests import http_transport as transport
from tests.limits import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 24)
WORKER = "PYTEST_XDIST_WORKER"
"""Is in the environment where several processes share the tests; the temporary folders of these have one parent."""
COVERED = ("core", "telephony", "twilio_rest")
"""The tests whose coverage is counted: of `ivr/core`, then of `ivr/telephony` and what it asks of the REST API."""
WAITING = (
    *("tests/test_", "tests/rehearsal/", "tests/twilio_rest/", "tests/doctor/", "tests/faults/", "tests/browser/"),
    *("tests/records/", "tests/sip/"),
    "tests/room/test_browser_",
    "tests/room/test_firefox",
)
"""The beginnings of the names of tests that mostly wait for processes, or take long."""
MARKED = {"--all-faults": "long", "--index": "index", "--whole-rehearsal": "rehearsal", "--telephones": "sip"}
"""Which option is needed to run the tests of a marker, which take minutes."""
MOST_LEFT = 200_000
"""Objects that tests leave behind before garbage is looked for."""
YOUNG_ONES = 20
"""How often it is looked for among new objects before it is looked for among all, which takes ten times as long."""
SITES_KEPT = 20
"""Loaded sites that are kept for whoever loads the same again: those loaded last, as each takes some megabytes."""

# The same examples at every run, however long one of them takes.
settings.register_profile(
    "ours", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ours")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="Write anew what was heard in the golden calls.")
    parser.addoption("--all-faults", action="store_true", help="Also run what takes minutes (make faults).")
    parser.addoption("--index", action="store_true", help="Also run what fetches packages (make image-steps).")
    parser.addoption("--telephones", action="store_true", help="Also run long calls of telephones (make sip).")
    parser.addoption("--whole-rehearsal", action="store_true", help="Also run all of the rehearsal (make rehearsal).")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless it is asked for; what mostly waits for processes begins.

    So the others have its time, and at the end no worker is left alone with a file that takes half a minute.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(WAITING))
    for option, marker in MARKED.items():
        if not config.getoption(option):
            marked = [item for item in items if item.get_closest_marker(marker)]
            config.hook.pytest_deselected(items=marked)
            items[:] = [item for item in items if item not in set(marked)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """The thousands of collected tests are no garbage: no collection of it need look through them ever again.

    Nor does it look in the middle of a test, where it would find a content or a walk that is in use: that made it a
    fifth of the time of all proofs. See `pytest_runtest_protocol`.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count only the lines that the tests of a covered part reach, and not even theirs if marked `untraced`.

    So a line of `core/` is covered by a test that states what it does; and counting takes twice as long.
    """
    paused = list[coverage.Coverage]()
    while not _is_counted(item) and (counting := coverage.Coverage.current()):
        counting.stop()
        paused.append(counting)
    try:
        return (yield)
    finally:
        for counting in reversed(paused):
            counting.start()
        made, _, since_all = gc.get_count()
        if made > MOST_LEFT:  # most of what a test has made is gone when it ends, without a collection
            gc.collect(2 if since_all > YOUNG_ONES else 1)


def _is_counted(item: pytest.Item) -> bool:
    return item.path.relative_to(ROOT / "tests").parts[0] in COVERED and not item.get_closest_marker("untraced")


@pytest.fixture(scope="session", autouse=True)
def same_bytes_are_read_once() -> Iterator[None]:
    """Tests load the same files of sites thousands of times, which would take half of their time."""
    validated: dict[tuple[int, type], tuple[YamlFile, Any, list[Issue]]] = {}

    def validated_once(file: YamlFile, model: type[Model]) -> tuple[Model | None, list[Issue]]:
        key = (id(file), model)
        _, value, issues = validated.get(key) or validated.setdefault(key, (file, *validate(file, model)))
        return value, list(issues)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ivr.content.load.read_po", _once(read_po))
        patched.setattr("ivr.content.load.read_yaml", _once(read_yaml))
        patched.setattr("ivr.content.load.validate", validated_once)
        patched.setattr(_Loader, "load", _load_once(_Loader.load))
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_are_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests make hundreds of web applications of the same templates, which would take a tenth of their time."""
    with pytest.MonkeyPatch.context() as patched:
        cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patched.setitem(Flask.jinja_options, "bytecode_cache", cache)
        yield


Read = TypeVar("Read")


def _once(read: Callable[[Path, str], tuple[Read, list[Issue]]]) -> Callable[[Path, str], tuple[Read, list[Issue]]]:
    """The same, which keeps for ever what it has read of the bytes of a file."""
    known: dict[tuple[bytes, str], tuple[Read, list[Issue]]] = {}

    def read_once(path: Path, name: str) -> tuple[Read, list[Issue]]:
        if not path.is_file():
            return read(path, name)
        key = (path.read_bytes(), name)
        found, issues = known[key] if key in known else known.setdefault(key, read(path, name))
        return found, list(issues)

    return read_once


def _load_once(read: Callable[[_Loader, date], Loaded]) -> Callable[[_Loader, date], Loaded]:
    """The same, which gives a site whose every byte was loaded lately as it was, with what was put together for it.

    So who breaks the engine under a test breaks it for a `replace` of a content, which has nothing put together.
    """
    known = OrderedDict[object, Loaded]()

    def load_once(loader: _Loader, today: date) -> Loaded:
        paths = sorted(loader._folder.iterdir()) if loader._folder.is_dir() else []
        if not paths or not all(path.is_file() for path in paths):
            return read(loader, today)
        heard = list[Path]()
        with suppress(OSError):  # of a folder that cannot be: its own test says what is told then
            heard = sorted(loader._recordings.glob("*/approved.yaml")) if loader._recordings else []
        key = (today, *((str(path), path.read_bytes()) for path in heard), *((p.name, p.read_bytes()) for p in paths))
        loaded = known.pop(key, None) or read(loader, today)
        known[key] = loaded
        if len(known) > SITES_KEPT:
            known.popitem(last=False)
        return loaded

    return load_once


@pytest.fixture(scope="module")
def walked_once() -> Iterator[None]:
    """Calls are walked once for all tests of a file that are about something else, as long as the content is the same.

    A walk takes half a second. Not for tests that look at the walk, or in which the engine is another.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ivr.proof.prove.walk_all", lru_cache(maxsize=4)(walk_all))
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, for all tests of a process."""
    from tests.chromium import running_chromium  # most processes need none

    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def content() -> Content:
    """The content of prompts/, which must be whole."""
    loaded = load(ROOT / "prompts", TODAY)
    assert loaded.content, "\n".join(map(str, loaded.issues))
    return loaded.content


@pytest.fixture(scope="session")
def usual(content: Content) -> Content:
    """The same of an office that has no closing days but the public holidays."""
    fields = {name: getattr(content.office, name) for name in Office.model_fields}
    return replace(content, office=Office.model_construct(**{**fields, "exceptions": ()}))


@pytest.fixture(scope="session")
def made_clips(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of every clip of every language that the offline voice has, made by the real engine."""

    def render(folder: Path) -> None:
        build(jobs(content, closed_set(content, TODAY), "offline"), Espeak(), folder, lambda _job: None)

    return made_once(tmp_path_factory, "rendered", render)


@pytest.fixture(scope="session")
def rendered(content: Content, made_clips: Path) -> Rendered:
    """These clips, of the content of prompts/."""
    return Rendered(content, made_clips)


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once for all workers, and is not to be changed: whoever is first makes it."""
    shared = tmp_path_factory.getbasetemp().parent if WORKER in os.environ else tmp_path_factory.mktemp("once")
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder := shared / name).exists():
            making = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=shared))
            make(making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """A connection to anywhere but this machine is a mistake of the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient_provider() -> Iterator[None]:
    """The real one gives an answer fifteen seconds; here the line may be one of many on a busy machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "HTTP_TIMEOUT_SECONDS", PATIENCE)
        yield


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
