"""Which sentence a recording is that somebody hands in: by the name of its file (rule S4).

A name is an id (`safety.danger.wav`), or a number and the code of the printed script that it stands in
(`38-bcdfgh.wav`). Whatever could be another sentence is refused, in words for the person who recorded it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from ivr.core.utterance import Utterance
from ivr.speech.recorded import print_command
from ivr.speech.recording_script import FOLDER, LENGTH, LETTERS, RecordingScript

SOUND = re.compile(
    r"\.(wave?|flac|mp3|og[ga]|opus|aif[fc]?|caf|m4[ab]|mp4|mov|aac|3gpp?|amr|webm|mka|wma)", re.IGNORECASE
)
"""The endings of files that are taken for recordings where a whole folder is handed in."""
COPY = re.compile(r"\s*\(\d{1,3}\)")
"""What browsers and phones add to a name that is there already."""
NUMBERED = re.compile(rf"0*(\d{{1,6}})[+_–—-]*([{LETTERS}]{{{LENGTH}}})(?:\+\d{{1,2}})?")
"""Number and code; a Mac or an iPhone adds a blank and a number to a name that is there already."""
FOUND = 3
"""Codes that are named, of the pages that were printed."""
NOTHING_TO_DO = "Nothing to do."


class NoSentence(ValueError):
    """A file is no recording of any sentence of today; the message says why, and what to do."""


@dataclass(frozen=True)
class Sentences:
    """The sentences of a language as they are now, the scripts printed of it, and the codes of other languages."""

    now: Mapping[str, Utterance]
    script: RecordingScript
    printed: Sequence[RecordingScript]
    others: Mapping[str, str]
    """Code -> the language of a script that was printed of another language."""
    names: Mapping[str, str]
    """Language -> what it is called, as in Somali (so)."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Id -> its text as it is written, where callers hear an approved wording until that text is approved."""

    @property
    def language(self) -> str:
        """Their language."""
        return self.script.language

    def of(self, name: str) -> Utterance:
        """The sentence that a file is named for. Raises NoSentence."""
        stem, ending = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
        stem = _bare(stem)
        folded = _folded(stem)
        if numbered := NUMBERED.fullmatch(folded):
            return self._numbered(int(numbered[1]), numbered[2])
        if folded.isdecimal():
            code = self.printed[0].code if self.printed else "<code>"
            raise NoSentence(
                f"The name has a number but no code. Add the code from the top of your page, as in "
                f"{int(folded)}-{code}{ending}."
            )
        return self._named(name, stem)

    def _numbered(self, number: int, code: str) -> Utterance:
        script = next((each for each in (self.script, *self.printed) if each.code == code), None)
        if script is None:
            raise NoSentence(self._unknown_code(code))
        if not 1 <= number <= len(script.sentences):
            raise NoSentence(
                f"The pages with the code {code} have the numbers 1 to {len(script.sentences)}. "
                "Correct the number in the file's name."
            )
        return self._still(*script.sentences[number - 1])

    def _unknown_code(self, code: str) -> str:
        if other := self.others.get(code):
            name = self.names[other]
            return (
                f"The code {code} is of a page in {name}, not in {self._name}. If you read {name}: import this file "
                f"with --lang {other}. If not: correct the code in the file's name."
            )
        printed = ", ".join(each.code for each in self.printed[:FOUND])
        return (
            f"No page with the code {code} was printed for {self._name} on this computer"
            f"{f' (only {printed})' if printed else ''}. Look at the top of your page. If it has another code: rename "
            f"the file. If it has this code: ask who printed it for {self.language}/{FOLDER}/{code}.json "
            f"in IVR_RECORDINGS there, and put it in the same folder of IVR_RECORDINGS here."
        )

    def _still(self, id_: str, text: str) -> Utterance:
        """The sentence of an id, if it is said today and its words are the ones that were printed."""
        now = self.now.get(id_)
        if now is None:
            raise NoSentence(f'"{text}" ({id_}) is not said any more. {NOTHING_TO_DO}')
        if now.text != text:
            raise NoSentence(
                f'The words of {id_} have changed since the page was printed: "{text}" is now "{now.text}" Print the '
                f"page again ({self._print}), and record it from there, with the new number and code in its name."
            )
        return now

    @property
    def _name(self) -> str:
        return self.names[self.language]

    @property
    def _print(self) -> str:
        return print_command(self.language)

    def _named(self, name: str, stem: str) -> Utterance:
        """By id. A stem may itself look like an ending: `welcome.machine` without `.wav` is a name too."""
        if (id_ := self._id(stem) or self._id(_bare(name))) is None:
            like = next(iter(get_close_matches(_folded(stem), self.now, 1)), "")
            nearest = f" (nearest: {like})" if like else ""
            raise NoSentence(
                f"No sentence is named {stem}{nearest}. Rename the file to the number and code on your page"
                f"{self._example(like)}. No page? Print one, and record from it: {self._print}"
            )
        # A name alone does not say which words were read, if any page has others.
        pages = [page for page in self.printed if id_ in page.text_of]
        if id_ in self.now and (other := next((p for p in pages if p.text_of[id_] != self.now[id_].text), None)):
            raise NoSentence(
                f'The words of {id_} have changed: old "{other.text_of[id_]}", new "{self.now[id_].text}" Which did '
                f"you say? Print the new page ({self._print}). If the new ones: rename the file to its number and code "
                "there. If the old ones: record it again."
            )
        if id_ in self.now and (text := self.waiting.get(id_, "")):
            raise NoSentence(
                f"A name alone does not say which words were read: callers hear {id_} as it was approved, "
                f'"{self.now[id_].text}", until a native speaker approves "{text}" Name it by number and code of '
                f"its page, if that has the words that callers hear. If not: keep the file, and import it once its "
                f"words are approved."
            )
        return self._still(id_, self.now[id_].text if id_ in self.now else pages[0].text_of[id_])

    def _example(self, id_: str) -> str:
        """How a sentence is named on the newest page; any sentence where that one is not on it."""
        if not self.printed:
            return ""
        ids = list(self.printed[0].text_of)
        return f", as in {self.printed[0].file_name(ids.index(id_) + 1 if id_ in ids else 1)}"

    def _id(self, written: str) -> str | None:
        """The only sentence of this name; forgiving capitals, and blanks for `+`."""
        known = {**dict.fromkeys(id_ for each in self.printed for id_ in each.text_of), **dict.fromkeys(self.now)}
        if written in known:
            return written
        alike = [id_ for id_ in known if _folded(id_) == _folded(written)]
        return alike[0] if len(alike) == 1 else None


def _bare(stem: str) -> str:
    """A name without what is added to one that is there already, and endings that were typed before the real one."""
    while True:
        shorter = re.sub(rf"({COPY.pattern}|{SOUND.pattern})$", "", stem, flags=re.IGNORECASE)
        if shorter == stem:
            return stem
        stem = shorter


def _folded(name: str) -> str:
    """A name without what a keyboard, a phone or a web page may change in it."""
    return re.sub(r"[\s+]+", "+", unicodedata.normalize("NFKC", name).strip().casefold()).replace("+-+", "-")


@dataclass(frozen=True)
class HandedIn:
    """The files to look at, what lies beside them in their folders, and remarks on what was named."""

    files: tuple[Path, ...]
    ignored: tuple[Path, ...]
    remarks: tuple[str, ...]


def handed_in(paths: Iterable[Path], sentences: Sentences, recorded: Path) -> HandedIn:
    """Files as they are named, and all files of folders. Each once; and never those in the folder `recorded` itself."""
    files, ignored, remarks = dict[Path, Path](), list[Path](), list[str]()
    own = recorded.resolve()
    for path in paths:
        if path.is_dir():
            inside = list(_inside(path, remarks))
            sounds = {_sentence(sentences, each) for each in inside if SOUND.fullmatch(each.suffix)} | {None}
            taken = list[Path]()
            for each in inside:
                # Without an ending it is one too; but not what a program keeps beside one, such as 5-bcdfgh.aup3.
                wanted = SOUND.fullmatch(each.suffix) or _sentence(sentences, each) not in sounds
                (taken if wanted else ignored).append(each)
            if not taken:
                remarks.append(f"{path}: this folder has no recordings in it")
        else:
            taken = [path]
        for each in taken:
            real = each.resolve()
            if own in real.parents:
                remarks.append(f"{each}: this file is already in use on the phone line. {NOTHING_TO_DO}")
            elif real in files:
                remarks.append(f"{each}: you gave this file twice; it was used once. {NOTHING_TO_DO}")
            else:
                files[real] = each
    return HandedIn(tuple(files.values()), tuple(ignored), tuple(remarks))


def _inside(folder: Path, remarks: list[str]) -> Iterator[Path]:
    """All files below a folder, but hidden ones."""

    def told(error: OSError) -> None:
        remarks.append(f"{error.filename}: it cannot be opened ({error.strerror})")

    for parent, folders, names in os.walk(folder, onerror=told):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _sentence(sentences: Sentences, path: Path) -> str | None:
    try:
        return sentences.of(path.name).id
    except NoSentence:
        return None
