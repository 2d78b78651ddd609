"""New content under a running line: languages stay, twins are spoken meanwhile, and no process is left behind (O4)."""

from __future__ import annotations

import json
import shutil
import signal
from datetime import date, timedelta
from pathlib import Path

import pytest

from ivr.core.prompts import PLAIN
from ivr.live.intervals import Intervals
from tests.faults.faults import children
from tests.faults.ring import Telephone
from tests.faults.served import CLIPPED, CLIPPED_KEY, CLIPPED_LOCALE, Served, make_template, served, there_today
from tests.limits import until

MADE = ("uk", "fa", "sw")
"""Every language that speaks by made clips alone."""


def close_today(line: Served, opens: str) -> date:
    """The office is closed today, and opens tomorrow at a time that no sentence has named so far."""
    today = there_today()
    text = line.prompts.read("office.yaml")
    before, _, rest = text.partition("exceptions:\n")
    after = rest[rest.index("contacts:") :]
    days = "".join(
        f"  - {{date: {today + timedelta(days=ahead)}, hours: {{all: {hours}}}}}\n"
        for ahead, hours in ((0, "closed"), (1, f'"{opens}-20:00"'))
    )
    line.prompts.write("office.yaml", f"{before}exceptions:\n{days}{after}")
    return today


def texts(line: Served, code: str, opens: str) -> tuple[str, str]:
    """What is said of the phone then: the exact sentence, and its twin."""
    utter = line.content().catalogue.utter
    slots = {"phone_day": "tomorrow", "phone_time": f"time_at.{opens.replace(':', '')}"}
    return utter("hours.phone.opens", code, slots).text, utter("hours.phone.opens" + PLAIN, code, {}).text


@pytest.mark.long
def test_a_day_is_closed_while_it_runs(template: Path, tmp_path: Path) -> None:
    """The twin is heard at once, the exact sentence as soon as its clip is made; the language is offered throughout."""
    with served(template, tmp_path / "line") as line:
        line.start()
        telephone, before = Telephone(line), line.swaps()
        close_today(line, "08:30")
        exact, twin = texts(line, CLIPPED, "08:30")
        until(lambda: line.swaps() > before, lambda: str(line.health()))
        assert CLIPPED in line.languages()
        said = telephone.ring(CLIPPED_KEY).said_in(CLIPPED_LOCALE)
        assert twin in said
        assert exact not in said

        def heard() -> bool:
            assert CLIPPED in line.languages()
            return exact in Telephone(line).ring(CLIPPED_KEY).said_in(CLIPPED_LOCALE)

        until(heard, lambda: f"{line.health()}\n{''.join(line.told)}")
        until(lambda: line.alarms() == {}, lambda: str(line.health()))
        assert line.stop() == 0


@pytest.mark.long
def test_eight_languages_stay_when_a_day_is_closed(tmp_path: Path) -> None:
    make_template(tmp_path, "ru", "ar", *MADE, clipped=MADE)
    line = Served(tmp_path)
    try:
        line.start()
        before, offered = line.swaps(), line.languages()
        assert len(offered) == 8
        close_today(line, "08:30")
        exact = {code: texts(line, code, "08:30")[0] for code in MADE}
        until(lambda: line.swaps() > before, lambda: str(line.health()))
        assert line.languages() == offered
        languages = line.content().languages.languages
        for code in MADE:
            keys, locale = languages[code].digit.split("-"), languages[code].locale

            def heard(keys: list[str] = keys, locale: str = locale, code: str = code) -> bool:
                assert line.languages() == offered
                return exact[code] in Telephone(line).ring(*keys).said_in(locale)

            until(heard, lambda: f"{line.health()}\n{''.join(line.told)}")
        assert line.stop() == 0
    finally:
        line.kill()


def test_a_second_start_needs_no_proof_and_a_change_at_the_same_time_is_taken(template: Path, tmp_path: Path) -> None:
    """What is stamped is served at once; what is new is proved beside it, and HUP makes the line look at once."""
    with served(template, tmp_path / "line", IVR_SECONDS_LOOK="3600") as line:
        line.start()
        before = line.swaps()
        close_today(line, "08:30")
        # Two looks are needed: a file that is being written changes between them.

        def taken() -> bool:
            line.signal(signal.SIGHUP)
            return line.swaps() > before

        until(taken, lambda: str(line.health()))
        assert line.stop() == 0


def test_a_second_start_takes_what_was_prepared_and_a_change_is_prepared_anew(template: Path, tmp_path: Path) -> None:
    """Also one of the clips, which are no part of what is proved."""
    with served(template, tmp_path / "line") as line:
        kept, clip = line.state / "start" / "prepared", min(line.rendered.glob("*.wav"))

        def restart(until_it_is_not: int = 0) -> int:
            """What is kept after it: another file, if a content was prepared."""
            line.start()
            assert Telephone(line).ring(CLIPPED_KEY).said_in(CLIPPED_LOCALE)
            until(lambda: kept.stat().st_ino != until_it_is_not)
            assert line.stop() == 0
            return kept.stat().st_ino

        first = restart()
        assert restart() == first
        line.prompts.write("office.yaml", line.prompts.read("office.yaml") + "\n# a remark\n")
        second = restart(until_it_is_not=first)  # the last good content answers until it is proved
        assert restart() == second
        clip.write_bytes(clip.read_bytes())
        assert restart() != second


def test_the_last_good_content_is_what_was_proved(template: Path) -> None:
    kept = template / "var" / "last-good"
    assert {path.name for path in kept.iterdir()} == {
        path.name for path in (template / "prompts").iterdir() if path.suffix in (".yaml", ".po", ".pot")
    }
    assert json.loads((template / "var" / "offered.json").read_text(encoding="utf-8")) == ["en", "fi", "sv", "uk"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_it_ends_while_it_proves(template: Path, tmp_path: Path, how: signal.Signals) -> None:
    with served(template, tmp_path / "line") as line:
        line.start()
        line.prompts.write("office.yaml", line.prompts.read("office.yaml") + "\n# a remark\n")
        (child,) = until(lambda: children(line))
        assert line.process
        line.signal(how)
        line.process.wait()
        until(lambda: not alive(child))


def test_no_process_is_left_when_it_ends_while_it_starts(template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line") as line:
        for stamp in (line.state / "proofs").iterdir():
            stamp.unlink()
        line.launch()
        (child,) = until(lambda: children(line))
        assert line.process
        line.signal(signal.SIGTERM)
        line.process.wait()
        until(lambda: not alive(child))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT])
def test_no_signal_ends_a_line_that_starts(template: Path, tmp_path: Path, number: signal.Signals) -> None:
    with served(template, tmp_path / "line") as line:
        line.launch()
        until(lambda: children(line))
        line.signal(number)
        line.answers()
        assert line.stop() == 0


@pytest.mark.long
def test_a_site_behind_a_link_is_followed_with_its_clips(template: Path, tmp_path: Path) -> None:
    """A deployment that switches a link and deletes what was there before."""
    one, two, state = tmp_path / "one", tmp_path / "two", tmp_path / "state"
    for release in (one, two):
        shutil.copytree(template, release)
    current = tmp_path / "current"
    current.symlink_to(one)
    with served(template, tmp_path / "line", IVR_SITE=str(current / "prompts"), IVR_STATE=str(state)) as line:
        line.start()
        (two / "prompts" / "office.yaml").write_text(
            (two / "prompts" / "office.yaml").read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8"
        )
        before = line.swaps()
        (tmp_path / "next").symlink_to(two)
        (tmp_path / "next").rename(current)
        until(lambda: line.swaps() > before, lambda: str(line.health()))
        shutil.rmtree(one)
        until(lambda: line.alarms() == {}, lambda: str(line.health()))
        assert CLIPPED in line.languages()
        assert Telephone(line).ring(CLIPPED_KEY).said_in(CLIPPED_LOCALE)
        assert line.alarms() == {}


def test_an_answer_waits_for_no_reader_of_the_log(template: Path, tmp_path: Path) -> None:
    """Standard error is a pipe that is full: every step fails, is told, and is answered; TERM ends it."""
    with served(template, tmp_path / "line") as line:
        line.start()
        telephone = Telephone(line)
        line.unread.set()
        line.plant("step-raises")
        for _ in range(60):  # more than the pipe holds
            heard = telephone.ring()
            assert heard.talked
            assert heard.failed == []
        assert "emergency_documents" in line.alarms()
        assert line.stop() == 0


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_the_usual_intervals() -> None:
    """Tests shorten them; this is what a real line has."""
    assert Intervals.read({}) == Intervals(look=2, tell=2, alarm=60, step=2.5, request=5)
