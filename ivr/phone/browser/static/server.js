// Asks the program behind the page. What does not arrive is tried again: it does no harm if it comes twice.

/** Milliseconds before each new try. */
const PATIENCE = [300, 1000, 2500];

/** The program refused, or cannot be reached (`status` 0). */
export class Trouble extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {object} [body] if given, it is posted
 * @returns {Promise<Response>}
 */
export async function ask(path, body) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await once(path, body);
    } catch (trouble) {
      if (trouble.status || tries === PATIENCE.length) throw trouble;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE[tries]));
    }
  }
}

async function once(path, body) {
  const how = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    keepalive: true, // a page that is left still hangs up
  };
  let answer;
  try {
    answer = await fetch(path, how);
  } catch {
    throw new Trouble(0);
  }
  if (!answer.ok) throw new Trouble(answer.status);
  return answer;
}
