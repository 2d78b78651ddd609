// The second phone: whoever the line rings. It is there from the first ring to the end of the talk.

import { by, element, write } from "./dom.js";
import { contact, say } from "./words.js";

/** Buttons, and what each does. */
const CHOICES = { answer: "answer", voicemail: "voicemail", busy: "busy", "no-answer": "no answer" };

export class OtherEnd {
  #end = by("other-end");
  #title = by("other-title");
  #status = by("other-status");
  #countdown = by("ring-countdown");
  #bar = this.#countdown.querySelector("progress");
  #whisper = by("whisper");
  #choices = by("ring-choices");
  #talk = by("talk-choices");
  #how = "person";

  /**
   * @param {(what: string) => void} decide
   * @param {() => void} endTalk
   */
  constructor(decide, endTalk) {
    for (const [id, what] of Object.entries(CHOICES)) {
      by(id).addEventListener("click", () => {
        this.#show(what === "no answer" ? "ringing-on" : "deciding");
        decide(what);
      });
    }
    by("end-talk").addEventListener("click", endTalk);
  }

  /** Whether it rings, whatever has been decided. */
  get rings() {
    return this.#end.dataset.phase.startsWith("ringing");
  }

  /**
   * @param {string} name
   * @param {number} seconds
   */
  ring(name, seconds) {
    this.#title.textContent = contact(name);
    this.#bar.max = seconds;
    this.#whisper.textContent = "";
    this.#show("ringing");
    // On a small screen it lies below the caller's phone: whoever is rung must not be missed.
    if (by("answer").getBoundingClientRect().bottom > innerHeight) this.#end.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} left seconds for which it rings */
  countDown(left) {
    this.#bar.value = left;
    write(by("ring-words"), say("rings_left", { seconds: Math.ceil(left) }));
  }

  /** @param {"person" | "voicemail"} how */
  pickUp(how) {
    this.#how = how;
    this.#show("whisper");
  }

  /** What whoever answers hears before the talk. */
  hear({ text, language, direction }) {
    this.#show("whisper");
    this.#whisper.replaceChildren(element("span", { lang: language, dir: direction }, text));
  }

  talk() {
    this.#show("talk");
  }

  leave() {
    this.#show("gone");
  }

  /** @param {"ringing" | "ringing-on" | "deciding" | "whisper" | "talk" | "gone"} phase */
  #show(phase) {
    const focused = this.#end.contains(document.activeElement);
    this.#end.dataset.phase = phase;
    this.#end.hidden = phase === "gone";
    by("nobody-rung").hidden = phase !== "gone";
    this.#countdown.hidden = !this.rings;
    this.#whisper.hidden = phase !== "whisper";
    this.#choices.hidden = phase !== "ringing";
    this.#talk.hidden = phase !== "talk";
    const words = phase === "whisper" && this.#how === "voicemail" ? "voicemail" : phase.replace("-", "_");
    write(this.#status, phase === "gone" ? "" : say(`other_${words}`));
    if (focused && phase === "gone") by("phone").focus({ preventScroll: true });
    else if (focused && document.activeElement.closest("[hidden]")) this.#title.focus({ preventScroll: true });
  }
}
