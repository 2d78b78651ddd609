#!/usr/bin/env bash
# gammu: the number that is called first becomes another one, and the mobile number that an iPhone writes is dropped.
#
# A good guess: gammu, which copies the contacts of a computer to a telephone and back, keeps the numbers of a vCard and which of them is
#   the preferred one (PREF), or it says what it left out.
# What happens: PREF is not read. When a vCard is written, the first office or home number gets it, whichever had it before and also where
#   none had it; where all are mobiles, the first of them. A TEL line with one type that gammu does not know is left out with its number,
#   without a word and with status 0: the type IPHONE that an iPhone writes beside CELL, a car phone, ISDN. So is a line with a label of
#   one's own (item1.TEL).
# Seen: 2026-11-29, Debian 12, gammu 1.42.0-8, "gammu convertbackup a.vcf b.vcf"; vobject 0.9.9 reads both files. The backup and the LDIF
#   file lack the same numbers. No issue found on either. The numbers are made up.
#   office 0161, mobile 0402 preferred:          office preferred, mobile
#   home 0161, office 0162 preferred:            home preferred, office
#   mobile 0401, mobile 0402 preferred:          mobile 0401 preferred
#   home 0161, mobile 0402, none preferred:      home preferred
#   office 0161, iPhone 0402 preferred:          office preferred, and no 0402
#   office 0161, "Duty" (item1.TEL) 0402:        office preferred, and no 0402
# For a phone line: a telephone that dials the preferred number of "on duty tonight" rings an empty office instead of the mobile, or it
#   has the office only. Compare the numbers after each transfer, and put the one to call on the first line, alone if need be.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
apt-get -qq update || true
apt-get -qq download gammu libgammu8 libbluetooth3 libusb-1.0-0 libudev1 libglib2.0-0 libpcre2-8-0 libcurl3-gnutls libbrotli1 \
  libldap-2.5-0 libsasl2-2 libnghttp2-14 libpsl5 librtmp1 libssh2-1 libssl3 libidn2-0 libunistring2 libnettle8 libhogweed6 libgmp10 \
  libgnutls30 libp11-kit0 libffi8 libtasn1-6 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libkeyutils1 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f gammu_*.deb Version)
echo "gammu $v"
[ "$v" = "1.42.0-8" ] || { echo "another version than the one seen"; exit 1; }
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install vobject==0.9.9
cat >t.py <<'PY'
import glob, os, subprocess
import vobject

libraries = ":".join(["root/usr/lib", *glob.glob("root/usr/lib/*-linux-gnu"), *glob.glob("root/lib/*-linux-gnu")])
env = {**os.environ, "LC_ALL": "C", "HOME": os.getcwd(), "LD_LIBRARY_PATH": libraries}

def numbers(text):
    found = []
    for tel in vobject.readOne(text).contents["tel"]:
        types = {name.upper() for name in tel.params.get("TYPE", []) + tel.singletonparams}
        found.append(tel.value + (" preferred" if "PREF" in types else ""))
    return ", ".join(found)

CARDS = {
    "office, mobile preferred": ("2.1", ["TEL;WORK:0161", "TEL;CELL;PREF:0402"]),
    "home, office preferred": ("3.0", ["TEL;TYPE=home:0161", "TEL;TYPE=work,pref:0162"]),
    "two mobiles, the second preferred": ("2.1", ["TEL;CELL:0401", "TEL;CELL;PREF:0402"]),
    "home, mobile, none preferred": ("3.0", ["TEL;TYPE=HOME:0161", "TEL;TYPE=CELL:0402"]),
    "office, mobile of an iPhone": ("3.0", ["TEL;type=WORK;type=VOICE:0161", "TEL;type=IPHONE;type=CELL;type=VOICE;type=pref:0402"]),
    "the same without IPHONE": ("3.0", ["TEL;type=WORK;type=VOICE:0161", "TEL;type=CELL;type=VOICE;type=pref:0402"]),
    "office, a label of one's own": ("3.0", ["TEL;TYPE=WORK:0161", "item1.TEL:0402", "item1.X-ABLabel:Duty"]),
    "office, car": ("3.0", ["TEL;TYPE=WORK:0161", "TEL;TYPE=CAR:0402"]),
    "office, ISDN": ("3.0", ["TEL;TYPE=WORK:0161", "TEL;TYPE=ISDN:0402"]),
}
for name, (version, lines) in CARDS.items():
    card = ["BEGIN:VCARD", f"VERSION:{version}", "N:Virtanen;Aino;;;", "FN:Aino Virtanen", *lines, "END:VCARD", ""]
    with open("a.vcf", "w", newline="") as file:
        file.write("\r\n".join(card))
    with open("a.vcf", newline="") as file:
        before = numbers(file.read())
    said = ""
    for target in ("b.vcf", "b.backup", "b.ldif"):
        done = subprocess.run(["root/usr/bin/gammu", "convertbackup", "a.vcf", target], capture_output=True, text=True, env=env, check=True)
        said += done.stdout + done.stderr
    assert not {line for line in said.splitlines() if line} - {  # on its settings, not on the numbers
        "Warning: No configuration file found!", "Warning: No configuration read, using builtin defaults!"}, said
    with open("b.vcf", newline="") as file:
        after = numbers(file.read())
    for other in ("b.backup", "b.ldif"):
        with open(other) as file:
            assert (": 0402" in (text := file.read()) or '"0402"' in text) == ("0402" in after), other
    print(f"{name}: {before} -> {after}")
PY
v/bin/python t.py | tee seen
diff seen - <<'SEEN'
office, mobile preferred: 0161, 0402 preferred -> 0161 preferred, 0402
home, office preferred: 0161, 0162 preferred -> 0161 preferred, 0162
two mobiles, the second preferred: 0401, 0402 preferred -> 0401 preferred, 0402
home, mobile, none preferred: 0161, 0402 -> 0161 preferred, 0402
office, mobile of an iPhone: 0161, 0402 preferred -> 0161 preferred
the same without IPHONE: 0161, 0402 preferred -> 0161 preferred, 0402
office, a label of one's own: 0161, 0402 -> 0161 preferred
office, car: 0161, 0402 -> 0161 preferred
office, ISDN: 0161, 0402 -> 0161 preferred
SEEN
echo "as seen"
