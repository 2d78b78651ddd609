// TwiML as it is read best: an element a line, the deeper the further in.

/**
 * @param {string} twiml
 * @returns {string}
 */
export function pretty(twiml) {
  const read = new DOMParser().parseFromString(twiml, "text/xml");
  if (read.querySelector("parsererror")) return twiml;
  return [...lines(read.documentElement, "")].join("\n");
}

function* lines(node, margin) {
  const name = node.nodeName;
  const attributes = [...node.attributes].map(({ name: key, value }) => ` ${key}="${value}"`).join("");
  const inside = [...node.childNodes].filter((child) => child.nodeType !== Node.TEXT_NODE || child.data.trim());
  if (!inside.length) {
    yield `${margin}<${name}${attributes}/>`;
  } else if (inside.length === 1 && inside[0].nodeType === Node.TEXT_NODE) {
    yield `${margin}<${name}${attributes}>${inside[0].data.trim()}</${name}>`;
  } else {
    yield `${margin}<${name}${attributes}>`;
    for (const child of inside) {
      if (child.nodeType === Node.ELEMENT_NODE) yield* lines(child, `${margin}  `);
      else yield `${margin}  ${child.data.trim()}`;
    }
    yield `${margin}</${name}>`;
  }
}
