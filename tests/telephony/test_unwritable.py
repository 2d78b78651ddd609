"""Nothing that XML cannot hold reaches a document, wherever it comes from: Twilio would refuse all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import ivr.telephony
from ivr.core.content import Content
from ivr.core.languages import PROVIDER
from ivr.core.prompts import Catalogue
from ivr.core.utterance import Clip, Sound, SpokenByProvider, Utterance
from ivr.telephony.port import LineNumbers
from ivr.telephony.twilio.emergency import emergency_document, static_document
from ivr.telephony.twiml import document
from ivr.telephony.twiml.document import Speak, TwimlDocument

UNWRITABLE = [
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"),
    *map(chr, range(0xD800, 0xE000)),
    "\ufffe",
    "\uffff",
]
"""Every character that XML 1.0 does not allow (W3C, production 2, Char)."""
FEW = (*UNWRITABLE[:29], "\ud800", "\udfff", *UNWRITABLE[-2:])
ALL = "".join(UNWRITABLE)
ODD = f"a{ALL}b"
LINE = LineNumbers(f"https://{ODD}", ODD, {"on_call": (ODD,)}, ODD, {"on_call": 25}, public_number=ODD)
PLAYS = (Utterance("p", "fi", ODD), Utterance("p", "fi", ODD, slow=True), Utterance("p", "fi", "clip"))


def sounds(utterance: Utterance) -> tuple[Sound, ...]:
    voice = SpokenByProvider(ODD, ODD, utterance.text, utterance.slow)
    return (Clip(ODD, 1.0), voice) if utterance.text == "clip" else (voice,)


SPEAK: Speak = document.speaker(sounds, ODD)
WRITERS: dict[str, Callable[[], TwimlDocument]] = {
    "collect": lambda: document.collect(PLAYS, 5, ODD, SPEAK),
    "ring": lambda: document.ring(PLAYS, PLAYS, ODD, document.dial(ODD, 5, LINE, action=ODD, whisper=ODD), SPEAK),
    "hang_up": lambda: document.hang_up(PLAYS, SPEAK),
    "whisper": lambda: document.whisper(PLAYS, ODD, SPEAK),
}


def fields(written: str | bytes) -> Iterable[str]:
    """Every text and attribute of a document, which must be XML."""
    for element in ElementTree.fromstring(written).iter():  # noqa: S314 - our own document
        yield from (element.text or "", element.tail or "", *element.attrib.values())


def assert_only_letters_are_left(written: str | bytes) -> None:
    found = [field for field in fields(written) if "a" in field and field.endswith("b")]
    assert found
    assert {re.sub(" +", "", field) for field in found} <= {"ab", "https://ab", "ab/ab.wav"}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_text_and_attribute_of_a_step_holds_only_what_xml_can(writer: str) -> None:
    assert_only_letters_are_left(str(WRITERS[writer]()))


@pytest.mark.parametrize("character", FEW)
def test_each_such_character_alone_is_one_that_xml_cannot_hold_and_is_gone(character: str) -> None:
    with pytest.raises((ElementTree.ParseError, UnicodeEncodeError)):
        ElementTree.fromstring(f"<a>{character}</a>".encode())  # noqa: S314 - the judge of this test
    say = TwimlDocument()
    say.say(f"a{character}b", voice=f"a{character}b")
    (element,) = ElementTree.fromstring(str(say))  # noqa: S314 - our own document
    assert (element.text, element.attrib["voice"]) == ("a b", "ab")


@pytest.mark.parametrize(
    "character", ["\t", "\n", "\x7f", "\x85", "\u2028", "\ufdd0", "\ufffd", "\U0001ffff", "&", "<", '"']
)
def test_what_xml_can_hold_arrives(character: str) -> None:
    say = TwimlDocument()
    say.say(f"a{character}b")
    (element,) = ElementTree.fromstring(str(say))  # noqa: S314 - our own document
    assert element.text == f"a{character}b"


def odd(content: Content) -> Content:
    """The content in which every text, voice and locale has such characters, as if no check had been there."""
    languages = {
        code: language.model_copy(
            update={
                "locale": ODD,
                "voices": {n: v.model_copy(update={"voice": ODD}) for n, v in language.voices.items() if n == PROVIDER},
            }
        )
        for code, language in content.languages.languages.items()
    }
    texts = {code: dict.fromkeys(of, ODD) for code, of in content.catalogue.texts.items()}
    return replace(
        content, languages=content.languages.model_copy(update={"languages": languages}), catalogue=Catalogue(texts)
    )


@pytest.mark.parametrize("public_only", [False, True])
@pytest.mark.parametrize("over", [False, True])
def test_the_emergency_document_is_xml_whatever_the_files_hold(content: Content, over: bool, public_only: bool) -> None:
    assert_only_letters_are_left(emergency_document(odd(content), LINE, "node", over=over, public_only=public_only))


def test_the_static_document_is_xml_whatever_the_files_hold(content: Content) -> None:
    assert_only_letters_are_left(static_document(odd(content), ODD, ODD))


def test_no_document_is_made_without_the_guard() -> None:
    """The guard is in our own class: one made of the library's would not have it."""
    folder = Path(ivr.telephony.__file__).parent
    makers = [path.name for path in folder.rglob("*.py") if "VoiceResponse" in path.read_text(encoding="utf-8")]
    assert makers == ["document.py"]
    assert (folder / "twiml" / "document.py").read_text(encoding="utf-8").count("VoiceResponse(") == 0
