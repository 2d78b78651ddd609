"""An editor accepts or rejects what others would say, and nothing of their own."""

from __future__ import annotations

import pytest

from tests.room.conftest import AMINA, EDNA, TriedRoom, Visitor, told

MACHINE = "welcome.machine"
WISH = "Tani waa mashiin. Kuma maqli karto."


def wish(visitor: Visitor, words: str = WISH, id_: str = MACHINE) -> None:
    said = {"sentence": id_, "words": visitor.sentence(id_)["words"], "said": words}
    assert visitor.post("/suggest", said).status_code == 204


@pytest.fixture
def edna(tried: TriedRoom) -> Visitor:
    return tried.let_in(EDNA)


def test_an_editor_sees_what_others_would_say(tried: TriedRoom, edna: Visitor) -> None:
    amina = tried.let_in(AMINA)
    wish(amina)
    (told,) = edna.state["suggestions"]
    assert (told["sentence"], told["words"], told["own"]) == (MACHINE, WISH, False)
    assert told["text"] == amina.sentence(MACHINE)["text"]
    assert told["meaning"] == amina.sentence(MACHINE)["meaning"]
    assert told["proposed"] == {MACHINE: WISH}
    assert told["texts"] == {MACHINE: {"words": told["text"], "english": "This is a machine. It cannot hear you."}}
    assert AMINA not in edna.get("/state").text
    assert "suggestions" not in amina.state


def test_what_is_accepted_waits_for_the_texts_and_is_asked_no_more(tried: TriedRoom, edna: Visitor) -> None:
    wish(tried.let_in(AMINA))
    id_ = edna.state["suggestions"][0]["id"]
    assert edna.post(f"/suggestions/{id_}/accept", {"changes": {MACHINE: WISH}}).status_code == 204
    assert edna.state["suggestions"] == []
    assert tried.room.accepted("so")[MACHINE].words == WISH
    assert edna.post(f"/suggestions/{id_}/accept", {"changes": {MACHINE: WISH}}).status_code == 409
    assert edna.post(f"/suggestions/{id_}/reject", {}).status_code == 409


def test_words_that_the_line_cannot_say_are_told_with_why(tried: TriedRoom, edna: Visitor) -> None:
    wish(tried.let_in(AMINA))
    id_ = edna.state["suggestions"][0]["id"]
    for changes in ({MACHINE: "Tani waa 5 mashiin."}, {"safety.danger": "Haa."}, {MACHINE: ""}, {}):
        answer = edna.post(f"/suggestions/{id_}/accept", {"changes": changes})
        assert answer.status_code == 422, changes
        assert told(answer)["faults"]
    several: tuple[object, ...] = ([], {MACHINE: 5}, {MACHINE: "x" * 501}, {str(number): "x" for number in range(21)})
    for bad in several:
        assert edna.post(f"/suggestions/{id_}/accept", {"changes": bad}).status_code == 400
    assert [each["id"] for each in edna.state["suggestions"]] == [id_]


def test_what_is_rejected_is_asked_no_more(tried: TriedRoom, edna: Visitor) -> None:
    wish(tried.let_in(AMINA))
    id_ = edna.state["suggestions"][0]["id"]
    assert edna.post(f"/suggestions/{id_}/reject", {}).status_code == 204
    assert edna.state["suggestions"] == []
    assert tried.room.accepted("so") == {}


def test_nobody_accepts_or_rejects_their_own_words(tried: TriedRoom, edna: Visitor) -> None:
    wish(edna)
    (told,) = edna.state["suggestions"]
    assert told["own"]
    for what, body in (("accept", {"changes": {MACHINE: WISH}}), ("reject", {})):
        answer = edna.post(f"/suggestions/{told['id']}/{what}", body)
        assert (answer.status_code, answer.json) == (403, {"why": "own"})
    assert [each.stage for each in tried.room.suggestions("so")] == ["open"]


def test_an_editor_of_another_language_decides_nothing_here(tried: TriedRoom, edna: Visitor) -> None:
    wish(tried.let_in(AMINA))
    id_ = edna.state["suggestions"][0]["id"]
    other = tried.let_in(EDNA, "sv")
    assert other.state["suggestions"] == []
    assert other.post(f"/suggestions/{id_}/accept", {"changes": {MACHINE: WISH}}).status_code == 409
    assert other.post(f"/suggestions/{id_}/reject", {}).status_code == 404
    assert [each.stage for each in tried.room.suggestions("so")] == ["open"]


def test_a_wish_for_a_sentence_that_is_not_said_any_more_is_not_asked(
    changes_site: None, tried: TriedRoom, edna: Visitor
) -> None:
    wish(tried.let_in(AMINA), id_="newcomers.aim")
    tried.prompts.edit("flow.yaml", ", newcomers.aim]", "]")
    tried.site.look()
    assert edna.state["suggestions"] == []
