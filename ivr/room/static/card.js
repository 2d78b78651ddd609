// One sentence: what it says and means, the voice of today, one's own, and what one thinks of it.

import { element, sign } from "./dom.js";
import { opinion } from "./opinion.js";
import { listenButton } from "./player.js";
import { both } from "./words.js";

const SIGNS = { kept: "✓", waiting: "…", changed: "↻" };

/** Its `element`; `refresh` shows what has changed, and leaves alone what somebody is at. */
export class Card {
  #sentence;
  #known;
  #status = element("div", { class: "status", role: "status" });
  #mine = element("div", { class: "mine" });
  heading;

  /**
   * @param {any} sentence
   * @param {import("./known.js").Known} known
   * @param {HTMLElement} recorder
   */
  constructor(sentence, known, recorder) {
    this.#sentence = sentence;
    this.#known = known;
    const { language, direction } = known.state.me;
    this.heading = element("h1", { class: "text", lang: language, dir: direction }, sentence.text);
    const today = sentence.today ? listenButton(sentence.today.url, "today") : null;
    this.element = element(
      "section",
      { class: sentence.safety ? "card safety" : "card", "data-sentence": sentence.id },
      this.heading,
      meanings(sentence),
      today,
      recorder,
      this.#status,
      this.#mine,
      opinion(sentence, known),
    );
    this.element.addEventListener("unheard", () => known.tell(sentence.id, "again"));
    this.refresh();
  }

  refresh() {
    const { id } = this.#sentence;
    const { take } = this.#known.sentence(id) ?? {};
    const told = this.#known.told(id);
    const shown = told.length ? told : take?.stale ? ["changed"] : [];
    const key = shown.join(" ");
    if (this.#status.dataset.told !== key) {
      this.#status.dataset.told = key;
      this.#status.replaceChildren(...shown.map(line), ...this.#slow(shown));
    }
    if (take && this.#mine.dataset.url !== take.url) {
      this.#mine.dataset.url = take.url;
      this.#mine.replaceChildren(listenButton(take.url, "mine"));
    }
  }

  /** By how much one was too slow: whoever reads calmly could not tell. */
  #slow(shown) {
    const seconds = shown.includes("slow") ? this.#known.seconds(this.#sentence.id) : null;
    if (!seconds) return [];
    const [took, most] = seconds.map((each) => each.toFixed(1));
    return [element("p", { class: "seconds number", dir: "ltr" }, `✗ ${took} s · ✓ ${most} s`)];
  }
}

/** What is told, by a sign as well as by words. */
export function line(key) {
  return element("p", { class: ["kept", "waiting"].includes(key) ? "good" : "told", "data-key": key }, sign(SIGNS[key] ?? "!"), both(key));
}

/** When it is said, and what it means, in Finnish and English. */
function meanings({ text, meaning, when }) {
  const rows = ["fi", "en"].flatMap((language) => [
    element("dt", { lang: language }, when[language] ?? ""),
    meaning[language] === text ? null : element("dd", { lang: language }, meaning[language] ?? ""),
  ]);
  return element("dl", { class: "meaning", dir: "ltr" }, ...rows);
}
