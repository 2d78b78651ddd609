"""How an application sets a limit for its own answer, and what is sent in its place (rule O6).

It calls the function that it finds in the WSGI environment as `DEADLINE`. No thread waits for that but the one that
answers: the loop looks at its clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ivr.connections.answer import AnswerTask

DEADLINE = "ivr.deadline"
"""Key of a `SetDeadline` in the WSGI environment."""


class HttpAnswer(NamedTuple):
    """An answer as WSGI has it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


Instead = Callable[[], HttpAnswer]
InTime = Callable[[], bool]
SetDeadline = Callable[[float, Instead], InTime]
"""Sets the limit of this request: so many seconds after it came, `Instead` is called, in another thread, and its reply
is sent.

The application calls the function that it gets as soon as it has its own answer: False if that is too late, and will be
dropped.
"""


def no_deadline(_seconds: float, _instead: Instead) -> InTime:
    """What a `SetDeadline` is where a server has none: nothing is ever late."""
    return _always


def _always() -> bool:
    return True


class Deadlines:
    """The answers that have a limit, and when it is over. Whoever takes one out of it sends its answer, nobody else."""

    def __init__(self) -> None:
        self._waiting: dict[AnswerTask, tuple[float, Instead]] = {}

    def begin(self, answer: AnswerTask, due: float, instead: Instead) -> None:
        """It may take until then, on the monotonic clock."""
        self._waiting[answer] = (due, instead)

    def end(self, answer: AnswerTask) -> bool:
        """It is there; False if that is too late."""
        return self._waiting.pop(answer, None) is not None  # one step for the interpreter: no two threads get it

    def overdue(self, now: float) -> Iterator[tuple[AnswerTask, Instead]]:
        """Take out those whose time is over."""
        for answer, (due, instead) in self._waiting.copy().items():
            if now >= due:
                answer.instead_sent = threading.Event()  # before it is taken: its thread may come at any moment
                if self.end(answer):
                    yield answer, instead
