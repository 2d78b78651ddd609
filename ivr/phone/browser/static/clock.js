// Before the call: the hour at which it is made, and the number that is dialled.

import { by } from "./dom.js";

/** An hour that none of the presets has. */
const OWN = "own";

export class Clock {
  #preset = by("preset");
  #at = by("at");
  #dials = by("dials");
  #fields = by("before");

  constructor() {
    this.#preset.addEventListener("change", () => {
      if (this.#preset.value === OWN) this.#at.focus();
      else this.#at.value = this.#preset.value;
    });
    this.#at.addEventListener("input", () => this.#follow());
    this.#follow(); // a browser may have kept what was chosen before
  }

  /** A local time, or null for now. */
  get at() {
    return this.#at.value || null;
  }

  /** The language whose number is dialled, or null for ours. */
  get dials() {
    return this.#dials.value || null;
  }

  /** Whether what is written is a time; the browser says what is wrong with it. */
  valid() {
    return this.#at.reportValidity();
  }

  /** @param {boolean} locked during a call nothing can be changed */
  set locked(locked) {
    this.#fields.disabled = locked;
  }

  #follow() {
    const known = [...this.#preset.options].some((option) => option.value === this.#at.value);
    this.#preset.value = known ? this.#at.value : OWN;
  }
}
