// The list of events: an entry for everything that happens, in the caller's language and in those of the office.

import { by, element } from "./dom.js";
import { pretty } from "./twiml.js";
import { clock, contact, interfaceLanguage, say } from "./words.js";

/** A single word, such as a digit of a phone number: letters and what belongs to them. */
const WORD = /^[\p{L}\p{M}’']+$/u;
/** Pixels from its end within which the list scrolls on by itself. */
const NEAR = 24;
/** What stands below each sentence, in this order, if it is given. */
const UNDER = [...new Set([...(interfaceLanguage === "sv" ? ["sv"] : []), "fi", "en"])];

export class EventList {
  #list = by("events");
  #box = by("events-box");
  /** The entry to which the next digit belongs, if the last sentence was a digit. */
  #digits = null;
  #playing = null;
  #atEnd = true;

  constructor() {
    const look = () => {
      this.#atEnd = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < NEAR;
    };
    this.#box.addEventListener("scroll", look);
    this.#list.addEventListener("toggle", look, true); // whoever opens a request reads it
    new ResizeObserver(() => this.#follow()).observe(this.#box);
  }

  /** Empty the list, for a new call. */
  clear() {
    this.#list.replaceChildren();
    by("events-empty").hidden = true;
    this.#digits = null;
    this.#playing = null;
    this.#atEnd = true;
  }

  /** Add the entry of a message, if it has one. */
  add(message) {
    if (message.kind === "said") this.#said(message);
    else if (message.kind === "requested") this.#requested(message);
    else this.#event(message);
    this.#follow();
  }

  /** Scroll to the end, unless the reader has scrolled back. */
  #follow() {
    if (this.#atEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** No entry is being said any more. */
  quiet() {
    this.#playing?.classList.remove("now");
    this.#playing = null;
  }

  #said(message) {
    const whisper = message.where === "whisper";
    const digit = WORD.test(message.text) && !whisper;
    if (digit && this.#digits?.dataset.language === message.language) {
      this.#join(this.#digits, message);
      return;
    }
    const words = element("p", { class: "words", lang: message.language, dir: message.direction }, message.text);
    const under = UNDER.filter((lang) => message.under[lang]).map((lang) =>
      element("p", { class: "under", lang }, message.under[lang]),
    );
    const first = whisper && !this.#list.lastElementChild?.classList.contains("whisper");
    const entry = this.#entry(message, words, ...under, ...marks(message));
    if (first) words.before(element("p", { class: "ear" }, say("says_to_contact")));
    entry.classList.toggle("whisper", whisper);
    if (message.sound && message.stand_in && !message.draft) entry.querySelector(".code").append(sign());
    this.#play(entry);
    this.#digits = digit ? entry : null;
  }

  #join(entry, message) {
    entry.querySelector(".words").append(` ${message.text}`);
    for (const [code, text] of Object.entries(message.under)) {
      entry.querySelector(`.under[lang="${code}"]`)?.append(` ${text}`);
    }
  }

  #event(message) {
    const told = event(message);
    if (!told) return;
    this.#digits = null;
    if (message.kind !== "pressed" && message.kind !== "waited") this.quiet();
    this.#entry(message, ...told);
  }

  #requested({ at, url, form, twiml }) {
    const { pathname } = new URL(url, location.href);
    const details = element(
      "details",
      {},
      element("summary", {}, say("request", { path: pathname })),
      part("request_url", url),
      part("request_form", form.replaceAll("&", "\n")),
      part("request_twiml", twiml ? pretty(twiml) : say("request_no_twiml")),
    );
    this.#entry({ at, kind: "requested" }, details);
  }

  #entry({ at, kind, language }, ...content) {
    const when = element("p", { class: "when" }, clock(at));
    if (language) when.append(" ", element("span", { class: "code" }, language));
    const entry = element("li", { "data-kind": kind, "data-language": language }, when);
    entry.append(element("div", {}, ...content));
    this.#list.append(entry);
    return entry;
  }

  #play(entry) {
    this.quiet();
    entry.classList.add("now");
    this.#playing = entry;
  }
}

/** What is shown of an event; null if it has no entry. */
function event(message) {
  const who = message.contact && contact(message.contact);
  const plain = (key, values) => [element("p", {}, say(key, values))];
  switch (message.kind) {
    case "pressed":
      return [element("p", {}, `${say("pressed")} `, element("kbd", {}, message.key))];
    case "waited":
      return plain("waited", { seconds: message.seconds });
    case "ringing":
    case "talk":
      return plain(message.kind, { contact: who });
    case "picked up":
      return plain(`picked_up_${message.how}`, { contact: who });
    case "talk ended":
      return plain(`talk_ended_${message.by}`);
    case "not reached":
      return plain(`not_reached_${message.status.replaceAll("-", "_")}`, { contact: who });
    case "ended":
      return plain(`ended_${message.by}`);
    case "fault":
      return plain("fault", { words: message.words });
    default:
      return null;
  }
}

/** How a sentence is heard, where that is not as in a real call. */
function* marks({ slow, sound, draft }) {
  if (slow) yield element("p", { class: "mark" }, say("slowly"));
  if (!sound) yield element("p", { class: "mark" }, say("mark_silent"));
  if (draft) yield element("p", { class: "mark" }, say("mark_draft"));
}

/** The sign of the offline voice, with its meaning for whoever does not see it. */
function sign() {
  const words = say("mark_stand_in");
  const seen = element("span", { "aria-hidden": "true" }, "≈");
  return element("span", { class: "sign", title: words }, seen, element("span", { class: "unseen" }, words));
}

function part(name, text) {
  return element("div", {}, element("h3", {}, say(name)), element("pre", { tabindex: "0" }, text));
}
