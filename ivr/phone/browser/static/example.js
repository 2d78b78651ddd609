// An example call, which plays by itself: it chooses a language, hears the menu, asks for a person, talks for a while.

import { Wait } from "./pace.js";

/** Seconds of the call: before the key of the main menu, before the phone is answered, and of the talk. */
const BEFORE_KEY = 1;
const BEFORE_ANSWER = 4;
const TALK = 6;
/** The key for a person, everywhere. */
const PERSON = "1";
/** What happens when a phone was answered or a talk ended. */
const DONE = new Set(["picked up", "not reached", "talk ended"]);

export class Example {
  #pace;
  #act;
  #language;
  /** The keys of the language that are still to be pressed. */
  #keys;
  /** Whether the language has just named itself: its key is pressed behind that. */
  #named = false;
  #asked = false;
  /** @type {Wait | null} */
  #wait = null;

  /**
   * @param {import("./pace.js").Pace} pace
   * @param {{press: (key: string) => void, answer: () => void, endTalk: () => void}} act
   * @param {string} language
   * @param {string[]} keys
   */
  constructor(pace, act, language, keys) {
    this.#pace = pace;
    this.#act = act;
    this.#language = language;
    this.#keys = keys;
  }

  /** Do what is due now. */
  hears(message) {
    if (this.#named && (message.kind === "said" || message.moment === "waiting")) {
      this.#named = false;
      this.#act.press(this.#keys.shift());
    } else if (message.kind === "said") {
      this.#named = this.#keys.length > 0 && message.choice && message.language === this.#language;
    } else if (message.moment === "waiting" && !this.#keys.length && !this.#asked) {
      this.#asked = true;
      this.#after(BEFORE_KEY, () => this.#act.press(PERSON));
    } else if (message.kind === "rings") {
      this.#after(BEFORE_ANSWER, this.#act.answer);
    } else if (message.kind === "talk") {
      this.#after(TALK, this.#act.endTalk);
    } else if (DONE.has(message.kind)) {
      this.#wait?.stop(); // somebody has done it already
    }
  }

  /** Do nothing more. */
  stop() {
    this.#wait?.stop();
    this.#keys = [];
    this.#named = false;
  }

  #after(seconds, act) {
    this.#wait?.stop();
    this.#wait = new Wait(this.#pace, seconds, act);
  }
}
