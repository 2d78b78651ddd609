"""What a real `ivr serve` loads: nothing of the phones, and nothing that only commands for people need."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.test_serve import ENVIRONMENT

IMPORTED = re.compile(r"import time: +\d+ \| +\d+ \| +(\S+)")
UNWANTED = ("ivr.phone", "ivr.commands.phone", "ivr.commands.texts", "ivr.commands.audio", "ivr.content.sheet", "rich")
BY_FLASK_ITSELF = ("jinja2", "werkzeug.test")
"""Flask imports these when it is imported; nothing of ours may be the reason for them."""


def loaded(*command: str, until: str | None = None, **environment: str) -> set[str]:
    """The modules that a process has imported, up to a line that it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    lines = list[str]()
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", *command], env={**clean, **environment}, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            lines.append(line)
            if until and until in line:
                process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0, "".join(lines[-20:])
    assert not until or any(until in line for line in lines)
    return {found[1] for line in lines if (found := IMPORTED.match(line))}


def test_a_served_line_loads_neither_phones_nor_tables_nor_templates(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path, *FIRST)
    serve = loaded(
        *("-m", "ivr", "serve", "--port", "0"), until="answering on", **ENVIRONMENT, IVR_SITE=str(prompts.folder)
    )
    assert {"ivr.core.engine", "ivr.proof.walk", "waitress.server", "twilio.twiml.voice_response"} <= serve
    assert {name for name in serve if name.startswith(UNWANTED)} == set()
    flask = loaded("-c", "import flask")
    assert {name for name in serve - flask if name.startswith(BY_FLASK_ITSELF)} == set()
