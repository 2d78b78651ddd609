// Sends sounds until the program has them. Several pages of one browser share what waits, and take turns at sending.

import { put } from "./server.js";

/** Milliseconds before the next try, each time longer. */
const AGAIN = [1000, 2000, 5000, 15_000, 60_000];
/** The lock that the page holds which sends, and the channel on which it tells the others. */
const TURN = "listening-room";

/**
 * What has become of a sound: "stored" here, "kept" by the program, "refused" by it, "changed" (the words are others),
 * "waiting" (the program cannot be reached), "ended" (the invitation is over), "consent" (it is asked for), or "gone"
 * (the voice is taken back).
 * @typedef {{what: string, id: string, about: string, answer?: any}} News
 */

/** Its "told" events carry News, of this page and of others. */
export class Outbox extends EventTarget {
  #store;
  #owner;
  #channel = "BroadcastChannel" in window ? new BroadcastChannel(TURN) : null;
  #wanted = false;
  #sending = false;
  #tries = 0;
  #timer = 0;
  #over = false;

  /**
   * @param {import("./store.js").Store} store
   * @param {string} owner whose sounds are sent: whoever has entered
   */
  constructor(store, owner) {
    super();
    this.#store = store;
    this.#owner = owner;
    this.#channel?.addEventListener("message", ({ data }) => data.owner === owner && this.#show(data.news));
    window.addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
  }

  /** Whether what waits would outlive this page. */
  get safe() {
    return this.#store.lasting;
  }

  /** How many sounds would go with this page. */
  get atRisk() {
    return this.#store.atRisk;
  }

  /** How many sounds wait. */
  async waiting() {
    return (await this.#store.ids(this.#owner)).length;
  }

  /**
   * Keep a sound and send it; what has become of it, as soon as that is known, or known to take longer.
   * @param {{id: string, path: string, about: string}} goes
   * @param {Blob} sound
   * @returns {Promise<News>}
   */
  async deliver({ id, path, about }, sound) {
    const known = this.#newsOf(id);
    const bytes = await sound.arrayBuffer();
    if (this.#over) return { what: "gone", id, about };
    await this.#store.add({ id, path, about, owner: this.#owner, at: Date.now(), type: sound.type, bytes });
    this.#tell({ what: "stored", id, about });
    this.send();
    return known;
  }

  /** Send what waits, now. */
  async send() {
    this.#wanted = true;
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      while (this.#wanted && !this.#over) {
        this.#wanted = false;
        await inTurn(() => this.#sendAll());
      }
    } finally {
      this.#sending = false;
    }
  }

  /**
   * Take the voice back: nothing is sent meanwhile, and what waits is deleted.
   * @param {() => Promise<void>} take asks the program
   */
  async forget(take) {
    await inTurn(async () => {
      await take();
      this.#over = true;
      await this.#store.forget(this.#owner);
    });
    this.#tell({ what: "gone", id: "", about: "" });
  }

  async #sendAll() {
    let reached = true;
    for (const id of await this.#store.ids(this.#owner)) {
      const kept = await this.#store.get(id);
      if (!kept || this.#over) continue; // another page has sent it meanwhile
      const news = reached ? await outcome(kept) : { what: "waiting", id, about: kept.about };
      if (["kept", "refused", "changed"].includes(news.what)) {
        await this.#store.remove(id);
        this.#tries = 0;
      }
      this.#tell(news);
      if (news.what === "ended" || news.what === "consent") return;
      if (news.what === "waiting" && reached) this.#later();
      if (news.what === "waiting" && !news.answer) reached = false; // nothing else would arrive either
    }
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.send(), AGAIN[Math.min(this.#tries, AGAIN.length - 1)]);
    this.#tries += 1;
  }

  /** @param {string} id */
  #newsOf(id) {
    return new Promise((resolve) => {
      const hear = ({ detail }) => {
        if (detail.what !== "gone" && (detail.what === "stored" || detail.id !== id)) return;
        this.removeEventListener("told", hear);
        resolve(detail);
      };
      this.addEventListener("told", hear);
    });
  }

  #tell(news) {
    this.#channel?.postMessage({ owner: this.#owner, news });
    this.#show(news);
  }

  #show(news) {
    if (news.what === "gone" && !this.#over) {
      this.#over = true;
      this.#store.forget(this.#owner); // what was stored here while the other page deleted all
    }
    this.dispatchEvent(new CustomEvent("told", { detail: news }));
  }
}

/**
 * Send one sound. An answer that is not understood may come from something on the way, so the sound goes on waiting.
 * @returns {Promise<News>}
 */
async function outcome({ id, path, about, type, bytes }) {
  try {
    return { what: "kept", id, about, answer: await put(path, new Blob([bytes], { type })) };
  } catch ({ status, told }) {
    if (status === 401) return { what: "ended", id, about, answer: told };
    if (status === 403 && told?.why === "consent") return { what: "consent", id, about };
    if (status === 422 && told?.reasons) return { what: "refused", id, about, answer: told };
    if (status === 409 && (told?.why === "changed" || "text" in (told ?? {}))) return { what: "changed", id, about };
    return { what: "waiting", id, about, answer: status >= 400 && status < 500 && status !== 429 ? status : 0 };
  }
}

/**
 * Do something while no other page of this browser does. A browser without locks does it at once: what is sent twice
 * is kept once.
 * @param {() => Promise<void>} act
 */
function inTurn(act) {
  return navigator.locks ? navigator.locks.request(TURN, act) : act();
}
