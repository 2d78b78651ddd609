"""A sentence is recorded in Debian's Firefox: its own worklet, database and way of asking for a microphone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.room.browsing import RECORD, opened
from tests.room.conftest import AMINA, TriedRoom
from tests.room.firefox import running_firefox
from tests.room.volunteer import AT_THE_PAGE, RATE, is_what_was_said, pcm, voice_of

FREE = "safety.free"
ASKS_THE_BROWSER = """() => {
  const opens = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.settings = async () => (await opens({ audio: window.wanted.audio })).getAudioTracks()[0].getSettings();
}"""
TOLD = "document.querySelector('.card .status [data-key]:not([data-key=waiting])')?.dataset.key"


def test_somebody_records_a_sentence_in_firefox(tried: TriedRoom, tmp_path: Path) -> None:
    with opened(tried) as room, running_firefox(tmp_path / "profile") as tab:
        text = room.texts[FREE]
        said = json.dumps({"pcm": pcm(voice_of(FREE, len(text))), "rate": RATE, "stops": True})
        tab.before_every_page(ASKS_THE_BROWSER)
        tab.before_every_page(f"() => {{ window.soundOf = async () => ({said}); ({AT_THE_PAGE})(); }}")
        tab.open(room.link(AMINA))
        tab.click("#adult")
        tab.click("#agree")
        tab.click("#count-in")
        tab.wait_for(
            f"document.querySelector('.card')?.dataset.sentence !== undefined && location.href === '{room.address}'"
        )
        tab.click(".contents > summary")
        tab.click(f'.entry[data-sentence="{FREE}"]')
        tab.click(RECORD)
        assert tab.wait_for(TOLD) == "kept"
        is_what_was_said(room.clips(), room.texts)
        kept_on = (
            "window.settings().then(found => [...Object.keys(window.wanted.audio)].filter(name => found[name]).join())"
        )
        assert tab.ask(kept_on) == ""  # what the page turns off is off in a microphone of the browser's own
        tab.click(".mine .listen")
        tab.wait_for("document.querySelector('.mine .listen').getAttribute('aria-pressed') === 'true'")
        tab.wait_for("document.querySelector('.mine .listen').getAttribute('aria-pressed') === 'false'")
        assert tab.ask("document.querySelectorAll('.card .told').length") == 0
