"""What the flow, the languages and the office may be written as; each refusal has its remedy."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from ivr.core.flow import Flow, LanguageMenu, Menu, NodeName, OptionKey, SayItem, Target, TextId, fingerprint
from ivr.core.issue import Issue, any_broken
from ivr.core.languages import Language, Languages
from tests.core.test_office import office


def refused(kind: Any, value: object) -> str:
    """What is told of a value that is refused."""
    with pytest.raises(ValidationError) as told:
        TypeAdapter(kind).validate_python(value)
    return told.value.errors()[0]["msg"]


class TestNames:
    @pytest.mark.parametrize(
        ("kind", "good", "bad", "remedy"),
        [
            (NodeName, "a", "", "this is not a name; write small letters, digits and _"),
            (NodeName, "on_call_2", "On", "this is not a name; write small letters, digits and _"),
            (NodeName, "a", "2a", "this is not a name; write small letters, digits and _"),
            (NodeName, "a", "a.b", "this is not a name; write small letters, digits and _"),
            (TextId, "a.b_2", "a-b", "this is no id; write small letters, digits, _ and dots"),
            (OptionKey, "1", "0", "a menu has only the keys 1 to 5; write one of them that is still free in this menu"),
            (OptionKey, "5", "6", "a menu has only the keys 1 to 5; write one of them that is still free in this menu"),
            (
                OptionKey,
                "3",
                "33",
                "a menu has only the keys 1 to 5; write one of them that is still free in this menu",
            ),
        ],
    )
    def test_a_name_has_its_form(self, kind: Any, good: str, bad: str, remedy: str) -> None:
        assert TypeAdapter(kind).validate_python(good) == good
        assert remedy in refused(kind, bad)


class TestSay:
    @pytest.mark.parametrize(
        ("written", "kind", "name"),
        [
            ("nobody_free.sorry", "prompt", "nobody_free.sorry"),
            ({"now": "phone"}, "now", "phone"),
            ({"week": "door"}, "week", "door"),
            ({"number": "on_call"}, "number", "on_call"),
            ({"unless_staff_speak_it": "x.y"}, "unless_staff_speak_it", "x.y"),
            ({"kind": "now", "name": "phone"}, "now", "phone"),
        ],
    )
    def test_each_kind(self, written: object, kind: str, name: str) -> None:
        item = SayItem.model_validate(written)
        assert (item.kind, item.name) == (kind, name)

    @pytest.mark.parametrize(
        "written", [3, {"later": "phone"}, {"now": "phone", "week": "phone"}, {}, ["nobody_free.sorry"]]
    )
    def test_anything_else_is_told_all_that_can_be_written(self, written: object) -> None:
        expected = "the id of a text, or one of unless_staff_speak_it, now, week, number with ':' and a name"
        assert refused(SayItem, written).endswith(f"write {expected}")


class TestNodes:
    MENU = {"kind": "menu", "options": {}, "exhausted": "a", "up": "b"}  # noqa: RUF012

    def test_what_need_not_be_written(self) -> None:
        menu = Menu.model_validate(self.MENU)
        assert (menu.say, menu.reprompt, menu.before_language, menu.closing) == ((), (), (), ())
        assert (menu.tries, menu.noinput, menu.rounds) == (2, None, None)
        assert menu.exhausted == Target(to="a", matter=None)
        languages = LanguageMenu.model_validate(
            {"kind": "language_menu", "choice": "c", "chosen": "d", "exhausted": "e"}
        )
        assert (languages.prefix, languages.more, languages.up) == ("", None, None)

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"tries": 0}, "greater than or equal to 1"),
            ({"tries": 3}, "less than or equal to 2"),
            ({"rounds": 0, "noinput": "c"}, "greater than or equal to 1"),
            ({"rounds": 10, "noinput": "c"}, "less than or equal to 9"),
            ({"rounds": 1}, "a menu with rounds needs 'noinput': where silence leads until the rounds are over"),
            ({"pause": 1}, "not permitted"),
        ],
    )
    def test_what_may_not_be_written(self, changes: dict[str, object], complaint: str) -> None:
        assert complaint in refused(Menu, {**self.MENU, **changes})

    @pytest.mark.parametrize(
        "fits", [{"tries": 1}, {"tries": 2}, {"rounds": 1, "noinput": "c"}, {"rounds": 9, "noinput": "c"}]
    )
    def test_what_just_fits(self, fits: dict[str, object]) -> None:
        Menu.model_validate({**self.MENU, **fits})

    def test_the_last_failed_try_leads_where_silence_does_only_while_there_are_rounds(self) -> None:
        to = {rounds: Menu.model_validate({**self.MENU, "noinput": "c", "rounds": rounds}) for rounds in (None, 2)}
        assert {rounds: menu.after_last_try.to for rounds, menu in to.items()} == {None: "a", 2: "c"}

    @pytest.mark.parametrize("prefix", ["8", "99", "*"])
    def test_a_prefix_is_nine_or_nothing(self, prefix: str) -> None:
        menu = {"kind": "language_menu", "choice": "c", "chosen": "d", "exhausted": "e"}
        assert LanguageMenu.model_validate({**menu, "prefix": "9"}).prefix == "9"
        assert "write 9, or leave it out" in refused(LanguageMenu, {**menu, "prefix": prefix})

    @pytest.mark.parametrize(
        "value", [None, "x", {}, {"nodes": 3}, {"nodes": {"a": 3}}, {"nodes": {"a": {"kind": "page"}}, "page": 3}]
    )
    def test_a_flow_of_any_shape_is_refused_and_no_error_of_ours(self, value: object) -> None:
        refused(Flow, value)


def test_a_fingerprint_changes_with_each_part_and_its_place() -> None:
    known = fingerprint("a", "b")
    assert (len(known), known, int(known, 16) > 0) == (8, fingerprint("a", "b"), True)
    assert len({known, fingerprint("b", "a"), fingerprint("a"), fingerprint("ab"), fingerprint("a", "b", "")}) == 5


FINNISH = {"digit": "1", "name": "suomi", "locale": "fi-FI", "characters_per_second": 14}


def languages(**changes: object) -> dict[str, object]:
    return {"source": "fi", "before_choice": ["fi"], "staff": "fi", "languages": {"fi": FINNISH}, **changes}


BLANK = ("", "~", "null")


class TestBlank:
    @pytest.mark.parametrize("blank", BLANK)
    def test_what_is_left_blank_in_a_flow_is_none_where_it_can_be(self, blank: str) -> None:
        written = {"kind": "menu", "options": blank, "say": blank, "noinput": blank, "rounds": blank}
        menu = Menu.model_validate({**written, "exhausted": "a", "up": "b"})
        assert (menu.options, menu.say, menu.noinput, menu.rounds) == ({}, (), None, None)

    @pytest.mark.parametrize("blank", BLANK)
    def test_what_is_left_blank_in_the_languages_is_none_where_it_can_be(self, blank: str) -> None:
        finnish = Language.model_validate({**FINNISH, "jargon": blank, "voices": blank, "live": blank})
        assert (finnish.jargon, finnish.voices, finnish.live) == ((), {}, None)

    @pytest.mark.parametrize("blank", BLANK)
    def test_what_cannot_be_none_is_missed(self, blank: str) -> None:
        for kind, field in ((Language, "characters_per_second"), (Menu, "tries")):
            with pytest.raises(ValidationError) as told:
                kind.model_validate({**FINNISH, **TestNodes.MENU, field: blank})
            assert field in {fault["loc"][0] for fault in told.value.errors()}

    def test_a_part_that_is_left_blank_lacks_all_that_it_needs(self) -> None:
        with pytest.raises(ValidationError) as told:
            Languages.model_validate(languages(languages={"fi": ""}))
        assert {fault["type"] for fault in told.value.errors()} == {"missing"}


class TestLanguages:
    def test_what_need_not_be_written(self) -> None:
        finnish = Language.model_validate(FINNISH)
        assert (finnish.direction, finnish.alphabet, finnish.jargon, finnish.voices) == ("ltr", "", (), {})
        assert (finnish.provider_voice, finnish.prefix, finnish.key) == (None, "", "1")

    @pytest.mark.parametrize(
        ("digit", "prefix", "key"), [("1", "", "1"), ("8", "", "8"), ("9-1", "9", "1"), ("9-8", "9", "8")]
    )
    def test_a_digit_is_one_key_or_nine_and_a_key(self, digit: str, prefix: str, key: str) -> None:
        language = Language.model_validate({**FINNISH, "digit": digit})
        assert (language.prefix, language.key) == (prefix, key)

    @pytest.mark.parametrize("digit", ["0", "9", "9-9", "9-0", "8-1", "12", "9-12", ""])
    def test_no_other_digit_is_one(self, digit: str) -> None:
        assert "write a key from 1 to 8, or from 9-1 to 9-8" in refused(Language, {**FINNISH, "digit": digit})

    @pytest.mark.parametrize("speed", [5, 25])
    def test_nobody_speaks_so_slowly_or_so_fast(self, speed: int) -> None:
        refused(Language, {**FINNISH, "characters_per_second": speed})
        for near in (5.1, 24.9, "5.1", "24,9"):
            Language.model_validate({**FINNISH, "characters_per_second": near})

    @pytest.mark.parametrize("changes", [{"source": "xx"}, {"staff": "xx"}, {"before_choice": ["fi", "xx"]}])
    def test_a_language_with_a_part_to_play_must_be_there(self, changes: dict[str, object]) -> None:
        assert refused(Languages, languages(**changes)).endswith(
            "'xx' is not among the languages; add it below 'languages:'"
        )

    def test_a_digit_belongs_to_one(self) -> None:
        both = {"fi": FINNISH, "sv": {**FINNISH, "name": "svenska"}}
        assert refused(Languages, languages(languages=both)).endswith("fi and sv both have digit 1; give each its own")

    @pytest.mark.parametrize("changes", [{"before_choice": []}, {"languages": {}}])
    def test_there_is_one_at_least(self, changes: dict[str, object]) -> None:
        refused(Languages, languages(**changes))

    def test_the_offered_ones_of_each_menu_stand_in_the_order_of_their_keys(self) -> None:
        several = {
            code: {**FINNISH, "digit": digit} for code, digit in (("fi", "2"), ("sv", "1"), ("so", "9-1"), ("en", "3"))
        }
        found = Languages.model_validate(languages(languages=several))
        offered = frozenset({"fi", "sv", "so"})
        assert list(found.behind_prefix("", offered).items()) == [("1", "sv"), ("2", "fi")]
        assert found.behind_prefix("9", offered) == {"1": "so"}


class TestOffice:
    def test_what_need_not_be_written(self) -> None:
        found = office()
        assert (found.exceptions, found.languages_by_number) == ((), {})
        assert found.contacts["social_instructor"].model_dump() == {"number": None, "accept": "any_key", "ring": 20}
        assert found.rings == {"on_call": 25, "social_instructor": 20}

    @pytest.mark.parametrize(("ring", "fits"), [(9, False), (10, True), (30, True), (31, False)])
    def test_how_long_a_number_may_ring(self, ring: int, fits: bool) -> None:
        contacts = {"on_call": {"number": "0400 1", "ring": ring}, "social_instructor": {}}
        if fits:
            assert office(contacts=contacts).rings["on_call"] == ring
        else:
            with pytest.raises(ValidationError):
                office(contacts=contacts)

    @pytest.mark.parametrize("name", ["Phone", "walk-in", "2nd", ""])
    def test_a_schedule_has_a_name(self, name: str) -> None:
        with pytest.raises(ValidationError, match="this is not a name; write small letters and _"):
            office(hours={"phone": {}, name: {}})

    @pytest.mark.parametrize("country", ["fi", "FIN", "F", "XX"])
    def test_a_country_is_one_with_holidays(self, country: str) -> None:
        with pytest.raises(
            ValidationError, match=r"write two capital letters, for example FI|no public holidays are known for"
        ):
            office(country=country)


class TestIssues:
    @pytest.mark.parametrize(
        ("line", "told"), [(0, "x.yaml: broken: it is. Mend it."), (7, "x.yaml:7: broken: it is. Mend it.")]
    )
    def test_it_is_told_on_a_line(self, line: int, told: str) -> None:
        assert str(Issue("broken", "x.yaml", (), "it is", "Mend it", line=line)) == told

    def test_what_need_not_be_known(self) -> None:
        issue = Issue("note", "x.yaml", (), "", "")
        assert (issue.language, issue.line) == (None, 0)

    def test_only_what_is_broken_stops_the_line(self) -> None:
        note, incomplete, broken = (Issue(kind, "x", (), "", "") for kind in ("note", "incomplete", "broken"))
        assert not any_broken([note, incomplete])
        assert any_broken([note, broken])
        assert not any_broken([])


def test_a_value_is_never_changed_and_has_no_unknown_fields() -> None:
    target: BaseModel = Target(to="a")
    with pytest.raises(ValidationError, match="frozen"):
        target.to = "b"  # type: ignore[attr-defined]
    assert "not permitted" in refused(Target, {"to": "a", "too": "b"})
