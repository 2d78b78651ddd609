// Taking one's voice back: asked once more, then all of it goes, here and at the office.

import { button, element, sign } from "./dom.js";
import { ask } from "./server.js";
import { both } from "./words.js";

/**
 * The button, and what it asks.
 * @param {import("./outbox.js").Outbox} outbox
 * @param {() => unknown} before what stops before it is done
 * @param {(told: any) => unknown} ended tells that the invitation is over
 */
export function takeBack(outbox, before, ended) {
  const again = element("p", { class: "told", role: "status" });
  const sure = button({ class: "verdict wrong", id: "sure" }, act, sign("✗"), element("span", {}, both("take_back")));
  const not = button({ class: "quiet", id: "not", "aria-label": "×" }, () => dialog.close(), sign("×"));
  const told = element("p", {}, both("consent_back"));
  const dialog = element("dialog", { "aria-labelledby": "take-back" }, told, sure, again, not);
  const opens = button({ class: "quiet", id: "take-back" }, () => dialog.showModal(), both("take_back"));

  async function act() {
    before();
    try {
      await outbox.forget(() => ask("withdraw", { sure: true }));
    } catch ({ status, told }) {
      if (status === 401) return ended(told);
      again.replaceChildren(sign("!"), both("again"));
    }
    return null;
  }

  return element("footer", {}, opens, dialog);
}
