#!/usr/bin/env bash
# dtmf-detection-stream: frames that are cut out of a larger buffer are not listened to, and "112" is "12".
#
# A good guess: a Node.js stream hears the bytes that are written to it, whether a Buffer has memory of its own or is a part of
#   another (subarray, and every small Buffer that Node.js makes from base64 text or a string of bytes, as those share one pool).
# What happens: it takes as many bytes as the frame is long from the beginning of the memory that the frame is a part of. A file
#   that is written in 20 ms slices is its first 20 ms over and over: no key is heard. Frames that came as base64 are whatever lies
#   at the beginning of the pool: keys are lost, or heard several times. Copies of the same frames are right.
#   And silence does not end a key: "112" pressed with 0.2 s of silence between is "12".
# Seen: 2026-11-29, dtmf-detection-stream 1.18.0, Node.js 20.20. No issue found.
#   123456789*0#: whole 123456789*0#   copies 123456789*0#   slices (nothing)   from base64 00000# (another time 555566666789*000###)
#   112: whole 12   copies 12
# For a phone line: the media of a call comes in frames of 20 ms, as base64 text over a websocket or cut out of a packet. The caller
#   presses and the menu does not answer, or answers to a key of some other moment; in a test that writes the whole clip at once all
#   is well. Write Buffer.from(new Uint8Array(frame).buffer), and do not rely on the same key twice.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
node --version >/dev/null || { echo "needs Node.js 18 or later"; exit 1; }
npm install --silent --no-audit --no-fund --no-save --ignore-scripts dtmf-detection-stream@1.18.0 >/dev/null
cat >t.cjs <<'JS'
const DtmfDetectionStream = require("dtmf-detection-stream");

const LOW = [697, 770, 852, 941], HIGH = [1209, 1336, 1477], KEYS = "123456789*0#";
function sound(keys) { // 8 kHz, each key 0.2 s with 0.2 s of silence before and after it
  const samples = Array(1600).fill(0);
  for (const key of keys) {
    const low = LOW[Math.floor(KEYS.indexOf(key) / 3)], high = HIGH[KEYS.indexOf(key) % 3], turn = 2 * Math.PI / 8000;
    for (let i = 0; i < 1600; i++) samples.push(Math.round(9830 * (Math.sin(low * turn * i) + Math.sin(high * turn * i))));
    samples.push(...Array(1600).fill(0));
  }
  return Buffer.from(Int16Array.from([...samples, ...Array(1600).fill(0)]).buffer);
}
function heard(frames) {
  const stream = new DtmfDetectionStream({ format: { sampleRate: 8000, bitDepth: 16, channels: 1 } });
  let keys = "";
  stream.on("dtmf", (event) => { keys += event.digit; });
  for (const frame of frames) stream.write(frame);
  clearTimeout(stream.timeoutID);
  return keys;
}
const copy = (frame) => Buffer.from(new Uint8Array(frame).buffer);
const result = {};
for (const keys of [KEYS, "1234", "112"]) {
  const whole = sound(keys), slices = [];
  for (let at = 0; at < whole.length; at += 320) slices.push(whole.subarray(at, at + 320));
  const base64 = slices.map((frame) => Buffer.from(frame.toString("base64"), "base64"));
  if (!Buffer.concat(slices).equals(whole) || !Buffer.concat(base64).equals(whole)) throw new Error("not the same bytes");
  result[keys] = { whole: heard([whole]), copies: heard(slices.map(copy)), slices: heard(slices), base64: heard(base64) };
  console.log(keys, result[keys]);
}
let same = true;
for (const keys of [KEYS, "1234"]) {
  const { whole, copies, slices } = result[keys];
  same = same && whole === keys && copies === keys && slices === "";
}
same = same && result[KEYS].base64 !== KEYS; // which keys it hears hangs on what else lies in the pool
process.exit(same && result["112"].whole === "12" && result["112"].copies === "12" ? 0 : 1);
JS
if node t.cjs; then echo "as seen"; else echo "another behaviour than the one seen"; exit 1; fi
