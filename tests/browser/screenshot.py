"""The pictures of the README: `make screenshot`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.browser.conftest import running_phone
from tests.chromium import running_chromium
from tests.limits import PATIENCE

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
DAY = "2026-11-24T10:00"


def main() -> None:
    """A call in Arabic while a social instructor's phone rings, light and wide, dark and narrow; and the flow."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_phone(Path(folder), "ru", "uk", "ar", "fa", "so", "ckb", "sw") as address,
        running_chromium() as browser,
    ):
        for name, theme, width, height in (("phone", "light", 1280, 960), ("phone-dark", "dark", 420, 900)):
            page = browser.new_page(color_scheme=theme, viewport={"width": width, "height": height}, locale="en-GB")  # type: ignore[arg-type]
            page.set_default_timeout(1000 * PATIENCE)
            page.goto(address)
            page.select_option("#preset", "own")
            page.fill("#at", DAY)
            page.select_option("#speed", "16")
            page.click("#call")
            page.locator("#events li", has_text="Arabic").first.wait_for(state="attached")
            page.keyboard.press("6")
            page.locator("#events li[data-language=ar]").nth(4).wait_for(state="attached")
            page.keyboard.press("1")
            page.wait_for_selector("html[data-state=ringing]")
            page.evaluate("window.scrollTo(0, 0)")
            page.screenshot(path=PICTURES / f"{name}.png")
            page.close()
        page = browser.new_page(color_scheme="light", viewport={"width": 3000, "height": 1600}, locale="en-GB")
        page.goto(address)
        page.evaluate("document.body.replaceChildren(document.getElementById('flow'))")
        page.locator("#flow").screenshot(path=PICTURES / "flow.png")


if __name__ == "__main__":
    main()
