// How many voices are made, until all of them are; and which languages a real line offers by them.

import { by, write } from "./dom.js";
import { ask } from "./server.js";
import { interfaceLanguage, say } from "./words.js";

const EVERY = 1000;

/**
 * Ask again and again, until there is nothing more to wait for.
 * @param {(offer: any) => void} offers what a real line offers by the voices of now
 */
export async function watchMaking(offers) {
  const [box, words] = [by("making"), by("making-words")];
  const bar = box.querySelector("progress");
  for (let more = true; more; ) {
    const { made, wanted, fault, offer } = await (await ask(`/making?ui=${interfaceLanguage}`)).json();
    offers(offer);
    const ready = made >= wanted;
    bar.max = Math.max(wanted, 1);
    bar.value = made;
    bar.hidden = ready;
    write(words, ready ? say("made_all") : say(fault ? "making_stopped" : "making", { made, wanted, reason: fault }));
    box.hidden = false;
    more = !ready && !fault;
    if (more) await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}
