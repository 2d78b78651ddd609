"""Optional pages: what is wrong with a text of one costs that page in that language, and not the language (rule K3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ivr.content.checks.flow import said_items
from ivr.content.texts import Texts
from ivr.core.flow import Flow, Menu
from ivr.core.issue import Issue

LeftOut = frozenset[tuple[str, str]]
"""Pages, each with a language that has to do without it."""


def pages_left_out(texts: Texts, issues: Sequence[Issue]) -> tuple[list[Issue], LeftOut]:
    """The issues, those of optional pages as issues of the page only; and the pages that are left out for them.

    A language that is not offered for another reason keeps its issues as they are. So does the English source: without
    it nobody could translate the page.
    """
    by_text, told, left_out = _pages_by_text(texts.flow), list[Issue](), set[tuple[str, str]]()
    costs = [_pages_it_costs(issue, by_text, texts.languages.source) for issue in issues]
    not_offered = {
        i.language for i, pages in zip(issues, costs, strict=True) if not pages and i.severity == "incomplete"
    }
    for issue, pages in zip(issues, costs, strict=True):
        left_out |= {(page, issue.language or "") for page in pages}
        told.append(issue if not pages or issue.language in not_offered else _of_pages(issue, pages))
    return told, frozenset(left_out)


def _pages_it_costs(issue: Issue, by_text: Mapping[str, frozenset[str]], source: str) -> frozenset[str]:
    """The optional pages that a language cannot have for an issue; none where it is about something else."""
    if issue.severity == "note" or issue.language in (None, source) or not issue.where:
        return frozenset()
    return by_text.get(issue.where[0], frozenset())


def _of_pages(issue: Issue, pages: frozenset[str]) -> Issue:
    """The issue as one that does not take its language off the line."""
    named = " and ".join(f"'{page}'" for page in sorted(pages))
    message = f"{issue.message}; {issue.language} is offered without the page {named}"
    return replace(issue, severity="incomplete", message=message, language=None)


def _pages_by_text(flow: Flow) -> Mapping[str, frozenset[str]]:
    """Id -> the optional pages that say it or are offered by it, of each text that nothing else says."""
    pages = defaultdict[str, set[str | None]](set)
    for id_, page in _said_by(flow):
        pages[id_].add(page)
    return {id_: frozenset(filter(None, by)) for id_, by in pages.items() if None not in by}


def _said_by(flow: Flow) -> Iterator[tuple[str, str | None]]:
    """Each text with the optional page that it belongs to; None: it is said by something else, or by the program."""
    yield from ((id_, None) for id_ in flow.roles.model_dump().values())
    for (_, name, part, *rest), item in said_items(flow):
        node, page = flow.nodes[name], name
        if part == "options" and isinstance(node, Menu) and _is_optional(flow, to := node.options[rest[0]].to):
            page = to
        yield item.name, page if _is_optional(flow, page) else None


def _is_optional(flow: Flow, name: str) -> bool:
    return name in flow.nodes and flow.nodes[name].optional
