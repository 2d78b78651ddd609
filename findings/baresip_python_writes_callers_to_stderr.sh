#!/usr/bin/env bash
# baresip-python: requests that it does not know are written to standard error, with the sender's address, past every logger.
#
# A good guess: "the library logs into the standard baresip.* logger hierarchy and never touches handlers or output itself" (README), so
#   a program that silences these loggers, or keeps their lines, decides what is written down.
# What happens: for each REGISTER, MESSAGE or other request without a handler, and for each answer to a call that is over, the native
#   part prints a line with the sender's address and the dialled name to file descriptor 2. The loggers, at DEBUG, get nothing of it.
# Seen: 2026-11-29, baresip-python 0.5.2a3 (libre 4.10.0), Python 3.11. No report of it was found.
#   logged with it: 0 lines
#   standard error: unhandled request from 127.0.0.1:PORT: REGISTER sip:line@127.0.0.1:PORT
# For a phone line: a service's standard error is kept by the journal, so addresses and dialled names of callers are on disk although the
#   program logs none. Phones that try to register do it every few minutes, scanners all day. Point file descriptor 2 elsewhere.
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
cat >listens.py <<'PY'
import asyncio
import logging

from baresip import Config, Runtime, UserAgent

from phone import Phone, free_port

lines = []


class Keeps(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


async def main():
    logging.basicConfig(level=logging.DEBUG, handlers=[Keeps()])
    runtime, port = Runtime(), free_port()
    await runtime.start(
        Config(net_interface="127.0.0.1", native_log_level="debug", extra_config_text=f"sip_listen 127.0.0.1:{port}\n")
    )
    await UserAgent.create(runtime, f"<sip:line@127.0.0.1:{port}>;regint=0;answermode=manual;audio_codecs=pcmu")
    Phone(port).request("REGISTER")
    await asyncio.sleep(1)
    await runtime.close()
    print(f"logged with it: {sum('REGISTER' in line for line in lines)} lines")


asyncio.run(main())
PY
{
  v/bin/python listens.py 2>told
  echo "standard error: $(sed -E 's/(127\.0\.0\.1):[0-9]+/\1:PORT/g' told)"
} | tee seen
diff seen - <<'SEEN'
logged with it: 0 lines
standard error: unhandled request from 127.0.0.1:PORT: REGISTER sip:line@127.0.0.1:PORT
SEEN
echo "as seen"
