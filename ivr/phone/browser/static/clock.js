// Before the call: the hour at which it is made, the number that is dialled, and the languages that are offered.

import { by, element, write } from "./dom.js";
import { interfaceLanguage } from "./words.js";

/** An hour that none of the presets has. */
const OWN = "own";
/** A browser may show the field in another order than the reader expects: the words leave no doubt. */
const AS_WORDS = new Intl.DateTimeFormat(interfaceLanguage === "en" ? "en-GB" : interfaceLanguage, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

export class Clock {
  #preset = by("preset");
  #at = by("at");
  #dials = by("dials");
  #fields = by("before");
  #waiting = by("waiting");
  #now = new Set([...this.#offered()].filter((part) => !part.hidden).map((part) => part.dataset.language));

  constructor() {
    this.#preset.addEventListener("change", () => this.#choose(this.#preset.value));
    this.#waiting.addEventListener("change", () => this.#showLanguages());
    this.#at.addEventListener("input", () => this.#follow());
    this.at = this.#at.value; // a browser may have kept what was chosen before
    this.#showLanguages();
  }

  /** Whether the languages are offered too that real callers cannot choose yet. */
  get waiting() {
    return this.#waiting.checked;
  }

  /** @param {{now: string[], waiting: string[], today: string, waits: string[]}} offer of a real line */
  set offer({ now, waiting, today, waits }) {
    write(by("offer-today"), today);
    const told = by("offer-waits");
    if (told.children.length !== waits.length || [...told.children].some((line, n) => line.textContent !== waits[n]))
      told.replaceChildren(...waits.map((why) => element("li", {}, why)));
    by("waiting-switch").hidden = waiting.length === 0;
    this.#now = new Set(now);
    this.#showLanguages();
  }

  /** A local time, or null for now. */
  get at() {
    return this.#at.value || null;
  }

  /** @param {string} at a local time; empty: now */
  set at(at) {
    this.#at.value = at;
    this.#preset.value = [...this.#preset.options].some(({ value }) => value === at) ? at : OWN;
    this.#show();
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

  /** Every button and line that stands for a language. */
  #offered() {
    return this.#fields.querySelectorAll("[data-language]");
  }

  /** Example calls are of languages with a voice; a number can be dialled of those that wait, if they are shown. */
  #showLanguages() {
    for (const part of this.#offered()) {
      const offered = this.#now.has(part.dataset.language);
      part.hidden = !offered && !(this.waiting && part.matches("option"));
      if (part.matches("option")) part.disabled = part.hidden;
    }
    if (this.#dials.selectedOptions[0]?.disabled) this.#dials.value = "";
  }

  /** A time of one's own begins with that of the first preset, so that no empty field asks for an unknown order. */
  #choose(preset) {
    if (preset !== OWN) this.#at.value = preset;
    else if (!this.#at.value) this.#at.value = this.#preset.options[1].value;
    this.#show();
    if (preset === OWN) this.#at.focus();
  }

  #follow() {
    if (this.#at.value !== this.#preset.value) this.#preset.value = OWN;
    this.#show();
  }

  #show() {
    by("at-field").hidden = this.#preset.value === "";
    write(by("at-words"), this.#at.value ? AS_WORDS.format(new Date(this.#at.value)) : "");
  }
}
