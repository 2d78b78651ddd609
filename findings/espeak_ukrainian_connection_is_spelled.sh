#!/usr/bin/env bash
# espeak-ng: the Ukrainian word for a connection, "зв’язок", is spelled letter by letter; other words with the apostrophe are read.
#
# A good guess: "зв’язок", with the apostrophe of everyday Ukrainian (U+2019 or U+0027), is read as "п’ять" (five), "м’ята" and "сім’я" are:
#   as one word. The voice knows the apostrophe.
# What happens: where a word BEGINS with two consonants and the apostrophe, its first letters are read by their names: "ze-ve-yazok". So are
#   all words of this kind: "зв’язати" (to connect), "зв’яжіться" (contact us), "цв’ях" (nail). In the middle of a word, as in "обов’язок",
#   all is well. With U+02BC, which keyboards do not have, it is read as one word.
# Seen: 2026-11-28, espeak-ng 1.52.0 (espeakng-loader 0.2.4).
#   зв’язок  z,EB'Ejaz'ok      звʼязок (U+02BC)  zBjaz'ok      п’ять  pj'at
# For a phone line: "connect", "contact" and "connection" are its commonest words. Write "з’єднуємо" (one consonant), or turn the
#   apostrophe into U+02BC where the text is handed to this voice.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q espeakng-loader==0.2.4
"$T/v/bin/python" - <<'PY'
from ctypes import CDLL, addressof, byref, c_char_p, c_void_p, create_string_buffer

import espeakng_loader

lib = CDLL(espeakng_loader.get_library_path())
lib.espeak_TextToPhonemes.restype = lib.espeak_Info.restype = c_char_p
assert lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert lib.espeak_Info(byref(c_char_p())) == b"1.52.0"
assert lib.espeak_SetVoiceByName(b"uk") == 0

def said(text):
    buffer = create_string_buffer(text.encode())
    left = c_void_p(addressof(buffer))
    return lib.espeak_TextToPhonemes(byref(left), 1, 0).decode()

LETTER = "'E"  # the vowel of the name of a consonant, as in "ze", "ve"
for word in ("зв’язок", "зв'язок", "зв’язати", "зв’яжіться", "цв’ях", "п’ять", "м’ята", "сім’я", "обов’язок", "здоров’я", "з’єднати"):
    spelled = word[2] in "’'"
    print(word, said(word), "spelled" if spelled else "read")
    letters_only = said(word).replace(",", "").replace("'", "")
    joined = said(word.replace("’", "\u02bc").replace("'", "\u02bc")).replace(",", "").replace("'", "")
    assert (letters_only != joined) == spelled, (word, letters_only, joined)
    assert not spelled or LETTER in said(word)
print("звʼязок with U+02BC", said("зв\u02bcязок"))
PY
echo "as seen"
