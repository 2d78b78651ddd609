// What is kept on this phone beside sounds. A browser may refuse to keep anything: then it is as at first.

const OURS = "room.";
/** Where: for good, or as long as the tab is there. @typedef {"localStorage" | "sessionStorage"} Where */

/**
 * @param {string} name
 * @param {Where} [where]
 */
export function chosen(name, where = "localStorage") {
  try {
    return window[where].getItem(OURS + name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {Where} [where]
 */
export function choose(name, value, where = "localStorage") {
  try {
    window[where].setItem(OURS + name, value);
  } catch {
    /* not kept */
  }
}

/** Nothing of ours is left there. @param {Where} where */
export function forgetChosen(where) {
  try {
    const names = Object.keys(window[where]).filter((name) => name.startsWith(OURS));
    names.forEach((name) => window[where].removeItem(name));
  } catch {
    /* there was nothing */
  }
}
