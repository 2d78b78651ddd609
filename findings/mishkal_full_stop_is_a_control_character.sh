#!/usr/bin/env bash
# mishkal: it adds vowels to Arabic, and makes each full stop, comma, colon and exclamation mark the control character U+0001.
#
# A good guess: a program that adds the vowel marks which a voice needs leaves all else as it is. Take the marks off what comes out,
#   and the text that went in is there again, but for spaces.
# What happens: in the end it draws a mark back to its word with re.sub(..., "\1", text), where "\1" is not the group but the character
#   U+0001; the space behind the mark goes too. The Arabic comma and question mark, hyphens and slashes stay. On a screen the character
#   is not seen: the hours 9:00 look like 900. No error.
# Seen: 2026-11-29, mishkal 0.4.1 (PyArabic 0.6.15), espeak-ng 1.52.0 (espeakng-loader 0.2.4). Input, and what comes out without its
#   vowels (<1> is U+0001); then whether it is still XML, as SSML has to be; then the clauses that espeak-ng makes, before and after:
#   "من الساعة 9:00 إلى 16:30." (from 9 to half past 4): "من الساعة 9<1>00 إلى 16<1>30<1>"; not XML; 1 clause, then 1
#   "السعر 12,50 يورو" (the price is 12,50 euros): "السعر 12<1>50 يورو"; not XML; 1 clause, then 1
#   "اضغط 1. اضغط 2. شكرا!" (press 1. press 2. thanks!): "اضغط 1<1>اضغط 2<1>شكرا<1>"; not XML; 3 clauses, then 1
#   "رقم 0400-291-141" (number 0400-291-141): "رقم 0400 - 291 - 141"; XML; 1 clause, then 1
#   "هل تريد؟ نعم، شكرا" (do you want? yes, thanks): "هل تريد ؟ نعم ، شكرا"; XML; 3 clauses, then 3
#   No report of it was found.
# For a phone line: the vowels are there for the voice. It reads the sentences of a prompt as one, without a pause; a service that takes
#   SSML refuses it; and who cleans a text of control characters opens at nine hundred. Which mark it was cannot be known afterwards:
#   give it only the words between the marks, and put the marks back yourself.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install mishkal==0.4.1 PyArabic==0.6.15 espeakng-loader==0.2.4
cat >t.py <<'PY'
import unicodedata
from ctypes import CDLL, addressof, byref, c_char_p, c_void_p, create_string_buffer
from xml.etree import ElementTree

import espeakng_loader
from mishkal.tashkeel import TashkeelClass

lib = CDLL(espeakng_loader.get_library_path())
lib.espeak_TextToPhonemes.restype = lib.espeak_Info.restype = c_char_p
assert lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert lib.espeak_Info(byref(c_char_p())) == b"1.52.0" and lib.espeak_SetVoiceByName(b"ar") == 0

def clauses(text):
    buffer, count = create_string_buffer(text.encode()), 0
    left = c_void_p(addressof(buffer))
    while left.value:
        count += bool(lib.espeak_TextToPhonemes(byref(left), 1, 0).strip())
    return count

def xml(text):
    try:
        return bool(ElementTree.fromstring(f"<speak>{text}</speak>").text)
    except ElementTree.ParseError:
        return False

def plain(text):
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Mn").replace("\1", "<1>").split())

vocalizer = TashkeelClass()
for text, meaning in {
    "من الساعة 9:00 إلى 16:30.": "from 9 to half past 4",
    "السعر 12,50 يورو": "the price is 12,50 euros",
    "اضغط 1. اضغط 2. شكرا!": "press 1. press 2. thanks!",
    "رقم 0400-291-141": "number 0400-291-141",
    "هل تريد؟ نعم، شكرا": "do you want? yes, thanks",
}.items():
    out = vocalizer.tashkeel(text)
    assert xml(text) and any(unicodedata.category(c) == "Mn" for c in out)
    before, after = clauses(text), clauses(out)
    print(f'"{text}" ({meaning}): "{plain(out)}"; {"" if xml(out) else "not "}XML; {before} clause{"s" * (before > 1)}, then {after}')
PY
v/bin/python t.py 2>err | tee seen || { cat err; exit 1; }
diff seen - <<'SEEN'
"من الساعة 9:00 إلى 16:30." (from 9 to half past 4): "من الساعة 9<1>00 إلى 16<1>30<1>"; not XML; 1 clause, then 1
"السعر 12,50 يورو" (the price is 12,50 euros): "السعر 12<1>50 يورو"; not XML; 1 clause, then 1
"اضغط 1. اضغط 2. شكرا!" (press 1. press 2. thanks!): "اضغط 1<1>اضغط 2<1>شكرا<1>"; not XML; 3 clauses, then 1
"رقم 0400-291-141" (number 0400-291-141): "رقم 0400 - 291 - 141"; XML; 1 clause, then 1
"هل تريد؟ نعم، شكرا" (do you want? yes, thanks): "هل تريد ؟ نعم ، شكرا"; XML; 3 clauses, then 3
SEEN
echo "as seen"
