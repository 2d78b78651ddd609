"""What a team leader does about languages: invites, listens, takes into use and off the line, takes voices back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import get_args

import pytest
from werkzeug.test import TestResponse

from ivr.core.content import Content
from ivr.files import NotWritten
from ivr.listening.release import Lack
from ivr.office import language_desk
from ivr.office.words import words
from ivr.records.people import People
from ivr.records.room import KINDS, RoomDeed
from ivr.settings.office import OfficeSettings
from ivr.speech.line_state import read_line_state
from ivr.speech.recorded import ENDING, TAKES
from ivr.speech.recording_script import meanings
from tests.conftest import TODAY
from tests.listening.volunteers import NOW, recorded_once
from tests.office.conftest import ANNA, BEA, PASSWORDS, Browser, Clock, Office
from tests.office.helped import ROOM_URL, Helped, accept_other_words, helped
from tests.office.test_people_pages import link_in
from tests.office.test_security import routes

PAGE = "/languages/so"
ASKED = {"password": PASSWORDS[ANNA]}
FI = words("fi")
MARKUP = "<b onclick=x>'\"&{{7*7}}"


@pytest.fixture
def here(tmp_path: Path, people: People, settings: OfficeSettings, clock: Clock) -> Helped:
    return helped(tmp_path, people, settings, clock)


@pytest.fixture(scope="session")
def recorded_and_heard(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded_once(tmp_path_factory, content)


@pytest.fixture
def ready(recorded_and_heard: Path, tmp_path: Path, people: People, settings: OfficeSettings, clock: Clock) -> Helped:
    """Somali is recorded and heard, and nobody has pressed."""
    shutil.copytree(recorded_and_heard, tmp_path / "recordings")
    return helped(tmp_path, people, settings, clock)


@pytest.fixture
def anna(request: pytest.FixtureRequest) -> Browser:
    """Anna's browser in the office of the test."""
    name = "ready" if "ready" in request.fixturenames else "here"
    found: Helped = request.getfixturevalue(name)
    return found.office.browser_of(ANNA)


def main_of(answer: TestResponse) -> str:
    """What is read on a page, without its frame."""
    page = answer.text
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def seen(browser: Browser, page: str = PAGE) -> str:
    """The form of the press holds what its leader has seen."""
    found = re.search(r'name="seen" value="([^"]+)"', browser.get(page).text)
    return found[1] if found else ""


def press(browser: Browser, **more: str) -> TestResponse:
    return browser.send(PAGE, {"seen": seen(browser), **ASKED, **more}, f"{PAGE}/use")


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_the_list_tells_how_far_each_language_is(ready: Helped, anna: Browser) -> None:
    page = main_of(anna.get("/languages"))
    somali = page[page.index("somali") :]
    assert "soittaja ei voi valita" in somali
    assert "Ääni: ei vielä" in somali
    assert "Äänitetty: 116 / 116 · Toisen kuuntelijan hyväksymiä: 8 / 8 · Avoimia ehdotuksia: 0" in somali
    assert "soittaja voi valita" in page[: page.index("somali")]


def test_a_language_tells_what_is_missing_in_one_list(here: Helped, anna: Browser) -> None:
    assert FI["missing_nothing"] in main_of(anna.get(PAGE))
    here.somali.record(here.somali.script[:90])
    here.somali.hear(only=["safety.opening", "safety.free"], wrong=["safety.free"])
    page = main_of(anna.get(PAGE))
    assert "26 lauseella 116 lauseesta ei ole vielä ääntä." in page
    said = {each.id: each.text for each in here.somali.safety}
    opening, free = said["safety.opening"], said["safety.free"]
    assert f"ovat väärin (1). Pyydä äänittämään ne uudelleen: {free}" in page
    unheard = re.search(r"ei ole kuullut näitä turvallisuuslauseita \((\d)\):", page)
    assert unheard
    assert opening not in page[unheard.end() : page.index(FI["safety_title"])]
    assert 'name="seen"' not in anna.get(PAGE).text, "there is no button while something is missing"


def test_a_leader_sees_what_each_safety_sentence_means_and_what_the_reader_said(ready: Helped, anna: Browser) -> None:
    page = main_of(anna.get(PAGE))
    meant = meanings(ready.somali.content, TODAY, "so")
    for said in ready.somali.safety:
        assert "en" in meant[said.id]
        assert all(each in page for each in (said.text, *meant[said.id].values())), said.id
    assert page.count("Kuuntelijan mukaan se tarkoittaa: Soo wac 112.") == 8
    assert page.count("Äänittäjä: Samira.") == 8
    assert page.count("Ruqiya: oikein") == 8


def test_the_sounds_are_for_leaders_and_kept_by_nobody(ready: Helped, anna: Browser) -> None:
    page = anna.get(PAGE).text
    urls = re.findall(r'<audio[^>]* src="([^"]+)"', page)
    assert len(urls) == 8 + 116
    takes = {take.file: take for take in ready.somali.room.takes("so")}
    answer = anna.get(urls[0])
    file = urls[0].rpartition("/")[2].removesuffix(".wav")
    path = ready.somali.audio.recorded / TAKES / "so" / f"{file}{ENDING}"
    assert (answer.data, takes[file].file) == (path.read_bytes(), file)
    assert (answer.headers["Cache-Control"], answer.mimetype) == ("no-store", "audio/wav")
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"]
    for other in (f"/languages/fi/sound/{file}.wav", f"{PAGE}/sound/{'0' * 32}.wav", f"{PAGE}/sound/{'.' * 32}.wav"):
        assert anna.get(other).status_code == 404
    path.unlink()
    assert anna.get(urls[0]).status_code == 404


def test_whatever_volunteers_write_is_no_markup(here: Helped, anna: Browser) -> None:
    somali = here.somali
    somali.record(by=MARKUP)
    each = somali.safety[0]
    sha256 = next(take.sha256 for take in somali.room.takes("so") if take.sentence == each.id)
    somali.room.hear(somali.reader(f"R{MARKUP}"), each.id, each.text, sha256, MARKUP, None, NOW, approved=True)
    somali.room.suggest(somali.names[MARKUP], each.id, each.text, MARKUP, NOW)
    page = anna.get(PAGE).text
    assert "<b onclick" not in page
    assert unescape(page).count(MARKUP) > 5
    assert "<b onclick" not in anna.get(f"{PAGE}/people/{somali.names[MARKUP]}/voice").text


def test_there_is_no_other_language(anna: Browser) -> None:
    for path in ("", "/use", "/off", "/people", "/texts"):
        answer = (
            anna.post(f"/languages/xx{path}", {}, anna.token("/languages/so")) if path else anna.get("/languages/xx")
        )
        assert answer.status_code == 404


# --- the press --------------------------------------------------------------------------------------------------------


def test_a_press_takes_a_language_into_use_and_another_takes_it_off(ready: Helped, anna: Browser) -> None:
    assert press(anna).status_code == 303
    page = main_of(anna.get(PAGE))
    assert FI["is_in_use"] in page
    assert FI["is_offered"] in page
    assert FI["nothing_new"] in page
    assert "Ääni: ihmisten äänitykset" in page
    assert f"{ANNA} otti kielen käyttöön" in page
    done = anna.send(PAGE, {}, f"{PAGE}/off")
    assert done.status_code == 303
    page = main_of(anna.get(PAGE))
    assert FI["is_taken_off"] in page
    assert f"{ANNA} otti kielen pois linjalta" in page
    assert press(anna).status_code == 303
    assert FI["is_offered"] in main_of(anna.get(PAGE))


@pytest.mark.parametrize("form", [{}, {"password": ""}, {"password": PASSWORDS[BEA]}])
def test_nothing_is_taken_into_use_without_the_password(ready: Helped, anna: Browser, form: dict[str, str]) -> None:
    answer = anna.send(PAGE, {"seen": seen(anna), **form}, f"{PAGE}/use")
    assert (answer.status_code, FI["password_wrong"] in answer.text) == (403, True)
    assert ready.somali.published() == {}


def test_what_has_changed_since_it_was_looked_at_is_looked_at_again(ready: Helped, anna: Browser) -> None:
    before = seen(anna)
    ready.somali.record([said for said in ready.somali.script if said.id == "main.person+1"])
    answer = anna.send(PAGE, {"seen": before, **ASKED}, f"{PAGE}/use")
    assert (answer.status_code, FI["changed_since"] in answer.text) == (409, True)
    assert ready.somali.published() == {}
    assert press(anna).status_code == 303


def test_a_press_names_what_it_alone_finds(ready: Helped, anna: Browser) -> None:
    """Whether callers would wait too long is worked out at the press: no other page has told it."""
    slow = next(said for said in ready.somali.script if said.id == "main.person+1")
    ready.somali.record([slow], seconds=120)
    answer = press(anna)
    assert answer.status_code == 409
    assert f"{FI['missing_slow'].format(count=1)} {slow.text}" in main_of(answer)
    assert ready.somali.published() == {}


def test_a_press_for_what_is_not_ready_tells_so(here: Helped, anna: Browser) -> None:
    here.somali.record()
    key = here.desk.standing("so", None, NOW.date()).key
    answer = anna.send(PAGE, {"seen": key, **ASKED}, f"{PAGE}/use")
    assert (answer.status_code, FI["not_ready"] in answer.text) == (409, True)
    assert here.somali.published() == {}


def test_a_leader_chooses_between_voices(ready: Helped, anna: Browser) -> None:
    somali = ready.somali
    somali.record(somali.safety, "Hodan")
    assert main_of(anna.get(PAGE)).count("Äänittäjä: Hodan.") == 0
    page = f"{PAGE}?voice={somali.names['Hodan']}"
    assert main_of(anna.get(page)).count("Äänittäjä: Hodan.") == 8
    somali.hear()
    assert press(anna, voice=str(somali.names["Hodan"]), seen=seen(anna, page)).status_code == 303
    assert "Hodan (8), Samira (108)" in main_of(anna.get(page))


def test_the_first_languages_have_no_button_and_stay(here: Helped, anna: Browser) -> None:
    assert f"{'/languages/fi'}/off" not in anna.get("/languages/fi").text
    answer = anna.send("/languages/fi", {}, "/languages/fi/off")
    assert (answer.status_code, FI["missing_first"] in answer.text) == (409, True)


def test_a_full_disk_is_told(ready: Helped, anna: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise NotWritten("no room on the disk")

    for step, path, form in (("take_into_use", "/use", ASKED), ("take_off", "/off", {})):
        monkeypatch.setattr(language_desk, step, full)
        answer = anna.send(PAGE, {"seen": seen(anna), **form}, f"{PAGE}{path}")
        assert (answer.status_code, FI["not_written"] in answer.text) == (503, True)


# --- nobody decides on their own work ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/use"),
        ("POST", "/people"),
        ("POST", "/people/{other}"),
        ("GET", "/people/{other}/voice"),
        ("POST", "/people/{other}/voice"),
        ("GET", "/texts"),
        ("POST", "/texts"),
    ],
)
def test_a_leader_who_is_a_volunteer_of_the_language_is_refused(
    ready: Helped, anna: Browser, kind: str, method: str, path: str
) -> None:
    key, other = seen(anna), ready.somali.names["Samira"]
    ready.somali.room.invite("so", ANNA.upper(), kind, "root", NOW)  # type: ignore[arg-type]
    before = ready.somali.published(), ready.somali.room.volunteers(), ready.somali.room.takes("so")
    form = {"seen": key, "name": "Cia", "kind": "reader", "deed": "end", **ASKED}
    where = f"{PAGE}{path.format(other=other)}"
    answer = anna.get(where) if method == "GET" else anna.send(PAGE, form, where)
    assert (answer.status_code, FI["own_work"] in answer.text) == (403, True)
    assert (ready.somali.published(), ready.somali.room.volunteers(), ready.somali.room.takes("so")) == before


def test_even_a_volunteer_may_take_a_language_off_the_line_and_their_own_voice_back(ready: Helped) -> None:
    ready.office.people.set_role(ready.office.id(BEA), "leader", "root", ready.office.clock())
    bea = ready.office.browser_of(BEA)
    form = {"seen": seen(bea), "password": PASSWORDS[BEA]}
    assert bea.send(PAGE, form, f"{PAGE}/use").status_code == 303
    own = ready.somali.speaker(BEA)
    ready.somali.record(ready.somali.script[:3], BEA)
    assert FI["own_work"] in main_of(bea.get(PAGE))
    assert bea.send(PAGE, {}, f"{PAGE}/off").status_code == 303
    assert bea.send(PAGE, form, f"{PAGE}/people/{own}/voice").status_code == 303
    assert all(take.volunteer != own for take in ready.somali.room.takes("so"))


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_is_invited_by_a_link_that_is_shown_once(here: Helped, anna: Browser, kind: str) -> None:
    made = anna.send(PAGE, {"name": " Hodan  Ali", "kind": kind}, f"{PAGE}/people")
    link = link_in(made.text)
    assert re.fullmatch(rf"{ROOM_URL}/#[\w-]{{20,}}", link)
    token = link.partition("#")[2]
    assert here.somali.room.enter(token, "a phone", NOW).visit.volunteer.kind == kind
    page = anna.get(PAGE)
    assert token not in page.text
    assert "Hodan Ali" in main_of(page)
    assert f"{ANNA} kutsui henkilön Hodan Ali" in main_of(page)


@pytest.mark.parametrize(
    ("form", "status", "key"),
    [
        ({"name": "", "kind": "voice"}, 400, "name_unfit"),
        ({"name": "x" * 101, "kind": "voice"}, 400, "name_unfit"),
        ({"name": "samira", "kind": "reader"}, 400, "one_kind_only"),
        ({"name": "Cia", "kind": "king"}, 400, "error_400"),
    ],
)
def test_an_invitation_that_cannot_be_is_told(
    here: Helped, anna: Browser, form: dict[str, str], status: int, key: str
) -> None:
    here.somali.speaker("Samira")
    answer = anna.send(PAGE, form, f"{PAGE}/people")
    assert (answer.status_code, FI[key] in unescape(answer.text)) == (status, True)
    assert len(here.somali.room.volunteers()) == 1


def test_an_invitation_is_renewed_and_ended(here: Helped, anna: Browser) -> None:
    id_ = here.somali.speaker("Samira")
    token = link_in(anna.send(PAGE, {"deed": "renew"}, f"{PAGE}/people/{id_}").text).partition("#")[2]
    here.somali.room.enter(token, "a phone", NOW)
    assert anna.send(PAGE, {"deed": "end"}, f"{PAGE}/people/{id_}").status_code == 303
    assert FI["invitation_is_ended"] in main_of(anna.get(PAGE))
    assert anna.send(PAGE, {"deed": "dance"}, f"{PAGE}/people/{id_}").status_code == 400
    assert anna.send(PAGE, {"deed": "end"}, f"{PAGE}/people/{id_ + 100}").status_code == 404
    assert anna.send("/languages/fi", {"deed": "end"}, f"/languages/fi/people/{id_}").status_code == 404


def test_a_voice_taken_back_names_the_sentences_that_fall_and_leaves_nothing(ready: Helped, anna: Browser) -> None:
    somali, id_ = ready.somali, ready.somali.names["Samira"]
    page = f"{PAGE}/people/{id_}/voice"
    assert FI["voice_falls_nothing"] in main_of(anna.get(page))
    press(anna)
    shown = main_of(anna.get(page))
    assert "Soittajat menettävät nämä äänitykset (116):" in shown
    assert FI["voice_language_goes"] in shown
    assert all(said.text in shown for said in somali.script)
    wrong = anna.send(page, {"password": "?"})
    assert (wrong.status_code, FI["password_wrong"] in wrong.text) == (403, True)
    assert len(somali.room.takes("so")) == 116
    assert anna.send(page, ASKED).status_code == 303
    after = main_of(anna.get(PAGE))
    assert "Soittajat menettivät 116 äänitystä." in after
    assert FI["is_waiting"] in after
    assert "Samira" not in after
    assert list(somali.audio.recorded.rglob("*.wav")) == []
    assert anna.get(page).status_code == 404


def test_what_could_not_be_deleted_is_told(ready: Helped, anna: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise NotWritten("no room on the disk")

    monkeypatch.setattr(language_desk, "take_back", full)
    answer = anna.send(f"{PAGE}/people/{ready.somali.names['Samira']}/voice", ASKED)
    assert (answer.status_code, FI["not_all_deleted"] in answer.text) == (503, True)


# --- suggestions ------------------------------------------------------------------------------------------------------


def test_an_open_suggestion_is_shown_beside_the_words_of_now(here: Helped, anna: Browser) -> None:
    somali = here.somali
    said = somali.script[0]
    somali.room.suggest(somali.speaker("Samira"), said.id, said.text, "Wax kale.", NOW)
    page = main_of(anna.get(PAGE))
    assert f"Nyt: {said.text} Wax kale. Samira," in page
    assert "Avoimia ehdotuksia: 1" in main_of(anna.get("/languages"))
    assert FI["no_suggestions"] not in page


def test_accepted_words_are_shown_as_a_change_and_written(here: Helped, anna: Browser) -> None:
    new = accept_other_words(here)
    assert FI["see_the_change"] in main_of(anna.get(PAGE))
    shown = unescape(anna.get(f"{PAGE}/texts").text)
    assert f'+msgstr "{new}"' in shown
    before = here.prompts.read("so.po")
    assert anna.send(f"{PAGE}/texts", {}).status_code == 303
    written = here.prompts.read("so.po")
    assert (new in before, new in written) == (False, True)
    page = main_of(anna.get(PAGE))
    assert FI["see_the_change"] not in page
    assert f"{ANNA} kirjoitti tekstin (welcome.machine)" in page
    assert FI["texts_nothing"] in main_of(anna.get(f"{PAGE}/texts"))


def test_on_a_site_that_nobody_here_can_write_the_command_is_named(
    here: Helped, anna: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept_other_words(here)
    monkeypatch.setattr("ivr.office.language_desk.os.access", lambda *_: False)
    page = main_of(anna.get(PAGE))
    assert "ivr texts take so" in page
    assert FI["see_the_change"] not in page
    token = anna.token(PAGE)
    assert anna.post(f"{PAGE}/texts", {}, token).status_code == 403


# --- when something is away -------------------------------------------------------------------------------------------


def test_the_pages_work_while_the_rooms_records_cannot_be_opened(here: Helped, anna: Browser) -> None:
    here.fails = True
    for path in ("/languages", PAGE):
        answer = anna.get(path)
        assert (answer.status_code, FI["room_away"] in answer.text) == (200, True)
    assert anna.send("/me", {"name": "Cia", "kind": "voice"}, f"{PAGE}/people").status_code == 503
    here.fails = False
    assert FI["room_away"] not in anna.get(PAGE).text


def test_a_language_goes_off_the_line_also_then(ready: Helped, anna: Browser) -> None:
    assert press(anna).status_code == 303
    ready.desk._room, ready.fails = None, True
    page = anna.get(PAGE)
    assert f"{PAGE}/off" in page.text
    assert anna.send(PAGE, {}, f"{PAGE}/off").status_code == 303
    state = read_line_state(ready.somali.folder)
    assert state
    assert not state.in_use
    assert FI["is_taken_off"] in main_of(anna.get(PAGE))


def test_a_broken_site_is_told(here: Helped, anna: Browser) -> None:
    broken: Callable[[], str] = lambda: main_of(anna.get(PAGE))  # noqa: E731
    here.desk.content(NOW.date())
    line = here.desk._line()
    here.desk._line = lambda: line  # the line goes on with what it had
    here.prompts.write("flow.yaml", "- [")
    assert FI["site_broken"] in broken()
    assert FI["site_broken"] in main_of(anna.get("/languages"))


# --- who may ----------------------------------------------------------------------------------------------------------

ROUTES = {
    ("GET", "/languages"),
    ("GET", "/languages/<code>"),
    ("POST", "/languages/<code>/use"),
    ("POST", "/languages/<code>/off"),
    ("POST", "/languages/<code>/people"),
    ("POST", "/languages/<code>/people/<int:id>"),
    ("GET", "/languages/<code>/people/<int:id>/voice"),
    ("POST", "/languages/<code>/people/<int:id>/voice"),
    ("GET", "/languages/<code>/texts"),
    ("POST", "/languages/<code>/texts"),
    ("GET", "/languages/<code>/sound/<string(length=32):name>.wav"),
}


def path_of(rule: str, here: Helped) -> str:
    take = here.somali.room.takes("so")[0]
    values = {"<code>": "so", "<int:id>": str(take.volunteer), "<string(length=32):name>": take.file}
    for slot, value in values.items():
        rule = rule.replace(slot, value)
    return rule


def test_the_table_has_every_route(here: Helped, office: Office) -> None:
    assert routes(here.office.app) - routes(office.app) == ROUTES


@pytest.mark.parametrize(("method", "rule"), sorted(ROUTES))
def test_only_leaders_may(ready: Helped, method: str, rule: str) -> None:
    path = path_of(rule, ready)
    stranger, bea = ready.office.browser(), ready.office.browser_of(BEA)
    before = ready.somali.published(), ready.somali.room.volunteers(), ready.somali.room.takes("so")
    form = {"seen": "", "password": PASSWORDS[BEA], "name": "Cia", "kind": "voice", "deed": "end"}
    if method == "GET":
        answers = stranger.get(path), bea.get(path)
    else:
        answers = stranger.send("/log-in", form, path), bea.send("/me", form, path)
        leader = ready.office.browser_of(ANNA)
        assert leader.post(path, {**form, **ASKED}).status_code == 400, "without the token of a form"
    assert [answer.status_code for answer in answers] == [303, 403]
    assert answers[0].headers["Location"].startswith("/log-in")
    assert (ready.somali.published(), ready.somali.room.volunteers(), ready.somali.room.takes("so")) == before


def test_only_leaders_see_the_link_in_the_header(here: Helped) -> None:
    assert 'href="/languages"' in here.office.browser_of(ANNA).get("/me").text
    assert 'href="/languages"' not in here.office.browser_of(BEA).get("/me").text


@pytest.mark.parametrize("interface", ["fi", "sv", "en"])
def test_whatever_is_missing_or_done_has_words(interface: str) -> None:
    known = words(interface)
    assert {f"missing_{each}" for each in get_args(Lack)} <= known.keys()
    assert {f"room_did_{each}" for each in get_args(RoomDeed)} <= known.keys()
    assert {f"kind_{each}" for each in KINDS} | {f"kind_what_{each}" for each in KINDS} <= known.keys()
