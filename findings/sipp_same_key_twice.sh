#!/usr/bin/env bash
# SIPp: pressing the same key twice with its own key captures sends one press, twice over.
#
# A good guess: a scenario that plays dtmf_2833_1.pcap two times, a second apart, presses "1" twice.
# What happens: the capture goes out unchanged, both times. Neither RTP timestamp nor sequence number moves on, and a
#   receiver that tells presses apart by the timestamp (RFC 4733: all packets of an event carry its start time) hears one "1".
#   The capture also claims that the key was held for 2240 units (280 ms at 8 kHz) though its packets span 140 ms.
# Seen: 2026-11-28, Debian 12, sip-tester 1:3.6.1-1+b2 (SIPp 3.6.1). Reported and open: SIPp issue #516.
#   20 packets of key 1; timestamps [13280]; sequence numbers 7984 to 7991, two times; longest duration 2240
# For a phone line: a test call that presses 1,1 ("a person", then "yes") hangs at the second menu, and the line is blamed.
#   Use play_dtmf (SIPp 3.6 and later) instead of the captures, with all keys in one (see sipp_play_dtmf_is_one_press.sh).
# Needs root (SIPp plays captures through a raw socket). Talks to 127.0.0.1 only.
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
press="<nop><action><exec play_pcap_audio=\"$T/root/usr/share/sip-tester/dtmf_2833_1.pcap\"/></action></nop><pause milliseconds=\"1000\"/>"
{
  echo '<?xml version="1.0" encoding="UTF-8"?><scenario name="presses 1,1">'
  request INVITE 1 $'v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio [media_port] RTP/AVP 0 101'
  echo '<recv response="200"/>'
  request ACK 1 ""
  echo "$press $press"
  request BYE 2 ""
  echo '<recv response="200"/></scenario>'
} >caller.xml

cat >line.py <<'PY'
import socket, struct
sip, rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
for s, wait in ((sip, 20), (rtp, 1)):
    s.bind(("127.0.0.1", 0))
    s.settimeout(wait)
print(sip.getsockname()[1], flush=True)
sdp = f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {rtp.getsockname()[1]} RTP/AVP 0 101\r\n"
method = ""
while method != "BYE":
    text, caller = sip.recvfrom(4096)
    lines = text.decode().split("\r\n")
    method, body = lines[0].split()[0], sdp if lines[0].startswith("INVITE") else ""
    same = [line for line in lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    answer = ["SIP/2.0 200 OK", *same, "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body]
    if method != "ACK":
        sip.sendto("\r\n".join(answer).encode(), caller)
got = [struct.unpack(">BBHIIBBH", rtp.recv(2048)[:16]) for _ in range(20)]
seqs, stamps, keys, held = ([p[i] for p in got] for i in (2, 3, 5, 7))
print(f"{len(got)} packets of key {keys[0]}; timestamps {sorted(set(stamps))};",
      f"sequence numbers {min(seqs)} to {max(seqs)}, two times; longest duration {max(held)}")
assert set(keys) == {1} and set(stamps) == {13280} and seqs[:10] == seqs[10:] and max(held) == 2240
PY
python3 line.py >heard & line=$!
while [ ! -s heard ]; do sleep 0.2; kill -0 "$line"; done
LD_LIBRARY_PATH=$(printf '%s:' root/usr/lib/*-linux-gnu root/lib/*-linux-gnu) root/usr/bin/sipp -sf caller.xml -m 1 -timeout 20s \
  -i 127.0.0.1 -mi 127.0.0.1 "127.0.0.1:$(cat heard)" >sipp.log 2>&1 </dev/null || { tail -5 sipp.log; exit 1; }
wait "$line" || { cat heard; exit 1; }
sed 1d heard
echo "as seen"
