#!/usr/bin/env bash
# n2words: six, seven and eight in Ukrainian hold the Latin letter i, and espeak-ng reads them as the names of English letters.
#
# A good guess: the words that n2words gives for a number are the words that a person types: "сім" (seven), all in Cyrillic letters.
# What happens: in every number that ends in 6, 7 or 8, in 60 to 89, 200 to 299 and 600 to 899, in "two thousand", the millions and
#   "third", the i is U+0069 and not U+0456. The two look the same on every screen. Compared, searched for in a list of recordings or
#   looked up in a lexicon they are other words, and espeak-ng's Ukrainian voice spells them. num2words and ICU write them in Cyrillic.
# Seen: 2026-11-29, n2words 4.0.0 (npm, wants Node 20), with num2words 0.5.14, ICU (icu-rbnf 0.2.0) and espeak-ng 1.52.0
#   (espeakng-loader 0.2.4). num2words had the same and mended it (savoirfairelinux/num2words pull requests #328 and #400); for
#   n2words no issue was found.
#   7: n2words '\u0441i\u043c', num2words '\u0441\u0456\u043c'
#      espeak-ng: 'Es(en)'aI(uk)'Em, of the right word s'i:m
#   of 0 to 999 hold a Latin letter: n2words 706, num2words 0, ICU 0
# For a phone line: the place in the queue, the hour or the number to call become "es, eye, em" at six, seven and eight, and a check by
#   eye finds nothing. Refuse a word that has letters of two scripts.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
npm install --silent --no-audit --no-fund --prefix . n2words@4.0.0
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install num2words==0.5.14 icu-rbnf==0.2.0 espeakng-loader==0.2.4
cat >words.mjs <<'JS'
import { toCardinal, toOrdinal } from "n2words/uk-UA";
const words = Array.from({ length: 1000 }, (_, n) => toCardinal(n));
console.log(JSON.stringify({ words, third: toOrdinal(3), million: toCardinal(1000000) }));
JS
node words.mjs >words.json
cat >t.py <<'PY'
import json
import unicodedata
from ctypes import CDLL, addressof, byref, c_char_p, c_void_p, create_string_buffer

import espeakng_loader
import icu_rbnf
from num2words import num2words

lib = CDLL(espeakng_loader.get_library_path())
lib.espeak_TextToPhonemes.restype = lib.espeak_Info.restype = c_char_p
assert lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert lib.espeak_Info(byref(c_char_p())) == b"1.52.0"
assert lib.espeak_SetVoiceByName(b"uk") == 0

def said(text):
    buffer = create_string_buffer(text.encode())
    left = c_void_p(addressof(buffer))
    return lib.espeak_TextToPhonemes(byref(left), 1, 0).decode()

def latin(text):
    return [letter for letter in text if unicodedata.name(letter).startswith("LATIN")]

with open("words.json", encoding="utf-8") as file:
    made = json.load(file)
words = made["words"]
num2words_words = [num2words(n, lang="uk") for n in range(1000)]
icu_words = [icu_rbnf.spellout(n, "uk") for n in range(1000)]
for n in (6, 7, 8):
    print(f"{n}: n2words {ascii(words[n])}, num2words {ascii(num2words_words[n])}")
    print(f"   espeak-ng: {said(words[n])}, of the right word {said(num2words_words[n])}")
    assert words[n] != num2words_words[n] == icu_words[n] and words[n].replace("i", "і") == num2words_words[n]
    assert set(latin(words[n])) == {"i"} and "(en)" in said(words[n]) and "(en)" not in said(num2words_words[n])
counts = [sum(bool(latin(word)) for word in source) for source in (words, num2words_words, icu_words)]
print("of 0 to 999 hold a Latin letter: n2words {}, num2words {}, ICU {}".format(*counts))
assert counts == [706, 0, 0], counts
assert latin(made["third"]) == ["i"] and latin(made["million"]) == ["i"]
assert not any(latin(words[n]) for n in (0, 1, 2, 3, 4, 5, 9, 10, 30, 40, 50, 90, 100))
PY
v/bin/python t.py
echo "as seen"
