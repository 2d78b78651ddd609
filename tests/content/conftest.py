"""A copy of `prompts/` in which a test changes a line or two."""

import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ivr.content.approval import Approval, read_approvals, write_approvals
from ivr.content.files import APPROVED
from ivr.content.load import Loaded, load
from ivr.core.issue import Issue
from tests.conftest import ROOT, TODAY

FIRST = ("fi", "sv", "en")
UNUSUAL = {"exceptions": "[]", "languages_by_number": "{}"}
"""What the office decides now and then, and what stands there while it has decided nothing."""
REAL = ROOT / "prompts"
LIBRARY = re.compile(
    r"is not in list|unpack|isoformat|value error|Input should|\[type=|pydantic|yaml\.|_type|\{told\}|(?-i:\bNone\b)|"
    r"[\[{]'\w|\b(tuple|pattern|dictionary|dict|mapping|sequence|scalar|instance|object|union|tag|discriminator|class|type|"
    r"validation|parse|parsing|integer|string|boolean|extra|forbidden|NoneType|float|int|expected|invalid|error|alias|"
    r"anchor|token|stream|block)s?\b",
    re.IGNORECASE,
)
"""The words of a program: no message about a file of the office may have one."""
UNAPPROVED = "nobody has approved"


def emptied(text: str, name: str, nothing: str) -> str:
    """An office.yaml whose entry of this name, on one line or on several, is empty."""
    inner = (
        r"(?:[ \t]*(?:#.*)?\n)*[ \t\-\]}].*\S.*\n|[\]}].*\n"  # comments and gaps belong to it only between its lines
    )
    text, times = re.subn(rf"(?m)^{name}:.*\n(?:{inner})*", f"{name}: {nothing}\n", text.rstrip("\n") + "\n")
    return text if times else f"{text}\n{name}: {nothing}\n"


class Prompts:
    """Content to break: `edit` replaces text that stands there exactly once, `load` reads the whole folder.

    The office of a copy has no closing days and no numbers of a language, and nobody has approved a sentence of it,
    whatever the real one has today.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def copied_to(cls, folder: Path, *languages: str) -> "Prompts":
        """A copy with all languages, or with these and those that speak before the choice."""
        prompts = cls(folder / "prompts")
        prompts.folder.mkdir(parents=True)
        for name, data in _files_of_a_copy(languages).items():
            prompts.path(name).write_bytes(data)
        return prompts

    def keep_only(self, *languages: str) -> None:
        """Remove every other language, and its name."""
        blocks = re.split(r"(?m)^(?=  [a-z]+:)", self.read("languages.yaml"))
        gone = [code for block in blocks[1:] if (code := block.strip().partition(":")[0]) not in languages]
        self.write("languages.yaml", "".join(b for b in blocks if b.strip().partition(":")[0] not in gone))
        for code in gone:
            self.path(f"{code}.po").unlink()
            for name in ("prompts.pot", "fi.po"):
                self.cut(name, f"language.{code}")

    def path(self, name: str) -> Path:
        return self.folder / name

    def read(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        self.path(name).write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def line(self, name: str, text: str) -> int:
        """The number of the only line that holds a text."""
        found = [number for number, line in enumerate(self.read(name).splitlines(), 1) if text in line]
        assert len(found) == 1, f"{text!r} is on the lines {found} of {name}"
        return found[0]

    def entry(self, name: str, prompt: str) -> str:
        """The lines of one entry of a PO file, from its msgctxt on."""
        _, found, rest = self.read(name).partition(f'msgctxt "{prompt}"\n')
        assert found, f"{name} has no {prompt}"
        return found + rest.split("\n\n")[0].rstrip("\n") + "\n"

    def cut(self, name: str, prompt: str) -> None:
        self.edit(name, self.entry(name, prompt), "")

    def translate(self, name: str, prompt: str, text: str) -> None:
        """Give an entry another translation."""
        entry = self.entry(name, prompt)
        self.edit(name, entry, entry.partition("msgstr ")[0] + f'msgstr "{text}"\n')

    def reword(self, prompt: str, english: str) -> None:
        """Give a source another sentence, and leave the translations as they are."""
        entry = self.entry("prompts.pot", prompt)
        self.edit("prompts.pot", entry, f'msgctxt "{prompt}"\nmsgid "{english}"\nmsgstr ""\n')

    def mark_fuzzy(self, name: str, prompt: str) -> None:
        self.edit(name, f'msgctxt "{prompt}"\n', f'#, fuzzy\nmsgctxt "{prompt}"\n')

    def add_german(self) -> None:
        """A language that neither the workers nor 112 speak, with every text that it needs."""
        self.write("languages.yaml", self.read("languages.yaml").rstrip("\n") + GERMAN)
        self.write("de.po", "\n".join(_german_entries(self.read("prompts.pot"))))
        language_name = '\nmsgctxt "language.de"\nmsgid "German"\nmsgstr "{}"\n'
        self.write("prompts.pot", self.read("prompts.pot") + language_name.format(""))
        self.write("fi.po", self.read("fi.po") + language_name.format("saksa"))

    def load(self, today: date = TODAY) -> Loaded:
        return load(self.folder, today)

    def issues(self, today: date = TODAY) -> list[Issue]:
        """All that is wrong, but for texts that nobody has approved yet."""
        return [issue for issue in self.load(today).issues if UNAPPROVED not in issue.message]

    def approve(self, code: str, *ids: str, by: str = "Maija Meri", day: date = TODAY) -> None:
        """A native speaker approves sentences as they are written now: those named, or all safety sentences."""
        texts = self.load().texts
        assert texts
        signed = {}
        for id_ in ids or texts.safety(code):
            text, english = texts.wording(code, id_), texts.sources[id_].source
            signed[id_] = Approval.signed(code, id_, text.translation, english, by, day, text.spoken)
        there = read_approvals(self.folder, code).written
        write_approvals(self.folder, code, texts.languages.languages[code].name, {**there, **signed})

    def broken(self) -> list[Issue]:
        return [issue for issue in self.load().issues if issue.severity == "broken"]

    def only_broken(self) -> Issue:
        """The one thing that keeps the line from starting."""
        issues = self.broken()
        assert len(issues) == 1, "\n".join(map(str, issues))
        assert issues[0].remedy
        return issues[0]

    def only_issue(self) -> Issue:
        """The one thing that is wrong, but for texts that nobody has approved yet."""
        issues = self.issues()
        assert len(issues) == 1, "\n".join(map(str, issues))
        assert issues[0].remedy
        return issues[0]


@cache
def _files_of_a_copy(languages: tuple[str, ...]) -> dict[str, bytes]:
    """The files of a site as `copied_to` makes it. Made once: thousands of tests have a copy of their own."""
    with TemporaryDirectory() as folder:
        prompts = Prompts(Path(shutil.copytree(REAL, Path(folder) / "prompts")))
        for approved in prompts.folder.glob(f"*{APPROVED}"):
            approved.unlink()
        for name, nothing in UNUSUAL.items():
            prompts.write("office.yaml", emptied(prompts.read("office.yaml"), name, nothing))
        if languages:
            prompts.keep_only(*FIRST, *languages)
        return {path.name: path.read_bytes() for path in prompts.folder.iterdir()}


ACCENTED = {"e": "ë", "i": "ï", "o": "ö"}
GERMAN = """
  de:
    digit: "4"
    name: Deutsch
    locale: de-DE
    characters_per_second: 14
    press: ["prëss {key}"]
    voices: {provider: {voice: Polly.Vicki-Neural}}
"""


def _german_entries(source: str) -> list[str]:
    """The source with an accent: what matters here is which entries and slots there are."""
    entries = []
    for block in source.split("\n\n"):
        if 'msgctxt "staff.' not in block and 'msgctxt "language.' not in block and "msgctxt" in block:
            english = block.partition("msgid ")[2].partition("\n")[0]
            german = re.sub(r"[eio](?![^{]*})", lambda vowel: ACCENTED[vowel[0]], english)
            entries.append(block.partition("msgstr ")[0] + f"msgstr {german}\n")
    return entries


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    """The content of the three languages that speak before the choice: all that most tests need."""
    return Prompts.copied_to(tmp_path, *FIRST)
