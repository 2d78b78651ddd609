"""The commands with a gateway that has no network: it rings one contact who has no telephone. Run by a test."""

from __future__ import annotations

import queue
import sys
from types import ModuleType
from typing import Any

from ivr.commands import main
from ivr.phone.network.port import Answered, ContactAct, ContactHangsUp, ContactPresses
from ivr.phone.simulation import contact_numbers
from tests.limits import PATIENCE

NAME = "on_call"


class GatewayFault(Exception):
    """As the gateway's own."""


class Gateway:
    """Rings the contact, and follows what is done at the terminal."""

    address = "sip:kemi@127.0.0.1:5060"

    def __init__(self, _listen: tuple[str, int], **given: Any) -> None:
        self._ring = given["without_phone"]

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def stop(self) -> None:
        pass

    def serve(self, _on_call: object) -> None:
        acts = queue.SimpleQueue[ContactAct]()
        ((number,),) = contact_numbers([NAME]).values()
        leg = self._ring(number, acts.put)
        for expected in (Answered, ContactPresses, ContactHangsUp):
            act = acts.get(timeout=PATIENCE)
            assert isinstance(act, expected), act
            print(f"done: {expected.__name__}", flush=True)
            leg.awaited()


if __name__ == "__main__":
    module = ModuleType("ivr.phone.sip.gateway")
    module.Gateway, module.GatewayFault = Gateway, GatewayFault  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    main()
