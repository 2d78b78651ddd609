// Small helpers for elements. Text is only ever set as text.

/**
 * A new element with attributes (those without a value are left out) and what is in it (null is left out).
 * @param {string} tag
 * @param {Record<string, string | null | undefined>} attributes
 * @param {...(Node | string | null)} content
 */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...content.filter((part) => part !== null));
  return made;
}

/**
 * A button that does something. While that goes on, it does not begin again.
 * @param {Record<string, string>} attributes
 * @param {() => unknown} act
 * @param {...(Node | string)} content
 * @returns {HTMLButtonElement}
 */
export function button(attributes, act, ...content) {
  const made = element("button", { type: "button", ...attributes }, ...content);
  let busy = false;
  made.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    made.setAttribute("aria-busy", "true");
    try {
      await act();
    } finally {
      busy = false;
      made.removeAttribute("aria-busy");
    }
  });
  return made;
}

/** A sign beside words, which a screen reader leaves out. */
export function sign(drawn) {
  return element("span", { class: "sign", "aria-hidden": "true" }, drawn);
}

/** Lead whoever is there by keyboard or screen reader to a heading. */
export function lead(heading) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
