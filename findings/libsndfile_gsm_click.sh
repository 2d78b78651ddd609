#!/usr/bin/env bash
# libsndfile: every second length of a GSM 6.10 WAV comes back 40 ms longer, and the added 40 ms are noise.
#
# A good guess: one second of silence, written as a GSM 6.10 WAV ("wav49", what PBXs keep voicemail in) and read back by the same
#   library, is one second of near silence.
# What happens: such a file is made of blocks of 65 bytes for 320 samples. With an odd number of blocks the data has an odd
#   length and RIFF asks for one pad byte. libsndfile writes the file correctly (1625 bytes of data, 8000 samples in the fact
#   chunk, a pad byte) but takes the pad byte for the start of one more block when it reads: 8320 samples, the last 320 a
#   click, at full scale after a sound of a quarter of it. AIFF is right, and so is a WAV with an even number of blocks.
# Seen: 2026-11-28, soundfile 0.14.0 with libsndfile 1.2.2, numpy 2.4.6. Its log of the same file says "data chunk seems to be
#   truncated", as in libsndfile issue #482 (closed; about something else).
#   WAV 8000 in, 8320 back: peak 16, then 2248 in the added part (fact 8000, data 1625)
#   WAV 8000 in, 8320 back: peak 10296, then 32760 in the added part (fact 8000, data 1625)
#   WAV 8320 in, 8320 back; AIFF 8000 in, 8000 back
# For a phone line: half of all prompts and recordings kept in wav49 end in a click once they passed through soundfile, and every
#   measured length is off. Cut what was read to the fact chunk's count, or keep prompts in mu-law or PCM.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
"$T/v/bin/python" - <<'PY'
import io, struct
import numpy as np, soundfile as sf

assert sf.__libsndfile_version__ == "1.2.2", sf.__libsndfile_version__

def through(sound, kind):
    file = io.BytesIO()
    sf.write(file, sound, 8000, format=kind, subtype="GSM610")
    raw = file.getvalue()
    file.seek(0)
    return raw, np.abs(sf.read(file, dtype="int16")[0].astype(int))

def after(raw, name):  # the 32 bits that follow a chunk's name, and the 32 after those
    return struct.unpack_from("<II", raw, raw.index(name) + 4)

buzz = (np.arange(8320) * 880 % 16000 - 8000).astype("int16")  # a sawtooth of 440 Hz, by whole numbers only
for sound, expected in ((np.zeros(8000, "int16"), (16, 2248)), (buzz[:8000], (10296, 32760))):
    raw, back = through(sound, "WAV")
    fact, data = after(raw, b"fact")[1], after(raw, b"data")[0]
    peaks = int(back[:8000].max()), int(back[8000:].max())
    print(f"WAV 8000 in, {len(back)} back: peak {peaks[0]}, then {peaks[1]} in the added part (fact {fact}, data {data})")
    assert (len(back), fact, data) == (8320, 8000, 1625) and peaks == expected
even, aiff = len(through(buzz, "WAV")[1]), len(through(buzz[:8000], "AIFF")[1])
print(f"WAV 8320 in, {even} back; AIFF 8000 in, {aiff} back")
assert (even, aiff) == (8320, 8000)
PY
echo "as seen"
