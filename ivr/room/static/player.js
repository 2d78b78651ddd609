// Plays one sound at a time: clips as callers hear them.

import { button, element, sign } from "./dom.js";
import { both } from "./words.js";

const audio = new Audio();
audio.preload = "none";
/** The button whose sound is heard. @type {HTMLButtonElement | null} */
let playing = null;

for (const over of ["ended", "error"]) {
  audio.addEventListener(over, () => {
    if (over === "error") playing?.dispatchEvent(new CustomEvent("unheard", { bubbles: true }));
    show(null);
  });
}

/** Silence, at once. */
export function hush() {
  audio.pause();
  show(null);
}

/**
 * A button that plays a sound, or stops it. If it cannot be played, an "unheard" event comes from it.
 * @param {string} url
 * @param {string} caption key of the text that says whose voice it is
 */
export function listenButton(url, caption) {
  const made = button(
    { class: "listen", "aria-pressed": "false", "data-url": url },
    () => (playing === made ? hush() : play(made, url)),
    sign("▶"),
    element("span", {}, both(caption)),
  );
  return made;
}

function play(pressed, url) {
  hush();
  audio.src = url;
  show(pressed);
  return audio.play().catch((fault) => {
    if (fault.name === "AbortError" || playing !== pressed) return;
    pressed.dispatchEvent(new CustomEvent("unheard", { bubbles: true }));
    show(null);
  });
}

function show(pressed) {
  for (const [shown, on] of [[playing, false], [pressed, true]]) {
    if (!shown) continue;
    shown.setAttribute("aria-pressed", String(on));
    shown.querySelector(".sign").textContent = on ? "■" : "▶";
  }
  playing = pressed;
}
