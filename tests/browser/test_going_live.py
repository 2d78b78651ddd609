"""The page "Going live" in a real Chromium: its sum, on paper, and for everybody. No voices are made for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ivr.commands.going_live import Latest, rule_facts, site_facts
from ivr.commands.site import Site
from ivr.phone.browser.app import create_phone
from ivr.phone.browser.going_live import going_live
from ivr.phone.browser.words import INTERFACES, words
from ivr.phone.clip_builder import ClipBuilder
from ivr.speech.voices import NO_AUDIO
from tests.browser.conftest import AXE, BY_COLOUR, THEMES, axe_options, complaining, opened
from tests.conftest import ROOT, TODAY
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.phone.browser.helpers import Tones, line_of
from tests.serving import served

STATIC = ROOT / "ivr" / "phone" / "browser" / "static"
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\n(.*?)\n\}", re.DOTALL)
COLOURS = re.compile(r"  :root \{\n(?: +--(?:[\w-]+: #[0-9a-f]{6}|shadow: [^;{}]+);\n)+  \}")
A4 = (594.96, 841.92)
"""Points."""
USED = {"calls": "1000", "machine": "2", "share": "80", "talk": "5", "picked-up": "1,5", "mobile-share": "75"}
PRICES = {"number": "3", "incoming": "0.01", "mobile": "0,04", "landline": "0.02", "speech": "0.5", "hosting": "20"}
expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The browser phone with the page, of a site in four languages of which one waits."""
    folder = Prompts.copied_to(tmp_path_factory.mktemp("site"), *FIRST, "so").folder
    content = Site(folder, TODAY, "ivr", NO_AUDIO.recorded).content()
    app = create_phone(line_of(content), ClipBuilder(content, (), folder / "made", Tones))
    facts, rules = Latest(site_facts, folder, NO_AUDIO), Latest(rule_facts, folder, NO_AUDIO)
    app.register_blueprint(going_live(lambda: facts({}, TODAY), lambda: rules({}, TODAY)))
    with served(app) as found:
        yield found


@pytest.fixture
def page(tab: Page, address: str) -> Page:
    """The page in English."""
    return visit(tab, address, "en")


def visit(tab: Page, address: str, interface: str) -> Page:
    page = opened(tab, f"{address}going-live?lang={interface}")
    proved(page)
    return page


def proved(page: Page) -> None:
    """Wait until the rules are proved."""
    expect(page.locator("[data-slow=rules_proved]")).to_have_text(re.compile(r"^\d+ (/|of|av) \d+$"))


def fill(page: Page, without: str = "") -> None:
    for name, value in {**USED, "numbers": "2", **{f"price-{name}": price for name, price in PRICES.items()}}.items():
        if name != without:
            page.fill(f"#{name}", value)


def costs(page: Page) -> dict[str, str]:
    return {
        name: page.locator(f"#line-{name}").inner_text()
        for name in ("numbers", "incoming", "outgoing", "speech", "hosting", "sum")
    }


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interface", INTERFACES)
def test_axe_finds_nothing_and_the_page_is_in_the_language_asked_for(tab: Page, address: str, interface: str) -> None:
    page = visit(tab, address, interface)
    assert page.locator("html").get_attribute("lang") == interface
    expect(page.locator("h1")).to_have_text(words(interface, "going_live")["title"])
    page.evaluate(AXE)
    page.fill("#calls", "many")  # what is told of it is looked at too
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate("options => axe.run(document, options)", axe_options(theme))
            assert [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]] == []


@pytest.mark.parametrize("sheet", ["phone.css", "going_live.css"])
def test_a_theme_changes_colours_alone(sheet: str) -> None:
    """So only the rules of colours are asked again in the dark theme."""
    text = (STATIC / sheet).read_text(encoding="utf-8")
    dark = DARK.findall(text)
    assert len(dark) == text.count("prefers-color-scheme") == 1
    assert COLOURS.fullmatch(dark[0])
    assert not any("color-scheme" in path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))


def test_axe_has_no_other_rule_of_colours(page: Page) -> None:
    page.evaluate(AXE)
    found = page.evaluate("axe.getRules(['cat.color']).map(rule => rule.ruleId)")
    assert set(found) == {*BY_COLOUR, "color-contrast-enhanced"}, "that one asks for more than AA, and is off"


def test_it_is_reached_from_the_phone_and_leads_back(tab: Page, address: str) -> None:
    page = opened(tab, f"{address}?ui=sv")
    page.click("a[href^='/going-live']")
    expect(page.locator("h1")).to_have_text("Ta linjen i bruk")
    proved(page)
    page.get_by_role("link", name="suomi").click()
    expect(page.locator("h1")).to_have_text("Käyttöönotto")
    page.get_by_role("link", name="Kokeile linjaa selaimessa").click()
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    expect(page.locator("#call")).to_be_visible()


def test_nothing_that_the_policy_forbids_is_tried(page: Page, address: str) -> None:
    with complaining(page) as complaints:
        page.goto(f"{address}going-live?lang=en")
        proved(page)
        fill(page)
    assert complaints == []


def test_the_rules_and_the_step_that_waits_for_them_are_told_once_they_are_proved(page: Page) -> None:
    expect(page.locator("[data-slow=rules_broken]")).to_have_text(re.compile("^0 of "))
    expect(page.locator("[data-slow=check]")).to_have_text("not done")


# --- the sum ----------------------------------------------------------------------------------------------------------


def test_the_sum_is_that_of_the_formula(page: Page) -> None:
    characters = int(page.input_value("#characters"))
    assert characters > 300
    fill(page)
    speech = 1000 * -(-characters // 100) * 0.5
    assert costs(page) == {
        "numbers": "6.00",
        "incoming": "60.00",  # 1000 x (2 + 0.8 x 5) x 0.01
        "outgoing": "182.00",  # 1000 x 0.8 x (5 + 1.5) x (0.75 x 0.04 + 0.25 x 0.02)
        "speech": f"{speech:,.2f}",
        "hosting": "20.00",
        "sum": f"{268 + speech:,.2f}",
    }
    expect(page.locator("#sum-state")).to_have_text("")


def test_what_is_missing_is_told_and_is_no_zero(page: Page) -> None:
    assert set(costs(page).values()) == {"–"}
    expect(page.locator("#sum-state")).to_have_text("Fill in the fields above.")
    fill(page, without="price-mobile")
    assert costs(page)["outgoing"] == "–"
    expect(page.locator("#sum-state")).to_have_text("Not all is filled in: this is the sum of 4 of 5 lines.")


def test_what_is_not_used_needs_no_price(page: Page) -> None:
    fill(page, without="price-landline")
    page.fill("#mobile-share", "100")
    page.fill("#characters", "0")
    page.fill("#price-speech", "")
    assert costs(page)["outgoing"] == "208.00"
    assert costs(page)["speech"] == "0.00"
    expect(page.locator("#sum-state")).to_have_text("")


def test_what_is_no_number_is_told_at_its_field(page: Page) -> None:
    fill(page)
    for written in ("x", "-1", "1.000", "12,500", "1e3", "1.2.3", "1 000 €"):
        page.fill("#calls", written)
        expect(page.locator("#calls")).to_have_attribute("aria-invalid", "true")
        fault = page.locator("#calls-fault")
        expect(fault).to_be_visible()
        assert "calls-fault" in (page.locator("#calls").get_attribute("aria-describedby") or "")
        assert costs(page)["incoming"] == "–", written
        page.fill("#calls", "1 000")
        expect(fault).to_be_hidden()
        assert costs(page)["incoming"] == "60.00"


def test_a_share_is_at_most_a_hundred(page: Page) -> None:
    page.fill("#share", "101")
    expect(page.locator("#share-fault")).to_be_visible()
    page.fill("#share", "100")
    expect(page.locator("#share-fault")).to_be_hidden()


def test_what_was_typed_stays_when_the_language_is_changed_and_is_written_its_way(page: Page) -> None:
    fill(page)
    page.fill("#characters", "100")
    page.get_by_role("link", name="suomi").click()
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    expect(page.locator("#line-outgoing")).to_have_text("182,00")
    assert page.input_value("#picked-up") == "1,5"
    assert page.input_value("#characters") == "100"


# --- on paper ---------------------------------------------------------------------------------------------------------


def test_on_paper_there_is_no_navigation_and_what_was_typed_is_there(page: Page) -> None:
    fill(page)
    expect(page.locator("#print")).to_be_visible()
    page.emulate_media(media="print")
    for what in ("nav", "#print", "a"):
        for each in page.locator(what).all():
            assert not each.is_visible(), what
    assert page.locator("#calls").is_visible()
    assert page.input_value("#calls") == "1000"
    assert page.locator("#line-sum").is_visible()
    for table in ("#facts", "#languages", "#settings", "#steps", "#sum", "#said"):
        looks = f"getComputedStyle(document.querySelector('{table} tr')).breakInside"
        assert page.evaluate(looks) == "avoid", "no row is cut in two"
        heads = f"getComputedStyle(document.querySelector('{table} thead')).display"
        assert page.evaluate(heads) == "table-header-group", "the head is repeated on each page"


def test_it_is_printed_on_a4_and_nothing_runs_over_the_edge(page: Page) -> None:
    fill(page)
    printed = page.pdf(prefer_css_page_size=True).decode("latin-1")
    boxes = {tuple(map(float, box)) for box in re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert len(boxes) == 1
    (box,) = boxes
    assert box == pytest.approx(A4, abs=1)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 between its margins, 182 mm
    assert page.evaluate("document.documentElement.scrollWidth") <= 688


def test_the_button_prints(page: Page) -> None:
    page.evaluate("() => { window.print = () => { document.title = 'printed'; }; }")
    page.click("#print")
    expect(page).to_have_title("printed")


# --- for everybody ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interface", INTERFACES)
def test_it_does_not_scroll_sideways(tab: Page, address: str, interface: str) -> None:
    page = opened(tab, f"{address}going-live?lang={interface}")
    for width in (320, 360, 640):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_control_is_reached_by_the_keyboard_and_its_focus_is_seen(page: Page) -> None:
    controls = page.locator("a:visible, button:visible, input:visible")
    reached = set[str]()
    for _ in range(controls.count() + 1):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => { const it = document.activeElement;
              const seen = getComputedStyle(it).outlineStyle !== "none" || it === document.body;
              return {name: it.id || it.textContent.trim(), seen}; }"""
        )
        assert here["seen"], f"the focus of {here['name'][:40]} is not seen"
        reached.add(here["name"])
    assert {*USED, "numbers", "characters", "print", *(f"price-{name}" for name in PRICES)} <= reached


def test_every_control_is_large_enough(page: Page) -> None:
    for each in page.locator("a:visible, button:visible, input:visible").all():
        box = each.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24


def test_marks_are_seen_in_forced_colours(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    for mark, side in ((".safety", "Top"), (".example", "Bottom"), ("#calls", "Bottom")):
        style, width = page.evaluate(
            f"(() => {{ const look = getComputedStyle(document.querySelector('{mark}'));"
            f"return [look.border{side}Style, parseFloat(look.border{side}Width)]; }})()"
        )
        assert style != "none"
        assert width >= 1


def test_the_date_cannot_be_read_in_two_ways(page: Page) -> None:
    expect(page.locator("header .note")).to_contain_text(TODAY.isoformat())
    assert date(2026, 11, 24) == TODAY
