#!/usr/bin/env bash
# i18next-conv: a PO file's Plural-Forms line is not read, and numbers get another number's words, or English.
#
# A good guess: the converter reads the rule that the file carries, as gettext does, and gives each form the name that i18next
#   asks for (one, few, other ...).
# What happens: msgstr[0], msgstr[1] ... are named by their place, from a table of its own for each language, whatever the file
#   says. Finnish, English, Estonian, Russian, Ukrainian and Somali come out right. Slovenian: all numbers are wrong (1 has the
#   words for 2). Latvian: the form for 2 to 9 is lost, as a later one is written over it. Hebrew: everything but 1 and 2 is
#   English. Arabic as Babel starts it (its last two forms stand the other way round than elsewhere): 11 has the words for 100.
#   Turkish as Babel starts it (one form): all but 1 is English.
# Seen: 2026-11-29, i18next-conv 16.0.0 (gettext-converter 1.3.4), i18next 26.7.2, Babel 2.18.0. The lost Latvian form was mended
#   in a sister package (i18next/i18next-v4-format-converter issue #7) and is still lost in this one; no issue found for the others.
#   numbers 0 to 200 with other words than gettext's: fi 0, en 0, et 0, ru 0, uk 0, so 0, ar 182, he 199, lv 182, sl 201, tr 200
#   lv 5: gettext form 1, i18next call (the English key)   he 5: the same          tr 5: gettext form 0, i18next call
#   sl 1: gettext form 0, i18next form 1                   ar 11: gettext form 5, i18next form 4
# For a phone line: "you are number 5", "open for 2 more hours" in a web page or a bot beside the line that shares its PO files is
#   in English or in wrong grammar, in some languages only, and a test with 1 may pass. Ask each language for 0 to 200 and compare.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
node --version >/dev/null || { echo "needs Node.js 18 or later"; exit 1; }
python3 -m venv v
v/bin/pip install -q babel==2.18.0
npm install --silent --no-audit --no-fund --no-save --ignore-scripts i18next-conv@16.0.0 gettext-converter@1.3.4 i18next@26.7.2 >/dev/null
cat >write.py <<'PY'
import gettext, io, json, sys
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

expected = {}
for code in sys.argv[1:]:
    catalog = Catalog(locale=code, fuzzy=False)
    catalog.add(("call", "calls"), tuple(f"form {i}" for i in range(catalog.num_plurals)))
    with open(f"{code}.po", "wb") as file:
        write_po(file, catalog)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    said = gettext.GNUTranslations(compiled)
    expected[code] = [said.ngettext("call", "calls", number) for number in range(201)]
    print(code, catalog.plural_forms)
with open("expected.json", "w") as file:
    json.dump(expected, file)
PY
cat >read.mjs <<'JS'
import fs from "node:fs";
import i18next from "i18next";
import { gettextToI18next } from "i18next-conv";

const expected = JSON.parse(fs.readFileSync("expected.json"));
const differ = {}, shown = {};
for (const [code, forms] of Object.entries(expected)) {
  const json = JSON.parse(await gettextToI18next(code, fs.readFileSync(`${code}.po`), { compatibilityJSON: "v4" }));
  const instance = i18next.createInstance();
  await instance.init({ lng: code, fallbackLng: false, showSupportNotice: false, resources: { [code]: { translation: json } } });
  const said = (count) => instance.t("call", { count });
  differ[code] = forms.filter((form, number) => said(number) !== form).length;
  for (const number of [1, 5, 11]) shown[`${code} ${number}`] = `${forms[number]} / ${said(number)}`;
}
console.log("numbers 0 to 200 with other words than gettext's:", JSON.stringify(differ));
for (const key of ["lv 5", "he 5", "tr 5", "sl 1", "ar 11"]) console.log(`${key}: gettext / i18next: ${shown[key]}`);
const same = JSON.stringify(differ) ===
  JSON.stringify({ fi: 0, en: 0, et: 0, ru: 0, uk: 0, so: 0, ar: 182, he: 199, lv: 182, sl: 201, tr: 200 })
  && shown["lv 5"] === "form 1 / call" && shown["sl 1"] === "form 0 / form 1" && shown["he 5"] === "form 1 / call"
  && shown["ar 11"] === "form 5 / form 4" && shown["tr 5"] === "form 0 / call";
process.exit(same ? 0 : 1);
JS
v/bin/python write.py fi en et ru uk so ar he lv sl tr
if node read.mjs; then echo "as seen"; else echo "another behaviour than the one seen"; exit 1; fi
