"""The registry of rules, `ivr rules`, and docs/rules.md, which tells of each rule what catches it when it is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.proof import registry
from ivr.proof.registry import Finding, rule, rules
from ivr.proof.report import rule_text
from tests.conftest import ROOT
from tests.faults.faults import FAULTS as PLANTED
from tests.proof.test_left_out import FAULTS as LEFT_OUT
from tests.proof.test_proofs import ALL, BROKEN
from tests.proof.test_seeded_faults import FAULTS
from tests.proof.test_sound import DOCTORS

DOCUMENT = ROOT / "docs" / "rules.md"
INTRODUCTION = """# The rules

What a caller may count on, each with what proves it and what breaks it in the tests. `ivr rules` prints the list,
`ivr rules K4` one of them. This file is written by `pytest tests/proof/test_rules.py --update`.

K: keys. M: menus. F: first words. T: transfers. W: words. S: sound. P: privacy. O: when something breaks.
"""
IN_OTHER_TESTS = {
    "K3": list(LEFT_OUT),
    "M0": ["a recording that is too long, copied under a running line"],
    "S1": [doctor.__name__.replace("_", " ") for doctor in DOCTORS],
    "S2": ["a language spoken too fast", "a slow version that is not slower"],
    "S3": ["a language spoken by two engines"],
    "S4": ["any change of hours, dates, holidays, texts or order between the script and the import"],
    "W3": ["a text without its full stop"],
    "P1": ["a number that a running line prints, planted"],
    "P2": ["a verb that records or writes to somebody, planted"],
    "O4": ["a day that is closed while the line runs"],
    "O7": ["one of two processes that is lost, in the middle of a call"],
}
"""What breaks the rules that neither a content nor a fault breaks; in tests/proof, tests/speech,
tests/faults, test_privacy and test_nothing_unasked."""


def catchers(id_: str) -> Iterator[str]:
    yield from (f"content: {what}" for rule_, what, _ in BROKEN if rule_ == id_)
    yield from dict.fromkeys(f"fault: {fault.what}" for fault in FAULTS if fault.caught_by == id_)
    yield from (f"planted in a running line: {fault.what}" for fault in PLANTED if fault.rule == id_)
    yield from (f"test: {what}" for what in IN_OTHER_TESTS.get(id_, ()))


def document() -> str:
    parts = [INTRODUCTION]
    for id_, each in rules().items():
        text = rule_text(each).replace("\n", "\n\n")
        parts.append(f"## {id_}\n\n{text}. Broken by:\n\n" + "".join(f"- {what}\n" for what in catchers(id_)))
    return "\n".join(parts)


def test_the_document_is_what_the_registry_says(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update"):
        DOCUMENT.write_text(document(), encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: pytest tests/proof/test_rules.py --update"


@pytest.mark.parametrize("id_", ALL)
def test_every_rule_is_broken_by_something(id_: str) -> None:
    assert list(catchers(id_))


def test_ivr_rules_prints_all_of_them_or_those_named() -> None:
    every = CliRunner().invoke(main, ["rules"]).output
    for each in rules().values():
        assert rule_text(each) in every
    assert CliRunner().invoke(main, ["rules", "T4", "K1"]).output == (
        f"{rule_text(rules()['T4'])}\n\n{rule_text(rules()['K1'])}\n"
    )


def test_an_unknown_rule_is_told_with_those_that_there_are() -> None:
    result = CliRunner().invoke(main, ["rules", "Z9"])
    assert result.exit_code == 2
    assert "there is no rule Z9; there are K1, K2" in result.output


def test_an_id_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_RULES", dict(registry._RULES))
    with pytest.raises(ValueError, match="rule K1 stands twice"):
        rule("K1", "walk", "Something else.")(lambda _evidence: Finding(""))


def test_every_rule_that_the_code_cites_is_in_the_registry() -> None:
    cited = {
        id_
        for path in (ROOT / "ivr").rglob("*.py")
        for found in re.findall(r"\brules? ((?:[A-Z]\d(?:, | and )?)+)", path.read_text(encoding="utf-8"))
        for id_ in re.findall(r"[A-Z]\d", found)
    }
    assert len(cited) > 15
    assert cited <= set(rules())
