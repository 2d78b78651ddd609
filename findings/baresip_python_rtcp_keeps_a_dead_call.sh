#!/usr/bin/env bash
# baresip-python: `rtp_timeout`, "seconds without received RTP", does not end a call whose sound stopped, as long as reports come.
#
# A good guess: with rtp_timeout=2 a call that gets no RTP for two seconds is closed, as the documentation of Config says.
# What happens: each RTCP packet counts as life too. A phone that sends its sender reports, as desk phones do every five seconds
#   whether or not its sound comes through, keeps the call up. Without RTCP the same call is closed in time.
# Seen: 2026-11-29, baresip-python 0.5.2a3 (libre 4.10.0), Python 3.11. The stack's author proposed it so in baresip issue #271 (for
#   muted video); the documentation of this package does not say it.
#   no packet at all: closed, rtp stream error
#   sender reports only, which say that no packet was sent: up after 6 s
# For a phone line: one-way sound, the fault for which one sets the time-out (a wrong address in the SDP, a firewall), holds a line and a
#   worker until somebody hangs up. Count the received RTP yourself (`audio.read`, `CallStats`).
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
cat >calls.py <<'PY'
import asyncio
import struct

from baresip import Config, Runtime, UserAgent

from phone import Phone, free_port

REPORT = struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, 0, 0, 0, 0, 0)


async def outcome(reports):
    runtime, port, calls = Runtime(), free_port(), []
    await runtime.start(Config(net_interface="127.0.0.1", rtp_timeout=2, extra_config_text=f"sip_listen 127.0.0.1:{port}\n"))
    line = await UserAgent.create(runtime, f"<sip:line@127.0.0.1:{port}>;regint=0;answermode=manual;audio_codecs=pcmu;video_codecs=\"\"")
    closed = []

    def incoming(call):
        call.on(lambda event: closed.append(event.text) if event.event.name == "CALL_CLOSED" else None)
        asyncio.get_running_loop().create_task(call.answer())

    line.on_incoming(incoming)
    phone = Phone(port)
    await asyncio.to_thread(phone.invite)
    for _ in range(12):
        if reports:
            phone.rtp.sendto(REPORT, ("127.0.0.1", phone.sound + 1))
        await asyncio.sleep(0.5)
    how = f"closed, {closed[0]}" if closed else "up after 6 s"
    await runtime.close()
    return how


async def main():
    print("no packet at all:", await outcome(False))
    print("sender reports only, which say that no packet was sent:", await outcome(True))


asyncio.run(main())
PY
v/bin/python calls.py | tee seen
diff seen - <<'SEEN'
no packet at all: closed, rtp stream error
sender reports only, which say that no packet was sent: up after 6 s
SEEN
echo "as seen"
