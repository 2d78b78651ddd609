// Tells a screen reader every sentence of the call, if it is asked to: what it means, and as it is said.

import { by, element } from "./dom.js";
import { interfaceLanguage, say } from "./words.js";

const REMEMBERED = "announce";
/** Sentences that are kept, for whoever reads again what was said last. */
const KEPT = 3;

export class Announcer {
  #switch = by("announce");
  #region = by("announced");

  constructor() {
    this.#switch.checked = remembered();
    this.#switch.addEventListener("change", () => {
      remember(this.#switch.checked);
      this.clear();
    });
  }

  clear() {
    this.#region.replaceChildren();
  }

  /** Tell a sentence; everything else that happens is told by the status of the phone. */
  tell({ kind, where, language, direction, text, under }) {
    if (kind !== "said" || !this.#switch.checked) return;
    const told = element("div");
    if (where === "whisper") told.append(element("p", {}, say("says_to_contact")));
    const reader = [interfaceLanguage, "en"].find((lang) => lang === language || under[lang]);
    if (reader !== language) told.append(element("p", { lang: reader }, under[reader]));
    told.append(element("p", { lang: language, dir: direction }, text));
    this.#region.append(told);
    while (this.#region.children.length > KEPT) this.#region.firstElementChild.remove();
  }
}

// A browser may refuse to keep anything: then it is asked again the next time.

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) === "on";
  } catch {
    return false;
  }
}

function remember(on) {
  try {
    localStorage.setItem(REMEMBERED, on ? "on" : "off");
  } catch {
    /* not kept */
  }
}
