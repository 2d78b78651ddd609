#!/usr/bin/env bash
# Festival, Finnish voices: the letter Z is read "bee", the same sound to the last sample as the letter B.
#
# A good guess: a letter that stands alone is read by its name. In Finnish Z is "tset", and each of the 26 letters from A to Z has a name
#   of its own.
# What happens: in the lexicon of letters that both Finnish voices share, the line of Z holds the sounds of B. Abbreviations are spelled
#   by it too. In a word Z is right ("pizza" has its t and s), so a text that is listened to sounds well.
# Seen: 2026-11-29, festival 1:2.5.0-9, festvox-suopuhe-common 1.0g-20051204-5, festvox-suopuhe-mv 20041119-3 (Debian 12); beside
#   it espeak-ng 1.52.0 (espeakng-loader 0.2.4). "kerros" is floor, "talo" house, "LTZ" an abbreviation that is spelled:
#   B: Festival b e:; espeak-ng b'e:
#   Z: Festival b e:; espeak-ng ts'et
#   kerros Z: Festival k e r: o s b e:
#   talo Z 5: Festival t a l o b e: v i: s i
#   LTZ: Festival @ l t e: b e:
#   pizza: Festival p i t s t s a
#   read alike, of A to Z: B and Z; the two WAV files are the same
#   No report of it was found.
# For a phone line: stairway Z, room Z 5 and a name that is spelled lead to B, and what is asked back ("did you say B?") cannot be
#   told apart. Write the name of a letter as a word ("tset").
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" -q --disable-pip-version-check install espeakng-loader==0.2.4
cd "$T"
apt-get -qq update || true
apt-get -qq download festival libestools2.5 festvox-suopuhe-common festvox-suopuhe-mv libasound2 libpulse0 libx11-6 \
  libx11-xcb1 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 libasyncns0 libdbus-1-3 libsndfile1 libflac12 libogg0 libopus0 \
  libvorbis0a libvorbisenc2 libmpg123-0 libmp3lame0 libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1 \
  libgomp1 libtinfo6 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
versions=$(for p in festival festvox-suopuhe-common festvox-suopuhe-mv; do dpkg-deb -f "$p"_*.deb Version; done | xargs)
echo "festival, suopuhe-common, suopuhe-mv: $versions"
[ "$versions" = "1:2.5.0-9 1.0g-20051204-5 20041119-3" ] || { echo "another version than the one seen"; exit 1; }
sed -i 's#"/usr/share/festival/voices/"#"/nowhere/"#' root/usr/share/festival/voices.scm # not a voice that is installed here
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(printf '%s:' root/usr/lib/*-linux-gnu root/usr/lib/*-linux-gnu/pulseaudio root/lib/*-linux-gnu)
cat >t.py <<'PY'
import subprocess
from collections import defaultdict
from ctypes import CDLL, addressof, byref, c_char_p, c_void_p, create_string_buffer
from pathlib import Path

import espeakng_loader

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEXTS = ["kerros Z", "talo Z 5", "LTZ", "pizza"]

lib = CDLL(espeakng_loader.get_library_path())
lib.espeak_TextToPhonemes.restype = lib.espeak_Info.restype = c_char_p
assert lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert lib.espeak_Info(byref(c_char_p())) == b"1.52.0" and lib.espeak_SetVoiceByName(b"fi") == 0

def espeak(text):
    buffer = create_string_buffer(text.encode())
    return lib.espeak_TextToPhonemes(byref(c_void_p(addressof(buffer))), 1, 0).decode().strip()

lines = ["(voice_hy_fi_mv_diphone)"]
for number, text in enumerate([*LETTERS, *TEXTS]):
    lines += [f'(set! u (utt.synth (Utterance Text "{text}")))', f"(utt.save.wave u \"{number}.wav\" 'riff)",
              '(format t "%l\\n" (mapcar (lambda (s) (item.name s)) (utt.relation.items u \'Segment)))']
Path("t.scm").write_text("\n".join(lines))
out = subprocess.run(["root/usr/bin/festival", "--datadir", str(Path("root/usr/share/festival").resolve()), "-b", "t.scm"],
                     capture_output=True, text=True, check=True).stdout
said = dict(zip([*LETTERS, *TEXTS], (" ".join(s for s in line.strip("()").replace('"', "").split() if s != "#")
                                     for line in out.splitlines()), strict=True))
for text in "BZ":
    print(f"{text}: Festival {said[text]}; espeak-ng {espeak(text)}")
for text in TEXTS:
    print(f"{text}: Festival {said[text]}")
alike = defaultdict(list)
for letter in LETTERS:
    alike[said[letter]].append(letter)
assert len({espeak(letter) for letter in LETTERS}) == len(LETTERS)
waves = {letter: Path(f"{LETTERS.index(letter)}.wav").read_bytes() for letter in "BZ"}
print(f"read alike, of A to Z: {', '.join(' and '.join(letters) for letters in alike.values() if len(letters) > 1)}; "
      f"the two WAV files are {'the same' if waves['B'] == waves['Z'] else 'not the same'}")
PY
v/bin/python t.py | tee seen
diff seen - <<'SEEN'
B: Festival b e:; espeak-ng b'e:
Z: Festival b e:; espeak-ng ts'et
kerros Z: Festival k e r: o s b e:
talo Z 5: Festival t a l o b e: v i: s i
LTZ: Festival @ l t e: b e:
pizza: Festival p i t s t s a
read alike, of A to Z: B and Z; the two WAV files are the same
SEEN
echo "as seen"
