// One recording: a count-in, then whatever is said, until somebody stops it or falls silent.

import { SpeechFinder } from "./speech.js";
import { wav } from "./wav.js";

/** Milliseconds from one number of the count-in to the next. */
const COUNT = 700;
/** Seconds of silence after speech that end it: longer than any pause within a sentence. */
const SILENCE = 2;
/** Seconds after which it ends in any case, below the longest that the program takes. */
const LONGEST = 55;
/** Seconds after which it ends where nobody has said anything. */
const NOBODY = 15;
/** Seconds before the last number from which on it is kept: somebody may begin early. */
const EARLY = 0.5;

/** Tells by "count" (a number, or null when it begins) and "level" (dBFS) events how it goes. */
export class Recording extends EventTarget {
  #microphone;
  #finder;
  /** @type {Float32Array[]} */
  #blocks = [];
  #samples = 0;
  #started = false;
  #over = false;
  #hear = ({ detail }) => this.#heard(detail);
  #lost = () => this.stop();
  /** @type {Promise<Blob | null>} the sound; null if it was given up */
  done;
  #end;

  /** @param {import("./microphone.js").Microphone} microphone */
  constructor(microphone) {
    super();
    this.#microphone = microphone;
    this.#finder = new SpeechFinder(microphone.rate);
    this.done = new Promise((resolve) => (this.#end = resolve));
    microphone.addEventListener("block", this.#hear);
    microphone.addEventListener("lost", this.#lost);
  }

  /** @param {number} from the first number of the count-in; 0 for none */
  async start(from) {
    for (let number = from; number > 0; number -= 1) {
      this.dispatchEvent(new CustomEvent("count", { detail: number }));
      await new Promise((resolve) => setTimeout(resolve, COUNT));
      if (this.#over) return;
    }
    this.#started = true;
    this.dispatchEvent(new CustomEvent("count", { detail: null }));
  }

  /** Stop: what was said until now is the recording. */
  stop() {
    if (!this.#started) return this.giveUp();
    const trimmed = this.#finder.trimmed(joined(this.#blocks, this.#samples));
    return this.#finish(wav(trimmed, this.#microphone.rate));
  }

  giveUp() {
    this.#finish(null);
  }

  #finish(sound) {
    this.#over = true;
    this.#microphone.removeEventListener("block", this.#hear);
    this.#microphone.removeEventListener("lost", this.#lost);
    this.#end(sound);
  }

  #heard(block) {
    this.#blocks.push(block);
    this.#samples += block.length;
    this.#finder.hear(block);
    this.dispatchEvent(new CustomEvent("level", { detail: this.#finder.levels.at(-1) ?? -100 }));
    if (!this.#started) return this.#keepTheLast(EARLY);
    const seconds = this.#samples / this.#microphone.rate;
    const { silence, span } = this.#finder;
    if (silence >= SILENCE || seconds >= LONGEST || (!span && seconds >= NOBODY)) this.stop();
  }

  /** Before it begins only the last moments are kept. */
  #keepTheLast(seconds) {
    while (this.#samples - this.#blocks[0].length > seconds * this.#microphone.rate) {
      this.#samples -= this.#blocks.shift().length;
    }
    this.#finder = new SpeechFinder(this.#microphone.rate);
    this.#blocks.forEach((block) => this.#finder.hear(block));
  }
}

function joined(blocks, length) {
  const all = new Float32Array(length);
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
