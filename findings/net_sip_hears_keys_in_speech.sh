#!/usr/bin/env bash
# Net::SIP (Perl): it hears keys in ordinary speech, also where both ends have agreed on RFC 2833.
#
# A good guess: with `cb_dtmf` a program is told which keys a caller presses. Where the call has telephone-event, the sound is not
#   searched; where it is searched, a sentence without any tone of a key has no key in it.
# What happens: `dtmf_extractor` searches the sound beside the events (a FIXME in its source thinks of switching that off), and any two
#   of the eight tones that are five times stronger than the third are a key if two packets in a row say so. Vowels are.
# Seen: 2026-11-29, Debian 12, libnet-sip-perl 0.835-1, sentences by espeak-ng 1.52.0 (espeakng-loader 0.2.4) at 8000 Hz in mu-law;
#   PyDTMF 1.0.0 (Asterisk's rules) on the same samples. Twelve keys, then what a phone menu says
#   in six languages:
#   keys: 1234567890*#; PyDTMF 1234567890*#
#   en: A1; PyDTMF none
#   fi: B4*; PyDTMF none
#   sv: 2*4*; PyDTMF none
#   ru: *A*; PyDTMF none
#   ar: 3**; PyDTMF none
#   sw: *1131; PyDTMF none
#   Two issues of noxxi/p5-net-sip are near it: #26 (tones in A-law), #64 (events lost); of speech none was found.
# For a phone line: whoever tests one with Net::SIP, or builds one on it, counts keys that nobody pressed, and a menu goes astray while
#   the caller talks. Give `dtmf_methods => 'rfc2833'` with `cb_dtmf`; the default is 'audio,rfc2833', and the callback is not told which.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q espeakng-loader==0.2.4 PyDTMF==1.0.0
cd "$T"
apt-get -qq update || true
apt-get -qq download libnet-sip-perl 2>/dev/null
dpkg -x libnet-sip-perl_*.deb root
v=$(dpkg-deb -f libnet-sip-perl_*.deb Version)
echo "libnet-sip-perl $v"
[ "$v" = "0.835-1" ] || { echo "another version than the one seen"; exit 1; }
cat > keys.pl <<'PERL'
use strict; use warnings; use Net::SIP::DTMF;
my $extract = dtmf_extractor(rfc2833_type => 101, audio_type => 0);
open my $file, '<:raw', $ARGV[0] or die;
local $/ = \160;
for (my $n = 1; my $sound = <$file>; $n++) {
    my ($key) = $extract->(pack('CCnNN', 0x80, 0, $n, 160 * $n, 7) . $sound, 1000 + $n / 50);
    print $key if defined $key;
}
PERL
"$T/v/bin/python" - <<'PY' | tee seen
import subprocess
from array import array
from ctypes import CDLL, CFUNCTYPE, POINTER, c_int, c_short, c_void_p
from math import cos, pi, sin

import espeakng_loader
from PyDTMF import from_pcm

lib = CDLL(espeakng_loader.get_library_path())
assert lib.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) == 22050
taken = array("h")

@CFUNCTYPE(c_int, POINTER(c_short), c_int, c_void_p)
def take(samples, count, _events):
    taken.extend(samples[:count] if samples else [])
    return 0

lib.espeak_SetSynthCallback(take)

def speech(voice, text):
    """8000 samples a second, without what lies above 3400 Hz."""
    del taken[:]
    assert lib.espeak_SetVoiceByName(voice.encode()) == 0
    data = text.encode() + b"\0"
    lib.espeak_Synth(data, len(data), 0, 1, 0, 1, None, None)
    lib.espeak_Synchronize()
    sound, step, cut = array("h", [0] * 800), 22050 / 8000, 2 * 3400 / 22050
    for n in range(int(len(taken) / step)):
        near = range(max(0, int(n * step) - 40), min(len(taken), int(n * step) + 41))
        sum_ = sum(taken[i] * (0.54 + 0.46 * cos(pi * (i - n * step) / 42)) * cut
                   * (1 if abs(x := pi * cut * (i - n * step)) < 1e-9 else sin(x) / x) for i in near)
        sound.append(max(-32768, min(32767, round(sum_))))
    sound.extend([0] * 800)
    return sound

def pressed(keys):
    sound = array("h", [0] * 800)
    for key in keys:
        row, column = next((r, c) for r, row in ((697, "123"), (770, "456"), (852, "789"), (941, "*0#"))
                           for c, here in zip((1209, 1336, 1477), row) if here == key)
        sound.extend(round(4096 * (sin(2 * pi * row * n / 8000) + sin(2 * pi * column * n / 8000))) for n in range(800))
        sound.extend([0] * 800)
    return sound

def mu_law(sample):
    size, place = min(abs(sample), 32635) + 132, 7
    while place and not size & (0x80 << place):
        place -= 1
    return ~((0x80 if sample < 0 else 0) | place << 4 | (size >> place + 3) & 15) & 0xFF

for name, sound in {
    "keys": pressed("1234567890*#"),
    "en": speech("en", "Do you need help now? Press zero. We are open on weekdays from nine until three."),
    "fi": speech("fi", "Jos olet vaarassa, lopeta puhelu. Soita yksi yksi kaksi. Puhu ihmiselle: paina yksi."),
    "sv": speech("sv", "Om du är i fara, avsluta samtalet. Ring ett ett två. Tala med en människa: tryck ett."),
    "ru": speech("ru", "Если вам нужна помощь прямо сейчас, нажмите ноль. Мы работаем по будням."),
    "ar": speech("ar", "إذا كنت بحاجة إلى المساعدة الآن، اضغط على صفر. نحن نعمل في أيام الأسبوع."),
    "sw": speech("sw", "Ukihitaji msaada sasa hivi, bonyeza sifuri. Tuko wazi siku za kazi."),
}.items():
    with open("sound.ul", "wb") as file:
        file.write(bytes(map(mu_law, sound)))
    heard = subprocess.run(["perl", "-Iroot/usr/share/perl5", "keys.pl", "sound.ul"], capture_output=True, text=True, check=True)
    print(f"{name}: {heard.stdout or 'none'}; PyDTMF {''.join(from_pcm(list(sound), 8000)) or 'none'}")
PY
diff seen - <<'SEEN'
keys: 1234567890*#; PyDTMF 1234567890*#
en: A1; PyDTMF none
fi: B4*; PyDTMF none
sv: 2*4*; PyDTMF none
ru: *A*; PyDTMF none
ar: 3**; PyDTMF none
sw: *1131; PyDTMF none
SEEN
echo "as seen"
