"""One fault in a file costs its language, or the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.core.issue import Issue
from tests.content.conftest import FIRST, Prompts
from tests.content.lint.helpers import (
    ADDRESS,
    APOSTROPHE,
    ENDS,
    FURTHER,
    KEMI,
    LRM,
    NBSP,
    NO_END,
    ONE_WORD,
    OWN_LETTERS,
    SHORTER,
    SPACES,
    STRANGE,
    direction,
    only,
    otherwise,
    words,
)

pytestmark = pytest.mark.untraced
ONE_EACH = [
    ("ru", "nobody_free.sorry", "Нажмите  цифру.", *SPACES),
    ("fa", "nobody_free.sorry", f"صبر{LRM} کنید.", *direction(LRM, "after 'صبر'", "from 'صبر' to 'کنید.'")),
    ("uk", "key.5", "п`ять", *APOSTROPHE),
    ("so", "nobody_free.sorry", "Qor caawimo@kemi.fi.", *ADDRESS),
    ("ckb", "nobody_free.sorry", "چاوەڕێ بکەن", *NO_END),
    ("sw", "key.1", "moja.", *ENDS),
    ("ru", "nobody_free.sorry", "Служба Kemi.", STRANGE + KEMI, OWN_LETTERS),
    ("sw", "nobody_free.sorry", f"{words('sw', 13)}.", "has a sentence of 13 words", SHORTER),
    ("so", "nobody_free.sorry", "Nobody is free right now.", "is the same as in en", "Translate it"),
    ("sv", "nobody_free.sorry", f"Tryck{NBSP}nu.", *SPACES),
    ("fi", "nobody_free.sorry", "Paina nappia", *NO_END),
]


@pytest.mark.parametrize(("language", "prompt", "text", "message", "remedy"), ONE_EACH)
def test_a_fault_in_a_file_costs_the_line_if_it_speaks_first_and_else_its_language(
    tmp_path: Path, language: str, prompt: str, text: str, message: str, remedy: str
) -> None:
    prompts = Prompts.copied_to(tmp_path, language)
    prompts.translate(f"{language}.po", prompt, text)
    loaded = prompts.load()
    assert prompts.issues() == only(language, prompt, message, remedy)
    if language in FIRST:
        assert loaded.content is None
    else:
        assert loaded.content
        assert loaded.content.offered == {*FIRST}


@pytest.mark.parametrize("language", ["ar", "ru"])
@pytest.mark.parametrize(("spoken", "fine"), [("{}.", True), ("{}", False), ("Kemi.", False)])
def test_a_spoken_comment_in_a_file_is_compared_with_its_text(
    tmp_path: Path, language: str, spoken: str, fine: bool
) -> None:
    marked, plain = {"ar": ("اِنْتَظِروا", "انتظروا."), "ru": ("Подожди\N{COMBINING ACUTE ACCENT}те", "Подождите.")}[
        language
    ]
    prompts, file = Prompts.copied_to(tmp_path, language), f"{language}.po"
    prompts.translate(file, "nobody_free.sorry", plain)
    entry = prompts.entry(file, "nobody_free.sorry")
    blocks = [block for block in prompts.read(file).rstrip("\n").split("\n\n") if entry.rstrip("\n") not in block]
    prompts.write(file, "\n\n".join([*blocks, f"# spoken: {spoken.format(marked)}\n{entry}"]))
    message, remedy = otherwise(f"'{plain}'", f"'{spoken.format(marked)}'")
    told = Issue(
        "incomplete",
        f"prompts/{file}",
        ("nobody_free.sorry",),
        f"'nobody_free.sorry' in {language} {message}",
        remedy,
        language,
        prompts.line(file, 'msgctxt "nobody_free.sorry"'),
    )
    assert prompts.issues() == ([] if fine else [told])


def test_a_fault_in_every_further_language_leaves_them_all_out_and_the_line_starts(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path)
    for language in FURTHER:
        prompts.translate(f"{language}.po", "key.1", f"{ONE_WORD[language]}!")
        if language == "ar":  # its spoken form says the old word
            prompts.write("ar.po", prompts.read("ar.po").replace("# spoken:", "#"))
    loaded = prompts.load()
    issues = [issue for language in sorted(FURTHER) for issue in only(language, "key.1", *ENDS)]
    assert [issue for issue in prompts.issues() if issue.severity != "note"] == issues
    assert loaded.content
    assert loaded.content.offered == {*FIRST}
