#!/usr/bin/env bash
# A-law: two encoders make the softest sound there is, a sample of -1 to -7, as loud as -248, and each pause hisses.
#
# A good guess: G.711 A-law rounds a sample near nothing to +8 or -8, which is its silence; the error is never above 8 there.
# What happens: the npm package g711 and the audiofile library (sfconvert) hold the encoder of Sun's old g711.c. It takes 8 off the size
#   of a negative sample before it looks for the step; for -1 to -7 that is below zero, and the four low bits come out as 15, not 0.
#   Zero, positive samples and (to within a step) those from -8 down are right: a test with a tone or digital silence finds nothing.
# Seen: 2026-11-29, g711 1.0.1 and, beside it, alawmulaw 6.0.0 (npm), audiofile-tools 0.3.6-5+deb12u1 (Debian 12). Samples, and
#   what is heard of them:
#   samples: -300 -9 -8 -7 -4 -1 0 1 7 8; a soft noise, -2 to 2: -91 dB
#   g711: -296 -8 -8 -248 -248 -248 8 8 8 8; the noise -49 dB
#   sfconvert: -296 -8 -8 -248 -248 -248 8 8 8 8; the noise -49 dB
#   alawmulaw: -296 -8 -8 -8 -8 -8 8 8 8 8; the noise -73 dB
#   Mended elsewhere long ago (pjproject issue #1301, 2011); of these two no report was found.
# For a phone line: Europe speaks A-law. The pauses of a prompt with dither or the softest room noise hiss 24 dB louder than A-law has
#   to, and a search for silence at -50 dB finds none. Encode with ffmpeg or sox, and test an encoder with all 65536 samples.
# Needs node and npm.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
npm install --silent --no-audit --no-fund --prefix . g711@1.0.1 alawmulaw@6.0.0 >/dev/null
apt-get -qq update || true
apt-get -qq download audiofile-tools libaudiofile1 libflac12 libogg0 2>/dev/null
for d in ./*.deb; do dpkg -x "$d" root; done
v=$(dpkg-deb -f audiofile-tools_*.deb Version)
echo "audiofile-tools $v"
[ "$v" = "0.3.6-5+deb12u1" ] || { echo "another version than the one seen"; exit 1; }
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(printf '%s:' root/usr/lib/*-linux-gnu root/lib/*-linux-gnu)
cat >hush.js <<'JS'
const fs = require("fs"), {execFileSync} = require("child_process");
const g711 = require("g711"), {alaw} = require("alawmulaw");

// the decoder by the table of G.711: even bits are inverted, the sign bit means positive
function heard(codes) {
  return Array.from(codes, code => {
    const bits = code ^ 0x55, step = bits >> 4 & 7, low = (bits & 15) * 2 + 1;
    return (bits & 0x80 ? 1 : -1) * (step ? (low + 32) << (step + 2) : low << 3);
  });
}

function sfconvert(samples) { // by way of Sun's .au, the simplest of headers: big-endian, 24 bytes
  const au = Buffer.alloc(24 + 2 * samples.length);
  [0x2e736e64, 24, 2 * samples.length, 3, 8000, 1].forEach((word, i) => au.writeUInt32BE(word, 4 * i));
  samples.forEach((sample, i) => au.writeInt16BE(sample, 24 + 2 * i));
  fs.writeFileSync("in.au", au);
  execFileSync("root/usr/bin/sfconvert", ["in.au", "out.au", "format", "next", "compression", "alaw"]);
  const out = fs.readFileSync("out.au");
  return out.subarray(out.readUInt32BE(4));
}

const decibels = sound => {
  const mean = sound.reduce((a, b) => a + b) / sound.length;
  return (10 * Math.log10(sound.reduce((a, s) => a + (s - mean) ** 2, 0) / sound.length / 32768 ** 2)).toFixed(0);
};

let state = 1; // rounded noise of -2 to 2, as dither leaves it
const die = () => (state = Math.imul(state, 1103515245) + 12345 >>> 0) / 2 ** 32 - 0.5;
const hush = Int16Array.from({length: 8000}, () => Math.round(2 * (die() + die())));
const near = Int16Array.from([-300, -9, -8, -7, -4, -1, 0, 1, 7, 8]);

console.log(`samples: ${near.join(" ")}; a soft noise, ${Math.min(...hush)} to ${Math.max(...hush)}: ${decibels(hush)} dB`);
for (const [name, encode] of Object.entries({"g711": g711.alawFromPCM, sfconvert, "alawmulaw": alaw.encode})) {
  console.log(`${name}: ${heard(encode(near)).join(" ")}; the noise ${decibels(heard(encode(hush)))} dB`);
}
JS
node hush.js | tee seen
diff seen - <<'SEEN'
samples: -300 -9 -8 -7 -4 -1 0 1 7 8; a soft noise, -2 to 2: -91 dB
g711: -296 -8 -8 -248 -248 -248 8 8 8 8; the noise -49 dB
sfconvert: -296 -8 -8 -248 -248 -248 8 8 8 8; the noise -49 dB
alawmulaw: -296 -8 -8 -8 -8 -8 8 8 8 8; the noise -73 dB
SEEN
echo "as seen"
