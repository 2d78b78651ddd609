"""Plants every fault in a real `ivr serve` and rings it: a person or 112, a sign for operators, and all is well after.

`make test` plants one fault of each kind, `make faults` all of them (`--all-faults`).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from tests.conftest import ROOT
from tests.faults.faults import FAULTS, Fault, Kind, Scene
from tests.faults.ring import Telephone
from tests.faults.served import served
from tests.limits import until

TABLE = ROOT / "docs" / "faults.md"
HEAD = """# Faults that were planted

Each of these was planted in a running `ivr serve` (`make faults`), and the line was rung while it lasted. Where the
line gives no answer, the provider goes on with its fallback address: the file that `ivr fallback` makes. When the fault
was over, every alarm cleared by itself, and the next call was answered as if nothing had been. *Told* names the alarm,
in `/health` of the operators' port and in the log; where nothing stands, no caller suffers. The rules are those of
`ivr rules`. The tests make this table: `pytest tests/faults --update`.

| fault | the caller gets | told | rule |
|---|---|---|---|
"""


def all_well(scene: Scene) -> None:
    """Nothing is told any more, and somebody who waits talks to a person without the fallback."""
    until(lambda: scene.line.alarms() == {}, lambda: str(scene.line.health()))
    assert scene.line.public_status() == 200
    heard = scene.ring()
    assert heard.talked
    assert heard.failed == []
    assert not heard.fell_back


PLANTED = [
    pytest.param(fault, id=f"{fault.kind}: {fault.what}", marks=() if fault.quick else pytest.mark.long)
    for fault in FAULTS
]


@pytest.mark.parametrize("fault", PLANTED)
def test_fault(fault: Fault, template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line", **dict(fault.environment)) as line:
        line.start()
        scene = Scene(line, Telephone(line))
        with scene.open:
            all_well(scene)
            fault.begin(scene)
            for scene.telephone.unusual in (True, False):
                heard = fault.caller(scene)
                assert heard.rang, "nobody was rung"
                assert heard.talked if fault.gets == "a person" else heard.heard_112, "\n".join(heard.words)
            if fault.sign:
                until(lambda: fault.sign in line.alarms(), lambda: f"{line.health()}\n{''.join(line.told)}")
            else:
                assert line.alarms() == {}
            fault.end(scene)
        all_well(scene)
        assert line.stop() == 0, "".join(line.told)
        assert not [number for number in ("401234567", "401234501", "401234502") if number in "".join(line.told)]


def test_every_kind_is_planted_in_make_test() -> None:
    assert {fault.kind for fault in FAULTS if fault.quick} == set(get_args(Kind))
    assert {fault.kind for fault in FAULTS} == set(get_args(Kind))


def test_there_are_sixty_and_each_is_named_once() -> None:
    assert len(FAULTS) >= 60
    assert [what for what, times in Counter(fault.what for fault in FAULTS).items() if times > 1] == []


def test_the_table_is_that_of_the_faults(request: pytest.FixtureRequest) -> None:
    rows = "".join(f"| {f.what} | {f.gets} | {f.sign.replace('_', ' ')} | {f.rule} |\n" for f in FAULTS)
    if request.config.getoption("--update"):
        TABLE.write_text(HEAD + rows, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == HEAD + rows, "pytest tests/faults --update writes it anew"
