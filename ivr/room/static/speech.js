// Where speech is in what the microphone hears: by the level of frames, against the noise of the room.

/** Seconds of one frame. */
export const FRAME = 0.02;
/** Seconds that are kept before and after speech at least, and the share of a long one: by silence noise is judged. */
const AROUND = 0.3;
const AROUND_SHARE = 0.1;
/** dB above the noise at which somebody speaks, and to which their last sounds fall. */
const SPEAKS = 14;
const FADES = 7;
/** dBFS between which the noise of a room is believed; a lower one is that of a microphone that is still off. */
const NOISE = { least: -75, most: -35 };
/** A tenth of the frames is quieter than what is taken for noise. */
const SHARE = 0.1;
/** Frames of speech in a row, as a click is no speech. */
const LEAST = 3;

/** Listens to frames as they come. */
export class SpeechFinder {
  /** Level of each frame, in dBFS. @type {number[]} */
  levels = [];
  #rate;
  #size;
  #sum = 0;
  #count = 0;

  /** @param {number} rate samples a second */
  constructor(rate) {
    this.#rate = rate;
    this.#size = Math.round(FRAME * rate);
  }

  /** @param {Float32Array} samples the next ones */
  hear(samples) {
    for (const sample of samples) {
      this.#sum += sample * sample;
      this.#count += 1;
      if (this.#count < this.#size) continue;
      this.levels.push(10 * Math.log10(this.#sum / this.#size + 1e-12));
      this.#sum = this.#count = 0;
    }
  }

  /** Level of the noise, in dBFS. */
  get noise() {
    const heard = this.levels.filter((level) => level > -100).sort((one, other) => one - other);
    const found = heard[Math.floor(heard.length * SHARE)] ?? NOISE.least;
    return Math.min(NOISE.most, Math.max(NOISE.least, found));
  }

  /** First frame of speech and the one after its last; null as long as nobody has spoken. */
  get span() {
    const noise = this.noise;
    const loud = (frame) => this.levels[frame] > noise + SPEAKS;
    const runs = this.levels.map((_, frame) => Array.from({ length: LEAST }, (_, n) => frame + n).every(loud));
    let [first, last] = [runs.indexOf(true), runs.lastIndexOf(true) + LEAST];
    if (first < 0) return null;
    while (first > 0 && this.levels[first - 1] > noise + FADES) first -= 1;
    while (last < this.levels.length && this.levels[last] > noise + FADES) last += 1;
    return { first, last };
  }

  /** Seconds of silence since somebody spoke; 0 before that. */
  get silence() {
    const span = this.span;
    return span ? (this.levels.length - span.last) * FRAME : 0;
  }

  /**
   * The samples without the silence around speech; all of them where nobody speaks, so that whoever judges hears it.
   * @param {Float32Array} samples all that were heard
   */
  trimmed(samples) {
    const span = this.span;
    if (!span) return samples;
    const seconds = Math.max(AROUND, AROUND_SHARE * FRAME * (span.last - span.first));
    const around = Math.round(seconds * this.#rate);
    return samples.subarray(Math.max(0, span.first * this.#size - around), span.last * this.#size + around);
  }
}
