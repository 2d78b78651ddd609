"""The pages in a real Chromium, on a phone, beside two real processes of the line, by a clock that the test sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ivr.office.words import INTERFACES, words
from ivr.phone.network.events import Said
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from tests.browser.conftest import complaining
from tests.content.conftest import FIRST
from tests.faults.ring import Telephone
from tests.faults.served import INSTRUCTOR, ON_CALL
from tests.http_transport import HttpTransport
from tests.limits import PATIENCE, until
from tests.office.town import LINK, Town, prepare, town
from tests.postgresql import postgresql

AXE = (Path(__file__).parents[1] / "browser" / "axe.min.js").read_text(encoding="utf-8")
PHONE: ViewportSize = {"width": 390, "height": 844}
PASSWORD = "sata tuhatta lumihiutaletta"
UNTIL_NOON = "Puhelinpalvelumme on kiinni. Se aukeaa tänään päivällä kello kaksitoista."
CHOSEN_WRONGLY = "/close/confirm?schedule=phone&until=hours"
FINNISH = "1"
"""The key of Finnish."""
expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in which somebody has spoken the Finnish sentence of a phone that opens at noon."""

    def speak(folder: Path) -> None:
        sound = to_wav((0.2 * np.sin(np.arange(12_000) * 2 * np.pi * 300 / 8000)).astype(np.float32))
        take_in(
            folder / "audio" / "recorded" / "fi", {"hours.phone.opens+today+1200": (RecordedText(UNTIL_NOON), sound)}
        )

    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder, speak, *FIRST, "ar")
    return folder


@pytest.fixture(scope="session")
def towns(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Town]]:
    """A town by the database of its records, started when it is first asked for."""
    found = dict[str, Town]()
    with ExitStack() as running:

        def started(database: str) -> Town:
            if database not in found:
                own = {}
                if database == "postgresql":
                    own["IVR_DATABASE_URL"] = running.enter_context(postgresql()).new_database()
                found[database] = running.enter_context(town(prepared, tmp_path_factory.mktemp(database), **own))
            return found[database]

        yield started


@pytest.fixture
def here(towns: Callable[[str], Town]) -> Town:
    """The town of most tests, at ten past eight."""
    found = towns("sqlite")
    found.set_clock(8, 10)
    return found


@contextmanager
def tab(
    chromium: Browser, town: Town, name: str = "Anna", size: ViewportSize = PHONE, *, loses: bool = False
) -> Iterator[Page]:
    """A browser of its own in which somebody is logged in, who has set a password if they had none.

    `loses`: it loses its connection, of which it complains.
    """
    with chromium.new_context(locale="fi-FI", viewport=size, reduced_motion="reduce") as context:
        context.set_default_timeout(1000 * PATIENCE)
        page = context.new_page()
        if link := town.links.pop(name, None):
            page.goto(link)
            page.fill("#new-password", PASSWORD)
            page.fill("#again", PASSWORD)
            page.keyboard.press("Enter")
            expect(page).to_have_url(re.compile("/log-in"))
        page.goto(f"{town.pages}/log-in")
        page.fill("[name=name]", name)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{town.pages}/")
        with complaining(page) as complaints:
            yield page
            # That something was chosen wrongly is said by a status too, of which the browser tells.
            told = ("status of 422", *(("htmx:", "ERR_FAILED") if loses else ()))
            assert [each for each in complaints if not any(part in each for part in told)] == []


def open_again(page: Page, town: Town) -> None:
    """Withdraw whatever holds, so that the next test finds a line that nobody has closed."""
    page.goto(f"{town.pages}/")
    while (link := page.locator(".cards a[href*='/withdraw/']").first).count():
        link.click()
        page.locator("main button").click()
        expect(page).to_have_url(f"{town.pages}/")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def test_closed_until_noon_on_a_phone(towns: Callable[[str], Town], chromium: Browser, database: str) -> None:
    """What she hears before she confirms is what callers are then played, by both processes; at noon it is over."""
    town = towns(database)
    town.set_clock(8, 10)
    with tab(chromium, town) as page:
        page.get_by_role("button", name=words("fi")["close_phone_today"]).click()
        page.get_by_label("tänään klo 12.00 asti").check()
        page.get_by_label(words("fi")["why_no-staff"]).check()
        page.get_by_role("button", name=words("fi")["next"]).click()
        assert UNTIL_NOON in page.locator("main").inner_text()
        sound = page.locator("audio").first
        sound.evaluate("audio => audio.play()")
        until(lambda: bool(sound.evaluate("audio => audio.ended")))
        assert sound.evaluate("audio => audio.duration") == pytest.approx(1.5)
        played = page.request.get(f"{town.pages}{sound.get_attribute('src')}").body()
        page.get_by_role("button", name=re.compile("^Vahvista")).click()
        expect(page.locator("#state")).to_have_text("Puhelinpalvelu on kiinni. Se aukeaa tänään klo 12.00.")
        town.set_clock(9, 30)  # else open
        for line in town.lines:
            phone = Telephone(line)

            def heard(phone: Telephone = phone) -> str | None:
                said = [each.spoken for each in phone.ring(FINNISH).events if isinstance(each, Said)]
                return next((each.clip for each in said if each.text == UNTIL_NOON), None)

            clip = until(heard)
            assert clip
            assert HttpTransport(line.address).get(clip) == (200, played)
            assert phone.ring(FINNISH, "1").rang[:1] == [ON_CALL]
        town.set_clock(12, 0, 1)
        for line in town.lines:
            until(lambda line=line: Telephone(line).ring(FINNISH, "1").rang[:1] == [INSTRUCTOR])  # type: ignore[misc]
        page.reload()
        expect(page.locator("#state")).to_have_text("Puhelinpalvelu on auki klo 15.00 asti.")
        town.set_clock(8, 10)
        open_again(page, town)


def test_an_open_page_shows_what_somebody_else_has_done(here: Town, chromium: Browser) -> None:
    with tab(chromium, here) as anna, tab(chromium, here, "Bea", loses=True) as bea:
        bea.clock.install()
        bea.goto(f"{here.pages}/")
        anna.goto(f"{here.pages}/close/confirm?schedule=phone&until=today&why=meeting")
        anna.locator("button.big").click()
        expect(anna).to_have_url(f"{here.pages}/")
        bea.locator("#close-other").focus()
        bea.clock.fast_forward(11_000)
        expect(bea.locator("#state")).to_have_text("Puhelinpalvelu on kiinni. Se aukeaa huomenna klo 9.00.")
        expect(bea.locator("#close-other")).to_be_focused()  # who is there by keyboard stays there
        assert "Anna, tänään klo 8.1" in bea.locator("#now").inner_text()
        stale = bea.locator("#stale")
        expect(stale).to_be_hidden()
        bea.route("**/now*", lambda route: route.abort())
        bea.clock.fast_forward(11_000)
        expect(stale).to_have_text(re.compile("vanhaa tietoa"))
        bea.unroute("**/now*")
        bea.clock.fast_forward(11_000)
        expect(stale).to_be_hidden()
        open_again(bea, here)


def test_closing_by_keyboard_alone(here: Town, chromium: Browser) -> None:
    with tab(chromium, here) as page:

        def tab_to(selector: str) -> None:
            for _ in range(60):
                page.keyboard.press("Tab")
                if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                    return
            raise AssertionError(f"no Tab leads to {selector}")

        tab_to("a.skip")
        page.keyboard.press("Enter")
        tab_to("a.big")
        seen = "(({outlineStyle, boxShadow}) => [outlineStyle, boxShadow])(getComputedStyle(document.activeElement))"
        until(lambda: page.evaluate(seen) != ["none", "none"], lambda: "nobody sees where they are")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/close"))
        tab_to("[name=until]")
        assert page.evaluate("document.activeElement.value") == "today"
        page.keyboard.press("ArrowUp")
        tab_to("[name=why]")
        page.keyboard.press("Space")
        tab_to("main button")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/close/confirm"))
        tab_to("main button.big")
        page.keyboard.press("Enter")
        expect(page.locator("#state")).to_have_text("Puhelinpalvelu on kiinni. Se aukeaa tänään klo 12.00.")
        open_again(page, here)


def paths(page: Page, town: Town) -> tuple[str, ...]:
    """Every page of whoever is logged in, with something on it."""
    page.goto(f"{town.pages}/close/confirm?schedule=all&until=12:00&why=no-staff")
    page.locator("button.big").click()
    expect(page).to_have_url(f"{town.pages}/")
    link = page.locator(".cards a[href*='/withdraw/']").first.get_attribute("href")
    assert link
    return (
        "/",
        "/close?schedule=phone&until=days",
        CHOSEN_WRONGLY,
        f"/close/confirm?schedule=all&until=days&first={town.day}&last={town.day}&why=other",
        "/close/confirm?schedule=phone&until=today&why=other&who=mobile+2",
        link,
        "/calendar",
        f"/calendar/{town.day}",
        "/contacts",
        "/contacts/on_call",
        "/me",
        "/people",
        "/people/2",
        "/counts",
    )


def with_language(path: str, interface: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}ui={interface}"


def violations(page: Page, **options: object) -> list[str]:
    """What axe finds."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    return [
        f"{each['id']}: {[node['html'] for node in each['nodes']]}"
        for each in page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})[
            "violations"
        ]
    ]


def test_every_page_is_for_everybody(here: Town, chromium: Browser) -> None:
    """axe in three languages, and its colours in the dark; nothing is cut off at 360 px, nor at 200 %."""
    with tab(chromium, here) as page:
        for path in paths(page, here):
            is_for_everybody(page, here.pages, path, 422 if path == CHOSEN_WRONGLY else 200)
        page.goto(f"{here.pages}/?ui=fi")
        open_again(page, here)


def test_every_page_before_a_log_in_is_for_everybody(here: Town, chromium: Browser) -> None:
    link = LINK.search(here.ivr("staff", "reset", "Bea"))
    assert link
    invitation = link[0].rpartition("/invitation/")[2]
    with chromium.new_context(locale="fi-FI", viewport=PHONE, reduced_motion="reduce") as context:
        page = context.new_page()
        for path, status in {"/log-in": 200, "/forgot": 200, f"/invitation/{invitation}": 200, "/nowhere": 404}.items():
            is_for_everybody(page, here.pages, path, status)


def is_for_everybody(page: Page, pages: str, path: str, status: int = 200) -> None:
    """`pages`: the address where they are served."""
    for interface in INTERFACES:
        answer = page.goto(f"{pages}{with_language(path, interface)}")
        assert answer
        assert answer.status == status
        assert page.locator("html").get_attribute("lang") == interface
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        # The colours are the same in each language, and to look at them takes most of the time.
        coloured = {"color-contrast": {"enabled": interface == "fi"}}
        assert (path, interface, violations(page, rules=coloured)) == (path, interface, [])
        if interface == "fi":
            page.emulate_media(color_scheme="dark")
            assert (path, "dark", violations(page, runOnly=["color-contrast"])) == (path, "dark", [])
            page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 360, "height": 800})
        assert (path, interface, _too_wide(page)) == (path, interface, [])
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.set_viewport_size({"width": 1280, "height": 800})
        assert (path, interface, "200 %", _too_wide(page)) == (path, interface, "200 %", [])
        page.set_viewport_size(PHONE)


def _too_wide(page: Page) -> list[str]:
    """What is wider than the window."""
    return list(
        page.evaluate("""() => document.documentElement.scrollWidth <= innerWidth ? [] :
          [...document.querySelectorAll("main *")].filter(each => each.getBoundingClientRect().right > innerWidth)
            .map(each => each.outerHTML.slice(0, 80))""")
    )
