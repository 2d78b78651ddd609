// The sentences one by one: safety first, then the order of a call; and ten of them in a row.

import { Card } from "./card.js";
import { button, element, lead, sign } from "./dom.js";
import { hush } from "./player.js";
import { Recorder } from "./recorder.js";
import { both, say } from "./words.js";

/** How many are read in a row. */
const ROW = 10;
/** How often one sentence is asked for in a row before it stops: perhaps nobody is there. */
const TRIES = 3;

/** Milliseconds after which a sound that is not sent yet is told to wait. */
const A_MOMENT = 2000;

export class Sentences {
  #known;
  #outbox;
  #at = 0;
  /** @type {Card} */
  #card;
  /** The row that is being read now. @type {object | null} */
  #row = null;
  #place = element("div");
  #progress = element("progress", { "aria-label": "" });
  #told = element("p", { class: "progress" });
  #waiting = element("p", { class: "note", hidden: "" });
  #list = element("ol", { class: "list" });
  #previous = button({ class: "quiet", id: "previous" }, () => this.show(this.#at - 1));
  #next = button({ class: "main", id: "next" }, () => this.#goOn());
  #ten = button({ class: "quiet", id: "ten" }, () => this.#readTen(), sign("10"), element("span", {}, both("ten")));
  #summary = element("summary", { dir: "ltr" });
  #contents = element("details", { class: "contents" }, this.#summary, this.#list);
  /** @type {Map<string, HTMLButtonElement>} */
  #entries = new Map();
  #recorder;

  /**
   * @param {import("./known.js").Known} known
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => boolean} asked whether a consent is there; if not, it has led to it
   */
  constructor(known, outbox, asked) {
    this.#known = known;
    this.#outbox = outbox;
    this.#recorder = new Recorder(() => asked() && this.#begun(), (sentence, sound) => this.#keep(sentence, sound));
    const steps = element("div", { class: "pair steps" }, this.#previous, this.#next);
    const bar = element("div", { class: "so-far" }, this.#told, this.#progress, this.#waiting);
    this.element = element("div", {}, bar, this.#contents, this.#place, this.#ten, steps);
    this.#fillList();
    this.show(Math.max(0, this.#all.findIndex((sentence) => open(sentence))), false);
  }

  /** Whether somebody is being recorded. */
  get busy() {
    return Boolean(this.#row) || this.#recorder.busy;
  }

  /**
   * @param {number} at
   * @param {boolean} [leads] whether to lead there whoever is there by keyboard
   */
  show(at, leads = true) {
    hush();
    this.#inRow(null);
    this.#recorder.close();
    this.#turnTo(at);
    this.#contents.open = false;
    if (!leads) return;
    lead(this.#card.heading);
    this.element.scrollIntoView();
  }

  /** Something else is known: of one sentence, or of all. */
  refresh(about) {
    if (about === null) this.#renewAll();
    this.#card.refresh();
    this.#sum();
    for (const sentence of this.#all) if (about === null || sentence.id === about) this.#mark(sentence);
  }

  close() {
    this.#inRow(null);
    this.#recorder.close();
    hush();
  }

  get #all() {
    return this.#known.state.sentences;
  }

  get #sentence() {
    return this.#all[this.#at];
  }

  #turnTo(at) {
    this.#at = Math.min(Math.max(at, 0), this.#all.length - 1);
    this.#card = new Card(this.#sentence, this.#known, this.#recorder.element);
    this.#place.replaceChildren(this.#card.element);
    const number = (n) => String(this.#all[n]?.number ?? "");
    this.#previous.replaceChildren(sign("‹"), number(this.#at - 1));
    this.#next.replaceChildren(element("span", {}, both("next")), ` ${number(this.#at + 1)} `, sign("›"));
    this.#previous.hidden = this.#at === 0;
    this.#next.disabled = this.#at === this.#all.length - 1;
    this.#summary.textContent = `${this.#sentence.number} / ${this.#all.length}`;
    this.#entries.forEach((entry, id) => entry.toggleAttribute("aria-current", id === this.#sentence.id));
    this.#sum();
  }

  /** The words may be others, and sentences may have come or gone. */
  #renewAll() {
    const id = this.#card.element.dataset.sentence;
    const found = this.#all.findIndex((sentence) => sentence.id === id);
    this.#fillList();
    if (found < 0) this.show(0);
    else if (this.#all[found].text !== this.#card.heading.textContent) this.#turnTo(found);
    else this.#at = found;
  }

  /** The sentence that is recorded now. What was wrong with it stays there to be read. */
  #begun() {
    const { id } = this.#sentence;
    if (this.#known.told(id).includes("kept")) this.#known.tell(id);
    return this.#sentence;
  }

  /** In a row: the next of it. Else one on. */
  #goOn() {
    if (this.#row) this.#recorder.stop();
    else this.show(this.#at + 1);
  }

  /**
   * Ten that are still to be read, from here on: after each that is good the next begins by itself. "Stop" ends the
   * sentence; the row ends by the same button that began it, or by "Stop" while the next one is counted in.
   */
  async #readTen() {
    if (this.#row) {
      this.#inRow(null);
      return this.#recorder.close();
    }
    if (this.busy) return;
    const row = this.#inRow({});
    for (let read = 0, tries = 0; read < ROW; ) {
      const recorded = await this.#recorder.once();
      if (!recorded) break;
      const { about, sound } = recorded;
      const { what, answer } = await this.#keep(about, sound);
      tries += 1;
      // Whoever reads calmly may be too slow for a long sentence: it is left for later, and the row goes on.
      const left = tries === TRIES && what === "refused" && answer.reasons.includes("slow");
      const good = left || what === "kept" || what === "waiting";
      if (good) [read, tries] = [left ? read : read + 1, 0];
      if (this.#row !== row) return;
      if (tries === TRIES) break;
      const next = this.#after(about.id);
      if (good && next < 0) break;
      if (good && read < ROW) this.#turnTo(next);
    }
    if (this.#row !== row) return;
    this.#inRow(null);
    this.#recorder.close();
  }

  #inRow(row) {
    this.#row = row;
    this.#ten.setAttribute("aria-pressed", String(row !== null));
    return row;
  }

  /** The first after a sentence that is still to be read; -1 if there is none. */
  #after(id) {
    const here = this.#all.findIndex((sentence) => sentence.id === id);
    const waits = ({ id: each }) => this.#known.told(each).includes("waiting");
    return this.#all.findIndex((sentence, at) => at > here && open(sentence) && !waits(sentence));
  }

  /** Keep a sound as a take; what becomes of it, as soon as that is known or it has to wait. */
  #keep(sentence, sound) {
    const id = crypto.randomUUID().replaceAll("-", "");
    const query = new URLSearchParams({ sentence: sentence.id, words: sentence.words });
    return this.#outbox.deliver({ id, path: `takes/${id}?${query}`, about: sentence.id }, sound);
  }

  #fillList() {
    this.#entries.clear();
    this.#list.replaceChildren(...this.#all.map((sentence, at) => element("li", {}, this.#entry(sentence, at))));
    this.#all.forEach((sentence) => this.#mark(sentence));
  }

  #entry(sentence, at) {
    const { language, direction } = this.#known.state.me;
    const text = element("span", { lang: language, dir: direction }, sentence.text);
    const mark = element("span", { class: "mark" });
    const attributes = { class: "entry", "data-sentence": sentence.id };
    const entry = button(attributes, () => this.show(at), mark, `${sentence.number} `, text);
    this.#entries.set(sentence.id, entry);
    return entry;
  }

  /** How far a sentence is, in the list: by a sign, and by words for whoever does not see it. */
  #mark(sentence) {
    const [told] = this.#known.told(sentence.id);
    const key = told && told !== "kept" ? told : open(sentence) ? "" : "kept";
    const drawn = { "": "○", kept: "✓", waiting: "…" }[key] ?? "!";
    const mark = this.#entries.get(sentence.id)?.querySelector(".mark");
    mark?.replaceChildren(sign(drawn), element("span", { class: "unseen" }, key ? say(key) : ""));
  }

  /** Progress, and what still waits on this phone. */
  async #sum() {
    const { progress } = this.#known.state;
    this.#told.replaceChildren(both("progress", progress));
    this.#progress.max = Math.max(1, progress.all);
    this.#progress.value = progress.done;
    this.#progress.setAttribute("aria-label", say("progress", progress));
    await this.#tellWaiting();
  }

  /** A sound that is sent at once waits for a moment only, of which nothing is said. */
  async #tellWaiting(again = false) {
    const count = await this.#outbox.waiting();
    if (count && this.#waiting.hidden && !again) return setTimeout(() => this.#tellWaiting(true), A_MOMENT);
    this.#waiting.hidden = count === 0;
    this.#waiting.replaceChildren(sign("…"), element("span", { class: "number" }, `${count} · `), both("waiting"));
  }
}

/** Whether a sentence is still to be read. */
function open({ take }) {
  return !take || take.stale;
}
