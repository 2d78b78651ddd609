#!/usr/bin/env bash
# baresip-python: a call that is hung up before the phone has said that it rings is forgotten, and the phone rings on.
#
# A good guess: hangup() is "valid in any state". CANCEL may not be sent before a provisional answer has come (RFC 3261, 9.1), so a
#   stack keeps it until then. Debian's baresip 1.0.0 does: its CANCEL follows the 180, and an answer that crosses it gets ACK and BYE.
# What happens: CALL_CLOSED at once, and the call is forgotten. No CANCEL when the 180 comes, no ACK and no BYE when the phone is
#   picked up; the INVITE is not even repeated if it was lost. After a 180 the same hangup() sends its CANCEL.
# Seen: 2026-11-29, baresip-python 0.5.2a3 (libre 4.10.0), Python 3.11; Debian 12, baresip-core 1.0.0-4+b3. No report of it was found.
#   baresip-python, hung up 50 ms before the 180: INVITE
#   baresip-python, hung up after the 180: INVITE CANCEL
#   baresip 1.0.0, hung up 50 ms before the 180: INVITE CANCEL ACK BYE
# For a phone line: a caller hangs up in the moment in which the duty phone is dialled. The phone rings for a call that is over, and who
#   picks it up hears nothing. Hold the hang-up back until the leg rings, is answered or is closed.
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install baresip-python==0.5.2a3
apt-get -qq update || true
apt-get -qq download baresip-core libre0 librem0 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f baresip-core_*.deb Version)
echo "baresip-core $v"
[ "$v" = "1.0.0-4+b3" ] || { echo "another version than the one seen"; exit 1; }

cat >phone.py <<'PY'
"""A desk phone of our own: it says that it rings only when it is told to, and writes down each kind of request."""
import socket
import threading
import time


class Phone:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port, self.requests, self.invited = self.socket.getsockname()[1], [], threading.Event()
        self.uri = f"sip:duty@127.0.0.1:{self.port}"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            data, self.caller = self.socket.recvfrom(4096)
            head = data.decode().split("\r\n")
            method = head[0].split()[0]
            if method not in self.requests:
                self.requests.append(method)
            if method == "INVITE":
                self.invite = head
                self.invited.set()
            elif method != "ACK":
                self.answer("200 OK", head)

    def answer(self, status, head=None, body=""):
        head = head or self.invite
        kept = [line for line in head if line.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))]
        kept = [line + ";tag=phone" if line.lower().startswith("to:") and "tag=" not in line else line for line in kept]
        more = [f"Contact: <{self.uri}>", "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body]
        self.socket.sendto("\r\n".join([f"SIP/2.0 {status}", *kept, *more]).encode(), self.caller)

    def picked_up(self):
        self.answer("200 OK", body="v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                                   f"m=audio {self.port - 1} RTP/AVP 0\r\n")


def story(phone, hang_up, rings_first):
    """Rings (at once or after the hang-up), is hung up, is picked up; returns the kinds of requests that came."""
    assert phone.invited.wait(5)
    if rings_first:
        phone.answer("180 Ringing")
        time.sleep(0.3)
    hang_up()
    time.sleep(0.05)
    if not rings_first:
        phone.answer("180 Ringing")
        time.sleep(0.5)
        phone.picked_up()
    time.sleep(1)
    return " ".join(phone.requests)
PY
cat >python_stack.py <<'PY'
import asyncio

from baresip import Config, Runtime, UserAgent

from phone import Phone, story


async def main():
    runtime = Runtime()
    await runtime.start(Config(net_interface="127.0.0.1", extra_config_text="sip_listen 127.0.0.1:0\n"))
    line = await UserAgent.create(runtime, "<sip:line@127.0.0.1>;regint=0;answermode=manual;audio_codecs=pcmu")
    for rings_first, name in ((False, "50 ms before the 180"), (True, "after the 180")):
        phone = Phone()
        call = await line.dial(phone.uri)
        loop = asyncio.get_running_loop()
        hang_up = lambda: asyncio.run_coroutine_threadsafe(call.hangup(), loop).result(5)
        print(f"baresip-python, hung up {name}: {await asyncio.to_thread(story, phone, hang_up, rings_first)}")
    await runtime.close()


asyncio.run(main())
PY
cat >debian_stack.py <<'PY'
import json
import socket
import time

from phone import Phone, story


def command(name, params=""):
    text = json.dumps({"command": name, "params": params}).encode()
    control.sendall(b"%d:%s," % (len(text), text))


for _ in range(100):
    try:
        control = socket.create_connection(("127.0.0.1", int(open("port").read())), 1)
        break
    except OSError:
        time.sleep(0.1)
phone = Phone()
command("dial", phone.uri)
print("baresip 1.0.0, hung up 50 ms before the 180:", story(phone, lambda: command("hangup"), False))
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' | tee port)
mkdir conf
printf '%s\n' "module_path $(echo root/usr/lib/baresip/modules)" "module g711.so" "module aufile.so" "module_app account.so" \
  "module_app menu.so" "module_app ctrl_tcp.so" "net_interface 127.0.0.1" "sip_listen 127.0.0.1:0" "ctrl_tcp_listen 127.0.0.1:$port" \
  "audio_player aufile,$T/heard.wav" "audio_source aufile,$T/said.wav" >conf/config
python3 - <<'PY'
import wave
with wave.open("said.wav", "wb") as said:
    said.setparams((1, 2, 8000, 0, "NONE", ""))
    said.writeframes(bytes(16000 * 30))
PY
echo '<sip:desk@127.0.0.1>;regint=0;audio_codecs=pcmu' >conf/accounts
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) root/usr/bin/baresip -f conf >baresip.log 2>&1 </dev/null & baresip=$!
{
  v/bin/python python_stack.py 2>told
  python3 debian_stack.py
} | tee seen
kill -9 "$baresip"; wait "$baresip" 2>/dev/null || true
diff seen - <<'SEEN'
baresip-python, hung up 50 ms before the 180: INVITE
baresip-python, hung up after the 180: INVITE CANCEL
baresip 1.0.0, hung up 50 ms before the 180: INVITE CANCEL ACK BYE
SEEN
echo "as seen"
