// Where sounds wait until the program has them: in the browser's database, so that they outlive the page.

const DATABASE = "listening-room";
const SOUNDS = "sounds";
/** Index of the sounds of a person, in the order in which they were made. */
const OF = "of";

/**
 * A sound that is to be sent. `owner`: whose it is; `path`: where it goes; `about`: the sentence or clip; `at`: when
 * it was made, in ms.
 * @typedef {{
 *   id: string, owner: string, path: string, about: string, at: number, type: string, bytes: ArrayBuffer
 * }} Kept
 */

/** Sounds in the browser's database; where a browser has none (some do not, in private), in this page's memory. */
export class Store {
  /** @type {IDBDatabase | null} */
  #database = null;
  /** @type {Map<string, Kept>} */
  #memory = new Map();

  /** @returns {Promise<Store>} */
  static async open() {
    const store = new Store();
    try {
      store.#database = await opened();
      // Another page deletes everything: this one must not stand in its way.
      store.#database.addEventListener("versionchange", () => store.#close());
      store.#database.addEventListener("close", () => store.#close());
    } catch {
      /* in memory */
    }
    return store;
  }

  /** Whether what is added would outlive the page. */
  get lasting() {
    return this.#database !== null;
  }

  /** How many sounds would go with the page. */
  get atRisk() {
    return this.#memory.size;
  }

  /** @param {Kept} kept */
  async add(kept) {
    try {
      await this.#change((sounds) => sounds.put(kept));
    } catch {
      this.#memory.set(kept.id, kept); // the disk is full, or the database has gone
    }
  }

  /** @param {string} id */
  async remove(id) {
    this.#memory.delete(id);
    await this.#change((sounds) => sounds.delete(id)).catch(() => {});
  }

  /**
   * @param {string} id
   * @returns {Promise<Kept | undefined>}
   */
  async get(id) {
    return this.#memory.get(id) ?? (await this.#ask((sounds) => sounds.get(id)));
  }

  /**
   * Ids of what waits of a person, in the order in which it was made.
   * @param {string} owner
   * @returns {Promise<string[]>}
   */
  async ids(owner) {
    const all = IDBKeyRange.bound([owner], [owner, []]);
    const kept = (await this.#ask((sounds) => sounds.index(OF).getAllKeys(all))) ?? [];
    return [...kept, ...[...this.#memory.values()].filter((each) => each.owner === owner).map(({ id }) => id)];
  }

  /**
   * Delete all sounds of one person; with the last sound the database goes too.
   * @param {string} owner
   */
  async forget(owner) {
    for (const id of await this.ids(owner)) await this.remove(id);
    if ((await this.#ask((sounds) => sounds.count())) !== 0) return;
    this.#close();
    await finished(indexedDB.deleteDatabase(DATABASE)).catch(() => {});
  }

  #close() {
    this.#database?.close();
    this.#database = null;
  }

  /**
   * @template T
   * @param {(sounds: IDBObjectStore) => IDBRequest<T>} question
   * @returns {Promise<T | undefined>}
   */
  async #ask(question) {
    try {
      return await finished(question(this.#database.transaction(SOUNDS).objectStore(SOUNDS)));
    } catch {
      return undefined; // there is no database, or it was closed a moment ago
    }
  }

  /** @param {(sounds: IDBObjectStore) => void} change */
  #change(change) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(SOUNDS, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve(undefined);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(SOUNDS));
    });
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () =>
    request.result.createObjectStore(SOUNDS, { keyPath: "id" }).createIndex(OF, ["owner", "at"]);
  return finished(request);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
