"""Load a site into one Content, and report every fault of every file at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ivr.content.approval import Approval, Approvals, later, read_approvals, read_heard
from ivr.content.checks.approval import Kept, approval_issues, as_said, kept_wordings, safety_sentences
from ivr.content.checks.flow import check_flow
from ivr.content.checks.hours import plain_where_too_long
from ivr.content.checks.lint import lint
from ivr.content.checks.pages import LeftOut, pages_left_out
from ivr.content.checks.texts import check_texts, lapsed_exceptions
from ivr.content.files import FLOW, LANGUAGES, OFFICE, SOURCE, po_name
from ivr.content.po import PoFile, in_reading_order, read_po
from ivr.content.texts import Texts
from ivr.content.yaml import Model, YamlFile, read_yaml, validate
from ivr.core.characters import composed
from ivr.core.content import Content
from ivr.core.flow import Flow
from ivr.core.issue import Issue, any_broken
from ivr.core.languages import Languages, gap_severity
from ivr.core.office import Office
from ivr.core.prompts import SAFETY, Catalogue


@dataclass(frozen=True)
class Loaded:
    """What was loaded: `content` is None where a file is broken, `texts` where the texts could not all be read.

    `kept`: the approved wordings that are said in place of texts that have changed since.
    """

    content: Content | None
    issues: tuple[Issue, ...]
    files: Mapping[str, YamlFile | PoFile] = field(default_factory=dict, repr=False)
    texts: Texts | None = field(default=None, repr=False)
    kept: Kept = field(default_factory=dict, repr=False)

    def said(self, language: str, prompt: str) -> str:
        """The words of a text as callers hear them; empty where they hear none, and where texts cannot be read."""
        if self.texts is None:
            return ""
        if kept := self.kept.get(language, {}).get(prompt):
            return kept.text
        heard = language == self.texts.languages.source or _may_be_said(self.texts, language, prompt)
        return self.texts.wording(language, prompt).translation if heard else ""

    def waiting(self, language: str) -> Mapping[str, str]:
        """Id -> its text as it is written, where callers hear other words until that is approved."""
        if self.texts is None:
            return {}
        written = {id_: self.texts.wording(language, id_).translation for id_ in self.kept.get(language, {})}
        return {id_: text for id_, text in written.items() if composed(text) != self.kept[language][id_].text}

    @property
    def as_written(self) -> Content | None:
        """The content in which every text is said as it is written now: what is recorded and approved next.

        It differs where callers hear the words approved last, as nobody has approved the new ones yet.
        """
        if self.content is None or self.texts is None or not self.kept:
            return self.content
        texts = {code: dict(own) for code, own in self.content.catalogue.texts.items()}
        spoken = {code: dict(own) for code, own in self.content.catalogue.spoken.items()}
        for code, wordings in self.kept.items():
            for id_ in wordings:
                if self.texts.state(code, id_) == "fresh":
                    new = self.texts.wording(code, id_)
                    texts[code][id_] = new.translation
                    if code in spoken:
                        spoken[code][id_] = new.spoken or in_reading_order(new.translation)
        return replace(self.content, catalogue=Catalogue(texts, spoken))

    def in_order(self, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Fill in the lines of issues, and sort them by severity (the worst first), file and line."""
        located = (
            self.files[issue.file].locate(issue) if not issue.line and issue.file in self.files else issue
            for issue in issues
        )
        order = {"broken": 0, "incomplete": 1, "note": 2}
        return tuple(sorted(located, key=lambda issue: (order[issue.severity], issue.file, issue.line)))


def _may_be_said(texts: Texts, language: str, prompt: str) -> bool:
    """Whether a translation may be heard, also in a call that was under way when its language became incomplete."""
    state = texts.state(language, prompt) if prompt in texts.sources else "missing"
    return state == "fresh" or (state == "stale" and not prompt.startswith(SAFETY))


def load(folder: Path, today: date, recordings: Path | None = None) -> Loaded:
    """Read and check the site in a folder. `today` decides which exceptions of the opening hours are past.

    `recordings`: the folder of the recordings of people, with what was approved in the listening room.
    """
    return _Loader(folder, recordings).load(today)


def load_office(folder: Path) -> tuple[Office | None, tuple[Issue, ...]]:
    """Read and check the office of a site alone, whatever its other files are like."""
    loader = _Loader(folder)
    return loader.office(), loader.issues()


class _Loader:
    """Reads the files of one folder, and collects them with their issues."""

    def __init__(self, folder: Path, recordings: Path | None = None) -> None:
        self._folder, self._recordings = folder, recordings
        self._files: dict[str, YamlFile | PoFile] = {}
        self._issues: list[Issue] = []

    def office(self) -> Office | None:
        return self._yaml(OFFICE, Office)

    def issues(self) -> tuple[Issue, ...]:
        return self._loaded(None).issues

    def load(self, today: date) -> Loaded:
        flow, office = self._yaml(FLOW, Flow), self.office()
        languages = self._yaml(LANGUAGES, Languages)
        source = self._po(SOURCE)
        translated = self._translations(languages) if languages else {}
        if flow is None or office is None or languages is None:
            return self._loaded(None)
        self._issues += check_flow(flow, office, languages)
        self._issues += lapsed_exceptions(office, today)
        if source is None:
            return self._loaded(None)
        texts = Texts(flow, office, languages, source.texts, {code: file.texts for code, file in translated.items()})
        texts = replace(texts, approvals={code: self._approvals(code, texts) for code in languages.languages})
        kept = kept_wordings(texts)
        safety = safety_sentences(texts, kept)
        issues = as_said([*check_texts(texts), *lint(texts)], kept)
        issues, left_out = pages_left_out(texts, [*issues, *approval_issues(texts, safety)])
        self._issues += issues
        if any_broken(self._issues):
            return self._loaded(None, texts, kept)
        content = replace(self._content(texts, kept, left_out), safety=safety)
        content, notes = plain_where_too_long(content, today)
        self._issues += notes
        return self._loaded(content, texts, kept)

    def _content(self, texts: Texts, kept: Kept, left_out: LeftOut) -> Content:
        incomplete = {issue.language for issue in self._issues if issue.severity == "incomplete"}
        written = {
            code: {id_: text.translation for id_, text in entries.items() if _may_be_said(texts, code, id_)}
            for code, entries in texts.translations.items()
        }
        written[texts.languages.source] = {id_: text.source for id_, text in texts.sources.items()}
        spoken = {
            code: {id_: text.spoken or in_reading_order(text.translation) for id_, text in entries.items()}
            for code, entries in texts.translations.items()
            if texts.languages.languages[code].needs_marks or any(text.spoken for text in entries.values())
        }
        for code, wordings in kept.items():
            written[code] |= {id_: words.text for id_, words in wordings.items()}
            if code in spoken or any(words.spoken for words in wordings.values()):
                own = spoken.setdefault(code, dict(written[code]))
                own |= {id_: words.spoken or words.text for id_, words in wordings.items()}
        complete = frozenset(code for code in texts.languages.languages if code in written and code not in incomplete)
        catalogue = Catalogue(written, spoken)
        return Content(texts.flow, texts.office, texts.languages, catalogue, complete, left_out=left_out)

    def _translations(self, languages: Languages) -> dict[str, PoFile]:
        """Every translation that can be read. One that cannot is a gap in its language only."""
        found = {}
        for code in languages.languages:
            if code == languages.source:
                continue
            before = len(self._issues)
            if file := self._po(po_name(code)):
                found[code] = file
            severity = gap_severity(languages, code)
            self._issues[before:] = [
                replace(issue, severity=severity, language=code) for issue in self._issues[before:]
            ]
        return found

    def _approvals(self, code: str, texts: Texts) -> Mapping[str, Approval]:
        """What native speakers have approved in a language. What is wrong there is told, and is not approved."""

        def is_of_now(id_: str, approval: Approval) -> bool:
            return id_ in texts.sources and approval.is_of(
                texts.wording(code, id_).translation, texts.sources[id_].source
            )

        of_site = self._read(read_approvals(self._folder, code))
        heard = self._read(read_heard(self._recordings, code)) if self._recordings else {}
        return later(of_site, heard, is_of_now)

    def _read(self, approvals: Approvals) -> Mapping[str, Approval]:
        if approvals.file:
            self._files[approvals.file.name] = approvals.file
        self._issues += approvals.issues
        return approvals.valid

    def _yaml(self, name: str, model: type[Model]) -> Model | None:
        """A YAML file as its model; None where it cannot be read or is not valid."""
        value = None
        file, issues = read_yaml(self._folder / Path(name).name, name)
        if file:
            self._files[name] = file
            value, more = validate(file, model)
            told = {issue.line for issue in issues}
            issues += [issue for issue in more if issue.line not in told]
        self._issues += issues
        return None if issues else value

    def _po(self, name: str) -> PoFile | None:
        file, issues = read_po(self._folder / Path(name).name, name)
        self._issues += issues
        if file:
            self._files[name] = file
        return file

    def _loaded(self, content: Content | None, texts: Texts | None = None, kept: Kept | None = None) -> Loaded:
        loaded = Loaded(content, (), self._files, texts, kept or {})
        return replace(loaded, issues=loaded.in_order(self._issues))
