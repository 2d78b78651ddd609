#!/usr/bin/env bash
# baresip-python: a phone that holds the call the old way stops the sound, and neither event nor `remote_on_hold` tells of it.
#
# A good guess: `remote_on_hold` is true while the far end holds us; the documentation names two limits (sound only, an established
#   call), and a hold by the address 0.0.0.0, the way of RFC 2543 that old phones and adapters still use, is none of them.
# What happens: the hold is obeyed, no packet is sent any more and what was written is thrown away, but CALL_HOLD does not come and
#   `remote_on_hold` stays false. write() raises AudioRestarted once and then takes 0 bytes for as long as it lasts. The same with
#   a media port of 0. Only `audio.info().tx_ready` tells.
# Seen: 2026-11-29, baresip-python 0.5.2a3 (libre 4.10.0), Python 3.11. No report of it was found.
#   not held: events none; remote_on_hold False; tx_ready True; sound comes
#   held by a=sendonly: events CALL_HOLD; remote_on_hold True; tx_ready False; no sound
#   resumed: events CALL_RESUME; remote_on_hold False; tx_ready True; sound comes
#   held by c=0.0.0.0: events none; remote_on_hold False; tx_ready False; no sound
#   resumed: events none; remote_on_hold False; tx_ready True; sound comes
# For a phone line: the line reads a menu to nobody, and whoever waits in a loop until all was written waits until the caller is back.
#   Look at tx_ready before each piece, and begin the sentence again after a hold.
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install baresip-python==0.5.2a3
cat >phone.py <<'PY'
"""A phone of our own, by plain sockets."""
import re
import socket
import threading


def here():
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind(("127.0.0.1", 0))
    return found


def free_port():
    with here() as found:
        return found.getsockname()[1]


class Phone:
    def __init__(self, line):
        self.sip, self.rtp, self.line = here(), here(), ("127.0.0.1", line)
        self.us, self.number, self.heard, self.asked, self.answered = f"127.0.0.1:{self.sip.getsockname()[1]}", 0, 0, [], threading.Event()
        self.to = f"<sip:line@127.0.0.1:{line}>"
        for work in self.listen, self.listen_to_sound:
            threading.Thread(target=work, daemon=True).start()

    def sdp(self, address="127.0.0.1", way="sendrecv"):
        return (f"v=0\r\no=- 1 {self.number} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
                f"m=audio {self.rtp.getsockname()[1]} RTP/AVP 0\r\na={way}\r\n")

    def request(self, method, body=""):
        self.number += method != "ACK"
        self.answered.clear()
        lines = [
            f"{method} sip:line@127.0.0.1:{self.line[1]} SIP/2.0", f"Via: SIP/2.0/UDP {self.us};branch=z9hG4bK{method}{self.number};rport",
            "Max-Forwards: 70", f"From: <sip:caller@{self.us}>;tag=c", f"To: {self.to}", f"Call-ID: {self.us}",
            f"CSeq: {self.number} {method}", f"Contact: <sip:caller@{self.us}>", "Content-Type: application/sdp",
            f"Content-Length: {len(body)}", "", body,
        ]
        self.sip.sendto("\r\n".join(lines).encode(), self.line)

    def invite(self, *changed):
        self.request("INVITE", self.sdp(*changed))
        assert self.answered.wait(5)

    def listen(self):
        while True:
            text = self.sip.recv(4096).decode()
            head = text.split("\r\n")
            if head[0].startswith("SIP/2.0 200") and " INVITE" in text:
                self.to = re.search("(?im)^To: (.*?)\r", text)[1]
                self.sound = int(re.search(r"m=audio (\d+)", text)[1])
                self.request("ACK")
                self.answered.set()
            elif not head[0].startswith(("SIP/2.0", "ACK")):
                self.asked.append((head[0].split()[0], " ".join(re.findall(r"a=rtpmap:\d+ (.*?)/", text))))
                kept = [line for line in head if line.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))]
                body = self.sdp() if head[0].startswith("INVITE") else ""
                kept += [f"Contact: <sip:caller@{self.us}>", "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body]
                self.sip.sendto("\r\n".join(["SIP/2.0 200 OK", *kept]).encode(), self.line)

    def listen_to_sound(self):
        while True:
            self.rtp.recv(2048)
            self.heard += 1
PY
cat >holds.py <<'PY'
import asyncio

from baresip import Config, Runtime, UserAgent

from phone import Phone, free_port


async def main():
    runtime, port, calls, events = Runtime(), free_port(), [], []
    await runtime.start(Config(net_interface="127.0.0.1", extra_config_text=f"sip_listen 127.0.0.1:{port}\n"))
    line = await UserAgent.create(runtime, f"<sip:line@127.0.0.1:{port}>;regint=0;answermode=manual;audio_codecs=pcmu;video_codecs=\"\"")

    def incoming(call):
        calls.append(call)
        call.on(lambda event: events.append(event.event.name) if event.event.name in ("CALL_HOLD", "CALL_RESUME") else None)
        asyncio.get_running_loop().create_task(call.answer())

    line.on_incoming(incoming)
    phone = Phone(port)
    for name, changed in (
        ("not held", ()), ("held by a=sendonly", ("127.0.0.1", "sendonly")), ("resumed", ()),
        ("held by c=0.0.0.0", ("0.0.0.0",)), ("resumed", ()),
    ):
        events.clear()
        await asyncio.to_thread(phone.invite, *changed)
        await asyncio.sleep(0.5)
        before = phone.heard
        await asyncio.sleep(0.5)
        print(f"{name}: events {' '.join(events) or 'none'}; remote_on_hold {calls[0].remote_on_hold};",
              f"tx_ready {calls[0].audio.info().tx_ready}; {'sound comes' if phone.heard > before else 'no sound'}")
    await runtime.close()


asyncio.run(main())
PY
v/bin/python holds.py | tee seen
diff seen - <<'SEEN'
not held: events none; remote_on_hold False; tx_ready True; sound comes
held by a=sendonly: events CALL_HOLD; remote_on_hold True; tx_ready False; no sound
resumed: events CALL_RESUME; remote_on_hold False; tx_ready True; sound comes
held by c=0.0.0.0: events none; remote_on_hold False; tx_ready False; no sound
resumed: events none; remote_on_hold False; tx_ready True; sound comes
SEEN
echo "as seen"
