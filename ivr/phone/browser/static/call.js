// One call, as the page holds it: plays what is said, counts the time, and tells the line what the caller does.

import { Wait } from "./pace.js";
import { ask } from "./server.js";

/** Seconds: a stretch of a whisper that is this much shorter than its sound ends before the sound does. */
const SHORTER = 0.05;

/** The status of what went wrong in the page itself. */
const BROKEN = 500;

/**
 * Time that the line offers the caller. It is over with its sound, if it has one, or else after its seconds.
 * @typedef {object} Moment
 * @property {number} n
 * @property {"speaking" | "waiting" | "deaf"} moment
 * @property {number} seconds
 * @property {ReturnType<import("./sound.js").Speaker["play"]> | null} sound
 * @property {number} from where the sound was when the moment began
 * @property {Wait | null} wait
 */

/**
 * Somebody's phone that rings until it is decided what they do.
 * @typedef {{n: number, wait: Wait}} Ring
 */

export class Call {
  /** @type {Moment | null} */
  #moment = null;
  /** @type {Ring | null} */
  #ring = null;
  /** The sentence that was begun last, and its sound. */
  #said = null;
  #sound = null;
  /** Keys pressed while nothing was asked. */
  #keys = [];
  /** Seconds since pick-up, up to the open moment. */
  #counted = 0;
  #path = "";
  /** How many messages have come. */
  #taken = 0;
  #closed = false;
  #hungUp = false;
  #heardAt = performance.now();

  /**
   * @param {object} parts
   * @param {import("./pace.js").Pace} parts.pace
   * @param {import("./sound.js").Speaker} parts.caller
   * @param {import("./sound.js").Speaker} parts.contact
   * @param {(message: any) => void} parts.tell shows a message, before it is acted on
   * @param {(trouble?: number) => void} parts.end the call is over; with the status of what went wrong
   */
  constructor(parts) {
    this.parts = parts;
  }

  /** Where the call can be asked for; empty before it has begun. */
  get path() {
    return this.#path;
  }

  /** Whether anything can still be done. */
  get open() {
    return !this.#closed && !this.#hungUp;
  }

  /** Seconds since pick-up, as the line counts them. */
  get at() {
    return this.#counted + (this.#ring ? this.#ring.wait.passed : this.#moment ? this.#passed(this.#moment) : 0);
  }

  /** Seconds that are left of what is offered now; null if nothing is. */
  get left() {
    if (this.#ring) return this.#ring.wait.left;
    return this.#moment && this.#moment.seconds - this.#passed(this.#moment);
  }

  /** Real seconds in which nothing has happened and nothing is offered: the line thinks, or a voice is being made. */
  get idle() {
    return this.#moment || this.#ring || !this.open ? 0 : (performance.now() - this.#heardAt) / 1000;
  }

  /**
   * Ring the line.
   * @param {string | null} at a local time; null: now
   * @param {string | null} dials a language's own number
   * @param {boolean} waiting whether the languages are offered too that real callers cannot choose yet
   */
  async begin(at, dials, waiting) {
    try {
      const { call } = await (await ask("/calls", { at, dials, waiting })).json();
      this.#path = `/calls/${call}`;
      if (this.#hungUp) this.#send("moments/0", { what: "hang up", after: 0 });
      await this.#follow();
    } catch (trouble) {
      this.#end(trouble);
    }
  }

  /** @param {string} key */
  press(key) {
    if (!this.open) return;
    if (this.#moment) this.#press(this.#moment, key);
    else this.#keys.push(key);
  }

  /** The caller hangs up. Whoever is rung has not answered, then. */
  async hangUp() {
    if (!this.open) return;
    const [moment, ring] = [this.#moment, this.#ring];
    const after = moment ? this.#passed(moment) : 0;
    if (moment) this.#shut(moment, after);
    if (ring) this.#close(ring);
    this.#hungUp = true;
    this.#hush();
    if (ring) await this.#send(`rings/${ring.n}`, { what: "no answer", after: ring.wait.passed });
    if (this.#path) this.#send(`moments/${moment?.n ?? this.#taken}`, { what: "hang up", after });
  }

  /**
   * Whoever is rung does something.
   * @param {"answer" | "voicemail" | "busy" | "no answer"} what
   */
  decide(what) {
    if (!this.#ring || !this.open) return;
    const ring = this.#ring;
    this.#close(ring);
    this.#send(`rings/${ring.n}`, { what, after: ring.wait.passed });
  }

  /** The time that is offered now is over: the other end has ended the talk. */
  pass() {
    if (this.#moment && this.open) this.#pass(this.#moment);
  }

  // --- what the line tells

  async #follow() {
    for (let over = false; !over && !this.#closed; ) {
      const told = await (await ask(`${this.#path}?after=${this.#taken}`)).json();
      for (const message of told.messages) this.#take(message);
      over = told.over;
    }
    this.#end();
  }

  #take(message) {
    if (this.#closed) return;
    this.#taken = message.n + 1;
    this.#heardAt = performance.now();
    this.#counted = Math.max(this.#counted, message.at ?? 0);
    this.parts.tell(message);
    if (!this.open) return;
    if (message.kind === "said") this.#begin(message);
    if (message.kind === "moment") this.#offer(message);
    if (message.kind === "rings") this.#rings(message);
    if (["talk", "not reached", "ended"].includes(message.kind)) this.parts.contact.stop();
  }

  #begin(said) {
    const speaker = said.where === "whisper" ? this.parts.contact : this.parts.caller;
    this.#said = said;
    this.#sound = said.sound ? speaker.play(said.sound) : null;
  }

  #rings({ n, seconds }) {
    this.#ring = { n, wait: new Wait(this.parts.pace, seconds, () => this.decide("no answer")) };
  }

  #offer({ n, moment: kind, seconds }) {
    const sound = kind === "waiting" ? null : this.#sound;
    const moment = { n, moment: kind, seconds, sound, from: sound?.position ?? 0, wait: null };
    this.#moment = moment;
    const key = this.#keys.shift();
    if (key) this.#press(moment, key);
    else if (sound && !this.#breaksOff(moment)) this.#endWith(moment, sound);
    else if (sound) sound.begun.then(() => this.#endAfter(moment, seconds));
    else this.#endAfter(moment, seconds);
  }

  /** Whether somebody at the other end presses a key in the middle of the sentence. */
  #breaksOff(moment) {
    return this.#said.where === "whisper" && moment.seconds < this.#said.seconds - SHORTER;
  }

  #endWith(moment, sound) {
    sound.over.then((how) => {
      if (how === "failed") this.#endAfter(moment, moment.seconds - this.#passed(moment));
      else if (this.#moment === moment) this.#pass(moment);
    });
  }

  #endAfter(moment, seconds) {
    if (this.#moment !== moment) return;
    moment.from = moment.seconds - seconds;
    moment.sound = null;
    moment.wait = new Wait(this.parts.pace, seconds, () => this.#pass(moment));
  }

  /** Seconds of the call that have passed in a moment. */
  #passed(moment) {
    const passed = moment.wait
      ? moment.from + moment.wait.passed
      : moment.sound
        ? moment.sound.position - moment.from
        : 0;
    return Math.min(Math.max(passed, 0), moment.seconds);
  }

  // --- what the caller does

  #pass(moment) {
    this.#shut(moment, moment.seconds);
    this.#sound = null;
    this.#send(`moments/${moment.n}`, { what: "passed" });
  }

  #press(moment, key) {
    const after = this.#passed(moment);
    this.#shut(moment, after);
    if (moment.moment === "speaking") {
      this.parts.caller.stop();
      this.#sound = null;
    }
    this.#send(`moments/${moment.n}`, { what: "key", key, after });
  }

  #shut(moment, after) {
    moment.wait?.stop();
    this.#moment = null;
    this.#counted += after;
    this.#heardAt = performance.now();
  }

  #close(ring) {
    ring.wait.stop();
    this.#ring = null;
    this.#counted += ring.wait.passed;
    this.#heardAt = performance.now();
  }

  async #send(path, body) {
    try {
      await ask(`${this.#path}/${path}`, body);
    } catch (trouble) {
      this.#end(trouble);
    }
  }

  #hush() {
    this.#keys = [];
    this.parts.caller.stop();
    this.parts.contact.stop();
  }

  #end(trouble) {
    if (this.#closed) return;
    if (this.#moment) this.#shut(this.#moment, this.#passed(this.#moment));
    if (this.#ring) this.#close(this.#ring);
    this.#closed = true;
    this.#hush();
    if (trouble) console.error(trouble);
    this.parts.end(trouble && (trouble.status ?? BROKEN));
  }
}
