#!/usr/bin/env bash
# polib and GNU gettext: they never agree on where a vowelled Arabic line is broken, so the file changes at every other save.
#
# A good guess: a PO file saved by polib (wrapwidth 78) and passed through msgcat comes out the same; both fold near column 79.
#   For Finnish and Russian that is so.
# What happens: msgcat counts columns of a terminal, where the Arabic vowel marks (U+064B to U+0652) are 0 wide; polib counts
#   characters, where each is 1. A prompt written with its vowels, as a speech engine needs it, is one line to msgcat and
#   two to polib. Each tool rewrites what the other wrote. (translate-toolkit 3.20.4, tried the same day, folds as polib does.)
# Seen: 2026-11-28, polib 1.2.0, GNU gettext 0.21-12 (Debian 12). That polib folds otherwise than gettext is known in general:
#   izimobil/polib issue #96 (open).
#   ru, 87 characters: polib 2 lines, msgcat 2, polib 2: the same file
#   ar, 117 characters: polib 2 lines, msgcat 1, polib 2
#   ar without the marks, said twice, 136 characters: polib 2 lines, msgcat 2, polib 2: the same file
# For a phone line: a one-word change in Arabic comes as a diff of every long prompt, and a check that "the files are as
#   our tool writes them" fails for Arabic alone. Fold nowhere: wrapwidth=0 in polib, --no-wrap in gettext.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
apt-get -qq update || true
apt-get -qq download gettext libunistring2 libxml2 libicu72 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f gettext_*.deb Version)
echo "gettext $v"
[ "$v" = "0.21-12" ] || { echo "another version than the one seen"; exit 1; }
python3 -m venv v
v/bin/pip install -q polib==1.2.0
cat >t.py <<'PY'
import glob, os, re, subprocess
import polib

env = {**os.environ, "LD_LIBRARY_PATH": ":".join(glob.glob("root/usr/lib/*-linux-gnu"))}

def by_polib(text):
    po = polib.POFile()
    po.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    po.append(polib.POEntry(msgid="prompt", msgstr=text))
    po.save("a.po")
    return open("a.po", encoding="utf-8").read()

def by_msgcat():
    subprocess.run(["root/usr/bin/msgcat", "a.po", "-o", "b.po"], check=True, env=env)
    return open("b.po", encoding="utf-8").read()

def lines(po):  # those of the one prompt
    return max(1, len(po.split('msgid "prompt"')[1].strip().splitlines()) - 1)

arabic = "اِضْغَطْ عَلَى الرَّقْمِ وَاحِدٍ لِلتَّحَدُّثِ مَعَ مُوَظَّفٍ مِنَ الْخِدْمَاتِ الِاجْتِمَاعِيَّةِ فِي الْبَلَدِيَّةِ"
russian = "Чтобы поговорить с человеком, нажмите один. Если вы ничего не нажмёте, мы вас соединим."
bare = re.sub("[\u064b-\u0652]", "", f"{arabic}. {arabic}")
for name, text in (("ru", russian), ("ar", arabic), ("ar without marks", bare)):
    first, second = by_polib(text), by_msgcat()
    polib.pofile("b.po").save("c.po")
    third = open("c.po", encoding="utf-8").read()
    print(f"{name}: {len(text)} characters; lines by polib {lines(first)}, then msgcat {lines(second)}, then polib {lines(third)}")
    same = name != "ar"
    assert (first == second) is same and first == third, name
PY
v/bin/python t.py
echo "as seen"
