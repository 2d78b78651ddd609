"""Which languages wait for native speakers, and what an office is told of approvals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.core.content import Content, SafetySentences

IDS = tuple(f"safety.{name}" for name in ("danger", "free", "goodbye", "opening", "stay"))
FIRST = {"fi", "sv", "en"}


def read(content: Content, **unapproved: tuple[str, ...]) -> Content:
    """All safety sentences are approved but these; they are five in each language."""
    safety = {code: SafetySentences(IDS, unapproved.get(code, ())) for code in content.languages.languages}
    return replace(content, safety=safety)


@pytest.mark.parametrize(
    ("unapproved", "sentence"),
    [
        (IDS[:1], "nobody has approved 1 of its 5 safety sentences: safety.danger"),
        (IDS[:2], "nobody has approved 2 of its 5 safety sentences: safety.danger and safety.free"),
        (IDS[:3], "nobody has approved 3 of its 5 safety sentences: safety.danger, safety.free and safety.goodbye"),
        (
            IDS[:4],
            "nobody has approved 4 of its 5 safety sentences: safety.danger, safety.free, safety.goodbye and 1 more",
        ),
        (IDS, "nobody has approved its 5 safety sentences"),
    ],
)
def test_why_a_language_waits(content: Content, unapproved: tuple[str, ...], sentence: str) -> None:
    assert read(content, so=unapproved).unapproved(required=False, cloud=()) == {"so": sentence}


def test_a_language_that_only_recordings_speak_waits_always_and_the_others_where_it_is_required(
    content: Content,
) -> None:
    nobody = read(content, **dict.fromkeys(content.languages.languages, IDS))
    assert nobody.unapproved(required=False, cloud=()).keys() == {"so", "ckb"}
    assert nobody.unapproved(required=True, cloud=()).keys() == content.offered - FIRST
    assert read(content).unapproved(required=True, cloud=()) == {}


def test_one_that_is_not_whole_waits_for_more_than_an_approval(content: Content) -> None:
    some = replace(read(content, so=IDS, ckb=IDS, ru=IDS), offered=frozenset({*FIRST, "so"}))
    assert some.unapproved(required=True, cloud=()).keys() == {"so"}


def test_an_office_is_told_what_is_kept_and_what_speaks_first_unapproved(content: Content) -> None:
    content = read(content, sv=IDS[:1], so=IDS)
    safety = {
        **content.safety,
        "ru": replace(content.safety["ru"], kept=IDS[:1]),
        "en": replace(content.safety["en"], kept=IDS[:2]),
    }
    content = replace(content, safety=safety)
    sv = (
        "Swedish (sv): nobody has approved 1 of its 5 safety sentences: safety.danger. After a native speaker has read "
        'them: ivr texts review sv --safety --by "NAME"'
    )
    en = (
        "callers still hear the old safety.danger and safety.free in English (en). After a native speaker has read "
        'the new ones: ivr texts review en safety.danger safety.free --by "NAME"'
    )
    ru = (
        "callers still hear the old safety.danger in Russian (ru). After a native speaker has read the new one: "
        'ivr texts review ru safety.danger --by "NAME"'
    )
    assert content.approval_notices == (sv, en, ru)
    assert replace(content, offered=frozenset({"fi", "en"})).approval_notices == (en,)
