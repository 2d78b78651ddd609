// What a volunteer has chosen on this phone. A browser may refuse to keep anything: then it is as at first.

const OURS = "room.";

/** @param {string} name */
export function chosen(name) {
  try {
    return localStorage.getItem(OURS + name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function choose(name, value) {
  try {
    localStorage.setItem(OURS + name, value);
  } catch {
    /* not kept */
  }
}

/** Nothing of anybody is left. */
export function forgetChosen() {
  try {
    Object.keys(localStorage)
      .filter((name) => name.startsWith(OURS))
      .forEach((name) => localStorage.removeItem(name));
  } catch {
    /* there was nothing */
  }
}
