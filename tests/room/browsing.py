"""A room that is really served, and what a test does in a browser there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from ivr.connections.connection import Limits
from ivr.records.room import Take
from ivr.room.uploads import MOST_JSON, MOST_SOUND
from tests.limits import PATIENCE, until
from tests.room.conftest import TriedRoom
from tests.room.volunteer import Reading
from tests.serving import served

PHONE: ViewportSize = {"width": 390, "height": 844}
RECORD, STOP = ".record:not(.stop)", ".record.stop"
WAITS = """async () => {
  const open = indexedDB.open("listening-room");
  const database = await new Promise((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = reject;
  });
  if (!database.objectStoreNames.length) { database.close(); indexedDB.deleteDatabase("listening-room"); return []; }
  const all = database.transaction("sounds").objectStore("sounds").getAll();
  const found = await new Promise(resolve => { all.onsuccess = () => resolve(all.result); });
  database.close();
  return found.map(({ about, bytes }) => [about, bytes.byteLength]);
}"""
"""What waits in the browser's database: what it is of, and how many bytes."""
expect.set_options(timeout=1000 * PATIENCE)


@dataclass
class OpenRoom:
    """`address`: where the room is served."""

    tried: TriedRoom
    address: str

    def link(self, name: str, language: str = "so") -> str:
        return f"{self.address}#{self.tried.token(name, language)}"

    @property
    def texts(self) -> dict[str, str]:
        """The sentences of Somali, by id, in the order of the page."""
        return {id_: each.text for id_, each in self.tried.site.now.sentences("so").items()}

    def takes(self) -> dict[str, Take]:
        """What the room has of each sentence."""
        return {take.sentence: take for take in self.tried.room.takes("so") if take.replaced is None}

    def clips(self) -> dict[str, bytes]:
        return {id_: (self.tried.takes / f"{take.file}.wav").read_bytes() for id_, take in self.takes().items()}


@contextmanager
def opened(tried: TriedRoom, port: int = 0) -> Iterator[OpenRoom]:
    """The room, served as `ivr room` serves it."""
    with served(tried.app, Limits(whole=PATIENCE, body=MOST_SOUND + MOST_JSON), port) as address:
        yield OpenRoom(tried, address)


@contextmanager
def phone(chromium: Browser, reading: Reading | None = None, **how: object) -> Iterator[BrowserContext]:
    """A phone of somebody, at which they sit and read."""
    with chromium.new_context(viewport=PHONE, **how) as context:  # type: ignore[arg-type]
        context.set_default_timeout(1000 * PATIENCE)
        if reading:
            reading.sit_down(context)
        yield context


def enter(context: BrowserContext, link: str, *, agrees: bool = True) -> Page:
    """Come by a link, and agree; nobody is counted in."""
    page = context.new_page()
    page.goto(link)
    page.wait_for_selector("#consent, .card, #ended")
    if agrees and page.locator("#consent").count():
        page.check("#adult")
        page.click("#agree")
        page.uncheck("#count-in")
    return page


def turn_to(page: Page, sentence: str, text: str) -> None:
    """Choose a sentence in the list."""
    page.click(".contents:not(#suggestions) > summary")
    page.click(f".entry[data-sentence='{sentence}']")
    expect(page.locator(".card h1")).to_have_text(text)


def told(page: Page, key: str) -> None:
    """Wait until something is told of the sentence that is shown, and hold what it is."""
    page.wait_for_selector(".card .status [data-key]")
    if key != "waiting":
        page.wait_for_selector(".card .status [data-key]:not([data-key=waiting])")
    keys = page.locator(".card .status [data-key]").evaluate_all("all => all.map(each => each.dataset.key)")
    assert keys == [key], (keys, page.inner_text(".card h1"))


def record(page: Page, key: str = "kept") -> None:
    """Record what is shown, and wait for what is told of it."""
    page.click(RECORD)
    page.wait_for_selector(".recorder[data-state=recording]")
    page.wait_for_selector(RECORD)
    told(page, key)


def seen(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page; the policy of the page lets nothing of Playwright's wait in it."""

    def is_so() -> bool:
        page.wait_for_timeout(50)
        return bool(page.evaluate(expression))

    until(is_so, lambda: expression)


def waits(page: Page, there: Callable[[list[list[object]]], bool]) -> list[list[object]]:
    """Wait until what waits in the browser is as it should be."""
    found = list[list[object]]()

    def is_there() -> bool:
        found[:] = page.evaluate(WAITS)
        page.wait_for_timeout(50)
        return there(found)

    until(is_there, lambda: found)
    return found
