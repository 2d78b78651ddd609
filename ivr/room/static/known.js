// What the page knows: what the program last told, and what has become of each sound since.

import { ask } from "./server.js";

/** Keys of the words that say what is wrong with a sound. */
const REASONS = new Set(["clipped", "quiet", "noisy", "nothing", "fast", "slow", "cut", "again"]);

/** Its "change" events tell that something else is known: `detail` is the sentence or clip, or null for all. */
export class Known extends EventTarget {
  /** @type {any} */
  state = null;
  /** What was last told of a sentence or clip: keys of words. @type {Map<string, string[]>} */
  #told = new Map();
  /** How many seconds a recording took that was too slow, and how many are the most. @type {Map<string, number[]>} */
  #seconds = new Map();

  /** Ask the program for all of it. Raises Trouble. */
  async load() {
    this.state = await ask("state");
    this.#changed(null);
  }

  /** @param {string} about */
  told(about) {
    return this.#told.get(about) ?? [];
  }

  /**
   * @param {string} about
   * @returns {number[] | undefined}
   */
  seconds(about) {
    return this.#seconds.get(about);
  }

  /** Whether a consent is there: else nothing is recorded. */
  get agreed() {
    return Boolean(this.state.consent?.agreed);
  }

  /**
   * Tell something of a sentence or clip; nothing: take back what was told.
   * @param {string} about
   * @param {...string} keys
   */
  tell(about, ...keys) {
    this.#told.set(about, keys);
    this.#changed(about);
  }

  /**
   * Something has become of a sound, here or in another page of this browser.
   * @param {{what: string, about: string, answer?: any}} news
   */
  async learn({ what, about, answer }) {
    if (what === "stored") this.tell(about);
    if (what === "waiting") this.tell(about, "waiting");
    if (what === "refused") this.#seconds.set(about, answer.seconds);
    if (what === "refused") this.tell(about, ...known(answer.reasons));
    if (what === "kept") {
      const sentence = this.sentence(about);
      if (sentence && answer?.take) sentence.take = answer.take;
      if (answer?.progress) this.state.progress = answer.progress;
      this.tell(about, "kept");
    }
    if (what === "changed") await this.renew(about);
  }

  /**
   * The words of a sentence are others by now: show these.
   * @param {string} about
   */
  async renew(about) {
    await this.load().catch(() => {});
    this.tell(about, "changed");
  }

  /** @param {string} id */
  sentence(id) {
    return this.state.sentences?.find((sentence) => sentence.id === id);
  }

  #changed(about) {
    this.dispatchEvent(new CustomEvent("change", { detail: about }));
  }
}

/** A reason that has no words here says at least that it did not work. */
function known(reasons) {
  return [...new Set(reasons.map((reason) => (REASONS.has(reason) ? reason : "again")))];
}
