// The words of the page: the server put them into it, in the language of the interface.

/** @type {Record<string, string>} */
const told = JSON.parse(document.getElementById("told").textContent);

/**
 * One text, with its {names} filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  return (told[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The name of somebody whom the line rings; one that has no words of its own is shown as it is written.
 * @param {string} name
 */
export function contact(name) {
  return told[`contact_${name}`] ?? name.replaceAll("_", " ");
}

/**
 * The name of a node of the flow; one that has none here is shown by its id, in English.
 * @param {string} id
 */
export function node(id) {
  return told[`node_${id}`] ?? id.replaceAll("_", " ");
}

/** The language of the page. */
export const interfaceLanguage = document.documentElement.lang;

/** Seconds as minutes and seconds, m:ss. */
export function clock(seconds) {
  const whole = Math.floor(seconds + 0.001);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
