#!/usr/bin/env bash
# multimon-ng: a key whose two tones are 1.2 % off, or 5 dB apart, is pressed up to fourteen times, or not at all.
#
# A good guess: a decoder of key tones takes what telephones may send, each frequency within 1.5 % and the higher tone up to 4 dB
#   above or 8 dB below the lower one (ITU-T Q.24, the limits of AT&T), and it counts each press once, however long it lasts.
# What happens: each 10 ms it looks at the last 40 ms, and prints the key in it unless the look before saw the same one. At 1.2 % some
#   looks into one long press see no key, and each return is printed as a press. At 1.5 % and at 6 dB nearly none is heard at all.
# Seen: 2026-11-29, Debian 12, multimon-ng 1.2.0+dfsg-1; PyDTMF 1.0.0 (Asterisk's rules) on the same sound. Keys 1 to #, half a
#   second each, half a second apart, at a quarter of full scale, 22050 Hz as it wants it:
#   as the standard has them: 1234567890*#; PyDTMF 1234567890*#
#   1.2 % too high: 1223345566788900**; PyDTMF 1234567890*#
#   1.2 % too low: 1223345555555555555667889900**************#; PyDTMF 1234567890*#
#   1.5 % too low: 1; PyDTMF 1234567890*#
#   higher tone 5 dB softer: 44*****; PyDTMF 1234567890*#
#   higher tone 6 dB softer: none; PyDTMF 1234567890*#
#   The limit for the levels came with multimon-ng pull request #129; keys unheard are issue #82 (open). Of the repeats none was found.
# For a phone line: whoever checks a test call with it sees "55" where one 5 was pressed, and blames the line or the telephone. Check
#   with a second decoder, and take a key as new only after 40 ms without it.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q PyDTMF==1.0.0
cd "$T"
apt-get -qq update || true
apt-get -qq download multimon-ng libpulse0 libx11-6 libx11-xcb1 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 libasyncns0 libdbus-1-3 \
  libsndfile1 libflac12 libogg0 libopus0 libvorbis0a libvorbisenc2 libmpg123-0 libmp3lame0 libsystemd0 libcap2 libgcrypt20 \
  libgpg-error0 liblz4-1 liblzma5 libzstd1 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f multimon-ng_*.deb Version)
echo "multimon-ng $v"
[ "$v" = "1.2.0+dfsg-1" ] || { echo "another version than the one seen"; exit 1; }
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(printf '%s:' root/usr/lib/*-linux-gnu root/usr/lib/*-linux-gnu/pulseaudio root/lib/*-linux-gnu)
"$T/v/bin/python" - <<'PY' | tee seen
import subprocess
from array import array
from math import pi, sin

from PyDTMF import from_pcm

KEYS, RATE = "1234567890*#", 22050
PAIRS = {key: (row, column) for row, keys in zip((697, 770, 852, 941), ("123", "456", "789", "*0#"))
         for column, key in zip((1209, 1336, 1477), keys)}

def pressed(percent=0.0, lower=0, higher=0):
    sound = array("h", [0] * 2205)
    for key in KEYS:
        tones = [(2 * pi * f * (1 + percent / 100) / RATE, 4096 * 10 ** (db / 20)) for f, db in zip(PAIRS[key], (lower, higher))]
        sound.extend(round(sum(level * sin(step * n) for step, level in tones)) for n in range(RATE // 2))
        sound.extend([0] * (RATE // 2))
    return sound

for name, sound in {
    "as the standard has them": pressed(),
    "1.2 % too high": pressed(1.2),
    "1.2 % too low": pressed(-1.2),
    "1.5 % too low": pressed(-1.5),
    "higher tone 5 dB softer": pressed(higher=-5),
    "higher tone 6 dB softer": pressed(higher=-6),
}.items():
    with open("keys.raw", "wb") as file:
        sound.tofile(file)
    lines = subprocess.run(["root/usr/bin/multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "keys.raw"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    print(f"{name}: {''.join(line.split()[-1] for line in lines if line.startswith('DTMF')) or 'none'}; "
          f"PyDTMF {from_pcm(list(sound), RATE)[0]}")
PY
diff seen - <<'SEEN'
as the standard has them: 1234567890*#; PyDTMF 1234567890*#
1.2 % too high: 1223345566788900**; PyDTMF 1234567890*#
1.2 % too low: 1223345555555555555667889900**************#; PyDTMF 1234567890*#
1.5 % too low: 1; PyDTMF 1234567890*#
higher tone 5 dB softer: 44*****; PyDTMF 1234567890*#
higher tone 6 dB softer: none; PyDTMF 1234567890*#
SEEN
echo "as seen"
