#!/usr/bin/env bash
# pofile, angular-gettext-tools and i18next-conv: a translation in doubt is sure once it has a second flag beside "fuzzy".
#
# A good guess: "#, c-format, fuzzy" and "#, fuzzy, c-format" are in doubt, like "#, fuzzy"; gettext leaves all three out.
# What happens: pofile splits the line at each comma and keeps the blank: the flag is called " fuzzy", and flags.fuzzy is not set,
#   unless it stands first. So angular-gettext-tools, which leaves doubtful entries out, ships this one. i18next-conv knows a
#   doubt only where the line is "fuzzy" and nothing else, so skipUntranslated keeps both lines with two flags. And the tools of
#   Python write just that: polib puts an added "fuzzy" last, and Babel sorts the flags, so that "c-format" stands before it.
#   GNU gettext writes "fuzzy" first, so that pofile's part does not show with its files.
# Seen: 2026-11-29, pofile 1.1.4, angular-gettext-tools 2.5.3, i18next-conv 16.0.0 (gettext-converter 1.3.4), polib 1.2.0,
#   Babel 2.18.0; GNU gettext 0.21-12 (Debian 12) leaves all out. The same was mended elsewhere: ttag-org/babel-plugin-ttag
#   pull request #179; no issue found for these.
#   polib and Babel write, after fuzzy was added: #, c-format, fuzzy
#   msgfmt --statistics: 1 translated message, 3 fuzzy translations.
#   in doubt for pofile: Open, Two %d         (not: Open %d)
#   angular-gettext-tools ships: Sure, Open %d -> Suljettu %d
#   i18next-conv skipUntranslated ships: Sure, Open %d -> Suljettu %d, Two %d -> Kolme %d
# For a phone line: "Open until %d" in the words of "Closed until %d" goes out, and only sentences with a number in them are hit, as
#   those have a second flag. Give them what msgattrib --no-fuzzy leaves.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
node --version >/dev/null || { echo "needs Node.js 18 or later"; exit 1; }
apt-get -qq update || true
apt-get -qq download gettext libunistring2 libxml2 libicu72 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f gettext_*.deb Version)
echo "gettext $v"
[ "$v" = "0.21-12" ] || { echo "another version than the one seen"; exit 1; }
python3 -m venv v
v/bin/pip install -q polib==1.2.0 babel==2.18.0
npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
  pofile@1.1.4 angular-gettext-tools@2.5.3 i18next-conv@16.0.0 gettext-converter@1.3.4 >/dev/null
cat >a.po <<'PO'
msgid ""
msgstr ""
"Project-Id-Version: x\n"
"Language: fi\n"
"Content-Type: text/plain; charset=UTF-8\n"

msgid "Sure"
msgstr "Varma"

#, fuzzy
msgid "Open"
msgstr "Kiinni"

#, c-format, fuzzy
msgid "Open %d"
msgstr "Suljettu %d"

#, fuzzy, c-format
msgid "Two %d"
msgstr "Kolme %d"
PO
cat >write.py <<'PY'
import glob, io, os, subprocess
import polib
from babel.messages.pofile import read_po, write_po

entry = '#, c-format\nmsgid "Open %d"\nmsgstr "Auki %d"\n'
by_polib = polib.pofile(entry)
by_polib[0].flags.append("fuzzy")
by_babel = read_po(io.BytesIO(entry.encode()))
by_babel["Open %d"].flags = {"c-format", "fuzzy"}
written = io.BytesIO()
write_po(written, by_babel, omit_header=True)
lines = [[line for line in text.splitlines() if line.startswith("#,")] for text in (str(by_polib), written.getvalue().decode())]
print("polib and Babel write:", lines)
env = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(glob.glob("root/usr/lib/*-linux-gnu"))}
words = ["root/usr/bin/msgfmt", "--statistics", "-o", "a.mo", "a.po"]
counted = subprocess.run(words, capture_output=True, text=True, env=env, check=True).stderr.strip()
compiled = {entry.msgid: entry.msgstr for entry in polib.mofile("a.mo")}
print("msgfmt:", counted, compiled)
raise SystemExit(not (
    lines[0] == ["#, c-format, fuzzy"] and lines[1][0].startswith("#, c-format, fuzzy")
    and counted == "1 translated message, 3 fuzzy translations." and compiled == {"Sure": "Varma"}
))
PY
cat >read.mjs <<'JS'
import fs from "node:fs";
import pofile from "pofile";
import angular from "angular-gettext-tools";
import { gettextToI18next } from "i18next-conv";

const text = fs.readFileSync("a.po", "utf8");
const doubtful = pofile.parse(text).items.filter((item) => item.flags.fuzzy).map((item) => item.msgid);
const shipped = JSON.parse(new angular.Compiler({ format: "json" }).convertPo([text])).fi;
const kept = JSON.parse(await gettextToI18next("fi", text, { skipUntranslated: true, compatibilityJSON: "v4" }));
console.log("in doubt for pofile:", JSON.stringify(doubtful));
console.log("angular-gettext-tools ships:", JSON.stringify(shipped));
console.log("i18next-conv skipUntranslated ships:", JSON.stringify(kept));
const same = JSON.stringify(doubtful) === '["Open","Two %d"]'
  && JSON.stringify(shipped) === '{"Sure":"Varma","Open %d":"Suljettu %d"}'
  && JSON.stringify(kept) === '{"Sure":"Varma","Open %d":"Suljettu %d","Two %d":"Kolme %d"}';
process.exit(same ? 0 : 1);
JS
if v/bin/python write.py && node read.mjs; then echo "as seen"; else echo "another behaviour than the one seen"; exit 1; fi
