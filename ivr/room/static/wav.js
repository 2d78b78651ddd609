// A WAV file: one channel, 16 bits.

const HEADER = 44;

/**
 * @param {Float32Array} samples from -1 to 1; louder ones are cut off
 * @param {number} rate samples a second
 * @returns {Blob}
 */
export function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(HEADER + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, HEADER - 8 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, n) => {
    const within = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEADER + 2 * n, Math.round(within * (within < 0 ? 32768 : 32767)), true);
  });
  return new Blob([view], { type: "audio/wav" });
}
