"""Each row of README's "Where do I change ...?" is tried in a scratch copy, by touching only what the row names."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from datetime import date, timedelta
from pathlib import Path

import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner

from ivr.commands import main
from tests.conftest import ROOT
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.speech.sounds import sentence

TABLE = (ROOT / "README.md").read_text(encoding="utf-8").split("## Where do I change")[1].split("\n## ")[0]
ROWS = {change: touch for change, touch, _ in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", TABLE, re.M)[1:]}
"""What is changed -> what is to be touched."""
MADE = ("audio/rendered/", "var/proved/", "__pycache__/")
"""What commands make by themselves."""
MOST_OPTIONS = 5
OURS = ("IVR_", "TWILIO_")
"""How the names of the settings begin."""


def options_of(site: Prompts) -> list[str]:
    """The lines of the options of the opening hours."""
    menu = re.search(r"^  opening_hours:\n(?:    .*\n)+", site.read("flow.yaml"), re.M)
    assert menu
    return re.findall(r'^      "\d": \{to: \w+.*\}\n', menu[0], re.M)


def make_room(site: Prompts) -> None:
    """If all keys of the opening hours are taken, free the last; what only it needed, a text and a page, goes too."""
    if len(options := options_of(site)) < MOST_OPTIONS:
        return
    site.edit("flow.yaml", options[-1], "")
    to, say = re.search(r"\{to: (\w+)", options[-1]), re.search(r"say: ([\w.]+)", options[-1])
    assert to
    if not re.search(rf"\{{to: {to[1]}\b", site.read("flow.yaml")):
        node = re.search(rf"^  {to[1]}:\n(?:    .*\n)+", site.read("flow.yaml"), re.M)
        assert node
        site.edit("flow.yaml", node[0], "")
    if say and not re.search(rf"\b{re.escape(say[1])}\b", site.read("flow.yaml")):
        for name in ("prompts.pot", "fi.po", "sv.po"):
            site.cut(name, say[1])


class Scratch:
    """A copy of a site with the languages that speak first, and of the program if it is to be changed."""

    def __init__(self, folder: Path, *, program: bool) -> None:
        self.folder, self._program = folder, program
        (folder / "tests" / "calls").mkdir(parents=True)
        if program:
            shutil.copytree(ROOT / "ivr", folder / "ivr")  # compiled, where it is: what is edited is compiled anew
        else:
            (folder / "ivr").symlink_to(ROOT / "ivr")
        self.site = Prompts.copied_to(folder, *FIRST)
        make_room(self.site)
        self._before = self._files()

    def edit(self, name: str, old: str, new: str) -> None:
        self._may_write(name)
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        (self.folder / name).write_text(text.replace(old, new), encoding="utf-8")

    def _may_write(self, name: str) -> None:
        assert self._program or not name.startswith("ivr/"), "the program is no copy"

    def write(self, name: str, text: str) -> None:
        self._may_write(name)
        (self.folder / name).write_text(text, encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        self.write(name, (self.folder / name).read_text(encoding="utf-8") + text)

    def python(self, *arguments: str) -> str:
        """What a program prints in the scratch copy; it must end well."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**clean, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def ivr(self, *arguments: str) -> str:
        """What a command prints. As long as only the site has changed, the program is that of this process."""
        if any(name.startswith("ivr/") for name in self.changed()):
            return self.python("-m", "ivr", *arguments)
        env: dict[str, str | None] = {name: None for name in os.environ if name.startswith(OURS)}
        with chdir(self.folder):
            ran = CliRunner().invoke(main, arguments, env={**env, "COLUMNS": "200"})
        assert ran.exit_code == 0, ran.output + repr(ran.exception)
        return ran.stdout

    def call(self, *arguments: str) -> str:
        return re.sub(r"\s+", " ", self.ivr("call", *arguments))

    def changed(self) -> set[str]:
        now = self._files()
        return {name for name in now.keys() | self._before.keys() if now.get(name) != self._before.get(name)}

    def _files(self) -> dict[str, bytes]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        named = ((path.relative_to(self.folder).as_posix(), path) for path in files)
        return {name: path.read_bytes() for name, path in named if not any(made in name for made in MADE)}


Change = Callable[[Scratch], None]
CHANGES: dict[str, tuple[Change, str]] = {}
"""The row -> what is done, and the pattern of the files that it may touch."""


def row(change: str, touches: str) -> Callable[[Change], Change]:
    def enter(function: Change) -> Change:
        CHANGES[change] = function, touches
        return function

    return enter


# --- what an office changes ---------------------------------------------------------------------------------------


@row(
    "opening hours, a closing day or range; on the day itself: the office's pages or `ivr close phone`",
    r"prompts/office\.yaml",
)
def hours(scratch: Scratch) -> None:
    scratch.edit("prompts/office.yaml", 'phone:   {mon-fri: "09:00-15:00"}', 'phone:   {mon-fri: "10:00-15:00"}')
    late = date.today().replace(day=24, month=11) + timedelta(days=365)  # noqa: DTZ011 - which day it is does not matter
    friday = late + timedelta(days=(4 - late.weekday()) % 7)  # to come, and no holiday is near
    row = f"exceptions:\n  - {{date: {friday}, hours: {{all: closed}}}}"
    scratch.edit("prompts/office.yaml", "exceptions: []", row)
    scratch.ivr("check")
    assert "It opens today at ten in the morning." in scratch.call("--at", "2026-11-24 09:30", "--keys", "3")
    assert "It opens on Monday at ten" in scratch.call("--at", f"{friday} 11:00", "--keys", "3")


@row("the words of a prompt", r"prompts/(prompts\.pot|\w+\.po)")
def words(scratch: Scratch) -> None:
    scratch.site.translate("fi.po", "safety.danger", "Jos olet vaarassa, soita yksi yksi kaksi.")
    assert "Jos olet vaarassa, soita yksi yksi kaksi." in scratch.call("--keys", "1")
    scratch.site.reword("after_talk.ended", "That was your talk.")
    assert "1 stale (after_talk.ended)" in scratch.ivr("texts", "update")
    assert "'after_talk.ended' was translated from another sentence" in scratch.ivr("check")


PRESS = {"en": "press", "fi": "paina", "sv": "tryck"}
OPTION = {"en": "Parking", "fi": "Pysäköinti", "sv": "Parkering"}
PARKING = {"en": "You can park by the door.", "fi": "Voit pysäköidä oven eteen.", "sv": "Du kan parkera vid dörren."}


def add_texts(scratch: Scratch, texts: dict[str, dict[str, str]]) -> None:
    """Give texts to the source and to every language."""
    for id_, by_language in texts.items():
        for name, translation in (("prompts.pot", ""), *((f"{code}.po", by_language[code]) for code in ("fi", "sv"))):
            entry = f'\nmsgctxt "{id_}"\nmsgid "{by_language["en"]}"\nmsgstr "{translation}"\n'
            scratch.append(f"prompts/{name}", entry)


KEYS = {"2": ("two", "två"), "3": ("three", "tre"), "4": ("four", "fyra"), "5": ("five", "fem")}
"""The last key of a menu, in English and in Swedish."""


def add_option(scratch: Scratch, rest: str) -> str:
    """Give the opening hours one more option, and tell its key."""
    options = options_of(scratch.site)
    key = str(len(options) + 1)
    scratch.edit("prompts/flow.yaml", options[-1], f'{options[-1]}      "{key}": {{{rest}}}\n')
    return key


@row("a page of information", r"prompts/(flow\.yaml|prompts\.pot|\w+\.po)")
def page(scratch: Scratch) -> None:
    key = add_option(scratch, "to: tried, say: opening_hours.tried")
    scratch.append("prompts/flow.yaml", "\n  tried:\n    kind: page\n    say: [tried.where]\n    up: opening_hours\n")
    option = {code: f"{name}: {PRESS[code]} {{key}}." for code, name in OPTION.items()}
    add_texts(scratch, {"opening_hours.tried": option, "tried.where": PARKING})
    scratch.ivr("check")
    told = scratch.call("--at", "2026-11-24 10:00", "--keys", f"2,3,{key},wait")
    assert f"sv: Parkering: tryck {KEYS[key][1]}." in told
    assert "sv: Du kan parkera vid dörren." in told
    assert "rings social_instructor" in told


@row("a menu option", r"prompts/(flow\.yaml|prompts\.pot|\w+\.po)")
def option(scratch: Scratch) -> None:
    key = add_option(scratch, "to: health, say: opening_hours.tried")
    names = {"en": "For health, press {key}.", "fi": "Terveys: paina {key}.", "sv": "Hälsa: tryck {key}."}
    add_texts(scratch, {"opening_hours.tried": names})
    scratch.ivr("check")
    assert f"en: For health, press {KEYS[key][0]}." in scratch.call("--keys", f"3,3,{key}")


@row("a language", r"prompts/(languages\.yaml|prompts\.pot|\w+\.po)")
def language(scratch: Scratch) -> None:
    scratch.ivr("texts", "add", "de", "Deutsch", "--english", "German", "--finnish", "saksa")
    # Any words will do that are not English; a quick speaker, since they are long.
    source = scratch.site.read("prompts.pot")
    empty = re.findall(r'msgctxt "([^"]+)"\nmsgid "([^"]*)"\nmsgstr ""', scratch.site.read("de.po"))
    assert len(empty) > 150
    for id_, english in empty:
        assert f'msgctxt "{id_}"' in source
        scratch.site.translate("de.po", id_, re.sub(r"[aeiou](?![^{]*})", lambda vowel: vowel[0] + "\u0308", english))
    text = scratch.site.read("languages.yaml")
    pace, voice = "characters_per_second: 24", "    voices: {provider: {voice: Polly.Vicki-Neural}}\n"
    added = text.partition("  de:\n")[2]
    spoken = added.replace("characters_per_second: 14", pace).replace("press: []", 'press: ["prëss {key}"]')
    scratch.site.write("languages.yaml", text.replace(added, spoken + voice))
    told = json.loads(scratch.ivr("check", "--json"))
    assert told["offered"] == ["de", "en", "fi", "sv"]
    assert "caller presses 4" in scratch.call("--lang", "de", "--keys", "hang up")


@row("a contact whom a transfer rings", r"prompts/(office|flow)\.yaml")
def contact(scratch: Scratch) -> None:
    scratch.edit("prompts/office.yaml", "contacts:\n", "contacts:\n  tried:\n    number: 016 259 111\n")
    key = add_option(scratch, "to: tried")
    scratch.append(
        "prompts/flow.yaml",
        """
  tried:
    kind: transfer
    contact: tried
    say: [unless_staff_speak_it: calling.say_language]
    announce: [instructor.calling]
    before_language: [calling.short]
    answered: after_talk
    unanswered: nobody_free
    up: front
""",
    )
    scratch.ivr("check")
    assert "rings tried" in scratch.call("--keys", f"3,3,{key}")
    program = """
from datetime import date
from pathlib import Path
from ivr.content.load import load
from ivr.settings.read import read_settings
office = load(Path("prompts"), date.today()).content.office
env = {"TWILIO_AUTH_TOKEN": "a-token", "IVR_PUBLIC_URL": "https://line.example", "IVR_CALLER_ID": "+358753250000",
       "IVR_CONTACT_SOCIAL_INSTRUCTOR": "+358401234567", "IVR_CONTACT_TRIED": "+358407654321"}
print(read_settings(env, office).contacts["tried"])
"""
    assert "+358407654321" in scratch.python("-c", program)


@row("a number of ours that belongs to a language", r"prompts/office\.yaml")
def number_of_a_language(scratch: Scratch) -> None:
    scratch.edit("prompts/office.yaml", "languages_by_number: {}", 'languages_by_number: {"0753 250 111": sv}')
    scratch.ivr("check")
    assert "Suomi" not in scratch.call("--dials", "sv", "--keys", "1")


@row("who has read a language", r"prompts/sv\.approved\.yaml")
def review(scratch: Scratch) -> None:
    scratch.ivr("texts", "review", "sv", "--by", "Maija Meri")
    assert "Maija Meri" in scratch.ivr("texts", "status")


@row("which voice speaks", r"prompts/languages\.yaml")
def voice(scratch: Scratch) -> None:
    scratch.edit("prompts/languages.yaml", "Polly.Suvi-Neural", "Google.fi-FI-Wavenet-B")
    program = """
from datetime import date
from pathlib import Path
from ivr.content.load import load
from ivr.speech.voices import NO_AUDIO, VoiceSelector
content = load(Path("prompts"), date.today()).content
print(VoiceSelector(content, NO_AUDIO, date.today())(content.catalogue.utter("safety.danger", "fi", {})))
"""
    assert "Google.fi-FI-Wavenet-B" in scratch.python("-c", program)


@row("a recording by a person", r"var/recordings/.*")
def recording(scratch: Scratch) -> None:
    take = scratch.folder.parent / "safety.danger.wav"
    soundfile.write(take, sentence(16000), 16000)
    scratch.ivr("audio", "import", str(take), "--lang", "sv")
    assert (scratch.folder / "var" / "recordings" / "sv" / "safety.danger.wav").is_file()


@row("a whole call as a test", r"tests/calls/.*")
def golden_call(scratch: Scratch) -> None:
    scratch.write("tests/calls/mine.yaml", scratch.ivr("call", "--at", "2026-11-24 10:00", "--keys", "3,1", "--golden"))
    program = """
from pathlib import Path
from tests.calls.golden import read_golden
call, issues = read_golden(Path("tests/calls/mine.yaml"))
assert not issues
print(call.must.rings)
"""
    shutil.copy(ROOT / "tests" / "calls" / "golden.py", scratch.folder / "tests" / "calls" / "golden.py")
    assert "social_instructor by" in scratch.python("-c", program)


@row("the country", r"prompts/office\.yaml")
def country(scratch: Scratch) -> None:
    scratch.edit("prompts/office.yaml", "country: FI", "country: SE")
    # Sweden's national day is no holiday in Finland; in 2028 it is a Tuesday.
    assert "Our phone service is closed." in scratch.call("--at", "2028-06-06 10:00", "--keys", "3")


# --- what a developer changes -------------------------------------------------------------------------------------


@row("a rule", r"ivr/proof/rules/\w+\.py")
def rule(scratch: Scratch) -> None:
    toy = """

@rule("W9", "text", "No sentence says perhaps.")
def no_perhaps(evidence: Evidence) -> Finding:
    said = said_once(evidence)
    found = [_issue(evidence, each, "says perhaps", "Be sure") for each in said if "perhaps" in each.text]
    return Finding(f"{len(said)} sentences", found)
"""
    scratch.append("ivr/proof/rules/words.py", toy)
    assert scratch.ivr("rules", "W9") == (
        "W9: No sentence says perhaps.\nproved by text: ivr/proof/rules/words.py, no_perhaps\n"
    )
    assert "W9  holds    by text" in scratch.ivr("check")


@row("a speech engine", r"ivr/speech/\w+\.py|prompts/languages\.yaml")
def engine(scratch: Scratch) -> None:
    scratch.write(
        "ivr/speech/humming.py",
        '''"""A toy engine: it hums every text."""

import numpy as np

from ivr.speech.port import Speech


class Humming:
    name = "humming"

    def speak(self, requests):
        for request in requests:
            time = np.arange(int(16000 * len(request.text) / 14 / request.pace)) / 16000
            tone = np.sin(2 * np.pi * 300 * time) * (1 + 0.5 * np.sin(2 * np.pi * 4 * time)) * 0.2
            yield request, Speech(tone.astype(np.float32), 16000)

    def voices(self):
        return {"deep": ("sv-SE",)}
''',
    )
    google = '        VoiceSource("google", "ivr.speech.google:Google", cost="ivr.speech.google:cost", cloud=True),\n'
    row_ = '        VoiceSource("humming", "ivr.speech.humming:Humming"),\n'
    scratch.edit("ivr/speech/engines.py", google, row_ + google)
    scratch.edit(
        "prompts/languages.yaml",
        "      google: {voice: sv-SE",
        "      humming: {voice: deep}\n      google: {voice: sv-SE",
    )
    scratch.ivr("audio", "build", "--engine", "humming", "--lang", "sv")
    assert re.search(r"sv +│ humming", scratch.ivr("audio", "status"))
    assert "humming: sv: deep is there" in scratch.ivr("audio", "status", "--voices")
    assert "S3  holds    by sound  made voices: sv humming" in scratch.ivr("check")


JSON_PROVIDER = '''"""A toy provider that speaks JSON: it knows the menus of a call, and no transfers."""

import json

from ivr.core.call import CallStarted, CallState, Collect, KeyPressed, NoInput
from ivr.telephony.port import CallRequest


class Json:
    content_type = "application/json"

    def __init__(self, content, line, tokens, sound_of):
        self._content, self._tokens = content, tokens

    def verify(self, webhook):
        return webhook.headers.get("X-Token", "") in self._tokens

    def read(self, webhook, node):
        told = json.loads(webhook.body)
        state = CallState(node or "", told.get("language"))
        if node is None:
            return CallRequest(state, CallStarted(), told["call"], None)
        return CallRequest(state, KeyPressed(told["key"]) if "key" in told else NoInput(), told["call"], None)

    def write(self, step, started):
        listens = step.action.seconds if isinstance(step.action, Collect) else 0
        said = [play.text for play in step.plays]
        answer = {"node": step.state.node, "language": step.state.language, "say": said, "listen": listens}
        return json.dumps(answer).encode()

    def read_whisper(self, webhook):
        raise NotImplementedError

    def write_whisper(self, asked, plays):
        raise NotImplementedError

    def emergency(self, webhook, route, *, public_only=False):
        return b'{"say": ["112"]}'

    def received(self, step):
        return ()

    def clear_cache(self):
        pass
'''


@row("a telephony provider", r"ivr/telephony/(json_provider|providers)\.py")
def provider(scratch: Scratch) -> None:
    scratch.write("ivr/telephony/json_provider.py", JSON_PROVIDER)
    scratch.edit(
        "ivr/telephony/providers.py",
        "from ivr.telephony.twilio.provider import Twilio",
        "from ivr.telephony.json_provider import Json",
    )
    scratch.edit("ivr/telephony/providers.py", "PROVIDER = Twilio", "PROVIDER = Json")
    program = """
import io, json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from ivr.app import create_app
from ivr.content.load import load
from ivr.journal import Journal
from ivr.settings.read import Settings
content = load(Path("prompts"), date(2026, 11, 24)).content
contacts = {"on_call": ("+358400291141",), "social_instructor": ("+358401234567",)}
settings = Settings("https://line.example", "+358753250000", ("secret",), contacts)
now = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/Helsinki"))
client = create_app(settings, content, lambda: now, Journal(io.StringIO())).test_client()
ask = lambda path, **told: client.post(path, json=told, headers={"X-Token": "secret"})
assert client.post("/voice", json={"call": "1"}).status_code == 403
first = ask("/voice", call="1")
chosen = ask("/voice/at/" + first.json["node"], call="1", key="3")
print(json.dumps([first.content_type, first.json, chosen.json]))
"""
    kind, first, chosen = json.loads(scratch.python("-c", program))
    assert kind == "application/json"
    assert (first["node"], first["listen"], first["say"][-1]) == ("choose_language", 8, "English: press three.")
    assert (chosen["node"], chosen["language"]) == ("main_open", "en")
    assert chosen["say"][0] == "If you are in danger, hang up. Call one one two."


@row("a kind of node", r"ivr/core/(flow|engine|speak|diagram)\.py")
def kind_of_node(scratch: Scratch) -> None:
    flow, engine_ = "ivr/core/flow.py", "ivr/core/engine.py"
    toy = 'class Jump(Frozen):\n    """Goes on elsewhere."""\n\n    kind: Literal["jump"]\n    next: Target\n\n\n'
    scratch.edit(flow, "Node = Message | Hours", toy + "Node = Jump | Message | Hours")
    scratch.edit(
        flow,
        "            case Message():\n                yield",
        "            case Message() | Jump():\n                yield",
    )
    scratch.edit(engine_, "    Hours,\n    LanguageMenu,", "    Hours,\n    Jump,\n    LanguageMenu,")
    passing = '        case Jump():\n            return _follow_in_round("next", state, node.next).state\n'
    scratch.edit(
        engine_,
        "    match node:\n        case Hours():\n            is_open",
        "    match node:\n" + passing + "        case Hours():\n            is_open",
    )
    scratch.edit(
        "ivr/core/diagram.py",
        "SHAPES: dict[type, tuple[str, str]] = {\n",
        'SHAPES: dict[type, tuple[str, str]] = {\n    Jump: (">", "]"),\n',
    )
    scratch.edit(
        "ivr/core/diagram.py",
        "from ivr.core.flow import Disconnect, Flow, Hours, ",
        "from ivr.core.flow import Disconnect, Flow, Hours, Jump, ",
    )
    program = """
from datetime import UTC, date, datetime
from dataclasses import replace
from pathlib import Path
from ivr.content.load import load
from ivr.core.call import CallState, NoInput
from ivr.core.diagram import mermaid
from ivr.core.engine import step
from ivr.core.flow import Flow
content = load(Path("prompts"), date.today()).content
raw = content.flow.model_dump(exclude_none=True)
raw["nodes"]["shortcut"] = {"kind": "jump", "next": "goodbye"}
flow = Flow.model_validate(raw)
assert '  shortcut>"shortcut"]' in mermaid(flow)
print(step(replace(content, flow=flow), CallState("shortcut", "fi"), NoInput(), datetime.now(UTC)).path)
"""
    assert "('shortcut', 'goodbye')" in scratch.python("-c", program)


# --- the table ----------------------------------------------------------------------------------------------------


def test_every_row_is_tried() -> None:
    assert set(CHANGES) == set(ROWS)


@pytest.mark.parametrize("change", CHANGES)
def test_the_change_is_made_by_touching_only_what_the_row_names(change: str, tmp_path: Path) -> None:
    make, touches = CHANGES[change]
    scratch = Scratch(tmp_path / "scratch", program=touches.startswith("ivr/"))
    make(scratch)
    changed = {name for name in scratch.changed() if name != "tests/calls/golden.py"}
    assert changed
    assert {name for name in changed if not re.fullmatch(touches, name)} == set()
    for name in changed:
        assert any(part in ROWS[change] for part in parts_of(name)), f"the row does not name {name}"


def parts_of(name: str) -> list[str]:
    """How a row may name a file: by its path, its folder, or as one of the languages' files."""
    path = Path(name)
    named = [name, *(f"`{parent.as_posix()}/`" for parent in path.parents)]
    return [*named, "ivr texts", "languages' files", "the language's file"] if path.suffix in (".po", ".pot") else named
