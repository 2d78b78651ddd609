#!/usr/bin/env bash
# baresip-python: flush_tx() also drops what is written after it, until the next packet leaves.
#
# A good guess: "Discard PCM that is written but not yet transmitted. Built for interruptions: stop writing, flush, resume with the new
#   audio" (its docstring): what is written after the call is the new audio, and is heard.
# What happens: the call only asks; the stack's own thread empties the buffer when it takes the next packet, 0 to 20 ms later, with all
#   that is there by then. The new audio is counted as flushed, and its beginning, or all of a short sound, is never sent.
# Seen: 2026-11-29, baresip-python 0.5.2a3, Python 3.11. No report of it was found.
#   written at once after the flush: sent 0 of 320 bytes
#   written 40 ms after the flush: sent 320 of 320 bytes
# For a phone line: a key stops a sentence, and the answer to the key begins without its first words. Wait for a packet before you write.
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
cat >flush.py <<'PY'
import array
import asyncio

from baresip import Config, Runtime, UserAgent

from phone import Phone, free_port

OLD, NEW = array.array("h", [8316] * 1600).tobytes(), array.array("h", [-8316] * 320).tobytes()  # 200 ms and 40 ms
CODE_OF_NEW = 0x1F  # -8316 in mu-law


class Recording(Phone):
    """A phone that keeps the sound that comes."""

    def listen_to_sound(self):
        self.came = b""
        while True:
            self.came += self.rtp.recv(2048)[12:]


async def main():
    runtime, port, calls = Runtime(), free_port(), []
    await runtime.start(Config(net_interface="127.0.0.1", extra_config_text=f"sip_listen 127.0.0.1:{port}\n"))
    line = await UserAgent.create(runtime, f"<sip:line@127.0.0.1:{port}>;regint=0;answermode=manual;audio_codecs=pcmu;video_codecs=\"\"")

    def incoming(call):
        calls.append(call)
        asyncio.get_running_loop().create_task(call.answer())

    line.on_incoming(incoming)
    phone = Recording(port)
    await asyncio.to_thread(phone.invite)
    await asyncio.sleep(0.3)
    audio = calls[0].audio
    for name, wait in (("at once", 0), ("40 ms", 0.04)):
        before = len(phone.came)
        audio.write(OLD)
        seen = len(phone.came)
        while len(phone.came) == seen:  # a packet has just left: the next is most of 20 ms away
            await asyncio.sleep(0)
        audio.flush_tx()
        if wait:
            await asyncio.sleep(wait)
        audio.write(NEW)
        await asyncio.sleep(0.4)
        print(f"written {name} after the flush: sent {phone.came[before:].count(CODE_OF_NEW)} of 320 bytes")
    await runtime.close()


asyncio.run(main())
PY
v/bin/python flush.py | tee seen
diff seen - <<'SEEN'
written at once after the flush: sent 0 of 320 bytes
written 40 ms after the flush: sent 320 of 320 bytes
SEEN
echo "as seen"
