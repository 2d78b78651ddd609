#!/usr/bin/env bash
# espeak-ng: whether espeak_TextToPhonemes reads "[[...]]" as phonemes hangs on the flags of another function's last call.
#
# A good guess: espeak_TextToPhonemes has a mode of its own and no flags, so the same text gives the same phonemes. Phonemes in double brackets
#   are read as such, or never are.
# What happens: the flag espeakPHONEMES (0x100) belongs to espeak_Synth, and is remembered. Before any espeak_Synth, and after one without the
#   flag, "[[h@l'oU]]" is spelled out by the names of its characters, "aitch at el o u". After an espeak_Synth of anything with the flag, the
#   same call gives h@l'oU, until the next espeak_Synth without it.
# Seen: 2026-11-29, espeak-ng 1.52.0 (espeakng-loader 0.2.4).
#   before, and after Synth(1):  _:_:'eItS _at_ 'El'oU j'u:
#   after Synth(0x101):          h@l'oU
# For a phone line: a check of a letter table that asks for the phonemes of its words before it has spoken any looks at names of letters, and finds
#   nothing wrong. Speak once with the flag first, or judge by the sound.
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
assert lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert lib.espeak_Info(byref(c_char_p())) == b"1.52.0"
assert lib.espeak_SetVoiceByName(b"en") == 0
heard = CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)(lambda samples, count, events: 0)
lib.espeak_SetSynthCallback(heard)
UTF8, PHONEMES, TEXT = 0x01, 0x100, "[[h@l'oU]]"

def phonemes():
    buffer = create_string_buffer(TEXT.encode())
    left = c_void_p(addressof(buffer))
    return lib.espeak_TextToPhonemes(byref(left), 1, 0).decode()

def speak(flags):
    said = b"hello\0"
    assert lib.espeak_Synth(said, c_size_t(len(said)), 0, 1, 0, flags, None, None) == 0

found = {"before": phonemes()}
for name, flags in (("after Synth(1)", UTF8), ("after Synth(0x101)", UTF8 | PHONEMES), ("after Synth(1) again", UTF8)):
    speak(flags)
    found[name] = phonemes()
for name, read in found.items():
    print(f"{name}: {read}")
assert found["after Synth(0x101)"] == "h@l'oU"
assert {read for name, read in found.items() if "0x101" not in name} == {"_:_:'eItS _at_ 'El'oU j'u:"}
PY
echo "as seen"
