// How many voices are made, until all of them are.

import { by, write } from "./dom.js";
import { ask } from "./server.js";
import { say } from "./words.js";

const EVERY = 1000;

/** Ask again and again, until there is nothing more to wait for. */
export async function watchMaking() {
  const [box, words] = [by("making"), by("making-words")];
  const bar = box.querySelector("progress");
  for (let more = true; more; ) {
    const { made, wanted, fault } = await (await ask("/making")).json();
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
