// Small helpers for elements. Text is only ever set as text.

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function by(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/**
 * A new element with attributes (those without a value are left out) and what is in it.
 * @param {string} tag
 * @param {Record<string, string | null | undefined>} attributes
 * @param {...(Node | string)} content
 */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...content);
  return made;
}

/** Write a text, but only if it changes: what is live is then read once. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Whether whoever looks has asked for as little movement as possible. */
export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
