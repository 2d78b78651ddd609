"""A character that nobody sees, in a string of languages.yaml that reaches a document, is refused by code and line."""

from __future__ import annotations

import pytest

from tests.content.conftest import Prompts

STRINGS = {
    "provider voice": ("provider: {voice: Polly.Suvi-Neural}", 'provider: {voice: "Polly.Suvi%s"}'),
    "Google's voice": ("google: {voice: fi-FI-Wavenet-B,", 'google: {voice: "fi-FI%s-Wavenet-B",'),
    "offline voice": ("offline: {voice: fi,", 'offline: {voice: "fi%s",'),
    "locale": ("locale: fi-FI", 'locale: "fi%s-FI"'),
    "name": ("name: suomi", 'name: "%ssuomi"'),
}
ESCAPES = {
    "\\v": "U+000B",
    "\\f": "U+000C",
    "\\x01": "U+0001",
    "\\0": "U+0000",
    "\\x7f": "U+007F",
    "\\N": "U+0085",
    "\\uFFFE": "U+FFFE",
    "\\uFFFF": "U+FFFF",
    "\\u202E": "U+202E",
    "\\u200f": "U+200F",
    "\\n": "U+000A",
}


@pytest.mark.parametrize(
    ("string", "escape"),
    [*(("provider voice", escape) for escape in ESCAPES), *((string, "\\v") for string in list(STRINGS)[1:])],
)
def test_it_is_refused_by_its_code_and_line(prompts: Prompts, string: str, escape: str) -> None:
    old, new = STRINGS[string]
    prompts.edit("languages.yaml", old, new % escape)
    issue = prompts.only_broken()
    assert (issue.file, issue.line) == ("prompts/languages.yaml", prompts.line("languages.yaml", new % escape))
    assert f"there is an invisible character, {ESCAPES[escape]}" in issue.message
    assert issue.remedy == f"Write it without: '{(new % '').split(chr(34))[1]}'"


@pytest.mark.parametrize("string", STRINGS)
def test_half_a_character_is_refused_by_its_line(prompts: Prompts, string: str) -> None:
    old, new = STRINGS[string]
    prompts.edit("languages.yaml", old, new % "\\ud800")
    issue = prompts.only_broken()
    assert (issue.file, issue.line) == ("prompts/languages.yaml", prompts.line("languages.yaml", "\\ud800"))


@pytest.mark.parametrize(
    ("name", "word", "odd", "code"),
    [
        *(
            (name, word, "\\v", "U+000B")
            for name in ("prompts.pot", "fi.po")
            for word in ("msgctxt", "msgid", "msgstr")
        ),
        *(
            ("fi.po", "msgstr", odd, code)
            for odd, code in (("\x01", "U+0001"), ("\ufffe", "U+FFFE"), ("\\f", "U+000C"))
        ),
    ],
)
def test_one_in_a_text_or_an_id_stops_the_line_by_its_code_and_line(
    prompts: Prompts, name: str, word: str, odd: str, code: str
) -> None:
    entry = prompts.entry(name, "today")
    prompts.edit(name, entry, entry.replace(f'{word} "', f'{word} "{odd}'))
    place = (f"prompts/{name}", prompts.read(name).split("\n").index(f'msgctxt "{odd * (word == "msgctxt")}today"') + 1)
    (issue,) = prompts.broken()
    assert (issue.file, issue.line) == (place[0], place[1] + ["msgctxt", "msgid", "msgstr"].index(word))
    assert code in issue.message
    assert prompts.load().content is None
