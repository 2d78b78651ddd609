#!/usr/bin/env bash
# espeak-ng: a phoneme name that the voice has not silently ends the word there; the next word is said as if nothing were.
#
# A good guess: a name in "[[...]]" that a voice does not know is an error, or is left out, or is spelled. Every name that one voice has, another has.
# What happens: espeak_Synth returns 0, and the rest of that word is not said. "I" (as in English "bit") is a phoneme of the English voice and
#   none of the Arabic: "[[b'a:Iba]]" is "[[b'a:]]" there, as short and with the same phonemes, and longer in English, where it is whole.
# Seen: 2026-11-29, espeak-ng 1.52.0 (espeakng-loader 0.2.4).
#   ar  b'a:ba -> b'a:ba   b'a:Iba -> b'a:      en  b'a:Iba -> b'a:Iba
# For a phone line: a table of letters for a language that no voice speaks is full of names that were tried in another voice. One that is missing
#   costs the ends of words, and nobody who does not know the language hears it. Speak each name with a sound behind it, and compare the lengths.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q espeakng-loader==0.2.4
"$T/v/bin/python" - <<'PY'
from ctypes import CDLL, CFUNCTYPE, addressof, byref, c_char_p, c_int, c_size_t, c_void_p, create_string_buffer

import espeakng_loader

lib = CDLL(espeakng_loader.get_library_path())
lib.espeak_TextToPhonemes.restype = lib.espeak_Info.restype = c_char_p
rate = lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
assert lib.espeak_Info(byref(c_char_p())) == b"1.52.0"
counted = 0

def count(samples, number, events):
    global counted
    counted += number
    return 0

heard = CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)(count)
lib.espeak_SetSynthCallback(heard)

def said(voice, names):
    """Seconds of sound, and the phonemes that espeak read."""
    global counted
    counted = 0
    assert lib.espeak_SetVoiceByName(voice) == 0
    text = f"[[{names}]]".encode()
    assert lib.espeak_Synth(text + b"\0", c_size_t(len(text) + 1), 0, 1, 0, 0x101, None, None) == 0, "an error would be a better answer"
    buffer = create_string_buffer(text)
    left = c_void_p(addressof(buffer))
    read = lib.espeak_TextToPhonemes(byref(left), 1, 0).decode()
    print(f"{voice.decode()} {names}: {read}, {counted / rate:.2f} s")
    return counted / rate, read

whole, cut, begin = (said(b"ar", names) for names in ("b'a:ba", "b'a:Iba", "b'a:"))
assert cut[1] == begin[1] and abs(cut[0] - begin[0]) < 0.03, "what stands behind the name is lost"
assert whole[0] > begin[0] + 0.03
assert said(b"en", "b'a:Iba")[1] == "b'a:Iba", "a voice that has it says all"
PY
echo "as seen"
