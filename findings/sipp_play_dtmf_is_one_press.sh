#!/usr/bin/env bash
# SIPp: play_dtmf presses on a payload type that nobody agreed on, 0.8 s late, and each press has the same timestamp.
#
# A good guess: play_dtmf, unlike the key captures, makes its packets by the call: the payload type of telephone-event in the SDP, the
#   key at once, and a timestamp of its own for each press.
# What happens: the type is 96, whatever both sides said (here 101). The key leaves 0.78 s after the action, behind 20 packets of the
#   type 97 that nobody knows. Two play_dtmf of the same key both have the timestamp 24400: only the SSRC goes up by one, as if another
#   phone spoke. A receiver that tells presses apart by the timestamp, as aiortp does, hears one; with both keys in one play_dtmf, two.
#   Some packets carry the reserved bit, which must be ignored.
# Seen: 2026-11-29, Debian 12, sip-tester 1:3.6.1-1+b2 (SIPp 3.6.1); aiortp 0.8.0. The fixed 96 is known: SIPp issue #202, open.
#   play_dtmf 1, play_dtmf 1: types 96, 97; timestamps 24400 24400; SSRC up by 1; first key after 0.8 s; aiortp hears 1
#   play_dtmf 11: types 96, 97; timestamps 24400 24800; SSRC up by 0; first key after 0.8 s; aiortp hears 1 1
# For a phone line: a test call that "presses 1" presses nothing until the scenario offers `96 telephone-event`, and a test of "the key
#   stops the clip within 60 ms" measures SIPp. Press by packets of your own, or put all keys of a call into one play_dtmf.
# Needs root (SIPp sends keys through a raw socket). Talks to 127.0.0.1 only.
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
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install aiortp==0.8.0

request() { # one message of the caller: method, CSeq number, body
  printf '<send><![CDATA[\n\n%s sip:line@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:caller@[local_ip]>;tag=[call_number]\nTo: <sip:line@[remote_ip]>\nCall-ID: [call_id]\nCSeq: %s %s
Contact: <sip:caller@[local_ip]:[local_port]>\nContent-Type: application/sdp\nContent-Length: [len]\n\n%s\n]]></send>\n' "$1" "$2" "$1" "$3"
}
scenario() { # the actions of one call, one play_dtmf for each word
  echo '<?xml version="1.0" encoding="UTF-8"?><scenario name="presses">'
  request INVITE 1 $'v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio [media_port] RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000'
  echo '<recv response="200"/>'
  request ACK 1 ""
  for keys; do echo "<nop><action><exec play_dtmf=\"$keys\"/></action></nop><pause milliseconds=\"1800\"/>"; done
  request BYE 2 ""
  echo '<recv response="200"/></scenario>'
}
cat >line.py <<'PY'
import socket, struct, sys, threading, time

from aiortp.dtmf import DtmfReceiver
from aiortp.packet import RtpPacket

sip, rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
for s, wait in ((sip, 20), (rtp, 20)):
    s.bind(("127.0.0.1", 0))
    s.settimeout(wait)
print(sip.getsockname()[1], flush=True)
sdp = (f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {rtp.getsockname()[1]} RTP/AVP 0 101\r\n"
       "a=rtpmap:101 telephone-event/8000\r\n")
got, method, begun = [], "", 0.0


def listen():
    while True:
        packet = rtp.recv(2048)
        got.append((time.monotonic(), packet))


threading.Thread(target=listen, daemon=True).start()
while method != "BYE":
    text, caller = sip.recvfrom(4096)
    lines = text.decode().split("\r\n")
    method, body = lines[0].split()[0], sdp if lines[0].startswith("INVITE") else ""
    same = [line for line in lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    if method == "ACK":
        begun = time.monotonic()
    else:
        sip.sendto("\r\n".join(["SIP/2.0 200 OK", *same, "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body]).encode(), caller)
keys = [(when, packet) for when, packet in got if packet[1] & 127 == 96]
starts = {}
for when, packet in keys:
    stamp, ssrc = struct.unpack(">II", packet[4:12])
    starts.setdefault((ssrc, stamp), when)
heard = []
receiver = DtmfReceiver(lambda digit, duration: heard.append(digit))
for _, packet in keys:
    receiver.handle_packet(RtpPacket.parse(packet))
ssrcs = sorted({ssrc for ssrc, _ in starts})
print(f"types {', '.join(str(t) for t in sorted({p[1] & 127 for _, p in got}))};",
      f"timestamps {' '.join(str(stamp) for _, stamp in starts)}; SSRC up by {ssrcs[-1] - ssrcs[0]};",
      f"first key after {keys[0][0] - begun:.1f} s; aiortp hears {' '.join(heard)}")
PY
call() {
  scenario "$@" >caller.xml
  : >heard
  v/bin/python line.py >heard & line=$!
  for _ in $(seq 100); do [ -s heard ] && break; sleep 0.1; done
  LD_LIBRARY_PATH=$(printf '%s:' root/usr/lib/*-linux-gnu root/lib/*-linux-gnu) root/usr/bin/sipp -sf caller.xml -m 1 -timeout 20s \
    -i 127.0.0.1 -mi 127.0.0.1 "127.0.0.1:$(cat heard)" >sipp.log 2>&1 </dev/null || { tail -5 sipp.log; exit 1; }
  wait "$line" || { cat heard; exit 1; }
  sed 1d heard
}
{
  echo "play_dtmf 1, play_dtmf 1: $(call 1 1)"
  echo "play_dtmf 11: $(call 11)"
} | tee seen
diff seen - <<'SEEN'
play_dtmf 1, play_dtmf 1: types 96, 97; timestamps 24400 24400; SSRC up by 1; first key after 0.8 s; aiortp hears 1
play_dtmf 11: types 96, 97; timestamps 24400 24800; SSRC up by 0; first key after 0.8 s; aiortp hears 1 1
SEEN
echo "as seen"
