// For the editor of a language: what others would say, and the texts that would change.

import { button, element, sign } from "./dom.js";
import { ask } from "./server.js";
import { both, say } from "./words.js";

/**
 * All suggestions that are open.
 * @param {import("./known.js").Known} known
 */
export function suggestions(known) {
  const list = element("ul", { class: "suggestions" });
  list.append(...known.state.suggestions.map((suggestion) => element("li", { class: "card" }, ...parts(suggestion))));
  return list;

  function parts(suggestion) {
    const fields = Object.entries(suggestion.texts).map(([id, text]) => field(suggestion, id, text));
    const faults = element("ul", { class: "status", role: "status", lang: "en", dir: "ltr" });
    const decide = (path, body) => decided(suggestion, faults, path, body);
    const accept = button(
      { class: "verdict right" },
      () => decide("accept", { changes: changed(fields) }),
      sign("✓"),
      element("span", {}, both("right")),
    );
    const reject = button(
      { class: "verdict wrong" },
      () => decide("reject", {}),
      sign("✗"),
      element("span", {}, both("wrong")),
    );
    const meaning = (each) => element("p", { class: "note", lang: each, dir: "ltr" }, suggestion.meaning[each] ?? "");
    const labels = fields.map(({ label }) => label);
    const { language, direction } = known.state.me;
    return [
      element("p", { lang: language, dir: direction }, suggestion.text),
      element("h2", { class: "text", lang: language, dir: direction, tabindex: "-1" }, sign("✎"), suggestion.words),
      ...["fi", "en"].map(meaning),
      ...(suggestion.own ? [] : [...labels, faults, element("div", { class: "pair" }, accept, reject)]),
    ];
  }

  function field(suggestion, id, { words, english }) {
    const { language, direction } = known.state.me;
    const input = element("textarea", { rows: "3", lang: language, dir: direction });
    input.value = suggestion.proposed[id] ?? words;
    const meant = element("span", { class: "note", lang: "en", dir: "ltr" }, `${id}: ${english}`);
    return { id, words, input, label: element("label", {}, meant, input) };
  }

  async function decided(suggestion, faults, path, body) {
    const there = [...list.children].findIndex((each) => each.contains(faults));
    try {
      await ask(`suggestions/${suggestion.id}/${path}`, body);
    } catch ({ status, told }) {
      if (status === 401) return known.dispatchEvent(new CustomEvent("ended", { detail: told }));
      const texts = told?.faults ?? [say(status === 409 ? "changed" : "again")];
      return faults.replaceChildren(...texts.map((text) => element("li", { class: "told" }, sign("!"), text)));
    }
    known.state.suggestions = known.state.suggestions.filter(({ id }) => id !== suggestion.id);
    list.children[there].remove();
    (list.children[there] ?? list.lastElementChild)?.querySelector("h2").focus();
    return known.load().catch(() => {});
  }
}

/** The texts whose words are others now. */
function changed(fields) {
  const others = fields.filter(({ input, words }) => input.value !== words);
  return Object.fromEntries(others.map(({ id, input }) => [id, input.value]));
}
