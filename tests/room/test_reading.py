"""A reader hears safety sentences without any text, says what they mean, and decides on nothing of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.records.faults import RecordsFault
from ivr.room.words import CONSENT_READ, words
from tests.room.conftest import AMINA, BAHAR, RAGE, TriedRoom, Visitor, spoken

DANGER, FREE = "safety.danger", "safety.free"
SAID = "e" * 32


@pytest.fixture
def amina(tried: TriedRoom) -> Visitor:
    """Who has recorded two safety sentences, and one that is none."""
    amina = tried.let_in(AMINA)
    for number, (id_, seconds) in enumerate(((DANGER, 3.5), (FREE, 3.6), ("welcome.machine", 3.0))):
        assert amina.record(id_, spoken(seconds), f"{number:032x}").status_code == 200
    return amina


@pytest.fixture
def rage(tried: TriedRoom, amina: Visitor) -> Visitor:
    return tried.let_in(RAGE)


def test_a_reader_sees_no_text_and_no_name_of_a_sentence(tried: TriedRoom, amina: Visitor, rage: Visitor) -> None:
    state = rage.state
    assert set(state) == {"me", "words", "consent", "to_hear"}
    assert [each["number"] for each in state["to_hear"]] == [1, 2]
    told = rage.get("/state").text
    for sentence in amina.state["sentences"]:
        assert sentence["id"] not in told
        assert sentence["words"] not in told
    for take in tried.room.takes("so"):
        assert take.text not in told
        assert take.file not in told
        assert take.sha256[:32] not in told


def test_what_a_reader_hears_is_what_callers_would_hear(tried: TriedRoom, rage: Visitor) -> None:
    heard = {rage.get("/" + each["url"]).data for each in rage.state["to_hear"]}
    assert heard == {(tried.takes / f"{number:032x}.wav").read_bytes() for number in (0, 1)}


def test_names_and_order_stay_and_are_each_readers_own(tried: TriedRoom, rage: Visitor) -> None:
    names = [each["sound"] for each in rage.state["to_hear"]]
    assert names == [each["sound"] for each in rage.state["to_hear"]]
    other = tried.browser()
    other.enter(tried.room.invite("so", "Rooble", "reader", "Anna", tried.clock()).token)
    assert not {each["sound"] for each in other.state["to_hear"]} & set(names)
    assert other.get(f"/sound/{names[0]}.wav").status_code == 404


def test_a_clip_that_is_another_by_now_is_not_heard(tried: TriedRoom, rage: Visitor) -> None:
    (tried.takes / f"{0:032x}.wav").write_bytes((tried.takes / f"{2:032x}.wav").read_bytes())
    assert sorted(rage.get("/" + each["url"]).status_code for each in rage.state["to_hear"]) == [200, 404]


def test_what_is_heard_is_kept_by_its_clip(tried: TriedRoom, rage: Visitor) -> None:
    first, second = rage.state["to_hear"]
    answer = rage.post("/heard", {"sound": first["sound"], "meaning": "Khatar", "spoken": None, "verdict": "right"})
    assert answer.status_code == 204, answer.text
    told = {"sound": second["sound"], "meaning": " What  is\nthis ", "spoken": None, "verdict": "wrong"}
    assert rage.post("/heard", told).status_code == 204
    now = [(each["meaning"], each["approved"], each["spoken"]) for each in rage.state["to_hear"]]
    assert now == [("Khatar", True, False), ("What is this", False, False)]
    kept = {each.meaning: each for each in tried.room.hearings("so")}
    take = next(each for each in tried.room.takes("so") if each.sha256 == kept["Khatar"].sha256)
    assert (kept["Khatar"].sentence, kept["Khatar"].text, kept["Khatar"].approved) == (take.sentence, take.text, True)


def test_a_clip_that_is_recorded_again_is_to_be_heard_again(tried: TriedRoom, amina: Visitor, rage: Visitor) -> None:
    for each in rage.state["to_hear"]:
        rage.post("/heard", {"sound": each["sound"], "meaning": "Khatar", "spoken": None, "verdict": "right"})
    before = {each["sound"] for each in rage.state["to_hear"]}
    assert amina.record(DANGER, spoken(3.8), "c" * 32).status_code == 200
    after = {each["sound"]: each["approved"] for each in rage.state["to_hear"]}
    (gone,) = before - after.keys()
    assert sorted(map(str, after.values())) == ["None", "True"]
    late = rage.post("/heard", {"sound": gone, "meaning": "Khatar", "spoken": None, "verdict": "right"})
    assert late.status_code == 409


def test_a_meaning_is_said_aloud(tried: TriedRoom, rage: Visitor) -> None:
    sound = rage.state["to_hear"][0]["sound"]
    heard = {"sound": sound, "meaning": None, "spoken": SAID, "verdict": "right"}
    assert rage.post("/heard", heard).status_code == 422, "nothing was said"
    assert rage.put(f"/meanings/{SAID}?sound={sound}", spoken()).status_code == 200
    assert not (tried.takes / f"{SAID}.wav").exists(), "nothing would find it"
    for _ in range(2):  # a phone whose network has gone asks again
        assert rage.post("/heard", heard).status_code == 204
    assert rage.state["to_hear"][0]["spoken"]
    assert (tried.takes / f"{SAID}.wav").read_bytes()[:4] == b"RIFF"
    assert tried.room.voice_files(tried.id(RAGE)) == (SAID,)


def test_what_was_said_before_goes_with_its_row(tried: TriedRoom, rage: Visitor) -> None:
    sound = rage.state["to_hear"][0]["sound"]
    for name in ("d" * 32, SAID):
        rage.put(f"/meanings/{name}?sound={sound}", spoken())
        heard = {"sound": sound, "meaning": None, "spoken": name, "verdict": "right"}
        assert rage.post("/heard", heard).status_code == 204
    assert not (tried.takes / f"{'d' * 32}.wav").exists()
    changed = {"sound": sound, "meaning": None, "spoken": None, "verdict": "wrong"}
    assert rage.post("/heard", changed).status_code == 204, "what they have said aloud holds on"
    assert (rage.state["to_hear"][0]["spoken"], rage.state["to_hear"][0]["approved"]) == (True, False)
    written = {"sound": sound, "meaning": "Khatar", "spoken": None, "verdict": "right"}
    assert rage.post("/heard", written).status_code == 204
    assert not (tried.takes / f"{SAID}.wav").exists()


def test_nobody_says_that_it_is_right_without_saying_what(rage: Visitor) -> None:
    sound = rage.state["to_hear"][0]["sound"]
    for meaning in (None, "", "  ", "x" * 501, "\x00"):
        answer = rage.post("/heard", {"sound": sound, "meaning": meaning, "spoken": None, "verdict": "right"})
        assert (answer.status_code, answer.json) == (422, {"reasons": ["again"]})
    assert rage.post("/heard", {"sound": sound, "meaning": "x", "verdict": "good"}).status_code == 400
    assert (
        rage.post("/heard", {"sound": sound, "meaning": "x", "spoken": "../x", "verdict": "right"}).status_code == 404
    )


def test_a_spoken_meaning_needs_consent_and_a_written_one_does_not(tried: TriedRoom, amina: Visitor) -> None:
    rage = tried.let_in(RAGE, agrees=False)
    read = [own for own, _ in rage.state["consent"]["sentences"]]
    assert read == [words("so")[key] for key in CONSENT_READ if key != "consent_heard"], "no caller hears a reader"
    sound = rage.state["to_hear"][0]["sound"]
    answer = rage.put(f"/meanings/{SAID}?sound={sound}", spoken())
    assert (answer.status_code, answer.json) == (403, {"why": "consent"})
    heard = {"sound": sound, "meaning": "Khatar", "spoken": None, "verdict": "right"}
    assert rage.post("/heard", heard).status_code == 204


def test_a_bad_sound_is_told(rage: Visitor) -> None:
    sound = rage.state["to_hear"][0]["sound"]
    answer = rage.put(f"/meanings/{SAID}?sound={sound}", b"")
    assert (answer.status_code, answer.json) == (422, {"reasons": ["nothing"]})
    assert rage.put(f"/meanings/{SAID}?sound=other", spoken()).status_code == 409


def test_records_that_fail_leave_nothing_said(tried: TriedRoom, rage: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = rage.state["to_hear"][0]["sound"]
    rage.put(f"/meanings/{SAID}?sound={sound}", spoken())

    def fails(*_: object, **__: object) -> None:
        raise RecordsFault("the database is full", "make room")

    monkeypatch.setattr(type(tried.room), "hear", fails)
    heard = {"sound": sound, "meaning": None, "spoken": SAID, "verdict": "right"}
    assert rage.post("/heard", heard).status_code == 503
    assert not (tried.takes / f"{SAID}.wav").exists()
    monkeypatch.undo()
    assert rage.post("/heard", heard).status_code == 204, "it still waits"


def test_what_a_reader_has_said_is_taken_back(tried: TriedRoom, rage: Visitor) -> None:
    sound = rage.state["to_hear"][0]["sound"]
    rage.put(f"/meanings/{SAID}?sound={sound}", spoken())
    rage.post("/heard", {"sound": sound, "meaning": None, "spoken": SAID, "verdict": "right"})
    assert rage.post("/withdraw", {"sure": True}).status_code == 204
    assert not (tried.takes / f"{SAID}.wav").exists()
    assert (tried.takes / f"{0:032x}.wav").exists()


def test_two_voices_are_both_heard_once_whole(tried: TriedRoom, rage: Visitor) -> None:
    """A second voice that has recorded too little is not heard beside the first."""
    before = len(rage.state["to_hear"])
    tried.let_in(BAHAR).record(DANGER, spoken(3.9), "f" * 32)
    assert len(rage.state["to_hear"]) == before


def test_a_file_that_is_gone_is_told_as_gone(tried: TriedRoom, rage: Visitor) -> None:
    for path in tried.takes.glob("*.wav"):
        Path(path).unlink()
    for each in rage.state["to_hear"]:
        assert rage.get("/" + each["url"]).status_code == 404
