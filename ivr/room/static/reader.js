// For whoever hears sounds without any text, and says what they mean. No text of a sentence ever comes here.

import { line } from "./card.js";
import { button, element, lead, sign } from "./dom.js";
import { hush, listenButton } from "./player.js";
import { Recorder } from "./recorder.js";
import { ask } from "./server.js";
import { both, say } from "./words.js";

export class Reader {
  #known;
  #outbox;
  #asked;
  #at = 0;
  #place = element("div");
  #list = element("ol", { class: "list sounds" });
  /** @type {Recorder} */
  #recorder;
  /** Ids of spoken meanings that the program has, by sound. @type {Map<string, string>} */
  #spoken = new Map();
  /** Sounds that were listened to: nobody decides on another. @type {Set<string>} */
  #listened = new Set();
  #show = () => {};

  /**
   * @param {import("./known.js").Known} known
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => boolean} asked whether a consent is there; if not, it has led to it
   */
  constructor(known, outbox, asked) {
    this.#known = known;
    this.#outbox = outbox;
    this.#asked = asked;
    this.element = element("div", {}, this.#list, this.#place);
    this.show(Math.max(0, this.#all.findIndex(({ approved }) => approved === null)), false);
  }

  /**
   * @param {number} at
   * @param {boolean} [leads]
   */
  show(at, leads = true) {
    this.close();
    this.#at = Math.min(at, this.#all.length - 1);
    this.#fillList();
    const card = this.#all.length ? this.#card(this.#all[this.#at]) : element("h1", {}, sign("✓"), both("thanks"));
    this.#place.replaceChildren(card);
    if (leads) lead(this.#place.querySelector("h1"));
  }

  refresh() {
    this.#show();
  }

  close() {
    this.#recorder?.close();
    hush();
  }

  get #all() {
    return this.#known.state.to_hear;
  }

  #fillList() {
    this.#list.replaceChildren(
      ...this.#all.map(({ number, approved }, at) => {
        const [drawn, words] = mark(approved);
        const here = at === this.#at ? { "aria-current": "true" } : {};
        const unseen = element("span", { class: "unseen" }, words);
        const entry = button({ class: "entry", ...here }, () => this.show(at), sign(drawn), ` ${number} `, unseen);
        return element("li", {}, entry);
      }),
    );
  }

  #card(heard) {
    const words = element("textarea", { id: "meaning", rows: "3", maxlength: "500" });
    words.value = heard.meaning ?? "";
    const status = element("div", { class: "status", role: "status" });
    this.#recorder = new Recorder(() => this.#asked() && heard, (about, sound) => this.#keep(about, sound));
    const verdicts = ["right", "wrong"].map((verdict) => this.#verdict(heard, verdict, words));
    words.addEventListener("input", () => this.#show());
    const listen = listenButton(heard.url, "listen");
    listen.addEventListener("click", () => {
      this.#listened.add(heard.sound);
      this.#show();
    });
    this.#show = () => {
      const said = words.value.trim() || this.#spoken.has(heard.sound) || heard.spoken;
      const decides = said && (heard.approved !== null || this.#listened.has(heard.sound));
      verdicts.forEach((each) => (each.disabled = !decides));
      const told = this.#known.told(heard.sound);
      if (status.dataset.told === told.join(" ")) return;
      status.dataset.told = told.join(" ");
      status.replaceChildren(...told.map(line));
    };
    this.#show();
    const card = element(
      "section",
      { class: "card safety" },
      element("h1", { class: "place" }, `${heard.number} / ${this.#all.length}`),
      listen,
      element("label", { for: "meaning" }, both("meaning")),
      words,
      this.#recorder.element,
      status,
      element("div", { class: "pair" }, ...verdicts),
    );
    card.addEventListener("unheard", () => this.#known.tell(heard.sound, "again"));
    return card;
  }

  #verdict(heard, verdict, words) {
    const drawn = { right: "✓", wrong: "✗" }[verdict];
    const pressed = String(heard.approved === (verdict === "right"));
    return button(
      { class: `verdict ${verdict}`, "aria-pressed": pressed },
      () => this.#say(heard, verdict, words.value.trim()),
      sign(drawn),
      element("span", {}, both(verdict)),
    );
  }

  async #keep(heard, sound) {
    const id = crypto.randomUUID().replaceAll("-", "");
    const query = new URLSearchParams({ sound: heard.sound });
    const { what } = await this.#outbox.deliver({ id, path: `meanings/${id}?${query}`, about: heard.sound }, sound);
    if (what === "kept") this.#spoken.set(heard.sound, id);
    this.#show();
  }

  async #say(heard, verdict, meaning) {
    const { sound } = heard;
    try {
      await ask("heard", { sound, meaning: meaning || null, spoken: this.#spoken.get(sound) ?? null, verdict });
    } catch ({ status, told }) {
      if (status === 401) return this.#known.dispatchEvent(new CustomEvent("ended", { detail: told }));
      if (status !== 409) return this.#known.tell(sound, "again");
      await this.#known.load().catch(() => {}); // the clip is another by now
      return this.show(this.#at);
    }
    Object.assign(heard, { approved: verdict === "right", meaning: meaning || null });
    const next = this.#all.findIndex(({ approved }) => approved === null);
    this.show(next < 0 ? this.#at : next);
    return null;
  }
}

/** What somebody has said of a sound: a sign, and words for whoever does not see it. */
function mark(approved) {
  if (approved === null) return ["○", ""];
  return approved ? ["✓", say("right")] : ["✗", say("wrong")];
}
