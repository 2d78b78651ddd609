"""A call that began under version 0.1 rings the urgent line as often as it would have: its rounds were nodes."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.core.call import CallState, Dial, HangUp, KeyPressed, NoInput, TransferEnded
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.flow import fingerprint
from ivr.telephony.twiml import urls, version_0_1
from tests.telephony.conftest import DAY

NIGHT = DAY.replace(hour=22)
RINGS_LEFT = {
    "last_words": 3,
    "last_words_second": 2,
    "last_words_third": 1,
    "on_call_third": 2,
    "on_call_fourth": 1,
    "on_call_fifth": 0,
    **{f"{name}_before_second": 2 for name in ("opened", "nobody", "instructor")},
    **{f"{name}_before_third": 1 for name in ("opened", "nobody", "instructor")},
}
"""Node of version 0.1 -> how often the urgent line still rings for a caller who says nothing."""


@pytest.mark.parametrize("now", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("name", RINGS_LEFT)
def test_it_rings_as_often_as_it_would_have(content: Content, name: str, now: datetime) -> None:
    state, _, _ = version_0_1.read_state(content, {"lang": "en"}, name)
    event: NoInput | TransferEnded = TransferEnded("no_answer") if name.startswith("on_call") else NoInput()
    rings = 0
    for _ in range(30):
        taken = step(content, state, event, now)
        if isinstance(taken.action, HangUp):
            break
        rings += isinstance(taken.action, Dial) and taken.action.contact == "on_call"
        state, event = taken.state, TransferEnded("no_answer") if isinstance(taken.action, Dial) else NoInput()
    else:
        pytest.fail("the call does not end")
    assert rings == RINGS_LEFT[name]


def test_every_node_that_was_a_round_is_here() -> None:
    assert RINGS_LEFT.keys() == version_0_1.NODES.keys()


def test_any_other_node_has_kept_its_name_and_begins_anew(content: Content) -> None:
    query = {"lang": "en", "about": "child", "try": "1", "round": "2", "t": "7", "rev": "x"}
    state, revision, started = version_0_1.read_state(content, query, "main_open")
    assert (state, revision, started) == (CallState("main_open", "en", "child", 1, 0), "x", 7)
    assert version_0_1.read_state(content, {}, "nowhere")[0] == CallState("nowhere")


def test_a_menu_whose_keys_lead_where_they_did_takes_them(content: Content) -> None:
    """The revision of version 0.1 told where each key leads, and of a language menu, which language it chooses."""
    flow = content.flow
    menu = flow.nodes["main_open"]
    keys = sorted((key, option.to) for key, option in menu.options.items())  # type: ignore[union-attr]
    languages = sorted(content.choices(flow.nodes["choose_language"]).items())  # type: ignore[arg-type]
    for name, meanings in (("main_open", keys), ("choose_language", languages)):
        rev = fingerprint(*(f"{key}={leads_to}" for key, leads_to in meanings))
        state, revision, _ = version_0_1.read_state(content, {"lang": "en", "rev": rev}, name)
        assert revision == content.revision(name, "en") != rev
        assert step(content, state, KeyPressed(meanings[0][0], revision), DAY).exit == meanings[0][0]
        assert version_0_1.read_state(content, {"lang": "en", "rev": f"{rev}0"}, name)[1] == f"{rev}0"


def test_what_is_read_is_bounded(content: Content) -> None:
    read = urls.read_state(content, {"try": "12", "round": "10", "t": "9" * 11, "lang": "xx", "matter": "y"}, "n")
    assert read == (CallState("n", None, "guidance", 9, 9), "", 99_999_999_999)
    assert urls.read_state(content, {"t": str(10**11 + 1)}, "n")[2] == 10**11
    for odd in ("", "-1", "1.5", "x", "²", "1" * 20):
        assert urls.read_state(content, {"try": odd, "round": odd, "t": odd}, "n") == (CallState("n"), "", None)
    assert urls.read_state(content, {"t": "1" * 19}, "n")[2] == 10**11
    assert urls.read_query("a=1&b&c=2=3&d=") == {"a": "1", "c": "2=3", "d": ""}
