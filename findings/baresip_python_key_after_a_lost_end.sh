#!/usr/bin/env bash
# baresip-python: keys are told apart by nothing but "which key is down": a lost end swallows the next press, a late packet is a press.
#
# A good guess: all packets of one press carry the RTP timestamp of its start (RFC 4733, 2.5.1.2), so a receiver that lost the three
#   end packets still knows the next press by its new timestamp, and a late packet of an old press by its old one.
# What happens: timestamp and sequence number are not looked at. After a lost end the same key, pressed again, gives no START, and the
#   END of the second press makes one long key of both; without a second press no END comes at all. A packet that is overtaken by the
#   end of its press is one more press. If only the ends arrive, `on_dtmf`, which fires at the release, says nothing.
# Seen: 2026-11-29, baresip-python 0.5.2a3 (libre 4.10.0), Python 3.11. No report of it was found.
#   pressed 1 and 1: START 1, END, START 1, END; on_dtmf: 1 1
#   the ends of the first 1 lost: START 1, END; on_dtmf: 1
#   one 8, a packet of it comes behind its end: START 8, END, START 8; on_dtmf: 8
#   one 3, only its ends arrive: END; on_dtmf:
# For a phone line: on a network that loses or reorders packets "1, then 1 again" hangs in the second menu, or one press answers two
#   menus: a call is put through without the caller's yes. Read the events from the RTP, by timestamp, or ask again what was chosen.
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install baresip-python==0.5.2a3
cat >keys.py <<'PY'
import asyncio
import re
import socket
import struct
import time

from baresip import Config, Runtime, UserAgent
from baresip.events import Event


def here():
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind(("127.0.0.1", 0))
    found.settimeout(5)
    return found


class Phone:
    """A phone of our own, that sends whichever packets of a key it is told to."""

    def __init__(self, line):
        self.sip, self.rtp, self.line, self.seq = here(), here(), line, 0

    def request(self, method, number, body=""):
        us = f"127.0.0.1:{self.sip.getsockname()[1]}"
        lines = [
            f"{method} sip:line@127.0.0.1:{self.line} SIP/2.0", f"Via: SIP/2.0/UDP {us};branch=z9hG4bK{method}{us[10:]};rport",
            "Max-Forwards: 70", f"From: <sip:caller@{us}>;tag=c", "To: " + getattr(self, "to", f"<sip:line@127.0.0.1:{self.line}>"),
            f"Call-ID: {us}", f"CSeq: {number} {method}", f"Contact: <sip:caller@{us}>", "Content-Type: application/sdp",
            f"Content-Length: {len(body)}", "", body,
        ]
        self.sip.sendto("\r\n".join(lines).encode(), ("127.0.0.1", self.line))

    def call(self):
        self.request("INVITE", 1, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                     f"m=audio {self.rtp.getsockname()[1]} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n")
        text = ""
        while not text.startswith("SIP/2.0 200"):
            text = self.sip.recv(4096).decode()
        self.to = re.search("(?im)^To: (.*?)\r", text)[1]
        self.there = ("127.0.0.1", int(re.search(r"m=audio (\d+)", text)[1]))
        self.request("ACK", 1)

    def packet(self, key, stamp, duration, end=False):
        self.seq += 1
        head = struct.pack(">BBHII", 0x80, 101, self.seq, stamp, 7)
        self.rtp.sendto(head + struct.pack(">BBH", key, 0x8A if end else 10, duration), self.there)
        time.sleep(0.02)

    def press(self, key, stamp, updates=5, ends=3):
        for step in range(updates):
            self.packet(key, stamp, 160 * (step + 1))
        for _ in range(ends):
            self.packet(key, stamp, 800, end=True)


def twice(phone):
    phone.press(1, 8000)
    phone.press(1, 16000)


def first_end_lost(phone):
    phone.press(1, 8000, ends=0)
    phone.press(1, 16000)


def late_packet(phone):
    phone.press(8, 8000)
    phone.packet(8, 8000, 640)


def only_ends(phone):
    phone.press(3, 8000, updates=0)


async def main():
    runtime = Runtime()
    probe = here()
    port = probe.getsockname()[1]
    probe.close()
    await runtime.start(Config(net_interface="127.0.0.1", max_concurrent_calls=9, extra_config_text=f"sip_listen 127.0.0.1:{port}\n"))
    line = await UserAgent.create(runtime, f"<sip:line@127.0.0.1:{port}>;regint=0;answermode=manual;audio_codecs=pcmu;video_codecs=\"\"")
    events, keys = [], []

    def incoming(call):
        call.on(lambda e: events.append(f"START {e.text}") if e.event is Event.CALL_DTMF_START else None)
        call.on(lambda e: events.append("END") if e.event is Event.CALL_DTMF_END else None)
        call.on_dtmf(lambda e: keys.append(e.digit))
        asyncio.get_running_loop().create_task(call.answer())

    line.on_incoming(incoming)
    for does, name in (
        (twice, "pressed 1 and 1"), (first_end_lost, "the ends of the first 1 lost"),
        (late_packet, "one 8, a packet of it comes behind its end"), (only_ends, "one 3, only its ends arrive"),
    ):
        phone = Phone(port)
        await asyncio.to_thread(phone.call)
        await asyncio.sleep(0.2)
        events.clear(), keys.clear()
        await asyncio.to_thread(does, phone)
        await asyncio.sleep(0.5)
        print(f"{name}: {', '.join(events)}; on_dtmf: {' '.join(keys)}".rstrip())
    await runtime.close()


asyncio.run(main())
PY
v/bin/python keys.py | tee seen
diff seen - <<'SEEN'
pressed 1 and 1: START 1, END, START 1, END; on_dtmf: 1 1
the ends of the first 1 lost: START 1, END; on_dtmf: 1
one 8, a packet of it comes behind its end: START 8, END, START 8; on_dtmf: 8
one 3, only its ends arrive: END; on_dtmf:
SEEN
echo "as seen"
