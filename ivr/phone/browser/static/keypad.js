// The keypad: by mouse, by touch, and by the keyboard wherever the focus is, but where text is written.

import { by } from "./dom.js";

const SHOWN = 160;
/** Where a digit is text. */
const WRITES = "input:not([type=range], [type=checkbox]), textarea";
/** Letters that press a button of the page, if it can be pressed; in a list to choose from they find a line. */
const SHORTCUTS = { a: "answer", p: "pause" };

/**
 * @param {(key: string) => void} press
 * @param {() => void} hangUp
 * @param {() => boolean} inCall digits of the keyboard are keys during a call only
 */
export function keypad(press, hangUp, inCall) {
  const pad = by("keypad");
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) press(key);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !inCall()) return;
    if (event.key === "Escape") hangUp();
    const shortcut = SHORTCUTS[event.key.toLowerCase()];
    if (shortcut && !event.repeat && !event.target.matches(`${WRITES}, select`)) reach(by(shortcut));
    const button = [...pad.children].find((one) => one.dataset.key === event.key);
    if (!button || event.target.matches(WRITES)) return;
    event.preventDefault();
    if (event.repeat) return;
    show(button);
    press(event.key);
  });
}

/** Press a button, unless it is not there now; whoever answers is at the other end from then on. */
function reach(button) {
  if (button.closest("[hidden]") || button.disabled) return;
  if (button.id === SHORTCUTS.a) button.focus({ preventScroll: true });
  button.click();
}

/** A key that was pressed on the keyboard goes down on the page. */
function show(button) {
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), SHOWN);
}
