// A call can be paused, and pauses by itself while nobody sees the page.

import { by, write } from "./dom.js";
import { say } from "./words.js";

export class Pause {
  #pace;
  #tones;
  #inCall;
  /** Whether it is paused because nobody sees the page. */
  #unseen = false;

  /**
   * @param {import("./pace.js").Pace} pace
   * @param {import("./sound.js").Tones} tones
   * @param {() => boolean} inCall
   */
  constructor(pace, tones, inCall) {
    this.#pace = pace;
    this.#tones = tones;
    this.#inCall = inCall;
    by("pause").addEventListener("click", () => this.#set(!pace.paused));
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** Go on, if it is paused. */
  end() {
    this.#unseen = false;
    this.#set(false);
  }

  /** Whoever paused it goes on by themselves. */
  #look() {
    if (document.hidden && this.#inCall() && !this.#pace.paused) {
      this.#unseen = true;
      this.#set(true);
    } else if (!document.hidden && this.#unseen) {
      this.end();
    }
  }

  #set(paused) {
    this.#pace.paused = this.#tones.paused = paused;
    write(by("pause"), say(paused ? "go_on" : "pause"));
    write(by("paused"), paused ? say("paused") : "");
  }
}
