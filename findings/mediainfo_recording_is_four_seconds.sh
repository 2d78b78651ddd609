#!/usr/bin/env bash
# MediaInfo, mutagen: the length of a recording is wrong by format: CAF ends at 64 KiB, an .au is twice as long, GSM is 320 times too short.
#
# A good guess: whoever reads the headers knows the length: linear sound is bytes by bytes a second, and a GSM or ADPCM WAV says how many
#   samples a block has (320 in GSM) and how many there are in all (its "fact" chunk, which is there for this).
# What happens: of a CAF file of linear or G.711 sound MediaInfo counts what lies in the first 64 KiB: every recording of more than 3.8
#   seconds at 8 kHz is 3.84 seconds long. Linear sound in .au is 8-bit for it: twice as long with 16 bits, three times with 24.
#   mutagen takes each block of a WAV for one sample: a minute of GSM is 0.19 seconds. WAV with linear or G.711 sound is right in both.
# Seen: 2026-11-29, pymediainfo 7.0.1 (MediaInfoLib 24.12; Debian 12's 23.04 says the same), mutagen 1.48.1; written and read back by
#   soundfile 0.14.0 (libsndfile 1.2.2). Files of ffmpeg give the same (4.09 in CAF). Seconds at 8 kHz, one channel:
#   3 s, CAF linear: libsndfile 3.00, MediaInfo 3.00
#   60 s, CAF linear: libsndfile 60.00, MediaInfo 3.84
#   60 s, CAF mu-law: libsndfile 60.00, MediaInfo 7.68
#   60 s, AU linear: libsndfile 60.00, MediaInfo 120.00
#   60 s, AU mu-law: libsndfile 60.00, MediaInfo 60.00
#   60 s, WAV mu-law: libsndfile 60.00, MediaInfo 60.00, mutagen 60.00
#   60 s, WAV GSM: libsndfile 60.00, MediaInfo 60.00, mutagen 0.19
#   60 s, WAV MS ADPCM: libsndfile 60.00, MediaInfo 60.00, mutagen 0.12
#   mutagen issue #578 (an ADPCM WAV of 0.00 seconds) was closed as mended in 2022. Of CAF and .au no report was found.
# For a phone line: voicemail is GSM in WAV, old prompts are .au, and apps on an iPhone record CAF. "Longer than a second" throws every
#   message away, and "shorter than five seconds" lets every CAF pass. Ask the decoder, not a tag reader, how long a recording is.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install pymediainfo==7.0.1 mutagen==1.48.1 soundfile==0.14.0
cat >t.py <<'PY'
import json

import numpy as np
import soundfile
from mutagen.wave import WAVE
from pymediainfo import MediaInfo

def mediainfo(name):
    library = json.loads(MediaInfo.parse(name, output="JSON"))["creatingLibrary"]["version"]
    assert library == "24.12", library
    return next(track.duration for track in MediaInfo.parse(name).tracks if track.track_type == "Audio") / 1000

for seconds, title, name, subtype in (
    (3, "CAF linear", "r.caf", "PCM_16"), (60, "CAF linear", "r.caf", "PCM_16"), (60, "CAF mu-law", "r.caf", "ULAW"),
    (60, "AU linear", "r.au", "PCM_16"), (60, "AU mu-law", "r.au", "ULAW"), (60, "WAV linear", "r.wav", "PCM_16"),
    (60, "WAV mu-law", "r.wav", "ULAW"), (60, "WAV GSM", "r.wav", "GSM610"), (60, "WAV MS ADPCM", "r.wav", "MS_ADPCM"),
):
    soundfile.write(name, 0.3 * np.sin(2 * np.pi * 440 / 8000 * np.arange(seconds * 8000)), 8000, subtype=subtype)
    sound, rate = soundfile.read(name)  # decoded to the end
    lengths = {"libsndfile": len(sound) / rate, "MediaInfo": mediainfo(name)}
    if name == "r.wav":
        lengths["mutagen"] = WAVE(name).info.length
    print(f"{seconds} s, {title}: " + ", ".join(f"{reader} {length:.2f}" for reader, length in lengths.items()))
PY
v/bin/python t.py | tee seen
diff seen - <<'SEEN'
3 s, CAF linear: libsndfile 3.00, MediaInfo 3.00
60 s, CAF linear: libsndfile 60.00, MediaInfo 3.84
60 s, CAF mu-law: libsndfile 60.00, MediaInfo 7.68
60 s, AU linear: libsndfile 60.00, MediaInfo 120.00
60 s, AU mu-law: libsndfile 60.00, MediaInfo 60.00
60 s, WAV linear: libsndfile 60.00, MediaInfo 60.00, mutagen 60.00
60 s, WAV mu-law: libsndfile 60.00, MediaInfo 60.00, mutagen 60.00
60 s, WAV GSM: libsndfile 60.00, MediaInfo 60.00, mutagen 0.19
60 s, WAV MS ADPCM: libsndfile 60.00, MediaInfo 60.00, mutagen 0.12
SEEN
echo "as seen"
