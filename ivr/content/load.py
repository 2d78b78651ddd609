"""Read `prompts/` into one Content, with every fault of every file at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ivr.content.checks.flow import check_flow
from ivr.content.checks.lint import lint
from ivr.content.checks.texts import Texts, check_texts, gap, lapsed_exceptions, unreviewed
from ivr.content.files import FLOW, LANGUAGES, OFFICE, SOURCE, po_name
from ivr.content.po import PoFile, read_po
from ivr.content.yaml import YamlFile, read_yaml, validate
from ivr.core.content import Content
from ivr.core.flow import Flow
from ivr.core.issue import Issue, any_broken
from ivr.core.languages import Languages
from ivr.core.office import Office
from ivr.core.prompts import Catalogue


@dataclass(frozen=True)
class Loaded:
    """The content, or None where it is broken, and all that was found wrong with it."""

    content: Content | None
    issues: tuple[Issue, ...]
    files: Mapping[str, YamlFile | PoFile] = field(default_factory=dict, repr=False)
    texts: Texts | None = field(default=None, repr=False)

    def in_order(self, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Issues with their lines, the worst first."""
        located = (
            self.files[issue.file].locate(issue) if not issue.line and issue.file in self.files else issue
            for issue in issues
        )
        order = {"broken": 0, "incomplete": 1, "note": 2}
        return tuple(sorted(located, key=lambda issue: (order[issue.severity], issue.file, issue.line)))


def load(folder: Path, today: date) -> Loaded:
    """Read and check the content in a folder laid out like `prompts/`; `today` tells which exceptions are past."""
    return _Loader(folder).load(today)


class _Loader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, YamlFile | PoFile] = {}
        self._issues: list[Issue] = []

    def load(self, today: date) -> Loaded:
        yamls = {name: self._yaml(name) for name in (FLOW, OFFICE, LANGUAGES)}
        flow, office, languages = (
            self._model(yamls[name], model) for name, model in ((FLOW, Flow), (OFFICE, Office), (LANGUAGES, Languages))
        )
        source = self._po(SOURCE)
        translated = self._translations(languages) if isinstance(languages, Languages) else {}
        if not (isinstance(flow, Flow) and isinstance(office, Office) and isinstance(languages, Languages)):
            return self._loaded(None)
        self._issues += check_flow(flow, office, languages)
        self._issues += lapsed_exceptions(office, today)
        if source is None:
            return self._loaded(None)
        read = {languages.source: source, **{code: file for code, file in translated.items() if file}}
        texts = Texts(
            flow,
            office,
            languages,
            source.texts,
            {code: file.texts for code, file in read.items() if file is not source},
            {code: file.review for code, file in read.items() if file.review},
        )
        self._issues += [*check_texts(texts), *lint(texts), *unreviewed(texts)]
        content = None if any_broken(self._issues) else self._content(texts)
        return self._loaded(content, texts)

    def _content(self, texts: Texts) -> Content:
        incomplete = {issue.language for issue in self._issues if issue.severity == "incomplete"}
        spoken = {
            code: {id_: text.translation for id_, text in entries.items()}
            for code, entries in texts.translations.items()
        }
        spoken[texts.languages.source] = {id_: text.source for id_, text in texts.sources.items()}
        marked = {
            code: {id_: text.spoken or text.translation for id_, text in entries.items()}
            for code, entries in texts.translations.items()
            if any(text.spoken for text in entries.values())
        }
        whole = frozenset(code for code in texts.languages.languages if code in spoken and code not in incomplete)
        return Content(
            texts.flow, texts.office, texts.languages, Catalogue(spoken, {c: m for c, m in marked.items() if m}), whole
        )

    def _translations(self, languages: Languages) -> dict[str, PoFile | None]:
        """Every translation; an unreadable file costs its language, or the line if it speaks first."""
        found = {}
        for code in languages.languages:
            if code == languages.source:
                continue
            before = len(self._issues)
            found[code] = self._po(po_name(code))
            self._issues[before:] = [
                replace(issue, severity=gap(languages, code), language=code) for issue in self._issues[before:]
            ]
        return found

    def _yaml(self, name: str) -> YamlFile | None:
        file, issues = read_yaml(self._folder / Path(name).name, name)
        self._keep(name, file, issues)
        return file if not issues else None

    def _po(self, name: str) -> PoFile | None:
        file, issues = read_po(self._folder / Path(name).name, name)
        self._keep(name, file, issues)
        return file

    def _keep(self, name: str, file: YamlFile | PoFile | None, issues: Iterable[Issue]) -> None:
        self._issues += issues
        if file:
            self._files[name] = file

    def _model(
        self, file: YamlFile | None, model: type[Flow] | type[Office] | type[Languages]
    ) -> Flow | Office | Languages | None:
        if file is None:
            return None
        value, issues = validate(file, model)
        self._issues += issues
        return value

    def _loaded(self, content: Content | None, texts: Texts | None = None) -> Loaded:
        loaded = Loaded(content, (), self._files, texts)
        return replace(loaded, issues=loaded.in_order(self._issues))
