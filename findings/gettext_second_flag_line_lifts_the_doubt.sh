#!/usr/bin/env bash
# GNU gettext: a second line of flags replaces the first, so that a translation in doubt (fuzzy) is compiled and spoken.
#
# A good guess: "#, fuzzy" and "#, c-format" on two lines mean the same as "#, fuzzy, c-format"; every library reads it so.
# What happens: gettext keeps the last "#," line only, without a word. With "#, fuzzy" above "#, c-format" the entry is sure:
#   msgfmt compiles it, msgattrib --only-fuzzy leaves it out, and msgcat writes the file without the doubt. With the two
#   lines the other way round it stays fuzzy, and c-format is lost.
# Seen: 2026-11-28, GNU gettext 0.21-12 (Debian 12); polib 1.2.0, Babel 2.18.0 and translate-toolkit 3.20.4 call it fuzzy.
#   msgfmt --statistics: 1 translated message, 2 fuzzy translations.   (all three entries are marked fuzzy)
#   in the .mo: Open -> Kiinni
#   polib: Open fuzzy, Shut fuzzy, One fuzzy    Babel: the same
# For a phone line: "We are open" in the words of "We are closed" is what fuzzy exists for. A tool that adds a flag on a line
#   of its own, then one pass through msgcat, and nobody sees the doubt again. Write all flags on one line, and read files
#   with something that joins the lines.
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
v/bin/pip install -q polib==1.2.0 babel==2.18.0
cat >a.po <<'PO'
msgid ""
msgstr ""
"Project-Id-Version: x\n"
"Language: fi\n"
"Content-Type: text/plain; charset=UTF-8\n"

#, fuzzy
#, c-format
msgid "Open"
msgstr "Kiinni"

#, c-format
#, fuzzy
msgid "Shut"
msgstr "Auki"

#, fuzzy, c-format
msgid "One"
msgstr "Kaksi"
PO
cat >t.py <<'PY'
import glob, os, subprocess
import polib
from babel.messages.pofile import read_po

env = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(glob.glob("root/usr/lib/*-linux-gnu"))}

def run(*words):
    done = subprocess.run([f"root/usr/bin/{words[0]}", *words[1:]], capture_output=True, text=True, env=env, check=True)
    return done.stdout, done.stderr.strip()

_, counted = run("msgfmt", "--statistics", "-o", "a.mo", "a.po")
compiled = {entry.msgid: entry.msgstr for entry in polib.mofile("a.mo")}
doubtful = [line for line in run("msgattrib", "--only-fuzzy", "a.po")[0].splitlines() if line.startswith("msgid")][1:]
passed = {entry.msgid: entry.flags for entry in polib.pofile(run("msgcat", "a.po")[0])}
by_polib = [entry.msgid for entry in polib.pofile("a.po") if entry.fuzzy]
with open("a.po", "rb") as file:
    by_babel = [message.id for message in read_po(file) if message.id and message.fuzzy]
print("msgfmt:", counted)
print("in the .mo:", compiled)
print("msgattrib --only-fuzzy:", doubtful)
print("after msgcat:", passed)
print("polib:", by_polib, " Babel:", by_babel)
same = (
    counted == "1 translated message, 2 fuzzy translations."
    and compiled == {"Open": "Kiinni"}
    and doubtful == ['msgid "Shut"', 'msgid "One"']
    and passed == {"Open": ["c-format"], "Shut": ["fuzzy"], "One": ["fuzzy", "c-format"]}
    and by_polib == by_babel == ["Open", "Shut", "One"]
)
raise SystemExit(not same)
PY
if v/bin/python t.py; then echo "as seen"; else echo "another behaviour than the one seen"; exit 1; fi
