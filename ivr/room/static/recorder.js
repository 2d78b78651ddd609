// The part of the page that records: a button, a count-in, a level, and a file where there is no microphone.

import { button, element, sign } from "./dom.js";
import { Microphone, prepare } from "./microphone.js";
import { hush } from "./player.js";
import { Recording } from "./recording.js";
import { choose, chosen } from "./settings.js";
import { both, remark } from "./words.js";

const COUNT_IN = 3;
/** Largest sound that the program takes, in bytes. */
const LARGEST = 12 * 2 ** 20;
/** dBFS at the two ends of the level that is shown, and where it is too loud. */
const SHOWN = { least: -60, loud: -3 };

/**
 * Records sounds about something, which is asked for when a recording begins: it may be another when it ends.
 * @template T
 */
export class Recorder {
  /** @type {Microphone | null} */
  #microphone = null;
  /** @type {Recording | null} */
  #recording = null;
  #record = button({ class: "record" }, () => this.#pressed(), sign("●"), both("record"));
  #stop = button({ class: "record stop", hidden: "" }, () => this.stop(), sign("■"), both("stop"));
  #count = element("p", { class: "count", hidden: "" });
  #bar = element("span", { class: "bar" });
  #meter = element("div", { class: "meter", "aria-hidden": "true", hidden: "" }, this.#bar);
  #counts = element("input", { type: "checkbox", id: "count-in" });
  #without = element("div", { class: "without", hidden: "" });
  #remark = element("p", { class: "note", role: "status" });
  #about;
  #sound;
  /** Counts how often the microphone was let go: perhaps while it was being opened. */
  #closed = 0;

  /**
   * @param {() => T | null} about what is recorded now; null if it may not be, and something else is shown instead
   * @param {(about: T, sound: Blob) => unknown} sound is called with each sound that is recorded or chosen
   */
  constructor(about, sound) {
    this.#about = about;
    this.#sound = sound;
    prepare();
    this.#counts.checked = chosen("count-in") !== "off";
    this.#counts.addEventListener("change", () => choose("count-in", this.#counts.checked ? "on" : "off"));
    const counts = element("label", { class: "count-in", dir: "ltr" }, this.#counts, "3 · 2 · 1");
    const buttons = element("div", { class: "pair" }, this.#record, this.#stop, counts);
    const told = [this.#count, this.#meter, this.#without, this.#remark];
    this.element = element("div", { class: "recorder" }, buttons, ...told);
    this.#without.append(element("p", {}, both("no_microphone")), this.#file());
  }

  /** Whether somebody is being recorded, or counted in. */
  get busy() {
    return this.#recording !== null;
  }

  /**
   * Record once; null where nothing was. The microphone stays open until `close`.
   * @returns {Promise<{about: T, sound: Blob} | null>}
   */
  async once() {
    const about = this.#recording ? null : this.#about();
    if (!about) return null;
    hush();
    if (!(await this.#open())) return null;
    this.#remark.replaceChildren(...(this.#microphone.processed.length ? [remark("processed")] : []));
    this.#recording = new Recording(this.#microphone);
    this.#recording.addEventListener("count", ({ detail }) => this.#counted(detail));
    this.#recording.addEventListener("level", ({ detail }) => this.#level(detail));
    this.#show(true);
    this.#recording.start(this.#counts.checked ? COUNT_IN : 0);
    const sound = await this.#recording.done;
    this.#recording = null;
    this.#show(false);
    return sound && { about, sound };
  }

  /** Open the microphone; whether it is wanted still. */
  async #open() {
    if (this.#microphone) return true;
    const closed = this.#closed;
    try {
      const microphone = await Microphone.open();
      if (closed !== this.#closed) {
        microphone.close();
        return false;
      }
      this.#microphone = microphone;
      this.#without.hidden = true;
      return true;
    } catch {
      this.#without.hidden = false; // the button stays: perhaps the microphone is allowed next time
      return false;
    }
  }

  /** Stop the recording that goes on: what was said is kept. */
  stop() {
    this.#recording?.stop();
  }

  /** Let the microphone go; a recording that goes on is given up. */
  close() {
    this.#closed += 1;
    this.#recording?.giveUp();
    this.#microphone?.close();
    this.#microphone = null;
  }

  async #pressed() {
    const recorded = await this.once();
    this.close();
    if (recorded) await this.#sound(recorded.about, recorded.sound);
  }

  #show(recording) {
    this.#record.hidden = recording;
    this.#stop.hidden = this.#meter.hidden = !recording;
    this.element.dataset.state = recording ? "counting" : "";
    if (recording) this.#stop.focus({ preventScroll: true });
    else if (document.activeElement === document.body) this.#record.focus({ preventScroll: true });
    if (!recording) this.#count.hidden = true;
  }

  #counted(number) {
    this.#count.hidden = number === null;
    this.#count.textContent = number === null ? "" : String(number);
    this.element.dataset.state = number === null ? "recording" : "counting";
  }

  #level(level) {
    const share = Math.max(0, Math.min(1, 1 - level / SHOWN.least));
    this.#bar.style.inlineSize = `${Math.round(100 * share)}%`;
    this.#meter.classList.toggle("loud", level > SHOWN.loud);
  }

  #file() {
    const input = element("input", { type: "file", accept: "audio/*", capture: "" });
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = "";
      const about = file && this.#about();
      if (!about) return;
      this.#remark.replaceChildren(...(file.size > LARGEST ? [remark("too_large")] : []));
      if (file.size <= LARGEST) this.#sound(about, file);
    });
    return element("label", { class: "file" }, both("file"), input);
  }
}
