#!/usr/bin/env bash
# baresip: the recording of a call leaves out the time in which no packets came, and the last tenth of a second of what came.
#
# A good guess: sndfile.so writes what the phone hears, so a recording is as long as the call, and silence where nothing came.
# What happens: "dec.wav" gets a frame for each packet that leaves the jitter buffer, and nothing else. A second without packets is not in
#   it, the sounds on both sides of it touch. The last 5 packets stay in the buffer (5 to 10 by default) and are in no file.
#   "enc.wav", what the phone says, is as long as the call: laid side by side, the two drift apart at each gap.
# Seen: 2026-11-29, Debian 12, baresip-core 1.0.0-4+b3. No report of it was found.
#   heard: 0.5 s of one code, a second without packets, 0.5 s of another
#   dec.wav: 0.5 s of one, 0.4 s of another, nothing between
#   enc.wav: at least 2 s
# For a phone line: a test measures in the recording that ringing begins at once, or that one clip follows the other after a pause, and
#   both are true of the file only. Send packets all the time, as a phone line does, 0.1 s beyond the end; or compare clip by clip.
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2>/dev/null || true; rm -rf "$T"' EXIT
cd "$T"
apt-get -qq update || true
apt-get -qq download baresip-core libre0 librem0 libsndfile1 libflac12 libvorbis0a libvorbisenc2 libopus0 libogg0 libmpg123-0 \
  libmp3lame0 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f baresip-core_*.deb Version)
echo "baresip-core $v"
[ "$v" = "1.0.0-4+b3" ] || { echo "another version than the one seen"; exit 1; }
port=$(python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir conf
printf '%s\n' "module_path $(echo root/usr/lib/baresip/modules)" "module g711.so" "module aufile.so" "module sndfile.so" \
  "module_app account.so" "net_interface 127.0.0.1" "sip_listen 127.0.0.1:$port" \
  "audio_player aufile,$T/player.wav" "audio_source aufile,$T/said.wav" "snd_path $T" >conf/config
python3 - <<'PY'
import wave
with wave.open("said.wav", "wb") as said:
    said.setparams((1, 2, 8000, 0, "NONE", ""))
    said.writeframes(bytes(16000 * 30))
PY
echo "<sip:duty@127.0.0.1:$port>;regint=0;answermode=auto;audio_codecs=pcmu" >conf/accounts
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) root/usr/bin/baresip -f conf >baresip.log 2>&1 </dev/null & baresip=$!

cat >caller.py <<'PY'
import glob, itertools, re, socket, struct, sys, time

sip, rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
for s in sip, rtp:
    s.bind(("127.0.0.1", 0))
sip.settimeout(0.5)
us, to = f"127.0.0.1:{sip.getsockname()[1]}", f"<sip:duty@127.0.0.1:{sys.argv[1]}>"
sdp = f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {rtp.getsockname()[1]} RTP/AVP 0\r\n"


def request(method, number, body=""):
    lines = [
        f"{method} sip:duty@127.0.0.1:{sys.argv[1]} SIP/2.0", f"Via: SIP/2.0/UDP {us};branch=z9hG4bK{method}{number};rport",
        "Max-Forwards: 70", f"From: <sip:caller@{us}>;tag=c", f"To: {to}", f"Call-ID: {us}", f"CSeq: {number} {method}",
        f"Contact: <sip:caller@{us}>", "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body,
    ]
    sip.sendto("\r\n".join(lines).encode(), ("127.0.0.1", int(sys.argv[1])))


text = ""
for _ in range(20):
    request("INVITE", 1, sdp)
    try:
        while not text.startswith("SIP/2.0 200"):
            text = sip.recv(4096).decode()
        break
    except (TimeoutError, ConnectionError):
        time.sleep(0.2)
to = re.search("(?im)^To: (.*?)\r", text)[1]
there = ("127.0.0.1", int(re.search(r"m=audio (\d+)", text)[1]))
request("ACK", 1)
packets = 0
for code, wait in ((0x20, 1.0), (0x30, 0.5)):
    for _ in range(25):
        stamp = 160 * packets + (8000 if code == 0x30 else 0)
        rtp.sendto(struct.pack(">BBHII", 0x80, 0, packets, stamp, 7) + bytes([code]) * 160, there)
        packets += 1
        time.sleep(0.02)
    time.sleep(wait)
request("BYE", 2)
time.sleep(1)
print("heard: 0.5 s of one code, a second without packets, 0.5 s of another")


def samples(kind):
    data = open(glob.glob(f"dump-*-{kind}.wav")[0], "rb").read()[44:]
    return struct.unpack(f"<{len(data) // 2}h", data)


runs = [(value, len(list(run)) / 8000) for value, run in itertools.groupby(samples("dec"))]
between = "nothing between" if len(runs) == 2 else f"{len(runs)} sounds"
print(f"dec.wav: {runs[0][1]:.1f} s of one, {runs[-1][1]:.1f} s of another, {between}")
print("enc.wav:", "at least 2 s" if len(samples("enc")) >= 16000 else "shorter than 2 s")
PY
python3 caller.py "$port" | tee seen
kill -9 "$baresip"; wait "$baresip" 2>/dev/null || true
diff seen - <<'SEEN'
heard: 0.5 s of one code, a second without packets, 0.5 s of another
dec.wav: 0.5 s of one, 0.4 s of another, nothing between
enc.wav: at least 2 s
SEEN
echo "as seen"
