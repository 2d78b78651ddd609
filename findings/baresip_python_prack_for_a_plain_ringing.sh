#!/usr/bin/env bash
# baresip-python: with `100rel=yes`, a call from any phone that only supports 100rel cannot be answered until its PRACK has come, and
#   the ringing goes on behind the refusal.
#
# A good guess: `100rel=yes` supports reliable provisional answers (RFC 3262), so that phones that require them can call. A plain 180
#   Ringing without SDP may be followed by the answer at once, whatever has become of its PRACK (RFC 3262, 3: only a 1xx with a session
#   description must be acknowledged first). Once a final answer is sent, no provisional one follows.
# What happens: each phone that says "Supported: 100rel", as many do from the factory, is sent a reliable 180. `call.answer()` before the
#   PRACK raises "Resource temporarily unavailable". If the call is then refused, the same 180 is sent again and again after the 486.
#   On one machine the PRACK is mostly faster than the program, so a test sees nothing.
# Seen: 2026-11-29, baresip-python 0.5.2a3, Python 3.11; the phone sends its PRACK after 0.2 s, or never:
#   100rel=no, phone supports it, no PRACK: 180, then 200; answered
#   100rel=yes, phone supports it, PRACK after 0.2 s: 180 reliable, then 486; answer failed: Resource temporarily unavailable
#   100rel=yes, phone supports it, no PRACK: 180 reliable, then 486, then 180 again; answer failed: Resource temporarily unavailable
#   The check came with baresip pull request #2401, whose words are "awaiting a PRACK to a 1xx response with SDP".
# For a phone line: callers behind a network with some delay hear "busy" where the line answers at once, and some phones show ringing
#   after that. Leave 100rel off, and tell whoever looks after the phones not to require it; or answer again until it succeeds.
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install baresip-python==0.5.2a3
cat >line.py <<'PY'
import asyncio
import re
import socket
import sys
import time

from baresip import BaresipError, Config, Runtime, UserAgent


def here():
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind(("127.0.0.1", 0))
    return found


def rings(port, prack_after):
    """A phone of our own; what it is answered to its INVITE, within 2 s."""
    phone, sound, seen, to = here(), here(), [], f"<sip:line@127.0.0.1:{port}>"
    us, late = f"127.0.0.1:{phone.getsockname()[1]}", prack_after
    phone.settimeout(0.05)

    def ask(method, number, branch, body="", *more):
        lines = [f"{method} sip:line@127.0.0.1:{port} SIP/2.0", f"Via: SIP/2.0/UDP {us};rport;branch=z9hG4bK{branch}", "Max-Forwards: 70",
                 f"From: <sip:caller@{us}>;tag=c", f"To: {to}", f"Call-ID: {us}", f"CSeq: {number} {method}", f"Contact: <sip:caller@{us}>",
                 "Supported: 100rel", *more, *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body]
        phone.sendto("\r\n".join(lines).encode(), ("127.0.0.1", port))

    ask("INVITE", 1, "invite", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {sound.getsockname()[1]} RTP/AVP 0\r\n")
    number, began = None, time.monotonic()
    while (now := time.monotonic() - began) < 2:
        if late is not None and number and now >= late:
            ask("PRACK", 2, "prack", "", f"RAck: {number} 1 INVITE")
            late = None
        try:
            text = phone.recv(4096).decode()
        except TimeoutError:
            continue
        if not re.search("(?im)^CSeq: 1 INVITE", text):
            continue
        status, to = text.split()[1], re.search("(?im)^To: (.*?)\r", text)[1]
        number = (re.search("(?im)^RSeq: (.*?)\r", text) or [0, number])[1]
        name = status + (" reliable" if status == "180" and number else "")
        if status == "180" and any(one[:3] in ("200", "486") for one in seen):
            name = "180 again"
        if not seen or seen[-1] != name:
            seen.append(name)
        if status in ("200", "486"):
            ask("ACK", 1, "invite" if status == "486" else "ack")
    return ", then ".join(seen)


async def main(mode, prack_after):
    runtime, told, waiting = Runtime(), [], []
    with here() as free:
        port = free.getsockname()[1]
    await runtime.start(Config(net_interface="127.0.0.1", extra_config_text=f"sip_listen 127.0.0.1:{port}\n"))
    line = await UserAgent.create(runtime, f"<sip:line@127.0.0.1:{port}>;regint=0;answermode=manual;audio_codecs=pcmu;video_codecs=\"\";100rel={mode}")

    async def answer(call):
        try:
            await call.answer()
            told.append("answered")
        except BaresipError as fault:
            told.append(str(fault))
            await call.reject()

    line.on_incoming(lambda call: waiting.append(asyncio.get_running_loop().create_task(answer(call))))
    seen = await asyncio.to_thread(rings, port, prack_after)
    when = "no PRACK" if prack_after is None else f"PRACK after {prack_after} s"
    print(f"100rel={mode}, phone supports it, {when}: {seen}; {' '.join(told)}", flush=True)
    await runtime.close()


asyncio.run(main(sys.argv[1], float(sys.argv[2]) if sys.argv[2:] else None))
PY
{ v/bin/python line.py no; v/bin/python line.py yes 0.2; v/bin/python line.py yes; } | tee seen
diff seen - <<'SEEN'
100rel=no, phone supports it, no PRACK: 180, then 200; answered
100rel=yes, phone supports it, PRACK after 0.2 s: 180 reliable, then 486; answer failed: Resource temporarily unavailable
100rel=yes, phone supports it, no PRACK: 180 reliable, then 486, then 180 again; answer failed: Resource temporarily unavailable
SEEN
echo "as seen"
