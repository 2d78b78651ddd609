// Asks the program behind the page. Every address is relative: the page may stand anywhere.

/** Milliseconds before each new try of what did not arrive. It does no harm if it comes twice. */
const PATIENCE = [400, 1500, 4000];
/** Milliseconds after which an answer is given up. */
const LONGEST = 30_000;
const LONGEST_SOUND = 120_000;

/** The program refused (`status`, with what it said), or cannot be reached (`status` 0). */
export class Trouble extends Error {
  /**
   * @param {number} status
   * @param {any} [told]
   */
  constructor(status, told = null) {
    super(`status ${status}`);
    this.status = status;
    this.told = told;
  }
}

/**
 * What the program says, after some tries where it cannot be reached.
 * @param {string} path
 * @param {object} [body] if given, it is posted
 * @returns {Promise<any>}
 */
export async function ask(path, body) {
  const how = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  for (let tries = 0; ; tries += 1) {
    try {
      return await once(path, { ...how }, LONGEST);
    } catch (trouble) {
      if (trouble.status || tries === PATIENCE.length) throw trouble;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE[tries]));
    }
  }
}

/**
 * Put a sound, once.
 * @param {string} path
 * @param {Blob} sound
 */
export function put(path, sound) {
  const type = sound.type || "application/octet-stream";
  return once(path, { method: "PUT", headers: { "Content-Type": type }, body: sound }, LONGEST_SOUND);
}

async function once(path, how, longest) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), longest);
  try {
    const answer = await fetch(path, { ...how, signal: stop.signal, cache: "no-store" });
    const told = await answer.json().catch(() => null);
    if (!answer.ok) throw new Trouble(answer.status, told);
    return told;
  } catch (fault) {
    throw fault instanceof Trouble ? fault : new Trouble(0);
  } finally {
    clearTimeout(late);
  }
}
