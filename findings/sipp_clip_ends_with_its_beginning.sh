#!/usr/bin/env bash
# SIPp: a clip that rtp_stream plays once ends with up to 19 ms of its own beginning, and a WAV begins with its header, as sound.
#
# A good guess: a file that is played once is sent from its first byte to its last, the last packet shorter or filled with silence; and
#   of a WAV in mu-law, the format of the call, the sound is sent.
# What happens: packets are always 160 bytes, and the last one is filled from the start of the file, also with a loop count of 1. A
#   file of 100 bytes is heard once and a half. A file is not looked into: the 58 bytes of a mu-law WAV's header are sent as sound.
# Seen: 2026-11-29, Debian 12, sip-tester 1:3.6.1-1+b2 (SIPp 3.6.1). No report of it was found.
#   8050 bytes, once: 8160 bytes came: the file, then its first 110 bytes
#   100 bytes, once: 160 bytes came: the file, then its first 60 bytes
#   a WAV of 1600 bytes of sound, once: 1760 bytes came: the file, then its first 102 bytes; it begins with RIFF
# For a phone line: what a test call "says" ends in a click, and what came through is compared with a clip that was never sent. Play raw
#   codes, filled up to whole packets with 0xff (mu-law) or 0xd5 (A-law).
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$T"' EXIT
cd "$T"
apt-get -qq update || true
apt-get -qq download sip-tester libgsl27 libgslcblas0 libpcap0.8 libsctp1 libdbus-1-3 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f sip-tester_*.deb Version)
echo "sip-tester $v"
[ "$v" = "1:3.6.1-1+b2" ] || { echo "another version than the one seen"; exit 1; }

request() { # one message of the caller: method, CSeq number, body
  printf '<send><![CDATA[\n\n%s sip:line@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:caller@[local_ip]>;tag=[call_number]\nTo: <sip:line@[remote_ip]>\nCall-ID: [call_id]\nCSeq: %s %s
Contact: <sip:caller@[local_ip]:[local_port]>\nContent-Type: application/sdp\nContent-Length: [len]\n\n%s\n]]></send>\n' "$1" "$2" "$1" "$3"
}
scenario() { # a call that plays the file once
  echo '<?xml version="1.0" encoding="UTF-8"?><scenario name="plays once">'
  request INVITE 1 $'v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio [rtpstream_audio_port] RTP/AVP 0'
  echo '<recv response="200"/>'
  request ACK 1 ""
  echo "<nop><action><exec rtp_stream=\"$1,1,0\"/></action></nop><pause milliseconds=\"1800\"/>"
  request BYE 2 ""
  echo '<recv response="200"/></scenario>'
}
cat >line.py <<'PY'
import socket, sys, threading

sip, rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
for s in (sip, rtp):
    s.bind(("127.0.0.1", 0))
    s.settimeout(20)
print(sip.getsockname()[1], flush=True)
sdp = f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {rtp.getsockname()[1]} RTP/AVP 0\r\n"
got, method = [], ""


def listen():
    while True:
        got.append(rtp.recv(2048)[12:])


threading.Thread(target=listen, daemon=True).start()
while method != "BYE":
    text, caller = sip.recvfrom(4096)
    lines = text.decode().split("\r\n")
    method, body = lines[0].split()[0], sdp if lines[0].startswith("INVITE") else ""
    same = [line for line in lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    answer = ["SIP/2.0 200 OK", *same, "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body]
    if method != "ACK":
        sip.sendto("\r\n".join(answer).encode(), caller)
sent, came = open(sys.argv[1], "rb").read(), b"".join(got)
more = len(came) - len(sent)
assert came == (sent + sent)[: len(came)] and more > 0, (len(came), len(sent))
begins = "; it begins with RIFF" if came.startswith(b"RIFF") else ""
print(f"{len(came)} bytes came: the file, then its first {more} bytes{begins}")
PY
python3 - <<'PY'
import random, struct
codes = random.Random(1).randbytes(8050)
open("8050.ulaw", "wb").write(codes)
open("100.ulaw", "wb").write(codes[:100])
form = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
fact = b"fact" + struct.pack("<II", 4, 1600)
wav = b"WAVEfmt " + struct.pack("<I", len(form)) + form + fact + b"data" + struct.pack("<I", 1600) + codes[:1600]
open("clip.wav", "wb").write(b"RIFF" + struct.pack("<I", len(wav)) + wav)
PY
call() { # the file
  scenario "$1" >caller.xml
  : >heard
  python3 line.py "$1" >heard & line=$!
  for _ in $(seq 100); do [ -s heard ] && break; sleep 0.1; done
  LD_LIBRARY_PATH=$(printf '%s:' root/usr/lib/*-linux-gnu root/lib/*-linux-gnu) root/usr/bin/sipp -sf caller.xml -m 1 -timeout 20s \
    -i 127.0.0.1 -mi 127.0.0.1 "127.0.0.1:$(cat heard)" >sipp.log 2>&1 </dev/null || { tail -5 sipp.log; exit 1; }
  wait "$line" || { cat heard; exit 1; }
  sed 1d heard
}
{
  echo "8050 bytes, once: $(call 8050.ulaw)"
  echo "100 bytes, once: $(call 100.ulaw)"
  echo "a WAV of 1600 bytes of sound, once: $(call clip.wav)"
} | tee seen
diff seen - <<'SEEN'
8050 bytes, once: 8160 bytes came: the file, then its first 110 bytes
100 bytes, once: 160 bytes came: the file, then its first 60 bytes
a WAV of 1600 bytes of sound, once: 1760 bytes came: the file, then its first 102 bytes; it begins with RIFF
SEEN
echo "as seen"
