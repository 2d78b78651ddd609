// What somebody thinks of a sentence: right, wrong, or how they would say it.

import { button, element, sign } from "./dom.js";
import { ask } from "./server.js";
import { both, say } from "./words.js";

/**
 * @param {any} sentence
 * @param {import("./known.js").Known} known
 */
export function opinion(sentence, known) {
  const words = element("textarea", { rows: "3", maxlength: "500", id: "said", "aria-label": say("i_would_say") });
  words.value = sentence.suggestion ?? sentence.text;
  const send = button({ class: "main" }, () => suggest(), both("send"));
  const form = element("div", { class: "suggest", hidden: "" }, words, send);
  const opens = button(
    { class: "quiet", "aria-expanded": "false" },
    () => open(form.hidden),
    sign("✎"),
    both("i_would_say"),
  );
  const verdicts = { right: "✓", wrong: "✗" };
  const buttons = Object.entries(verdicts).map(([verdict, drawn]) =>
    button(
      { class: `verdict ${verdict}`, "aria-pressed": String(sentence.verdict === verdict) },
      () => judge(verdict),
      sign(drawn),
      element("span", {}, both(verdict)),
    ),
  );

  function open(wanted) {
    form.hidden = !wanted;
    opens.setAttribute("aria-expanded", String(wanted));
    if (wanted) words.focus();
  }

  async function judge(verdict) {
    const done = await told({ path: "judge", verdict }, "kept");
    if (!done) return;
    sentence.verdict = verdict;
    Object.keys(verdicts).forEach((each, n) => buttons[n].setAttribute("aria-pressed", String(each === verdict)));
    if (verdict === "wrong") open(true);
  }

  async function suggest() {
    if (!(await told({ path: "suggest", said: words.value }, "kept"))) return;
    sentence.suggestion = words.value;
    open(false);
    opens.focus();
  }

  /** Tell the program; whether it has it. What it says otherwise is told on the sentence. */
  async function told({ path, ...what }, done) {
    try {
      await ask(path, { sentence: sentence.id, words: sentence.words, ...what });
      known.tell(sentence.id, done);
      return true;
    } catch ({ status, told: answer }) {
      if (status === 401) known.dispatchEvent(new CustomEvent("ended", { detail: answer }));
      else if (status === 409) await known.renew(sentence.id);
      else known.tell(sentence.id, "again");
      return false;
    }
  }

  return element("div", { class: "opinion" }, element("div", { class: "pair" }, ...buttons), opens, form);
}
