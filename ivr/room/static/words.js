// The words of the page: the program gives each in the volunteer's language and in Finnish.

import { element } from "./dom.js";

/** @type {Record<string, [string, string]>} */
let told = {};
/** Values of {names} that are the same in every text. @type {Record<string, string | number>} */
let known = {};

/**
 * @param {Record<string, [string, string]>} words
 * @param {{language: string, direction: string, name: string}} me
 */
export function learn(words, me) {
  [told, known] = [words, { name: me.name }];
  document.documentElement.lang = me.language;
  document.documentElement.dir = me.direction;
}

/**
 * One text in the volunteer's language.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  return filled((told[key] ?? [key])[0], values);
}

/**
 * One text in both languages, the Finnish small beside or under it.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function both(key, values = {}) {
  return inBoth(told[key] ?? [key, key], values);
}

/**
 * @param {[string, string]} pair a text in the volunteer's language, and in Finnish
 * @param {Record<string, string | number>} [values]
 */
export function inBoth([own, finnish], values = {}) {
  const main = element("span", { class: "own" }, filled(own, values));
  if (own === finnish) return main;
  const under = element("span", { class: "finnish", lang: "fi", dir: "ltr" }, filled(finnish, values));
  return element("span", { class: "both" }, main, " ", under);
}

function filled(text, values) {
  const all = { ...known, ...values };
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(all[name] ?? whole));
}

/** What goes wrong so seldom that it is told in Finnish and English only. */
const REMARKS = {
  processed: {
    fi: "Selain muuttaa ääntä itse. Kokeile toista selainta, jos äänite kuulostaa oudolta.",
    en: "This browser changes the sound by itself. If a recording sounds odd, try another browser.",
  },
  unkept: {
    fi: "Tämä selain ei säilytä mitään. Älä sulje sivua, ennen kuin kaikki on lähetetty.",
    en: "This browser keeps nothing. Do not close the page before everything is sent.",
  },
  too_large: {
    fi: "Tiedosto on liian suuri: enintään 12 megatavua.",
    en: "The file is too large: 12 megabytes at most.",
  },
};

/** @param {keyof REMARKS} key */
export function remark(key) {
  const { fi, en } = REMARKS[key];
  return element(
    "span",
    { class: "both", dir: "ltr" },
    element("span", { class: "own", lang: "fi" }, fi),
    " ",
    element("span", { class: "finnish", lang: "en" }, en),
  );
}
