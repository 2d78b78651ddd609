// What somebody is asked before anything is kept of their voice.

import { button, element } from "./dom.js";
import { both, inBoth } from "./words.js";

/**
 * The consent, in a view of its own.
 * @param {{version: string, agreed: boolean, named: boolean, sentences: [string, string][]}} consent
 * @param {(named: boolean) => Promise<void>} agree
 * @param {() => void} pass leads on without: listening and judging need no consent
 */
export function consentView(consent, agree, pass) {
  const adult = element("input", { type: "checkbox", id: "adult", required: "" });
  const named = element("input", { type: "checkbox", id: "named" });
  named.checked = consent.named === true;
  const form = element(
    "form",
    { class: "consent" },
    element("label", { class: "choice" }, adult, element("span", {}, both("consent_adult"))),
    element("label", { class: "choice" }, named, element("span", {}, both("consent_named"))),
    element("button", { class: "main", id: "agree" }, both("agree")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    agree(named.checked);
  });
  return element(
    "section",
    { class: "card", id: "consent" },
    element("h1", {}, both("thanks")),
    element("ul", { class: "sentences" }, ...consent.sentences.map((pair) => element("li", {}, inBoth(pair)))),
    form,
    button({ class: "quiet", id: "pass" }, pass, both("next")),
  );
}
