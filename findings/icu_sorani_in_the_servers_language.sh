#!/usr/bin/env bash
# ICU: a number spelled out for Sorani or Somali comes out in the language of the machine that it runs on.
#
# A good guess: RuleBasedNumberFormat(SPELLOUT) for a language that ICU has no number words for raises an error, or leaves the
#   digits, as it does for "und" (no language).
# What happens: "ckb", "so" and "ku" take the words of the process's locale: Finnish on one machine, Swedish on the next, English in
#   a container (C.UTF-8). No error and no warning; only getLocale() of the finished object tells. Swahili and Persian have words
#   of their own and stay the same everywhere.
#   The Finnish and Swedish words hold soft hyphens, U+00AD, that no screen shows: "sata\xadkaksitoista" is not equal to the word
#   as a person writes it, so a recording that is looked up by it is not found.
# Seen: 2026-11-28, Debian 12, python3-icu 2.10.2-1+b3 with ICU 72.1. No issue found on either.
#   112 in ckb, so and ku: C.UTF-8 one hundred twelve, fi_FI.UTF-8 sata\xadkaksitoista, sv_SE.UTF-8 ett\xadhundra\xadtolv
# For a phone line: a Sorani caller hears a Finnish number in the middle of a sentence, a test on a machine of another language
#   hears another one. Ask getLocale() whether it is the language asked for, and remove U+00AD.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
apt-get -qq update || true
apt-get -qq download python3-icu libicu72 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f python3-icu_*.deb Version)
echo "python3-icu $v"
[ "$v" = "2.10.2-1+b3" ] || { echo "another version than the one seen"; exit 1; }
cat >spell.py <<'PY'
import sys
import icu

assert icu.ICU_VERSION == "72.1", icu.ICU_VERSION
words = {}
for code in ("ckb", "so", "ku", "und", "fi", "sw", "fa"):
    words[code] = icu.RuleBasedNumberFormat(icu.URBNFRuleSetTag.SPELLOUT, icu.Locale(code)).format(112)
print(f"{sys.argv[1]}: {words}")
assert {words[code] for code in ("ckb", "so", "ku")} == {sys.argv[2].replace("-", "\u00ad")}
assert words["und"] == "112" and words["fi"] == "sata\u00adkaksitoista"
assert words["sw"] == "mia moja na kumi na mbili" and words["fa"] == "صد و دوازده"
PY
python=$(python3.11 -c 'import sys; print(sys.executable)')
spell() { # a locale of the process (it need not be installed); then what Sorani, Somali and Kurmanji are to say in it
  env LANG="$1" LC_ALL="$1" PYTHONUTF8=1 LD_LIBRARY_PATH="$(printf '%s:' "$T"/root/usr/lib/*-linux-gnu)" \
    PYTHONPATH="$T/root/usr/lib/python3/dist-packages" "$python" spell.py "$@"
}
spell C.UTF-8 "one hundred twelve"
spell fi_FI.UTF-8 "sata-kaksitoista"
spell sv_SE.UTF-8 "ett-hundra-tolv"
echo "as seen"
