"""The page "Going live": what it counts follows from the site, and every sentence of the line is on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import Client

from ivr.commands import main
from ivr.commands.going_live import Latest, rule_facts, setting_states, site_facts
from ivr.core.content import Content
from ivr.core.office import Office
from ivr.core.prompts import SAFETY
from ivr.core.script import closed_set
from ivr.core.utterance import Utterance
from ivr.phone.browser import app as browser_app
from ivr.phone.browser.going_live import (
    CHECK,
    PAGE,
    RULES,
    SETTING_STATES,
    STEPS,
    WAITS,
    LanguageFacts,
    NoFacts,
    RuleFacts,
    SiteFacts,
    going_live,
)
from ivr.phone.browser.said_in_order import OTHER, WHENS, WHISPER, PlaceInCall, Sentence, said_in_order
from ivr.phone.browser.words import INTERFACES, words
from ivr.phone.clip_builder import ClipBuilder
from ivr.proof.registry import rules
from ivr.speech.offer import Reason
from ivr.speech.voices import NO_AUDIO, Audio
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts
from tests.phone.browser.helpers import BROWSER, get
from tests.speech.test_voices import make, record

TOKEN, OURS, INSTRUCTOR = "0123456789abcdef0123456789abcdef", "+358942415555", "+358401234567"
LIVE = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": "https://line.example.fi",
    "IVR_CALLER_ID": OURS,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": INSTRUCTOR,
}


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    """Four languages, of which Somali is spoken by people and by a cloud voice alone."""
    return Prompts.copied_to(tmp_path, *FIRST, "so")


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    audio = Audio(tmp_path / "made", tmp_path / "recorded")
    audio.rendered.mkdir()
    return audio


def facts_of(prompts: Prompts, audio: Audio = NO_AUDIO, env: Mapping[str, str] | None = None) -> SiteFacts:
    return site_facts(prompts.folder, audio, env or {}, TODAY)


def one(facts: SiteFacts, code: str) -> LanguageFacts:
    return next(language for language in facts.languages if language.code == code)


def done(facts: SiteFacts) -> dict[str, bool | None]:
    return {step.name: step.is_done(facts) for step in STEPS}


def no_rules() -> RuleFacts:
    raise NoFacts


def page_of(
    prompts: Prompts, env: Mapping[str, str] | None = None, rules: Callable[[], RuleFacts] = no_rules
) -> Client:
    """The page alone, with the templates and words of the phone."""
    app = Flask(browser_app.__name__)
    app.register_blueprint(going_live(lambda: facts_of(prompts, env=env), rules))
    return Client(app)


class TestLanguages:
    def test_one_that_the_provider_speaks_is_offered(self, prompts: Prompts) -> None:
        facts = facts_of(prompts)
        assert [each.code for each in facts.languages if each.is_offered] == ["fi", "sv", "en"]
        assert facts.counts["offered"] == (3, 4)
        assert not done(facts)["voices"]
        finnish = one(facts, "fi")
        assert finnish.voiced[0] == finnish.voiced[1] > 100

    def test_one_without_a_voice_of_its_own_here_waits_for_an_approval_and_for_people_or_money(
        self, prompts: Prompts
    ) -> None:
        somali = one(facts_of(prompts), "so")
        assert somali.waits == ("approval", "cloud")
        assert somali.voiced[0] == 0 < somali.voiced[1]
        prompts.approve("so")
        assert one(facts_of(prompts), "so").waits == ("cloud",)

    def test_every_other_one_waits_for_an_approval_where_that_is_required(self, tmp_path: Path) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST, "ar")
        assert one(facts_of(prompts), "ar").is_offered
        assert one(facts_of(prompts, env={"IVR_REQUIRE_APPROVAL": "1"}), "ar").waits == ("approval",)

    def test_one_that_a_machine_speaks_waits_until_its_clips_are_made(self, tmp_path: Path, audio: Audio) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST, "uk")
        facts = facts_of(prompts, audio)
        assert one(facts, "uk").waits == ("clips",)
        assert one(facts_of(prompts, audio, {"IVR_SPEECH": "say"}), "uk").waits == ("provider",)
        for said in closed_set(facts.content, TODAY):
            if said.language == "uk":
                make(facts.content, audio, said, "offline")
        made = facts_of(prompts, audio)
        assert one(made, "uk").is_offered
        assert one(made, "uk").voiced == (one(facts, "uk").voiced[1],) * 2
        assert done(made)["voices"]

    def test_every_reason_has_its_place_among_them(self) -> None:
        assert {*WAITS} == {*get_args(Reason)}

    def test_one_that_lacks_a_text_waits_for_it(self, prompts: Prompts) -> None:
        before = one(facts_of(prompts), "so")
        prompts.cut("so.po", "main.wait")
        facts = facts_of(prompts)
        somali = one(facts, "so")
        assert somali.waits == ("texts",)
        assert somali.texts == (before.texts[0] - 1, before.texts[1])
        assert facts.counts["texts"] == (3, 4)


class TestApprovals:
    def test_are_counted(self, prompts: Prompts) -> None:
        before = facts_of(prompts)
        assert before.counts["approved"][0] == 0
        assert before.counts["safety"][0] == before.counts["safety"][1] > 20
        prompts.approve("fi", "safety.danger", "main.wait")
        after = facts_of(prompts)
        assert after.counts["approved"] == (2, before.counts["approved"][1])
        assert after.counts["safety"] == (before.counts["safety"][0] - 1, before.counts["safety"][1])
        assert one(after, "fi").safety == (1, one(before, "fi").safety[1])
        assert one(after, "fi").approved[0] == 2

    def test_the_readers_are_done_once_every_safety_sentence_is_approved(self, prompts: Prompts) -> None:
        for code in (*FIRST, "so"):
            assert not done(facts_of(prompts))["readers"]
            prompts.approve(code)
        assert done(facts_of(prompts))["readers"]


class TestRules:
    def test_are_all_counted_once(self, prompts: Prompts) -> None:
        found = rule_facts(prompts.folder, NO_AUDIO, {}, TODAY)
        counted = (*found.proved, *found.tested, *found.not_yet, *found.broken)
        assert sorted(counted) == sorted(rules())
        assert set(found.tested) == {id_ for id_, rule in rules().items() if rule.by == "test"}
        assert found.not_yet == ("S1", "S2", "S3"), "no clip is made"
        assert found.broken == ()
        assert not found.all_hold
        assert replace(found, not_yet=()).all_hold

    def test_one_that_is_broken_is_told(self, prompts: Prompts) -> None:
        prompts.edit("flow.yaml", "rounds: 3", "rounds: 2")
        found = rule_facts(prompts.folder, NO_AUDIO, {}, TODAY)
        assert found.broken
        assert found.counts["rules_broken"] == (len(found.broken), len(rules()))


class TestSettings:
    def test_are_missing_set_or_wrong_and_the_public_number_is_rung(self, content: Content) -> None:
        office = content.office
        assert set(setting_states({}, office).values()) == {"missing", "public"}
        assert setting_states({}, office)["IVR_CONTACT_ON_CALL"] == "public"
        assert set(setting_states(LIVE, office).values()) == {"set", "public"}
        assert setting_states({**LIVE, "IVR_CONTACT_ON_CALL": "+358400291142"}, office)["IVR_CONTACT_ON_CALL"] == "set"
        wrong = {"IVR_CALLER_ID": "112", "TWILIO_AUTH_TOKEN": "abc", "IVR_CONTACT_SOCIAL_INSTRUCTOR": "0401234567"}
        states = setting_states({**LIVE, **wrong}, office)
        assert {name for name, state in states.items() if state == "wrong"} == wrong.keys()

    def test_that_are_set_do_not_show_that_it_runs(self, prompts: Prompts) -> None:
        assert done(facts_of(prompts))["hosting"] is False
        assert done(facts_of(prompts, env=LIVE))["hosting"] is None

    def test_never_show_a_value(self, prompts: Prompts) -> None:
        for interface in INTERFACES:
            html = get(page_of(prompts, LIVE), f"/going-live?lang={interface}").text
            assert words(interface, PAGE)["state_set"] in html
            for value in LIVE.values():
                assert value not in html
                assert value.removeprefix("+358") not in re.sub(r"\s", "", html)
            assert "0400 291 141" in html


class TestExampleCall:
    def test_its_characters_are_those_of_the_texts(self, prompts: Prompts) -> None:
        before = facts_of(prompts).example
        assert before
        assert before.by_provider == before.characters + before.whispered
        prompts.translate("fi.po", "welcome.machine", "Tämä on vain kone. Se ei kuule sinua.")
        after = facts_of(prompts).example
        assert after
        assert after.characters == before.characters + len("vain ")
        assert after.seconds > before.seconds > 10
        assert after.whispered == before.whispered

    def test_what_is_recorded_is_not_said_by_the_provider(self, tmp_path: Path, audio: Audio) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST)
        before = facts_of(prompts)
        said = next(u for u in closed_set(before.content, TODAY) if (u.prompt, u.language) == ("welcome.machine", "fi"))
        record(audio, said)
        after = facts_of(prompts, audio)
        assert before.example
        assert after.example
        assert after.example.by_provider == before.example.by_provider - len(said.text)
        assert after.example.characters == before.example.characters


class TestLatest:
    def test_is_found_anew_only_when_something_has_changed(self, prompts: Prompts, audio: Audio) -> None:
        latest = Latest(site_facts, prompts.folder, audio)
        first = latest({}, TODAY)
        assert latest({}, TODAY) is first
        prompts.translate("fi.po", "main.wait", "Odota tai paina numeroa.")
        second = latest({}, TODAY)
        assert second is not first
        assert latest(LIVE, TODAY).settings != second.settings
        said = next(iter(closed_set(second.content, TODAY)))
        third = latest({}, TODAY)
        make(second.content, audio, said, "offline")
        assert latest({}, TODAY) is not third


class TestSentences:
    @pytest.fixture
    def everything(self, content: Content) -> frozenset[Utterance]:
        return frozenset(said for said in closed_set(content, TODAY) if said.language == "fi" and not said.slow)

    def sentences(self, places: tuple[PlaceInCall, ...]) -> Iterator[Sentence]:
        return (sentence for place in places for sentence in place.sentences)

    @pytest.mark.parametrize("reader", INTERFACES)
    def test_all_that_the_line_can_say_in_finnish_is_there_once(
        self, content: Content, everything: frozenset[Utterance], reader: str
    ) -> None:
        ids = [each.id for each in self.sentences(said_in_order(content, TODAY, reader))]
        assert len(ids) == len(set(ids))
        assert {said.prompt for said in everything if not said.prompt.startswith("digit.")} <= {*ids}

    def test_each_is_shown_in_words_that_are_said(self, content: Content, everything: frozenset[Utterance]) -> None:
        known = {said.text for said in everything}
        for each in self.sentences(said_in_order(content, TODAY, "fi")):
            rare = re.search(r"opens_on|week_2$", each.id) or each.id.startswith("number:")
            assert each.meaning is None or each.said is None
            assert rare or each.said is None or each.said.text in known, each.id
            assert not each.said or "{" not in each.said.text

    def test_the_order_is_that_of_a_call_and_the_whisper_follows_the_first_ringing(self, content: Content) -> None:
        names = [place.name for place in said_in_order(content, TODAY, "en")]
        in_file = [name for name in content.flow.nodes if name in names]
        assert [name for name in names if name not in (WHISPER, OTHER)] == in_file
        assert names[names.index(WHISPER) - 1] == "instructor"
        assert OTHER not in names, "every sentence has its place"

    def test_the_meaning_has_the_same_example(self, content: Content) -> None:
        for reader in ("sv", "en"):
            texts = content.catalogue.texts[reader]
            for each in self.sentences(said_in_order(content, TODAY, reader)):
                assert each.meaning
                assert each.meaning.language in (reader, "en")
                assert texts.get(each.id) is None or each.meaning.language == reader
        by_id = {each.id: each for each in self.sentences(said_in_order(content, TODAY, "en"))}
        child = by_id["main.child"]
        assert child.said
        assert child.meaning
        assert [part.text for part in child.said.parts if part.is_example] == ["kaksi"]
        assert [part.text for part in child.meaning.parts if part.is_example] == ["two"]
        again = by_id["main.again"].said
        assert again
        assert not any(part.is_example for part in again.parts), "this key never changes"

    def test_those_of_other_languages_are_marked(self, content: Content) -> None:
        others = {each.id for each in self.sentences(said_in_order(content, TODAY, "fi")) if each.said is None}
        assert others == {"calling.say_language", "safety.only_these_languages", "safety.languages_of_112"}

    def test_the_number_is_shown_as_it_is_said(self, content: Content) -> None:
        found = next(each for each in self.sentences(said_in_order(content, TODAY, "sv")) if "number:" in each.id)
        assert found.said
        assert found.meaning
        assert found.said.text.startswith("nolla neljä nolla nolla")
        assert found.meaning.text == "0400 291 141"

    def test_a_changed_text_changes_the_page(self, prompts: Prompts) -> None:
        client = page_of(prompts)
        assert "Se on nyt ihan uusi." not in get(client, "/going-live?lang=en").text
        prompts.translate("fi.po", "after_talk.ended", "Se on nyt ihan uusi.")
        assert "Se on nyt ihan uusi." in get(client, "/going-live?lang=en").text

    def test_safety_sentences_are_marked(self, prompts: Prompts) -> None:
        html = get(page_of(prompts), "/going-live?lang=fi").text
        rows = re.findall(r'<tr role="row" data-id="([^"]+)">(.*?)</tr>', html, re.DOTALL)
        assert len(rows) > 100
        assert {id_ for id_, row in rows if 'class="safety"' in row} == {i for i, _ in rows if i.startswith(SAFETY)}


class TestPage:
    def test_a_site_with_errors_is_told(self, prompts: Prompts) -> None:
        prompts.cut("fi.po", "safety.danger")
        with pytest.raises(NoFacts):
            facts_of(prompts)
        client = page_of(prompts)
        answer = get(client, "/going-live?lang=sv")
        assert answer.status_code == 200
        assert "Linjens filer har just nu fel" in answer.text
        assert get(client, "/going-live/rules").get_json() == {}

    @pytest.mark.parametrize("interface", INTERFACES)
    def test_the_rules_are_told_in_the_readers_words(self, prompts: Prompts, interface: str) -> None:
        found = RuleFacts(("K1", "K2"), ("P1",), ("S1", "S2", "S3"), ())
        told = get(page_of(prompts, rules=lambda: found), f"/going-live/rules?lang={interface}").get_json()
        assert told.keys() == {CHECK, *(f"rules_{kind}" for kind in RULES)}
        own = words(interface, PAGE)
        assert told[CHECK] == own["is_open"]
        assert told["rules_not_yet"] == own["count_of"].format(count=3, all=6)

    def test_it_speaks_the_browsers_language_and_else_english(self, prompts: Prompts) -> None:
        client = page_of(prompts)
        for wanted, given in (("sv-FI,sv;q=0.9", "sv"), ("fi", "fi"), ("de", "en")):
            assert f'<html lang="{given}"' in get(client, "/going-live", **{"Accept-Language": wanted}).text
        assert '<html lang="en"' in get(client, "/going-live?lang=xx").text

    def test_no_price_is_filled_in(self, prompts: Prompts) -> None:
        html = get(page_of(prompts), "/going-live?lang=en").text
        prices = re.findall(r'<input id="price-[^>]*?value="([^"]*)"', html)
        assert prices == [""] * 6

    def test_it_names_no_command_that_is_not_there(self) -> None:
        typed = [command for step in STEPS for command in step.commands]
        typed += [
            code for w in INTERFACES for text in words(w, PAGE).values() for code in re.findall("`(ivr [^`]*)`", text)
        ]
        assert len(typed) > 8
        runner = CliRunner()
        for command in typed:
            _, *path = re.findall(r"^ivr|(?<= )[a-z]+(?= |$)", command)
            asked = [word for word in path if word not in ("fi", "so")]
            answer = runner.invoke(main, [*asked, "--help"])
            assert answer.exit_code == 0, command
            for option in re.findall("--[a-z]+", command):
                assert option in answer.output, command

    def test_the_command_serves_it(self, prompts: Prompts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        served = list[Flask]()
        monkeypatch.setattr(browser_app, "serve_page", lambda app, _port, _ready: served.append(app))
        monkeypatch.setattr(ClipBuilder, "start", lambda _builder: None)
        monkeypatch.chdir(tmp_path)
        for name in LIVE:
            monkeypatch.delenv(name, raising=False)
        answer = CliRunner().invoke(main, ["--site", str(prompts.folder), "phone", "--no-open"])
        assert answer.exit_code == 0, answer.output
        html = get(Client(served[0]), "/going-live?lang=en").text
        assert "would today offer 3 of 4 languages: Finnish, Swedish, English." in html
        assert get(Client(served[0]), "/going-live/rules?lang=en").get_json()["rules_broken"].startswith("0 of ")


class TestWords:
    def test_all_interfaces_have_the_same_keys_and_none_is_empty(self) -> None:
        for interface in INTERFACES:
            assert list(words(interface, PAGE)) == list(words("en", PAGE))
            assert [key for key, text in words(interface, PAGE).items() if not text.strip()] == []

    def test_no_text_is_left_untranslated(self) -> None:
        for one_, other in combinations(INTERFACES, 2):
            texts = words(other, PAGE)
            same = [key for key, text in words(one_, PAGE).items() if text == texts[key] and len(text.split()) >= 3]
            assert same == [], (one_, other)

    def test_all_have_the_same_places_to_fill_in(self) -> None:
        def places(interface: str) -> Mapping[str, list[str]]:
            return {key: sorted(re.findall(r"\{\w*\}", text)) for key, text in words(interface, PAGE).items()}

        for interface in INTERFACES:
            assert places(interface) == places("en")

    def test_every_word_is_used_and_every_word_used_is_there(self) -> None:
        template = (BROWSER / "templates" / "going_live.html").read_text(encoding="utf-8")
        code = (BROWSER / "going_live.py").read_text(encoding="utf-8")
        used = {*re.findall(r"\bw\.(\w+)", template), *re.findall(r'\bsay\("(\w+)"', template)}
        used |= {*re.findall(r'(?:own\[|self\()"(\w+)"', code), "is_done", "is_open", "count_of"}
        used |= {"real", "missing", "cost", "sentences"}
        used |= {f"at_{WHISPER}", f"at_{OTHER}", *(f"when_{when}" for when in WHENS)}
        used |= {f"wait_{wait}" for wait in WAITS} | {f"state_{state}" for state in SETTING_STATES}
        used |= {f"step_{step.name}" for step in STEPS} | {f"step_{step.name}_done" for step in STEPS}
        used |= {f"who_{who}" for step in STEPS for who in step.who}
        used |= {f"fact_{key}" for key in ("texts", "offered", "approved", "safety")}
        used |= {f"fact_rules_{kind}" for kind in RULES}
        used |= {f"setting_{name}" for name in ("TWILIO_AUTH_TOKEN", "IVR_PUBLIC_URL", "IVR_CALLER_ID")}
        for loop, prefixes in (
            (("calls", "heard", "hosting", "law"), ("not_real_",)),
            (("numbers", "incoming", "outgoing", "speech", "hosting"), ("line_", "formula_")),
            (("incoming", "outgoing", "rounding", "ringing", "keys", "speech", "else"), ("charged_",)),
        ):
            assert str(loop).replace("'", '"') in template
            used |= {prefix + name for prefix in prefixes for name in loop}
        assert used == set(words("en", PAGE))

    def test_a_node_and_a_contact_without_words_are_named_by_their_ids(self, prompts: Prompts) -> None:
        prompts.write(
            "flow.yaml",
            prompts.read("flow.yaml")
            .replace("after_talk:", "a_new_node:")
            .replace("answered: after_talk", "answered: a_new_node"),
        )
        prompts.edit("office.yaml", "  social_instructor:", "  night_shift: {}\n  social_instructor:")
        html = get(page_of(prompts), "/going-live?lang=fi").text
        assert "A new node" in html
        assert "Night shift" in html


def test_the_office_has_the_contacts_that_have_words(content: Content) -> None:
    office: Office = content.office
    for interface in INTERFACES:
        assert {f"contact_{name}" for name in office.contacts} <= words(interface).keys()
